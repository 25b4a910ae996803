package clean

import (
	"strings"
	"unicode"

	"golang.org/x/net/html"
)

// Text is what a reader would read of a fragment of HTML: plain text on one line, without what scripts, styles and
// forms hold.
func Text(fragment string) string {
	if !strings.ContainsAny(fragment, "<&") {
		return spaced(Legal(fragment))
	}
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(fragment))
	silent := ""
	for {
		switch z.Next() {
		case html.ErrorToken:
			return spaced(Legal(b.String()))
		case html.TextToken:
			if silent == "" {
				b.Write(z.Text())
			}
		case html.StartTagToken:
			name, _ := z.TagName()
			if silent == "" && isSilent[string(name)] {
				silent = string(name)
			}
			b.WriteString(between(string(name)))
		case html.EndTagToken:
			name, _ := z.TagName()
			if string(name) == silent {
				silent = ""
			}
			b.WriteString(between(string(name)))
		case html.SelfClosingTagToken:
			name, _ := z.TagName()
			b.WriteString(between(string(name)))
		case html.CommentToken, html.DoctypeToken:
		}
	}
}

// spaced makes every run of white space one space, with none at the ends.
func spaced(s string) string {
	after := ' ' // what comes before is as good as a space
	for _, c := range s {
		if c == ' ' && after == ' ' || c != ' ' && unicode.IsSpace(c) {
			return strings.Join(strings.Fields(s), " ")
		}
		after = c
	}
	return strings.TrimSuffix(s, " ")
}

// isSilent are the elements whose text is not for readers.
var isSilent = map[string]bool{
	"script": true, "style": true, "template": true, "textarea": true, "select": true, "iframe": true, "title": true,
	"noframes": true, "noembed": true,
}

// inline are the elements that stand in the middle of words.
var inline = map[string]bool{
	"a": true, "abbr": true, "b": true, "bdi": true, "bdo": true, "big": true, "cite": true, "code": true, "del": true,
	"dfn": true, "em": true, "font": true, "i": true, "ins": true, "kbd": true, "mark": true, "q": true, "s": true,
	"samp": true, "small": true, "span": true, "strike": true, "strong": true, "sub": true, "sup": true, "time": true,
	"tt": true, "u": true, "var": true, "wbr": true,
}

// between is what stands in the place of a tag: nothing where it may be in the middle of a word, else a space.
func between(name string) string {
	if inline[name] || isSilent[name] {
		return ""
	}
	return " "
}
