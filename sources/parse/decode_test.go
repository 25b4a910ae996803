package parse_test

import (
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"
	"golang.org/x/text/encoding/unicode"
	"golang.org/x/text/encoding/unicode/utf32"

	"github.com/newswire/newswire/sources/parse"
)

// encoded is a feed of one item with that title in an encoding, whose declaration may say another.
func encoded(t *testing.T, e encoding.Encoding, declared, title string) []byte {
	t.Helper()
	declaration := ""
	if declared != "" {
		declaration = `<?xml version="1.0" encoding="` + declared + `"?>`
	}
	body, err := e.NewEncoder().Bytes([]byte(declaration + `<rss version="2.0"><channel><item><title>` + title + `</title></item></channel></rss>`))
	if err != nil {
		t.Fatal(err)
	}
	return body
}

func TestTheCharsetIsFoundUnderAnyLabels(t *testing.T) {
	utf16 := func(order unicode.Endianness, mark unicode.BOMPolicy) encoding.Encoding {
		return unicode.UTF16(order, mark)
	}
	for _, tt := range []struct {
		name        string
		encoding    encoding.Encoding
		declared    string
		contentType string
		title       string
	}{
		{"nothing is said", encoding.Nop, "", "", "Flüsse 河流"},
		{"a mark over the header", unicode.UTF8BOM, "", "text/xml; charset=iso-8859-1", "Flüsse"},
		{"the header over the declaration", charmap.KOI8R, "windows-1251", "application/rss+xml; charset=koi8-r", "Реки"},
		{"the declaration alone", simplifiedchinese.GB18030, "gb2312", "text/xml", "电子商务"},
		{"a declaration with quotes of one stroke", japanese.ShiftJIS, "Shift_JIS", "", "河川"},
		{"utf-8 under a header of another", encoding.Nop, "utf-8", "text/xml; charset=ISO-8859-1", "Flüsse 河流"},
		{"another under a header of utf-8", charmap.Windows1251, "windows-1251", "text/xml; charset=utf-8", "Реки"},
		{"a declaration of utf-16 in utf-8", encoding.Nop, "utf-16", "", "Flüsse"},
		{"an unknown charset", encoding.Nop, "x-mystery", "text/xml; charset=none", "Flüsse"},
		{"latin letters without any label", charmap.Windows1252, "", "", "Flüsse – “Ufer”"},
		{"utf-16 with a mark", utf16(unicode.BigEndian, unicode.UseBOM), "utf-16", "", "Flüsse 河流"},
		{"utf-16 without a mark", utf16(unicode.LittleEndian, unicode.IgnoreBOM), "utf-16", "", "Flüsse 河流"},
		{"utf-16 of the other order without a mark", utf16(unicode.BigEndian, unicode.IgnoreBOM), "", "", "Flüsse 河流"},
		{"utf-32 with a mark", utf32.UTF32(utf32.LittleEndian, utf32.UseBOM), "", "", "Flüsse 河流"},
		{"utf-8 under a header of gbk", encoding.Nop, "", "text/xml; charset=GBK", "河流 flüssig"},
		{"utf-8 under a declaration of iso-2022-jp", encoding.Nop, "ISO-2022-JP", "", "Flüsse"},
		{"utf-8 under a declaration of euc-kr", encoding.Nop, "euc-kr", "text/xml", "Øst – “vest” 🙂"},
		{"utf-8 under a header of big5 and a declaration of shift_jis", encoding.Nop, "shift_jis", "text/xml; charset=big5", "川の水"},
		{"iso-2022-jp, whose bytes are ascii", japanese.ISO2022JP, "iso-2022-jp", "", "河川の水"},
		{"hz, whose bytes are ascii", simplifiedchinese.HZGB2312, "hz-gb-2312", "", "河流"},
		{"big5", traditionalchinese.Big5, "big5", "", "河川的水位"},
		{"euc-jp by a name of programs", japanese.EUCJP, "EUC_JP", "", "河川の水"},
		{"a name with an underscore", charmap.Windows1250, "windows_1250", "", "Żółta łódź"},
		{"a name of Java", charmap.ISO8859_2, "ISO8859_2", "", "Příliš žluťoučký"},
		{"a code page of DOS", charmap.CodePage852, "cp852", "", "Żółta łódź"},
		{"a code page of DOS by its number", charmap.CodePage866, "", "text/xml; charset=IBM-866", "Реки и причалы"},
		{"a Macintosh", charmap.Macintosh, "x-macroman", "", "Öl für Åse"},
		{"a Macintosh in Cyrillic letters", charmap.MacintoshCyrillic, "mac-cyrillic", "", "Реки и причалы"},
		{"a header that breaks the rules", charmap.KOI8R, "", "text/xml; charset: koi8-r; boundary", "Реки"},
		{"a header that is wrong and a declaration that is right", charmap.Windows1251, "windows-1251", "text/xml; charset=shift_jis", "Реки и причалы у моря"},
		{"latin letters that look like a character of utf-8", charmap.Windows1252, "", "", "Il est doué » à l’été"},
		{"latin letters under a lie", charmap.Windows1252, "utf-8", "text/xml; charset=utf-8", "doué », été, où"},
		{"latin letters under a lie of gbk", charmap.Windows1252, "gbk", "", "là, où, né, été, à, é"},
		{"utf-32 without a mark", utf32.UTF32(utf32.BigEndian, utf32.IgnoreBOM), "", "", "Flüsse 河流"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			doc, err := parse.Parse(t.Context(), encoded(t, tt.encoding, tt.declared, tt.title), parse.Options{ContentType: tt.contentType})
			if err != nil {
				t.Fatal(err)
			}
			if got := doc.Items[0].Title; got != tt.title {
				t.Errorf("title %q, want %q; repairs: %q", got, tt.title, doc.Repairs)
			}
		})
	}
}

