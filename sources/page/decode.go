package page

import (
	"mime"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
	labels "golang.org/x/net/html/charset"
	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"

	"github.com/newswire/newswire/sources/clean"
	"github.com/newswire/newswire/sources/internal/charset"
	"github.com/newswire/newswire/sources/internal/tree"
)

var charsetForm = regexp.MustCompile(`(?i)<meta[^>]{1,200}?charset\s*=\s*["']?\s*([a-z0-9._:-]+)|^\s*<\?xml[^>]{1,200}?encoding\s*=\s*["']([a-z0-9._:-]+)`)

// charsetWithin is how far into a page its charset is looked for. The standard says 1024 bytes; templates that put their
// scripts first do not keep to it.
const charsetWithin = 8 << 10

// decode turns a page into UTF-8. A byte order mark decides over the charset of the Content-Type, and that over the meta
// element (HTML, "determining the character encoding"); but bytes that are UTF-8 beyond doubt are UTF-8 under
// any label, and those that are not are not. Without a label that fits, bytes that make Chinese text are Chinese, and all
// others windows-1252.
func decode(body []byte, contentType string) string {
	if e, _, certain := labels.DetermineEncoding(body, ""); certain && hasMark(body) {
		return convert(e, body)
	}
	if utf8.Valid(body) && !escapes(body) {
		return clean.Legal(string(body))
	}
	for _, label := range []string{labelOf(contentType), declared(body)} {
		if e, name := charset.Lookup(label); e != nil && name != "utf-8" && !strings.HasPrefix(name, "utf-16") {
			return convert(e, body)
		}
	}
	if text, ok := chinese(body); ok {
		return clean.Legal(text)
	}
	return clean.Legal(charset.Mixed(body))
}

// hasMark says whether a document begins with a byte order mark.
func hasMark(body []byte) bool {
	return slices.ContainsFunc([]string{"\xEF\xBB\xBF", "\xFE\xFF", "\xFF\xFE"}, func(mark string) bool {
		return strings.HasPrefix(string(body[:min(len(body), 3)]), mark)
	})
}

// escapes says whether a text that is ASCII, and so UTF-8, switches charsets by escape sequences (ISO 2022).
func escapes(body []byte) bool {
	return slices.Contains(body, 0x1B) && strings.HasPrefix(declared(body), "iso-2022")
}

func labelOf(contentType string) string {
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return ""
	}
	return params["charset"]
}

// declared is the charset that the page itself names.
func declared(body []byte) string {
	m := charsetForm.FindSubmatch(body[:min(len(body), charsetWithin)])
	if m == nil {
		return ""
	}
	return strings.ToLower(string(m[1]) + string(m[2]))
}

func convert(e encoding.Encoding, body []byte) string {
	out, err := e.NewDecoder().Bytes(body)
	if err != nil { // decoders replace what they cannot read; only a broken transformer fails
		return clean.Legal(charset.Mixed(body))
	}
	return clean.Legal(string(out))
}

// chinese reads bytes without a label as Chinese, if nearly all beyond ASCII becomes Chinese text by that.
func chinese(body []byte) (string, bool) {
	out, err := simplifiedchinese.GB18030.NewDecoder().Bytes(body)
	if err != nil {
		return "", false
	}
	text := string(out)
	han, other := 0, 0
	for _, c := range text {
		switch {
		case unicode.Is(unicode.Han, c), c >= 0x3000 && c < 0x3040, c >= 0xFF00 && c < 0xFFF0:
			han++
		case c >= utf8.RuneSelf:
			other++
		}
	}
	return text, han > 20*other
}

// parseHTML parses a page. One that the parser refuses, for its elements are nested too deep to be meant, and one that
// would make a tree out of proportion, is parsed without what nests.
func parseHTML(text string) *html.Node {
	if !tree.IsCostly(text) {
		if root, err := html.Parse(strings.NewReader(text)); err == nil {
			return root
		}
	}
	root, err := html.Parse(strings.NewReader(flattened(text)))
	if err != nil {
		return &html.Node{Type: html.DocumentNode}
	}
	return root
}

// flat are the elements that cannot nest without end: void ones, those whose content is text, and paragraphs and
// headings, which end each other.
var flat = map[atom.Atom]bool{
	atom.P: true, atom.H1: true, atom.H2: true, atom.H3: true, atom.Br: true, atom.Hr: true, atom.Img: true,
	atom.Meta: true, atom.Link: true, atom.Base: true, atom.Title: true, atom.Script: true, atom.Style: true,
}

// flattened takes the tags of all other elements away.
func flattened(text string) string {
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(text))
	for {
		kind := z.Next()
		switch kind {
		case html.ErrorToken:
			return b.String()
		case html.TextToken:
			b.Write(z.Raw())
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			raw := string(z.Raw())
			if name, _ := z.TagName(); flat[atom.Lookup(name)] {
				b.WriteString(raw)
			} else {
				b.WriteByte(' ')
			}
		case html.CommentToken, html.DoctypeToken:
		}
	}
}
