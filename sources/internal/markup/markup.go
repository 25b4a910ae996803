// Package markup cuts XML that need not be well-formed into tokens: sitemaps and OPML as programs and people write them.
//
//	for t := range markup.Tokens(markup.Decode(body, contentType)) { … }
//
// It has no errors. What is cut off ends there, an ampersand that begins no reference stands for itself, HTML's entities
// are known although no document declares them, and those that a document declares are never expanded, so no document
// can multiply itself. Namespace prefixes are left out: elements are told apart by their names and by what they stand in.
package markup

import (
	"bytes"
	stdhtml "html"
	"iter"
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/charset"

	"github.com/newswire/newswire/sources/clean"
)

// Kind tells tokens apart.
type Kind int

// The kinds of token.
const (
	Start Kind = iota // a start tag; an element that ends itself is a Start and an End
	End               // an end tag
	Text              // text or CDATA
)

// Token is a piece of a document.
type Token struct {
	Kind  Kind
	Name  string            // of a tag: lower case, without its prefix
	Attrs map[string]string // of a start tag, by name as above; of two, the first that is not empty
	Text  string            // decoded
}

// Tokens cuts a document into tokens. Comments, declarations and processing instructions are left out.
func Tokens(document string) iter.Seq[Token] {
	return func(yield func(Token) bool) {
		z := html.NewTokenizer(strings.NewReader(document))
		z.AllowCDATA(true)
		for {
			kind := z.Next()
			z.NextIsNotRawText() // HTML has elements that hold no markup; XML has none
			switch kind {
			case html.ErrorToken:
				return
			case html.TextToken:
				if !yield(Token{Kind: Text, Text: text(string(z.Raw()))}) {
					return
				}
			case html.StartTagToken, html.SelfClosingTagToken:
				t := tag(z)
				if !yield(t) || kind == html.SelfClosingTagToken && !yield(Token{Kind: End, Name: t.Name}) {
					return
				}
			case html.EndTagToken:
				name, _ := z.TagName()
				if !yield(Token{Kind: End, Name: local(name)}) {
					return
				}
			case html.CommentToken, html.DoctypeToken:
			}
		}
	}
}

func tag(z *html.Tokenizer) Token {
	name, more := z.TagName()
	t := Token{Kind: Start, Name: local(name), Attrs: map[string]string{}}
	for more {
		var key, value []byte
		key, value, more = z.TagAttr()
		if k := local(key); t.Attrs[k] == "" {
			t.Attrs[k] = clean.Legal(string(value))
		}
	}
	return t
}

// local is a name without its prefix.
func local(name []byte) string {
	return string(name[bytes.LastIndexByte(name, ':')+1:])
}

var reference = regexp.MustCompile(`&(?:#[0-9]{1,8}|#[xX][0-9a-fA-F]{1,8}|[A-Za-z][A-Za-z0-9]{1,31});`)

// text decodes text as it stands in the document. Unlike HTML's, a reference needs its semicolon: in an address,
// "&copy=1" is no copyright sign.
func text(raw string) string {
	if cdata, ok := strings.CutPrefix(raw, "<![CDATA["); ok {
		return strings.TrimSuffix(cdata, "]]>")
	}
	if strings.IndexByte(raw, '&') < 0 {
		return raw
	}
	return clean.Legal(reference.ReplaceAllStringFunc(raw, func(r string) string {
		if s := stdhtml.UnescapeString(r); !strings.HasSuffix(s, ";") {
			return s
		}
		return r
	}))
}

var declaration = regexp.MustCompile(`^\s*<\?xml[^>]*?\bencoding\s*=\s*["']\s*([A-Za-z0-9._:-]+)`)

// Decode makes UTF-8 of a document, without the characters that XML cannot hold. Bytes that are UTF-8 are read as that
// under any label. Elsewhere a byte order mark decides, then the charset of the Content-Type, which may be empty,
// then the XML declaration.
func Decode(body []byte, contentType string) string {
	if utf8.Valid(body) {
		return clean.Legal(string(body))
	}
	if m := declaration.FindSubmatch(body[:min(len(body), 1024)]); m != nil && !strings.Contains(contentType, "charset") {
		contentType = "text/xml; charset=" + string(m[1])
	}
	e, _, _ := charset.DetermineEncoding(body, contentType)
	decoded, err := e.NewDecoder().Bytes(body)
	if err != nil { // decoders replace what they cannot read; only a broken one fails
		decoded = body
	}
	return clean.Legal(string(decoded))
}