func TestMendingIsNoted(t *testing.T) {
	for _, tt := range []struct{ name, document, note string }{
		{"text before", "warning\n" + rss(`<item><guid>1</guid></item>`), "before the document"},
		{"cut off", `<rss><channel><item><guid>1</guid></item><item><guid>2</guid>`, "cut off after 1 complete items"},
		{"controls", rss("<item><guid>1</guid><title>\x01</title></item>"), "characters that XML does not allow"},
		{"unclosed", rss("<item><guid>1</guid><item><guid>2</guid></item>"), "not closed"},
		{"an unknown charset", `<?xml version="1.0" encoding="x-mystery"?><rss><channel><item><title>` + "\xe9" + `</title></item></channel></rss>`, `charset "x-mystery" is not known`},
		{"a charset of escapes that is not known", "<?xml version=\"1.0\" encoding=\"iso-2022-kr\"?><rss><channel><item><title>\x1b$)C\x0e:P\x0f</title></item></channel></rss>", `charset "iso-2022-kr" is not known`},
		{"no charset", `<?xml version="1.0"?><rss><channel><item><title>` + "\xe9" + `</title></item></channel></rss>`, "read as windows-1252"},
		{"charset", `<?xml version="1.0" encoding="utf-8"?><rss><channel><item><title>` + "\xe9" + `</title></item></channel></rss>`, "does not fit the bytes"},
	} {
		doc, err := parse.Parse(t.Context(), []byte(tt.document), parse.Options{})
		if err != nil || !strings.Contains(strings.Join(doc.Repairs, "\n"), tt.note) {
			t.Errorf("%s: %v, repairs %q; want one that says %q", tt.name, err, doc.Repairs, tt.note)
		}
	}
	if doc := parsed(t, rss(`<item><guid>1</guid></item>`)); len(doc.Repairs) != 0 {
		t.Errorf("a sound document was mended: %q", doc.Repairs)
	}
}

func TestTitlesArePlainText(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{`AT&amp;T &amp; you`, "AT&T & you"},
		{`R&amp;amp;D`, "R&D"},
		{`R&D`, "R&D"},
		{`a&nbsp;b &hellip; &eacute;`, "a\u00a0b … é"},
		{`?a=1&copy=2`, "?a=1&copy=2"},
		{`&lt;em&gt;x&lt;/em&gt; y`, "x y"},
		{`The &lt;b&gt; tag`, "The <b> tag"},
		{`vector&lt;int&gt; is new`, "vector<int> is new"},
		{`one&lt;br/&gt;two`, "one two"},
		{`1 &lt; 2 &gt; 0`, "1 < 2 > 0"},
		{`<![CDATA[a & b]]> c`, "a & b c"},
		{"  two\n lines ", "two lines"},
		{`&unknown; &#0; &#x1F600; &#150;`, "&unknown;  😀 –"},
	} {
		if it := single(t, rss(`<item><guid>1</guid><title>`+tt.in+`</title></item>`)); it.Title != tt.want {
			t.Errorf("title %q was read as %q, want %q", tt.in, it.Title, tt.want)
		}
	}
}
