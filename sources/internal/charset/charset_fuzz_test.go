package charset_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/newswire/newswire/sources/clean"
	"github.com/newswire/newswire/sources/internal/charset"
)

// FuzzDecode holds Decode to what every later stage builds on. For any bytes and labels, out come characters that XML
// may hold; a text that is UTF-8 already comes out as it is; and nothing changes when it is decoded again.
func FuzzDecode(f *testing.F) {
	for _, body := range []string{
		"<rss><title>Gezeiten \xfcber alles</title></rss>",
		"\xef\xbb\xbf<rss/>", "\xff\xfe<\x00r\x00", "\xfe\xff\x00<\x00r", "\x00\x00\xfe\xff\x00\x00\x00<", "<\x00?\x00x\x00m\x00l\x00",
		`<?xml version="1.0" encoding="windows-1251"?><t>` + "\xcf\xf0\xe8\xe2\xe5\xf2</t>",
		`<?xml version="1.0" encoding="UTF-16"?><t>潮</t>`,
		"潮汐\x08\x00\ufffe\xed\xa0\x80", "\x1b$B\x1b(B", "\x8e\xa1\xa1",
	} {
		for _, contentType := range []string{"", "text/xml; charset=utf-8", "application/rss+xml; charset=gb18030", "text/xml; charset=iso-2022-jp"} {
			f.Add([]byte(body), contentType)
		}
	}
	f.Fuzz(func(t *testing.T, body []byte, contentType string) {
		out, _ := charset.Decode(body, contentType)
		if !utf8.ValidString(out) || clean.Legal(out) != out {
			t.Fatalf("decode(%q, %q) = %q, which XML may not hold", body, contentType, out)
		}
		if again, _ := charset.Decode([]byte("\ufeff"+out), contentType); again != out {
			t.Errorf("decode(%q) = %q; want it as it is", out, again)
		}
		if plain := string(body); utf8.Valid(body) && clean.Legal(plain) == plain && !strings.HasPrefix(plain, "\ufeff") {
			if got, _ := charset.Decode(body, "text/xml; charset=utf-8"); got != plain {
				t.Errorf("decode(%q) as utf-8 = %q; want it as it is", plain, got)
			}
		}
	})
}
