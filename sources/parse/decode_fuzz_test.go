package parse

import (
	"strings"
	"testing"
	"unicode/utf8"
)

// FuzzDecode holds decode to what every later stage builds on: whatever the bytes and their labels, out come characters
// that XML may hold; a text that is UTF-8 already comes out as it is; and nothing changes when it is decoded again.
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
		r := &reading{Options: Options{ContentType: contentType}}
		out := r.decode(body)
		if !utf8.ValidString(out) || valid(out) != out {
			t.Fatalf("decode(%q, %q) = %q, which XML may not hold", body, contentType, out)
		}
		if again := r.decode([]byte("\ufeff" + out)); again != out {
			t.Errorf("decode(%q) = %q; want it as it is", out, again)
		}
		if plain := string(body); utf8.Valid(body) && valid(plain) == plain && !strings.HasPrefix(plain, "\ufeff") {
			u := &reading{Options: Options{ContentType: "text/xml; charset=utf-8"}}
			if got := u.decode(body); got != plain {
				t.Errorf("decode(%q) as utf-8 = %q; want it as it is", plain, got)
			}
		}
	})
}
