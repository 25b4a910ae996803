package charset_test

import (
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"github.com/newswire/newswire/sources/internal/charset"
)

func TestDecodeBelievesTheBytesThenTheLabels(t *testing.T) {
	gbk, err := simplifiedchinese.GBK.NewEncoder().String(`<?xml version="1.0" encoding="gbk"?><x>电商</x>`)
	if err != nil {
		t.Fatal(err)
	}
	utf16, err := unicode.UTF16(unicode.LittleEndian, unicode.UseBOM).NewEncoder().String("<x>电商</x>")
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, body, contentType, want string }{
		{"UTF-8", "<x>电商</x>", "", "<x>电商</x>"},
		{"UTF-8 behind a mark", "\ufeff<x>电商</x>", "", "<x>电商</x>"},
		{"UTF-8 under another label", "<x>电商</x>", "text/xml; charset=iso-8859-1", "<x>电商</x>"},
		{"GBK, declared", gbk, "text/xml", `<?xml version="1.0" encoding="gbk"?><x>电商</x>`},
		{"GBK by the header", "\xb5\xe7\xc9\xcc", "text/xml; charset=gb2312", "电商"},
		{"UTF-16", utf16, "", "<x>电商</x>"},
		{"nothing is said", "caf\xe9", "", "café"},
		{"controls", "a\x00\x08b", "", "ab"},
	}
	for _, tt := range tests {
		if got, _ := charset.Decode([]byte(tt.body), tt.contentType); got != tt.want {
			t.Errorf("%s: Decode(%q, %q) = %q, want %q", tt.name, tt.body, tt.contentType, got, tt.want)
		}
	}
}
