package parse

import (
	"regexp"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/text/language"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/clean"
	"github.com/newswire/newswire/sources/internal/xmlscan"
)

// maxLine bounds, in characters, what is meant to be one line: titles, names, terms. Real ones are a tenth of it.
const maxLine = 1000

// plain makes one line of plain text of HTML that was meant to be one: entities become characters and tags go. What
// only looks like a tag, as the <T> of a generic type or a <b> that is never closed, stays as it was written.
func plain(s string) string {
	if strings.ContainsAny(s, "<&") {
		s = untagged(s)
	}
	return line(s)
}

// line makes one line of plain text, and no longer than a line may be.
func line(s string) string {
	s = newswire.Line(clean.Legal(s))
	if len(s) <= maxLine || utf8.RuneCountInString(s) <= maxLine {
		return s
	}
	return strings.TrimSpace(string([]rune(s[:min(len(s), 4*maxLine)])[:maxLine-1])) + "…"
}

// oneLine makes every run of white space one space.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// untagged takes the tags out of HTML.
func untagged(s string) string {
	if strings.IndexByte(s, '<') < 0 {
		return xmlscan.Unescape(s) // as most are: a tokenizer would take 4 KB for them
	}
	closed := closedElements(s)
	var b strings.Builder
	z := html.NewTokenizer(strings.NewReader(s))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return b.String()
		case html.TextToken:
			b.WriteString(xmlscan.Unescape(string(z.Raw())))
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			raw := string(z.Raw())
			name, _ := z.TagName()
			switch {
			case voidElements[string(name)]:
				b.WriteByte(' ')
			case !closed[string(name)]:
				b.WriteString(xmlscan.Unescape(raw))
			}
		case html.CommentToken, html.DoctypeToken:
		}
	}
}

// closedElements are the names of elements that HTML could know and that are both opened and closed.
func closedElements(s string) map[string]bool {
	if !strings.Contains(s, "</") {
		return nil
	}
	opened, closed := map[string]bool{}, map[string]bool{}
	z := html.NewTokenizer(strings.NewReader(s))
	for {
		switch z.Next() {
		case html.ErrorToken:
			return closed
		case html.StartTagToken:
			name, _ := z.TagName()
			opened[string(name)] = true
		case html.EndTagToken:
			if name, _ := z.TagName(); opened[string(name)] {
				closed[string(name)] = true
			}
		default:
		}
	}
}

// emptyLine is what stands between two paragraphs of a plain text.
var emptyLine = regexp.MustCompile(`\n[ \t]*\n\s*`)

// paragraphs makes paragraphs of text that is HTML but has no elements: an empty line begins one, and a line break becomes
// lineBreak.
func paragraphs(text, lineBreak string) string {
	var b strings.Builder
	for _, p := range emptyLine.Split(unixLines.Replace(text), -1) {
		if p = strings.TrimSpace(p); p != "" {
			b.WriteString("<p>" + strings.ReplaceAll(p, "\n", lineBreak) + "</p>")
		}
	}
	return b.String()
}

var unixLines = strings.NewReplacer("\r\n", "\n", "\r", "\n")

// atEmptyLines makes paragraphs of what was meant to be HTML, or may be, where it has no elements but empty lines. Its other
// line breaks may be where a mail was folded, and mean nothing.
func atEmptyLines(s string) string {
	if strings.IndexByte(s, '\n') < 0 || strings.IndexByte(s, '<') >= 0 || !emptyLine.MatchString(unixLines.Replace(s)) {
		return s
	}
	return paragraphs(s, "\n")
}

// plainText makes HTML of what is plain text by its format, unless the publisher wrote HTML all the same.
func plainText(s string) string {
	if s == "" {
		return ""
	}
	if isMarkup(s) {
		return s
	}
	return paragraphs(html.EscapeString(xmlscan.Unescape(s)), "<br>")
}

// isMarkup says whether what was to be a plain text is HTML.
func isMarkup(s string) bool {
	return strings.IndexByte(s, '<') >= 0 && (commonVoid.MatchString(s) || len(closedElements(s)) > 0)
}

// commonVoid are tags that stand alone, and tell HTML from text where no element is closed.
var commonVoid = regexp.MustCompile(`(?i)<(br|hr|p|img|li)( [^>]*)?/?>`)

// Language brings a language to the form of BCP 47, also from the en_US of OpenGraph. What is no language tag becomes empty.
func Language(s string) string {
	s = strings.TrimSpace(s)
	if s == "" || len(s) > 35 {
		return ""
	}
	tag, err := language.Raw.Parse(s)
	if err != nil || tag == language.Und {
		return ""
	}
	return tag.String()
}
