// Package markup cuts XML that need not be well-formed into tokens, for formats that are told apart by the names of their
// elements alone: sitemaps and OPML as programs and people write them.
//
//	text, _ := charset.Decode(body, contentType)
//	for t := range markup.Tokens(text) { … }
//
// It has no errors. What is cut off ends there, an ampersand that begins no reference stands for itself, and HTML's
// entities are known although no document declares them. The package refuses to judge: prefixes of namespaces are left
// out, and what an element means follows from its name and from what it stands in.
package markup

import (
	"iter"
	"strings"

	"github.com/newswire/newswire/sources/internal/xmlscan"
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
		sc := xmlscan.New(document)
		for {
			switch t := sc.Next(); t.Kind {
			case xmlscan.EndOfDocument:
				return
			case xmlscan.Text:
				if !yield(Token{Kind: Text, Text: t.Text}) {
					return
				}
			case xmlscan.StartTag:
				start := startOf(t)
				if !yield(start) || t.Closed && !yield(Token{Kind: End, Name: start.Name}) {
					return
				}
			case xmlscan.EndTag:
				if !yield(Token{Kind: End, Name: local(t.Name)}) {
					return
				}
			}
		}
	}
}

func startOf(tag xmlscan.Token) Token {
	t := Token{Kind: Start, Name: local(tag.Name), Attrs: make(map[string]string, len(tag.Attrs))}
	for _, a := range tag.Attrs {
		if k := local(a.Name); t.Attrs[k] == "" {
			t.Attrs[k] = a.Value
		}
	}
	return t
}

// local is a name without its prefix, in lower case.
func local(name string) string {
	return strings.ToLower(name[strings.LastIndexByte(name, ':')+1:])
}
