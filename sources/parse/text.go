package parse

import (
	"regexp"
	"strings"
	"unicode"
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
	program := false // inside of an element whose text is for machines
	for {
		switch z.Next() {
		case html.ErrorToken:
			return b.String()
		case html.TextToken:
			if program {
				continue
			}
			b.WriteString(xmlscan.Unescape(string(z.Raw())))
		case html.StartTagToken, html.EndTagToken, html.SelfClosingTagToken:
			raw := string(z.Raw())
			name, _ := z.TagName()
			program = isProgram(string(name)) && closed[string(name)] && !strings.HasPrefix(raw, "</")
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

// isProgram says whether the text of an element is for machines.
func isProgram(name string) bool { return name == "script" || name == "style" }

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

// atLineBreaks makes paragraphs of what was meant to be HTML, or may be, where it has no elements but line breaks. An empty
// line begins a paragraph. A single line break is kept where it was meant, and not where a mail was folded.
func atLineBreaks(s string) string {
	if strings.IndexByte(s, '<') >= 0 || !strings.ContainsAny(s, "\n\r") {
		return s
	}
	s = unixLines.Replace(s)
	var b strings.Builder
	meant := false
	for _, paragraph := range emptyLine.Split(s, -1) {
		if paragraph = strings.TrimSpace(paragraph); paragraph != "" {
			text := withBreaks(strings.Split(paragraph, "\n"))
			meant = meant || strings.Contains(text, "<br>")
			b.WriteString("<p>" + text + "</p>")
		}
	}
	if !meant && !emptyLine.MatchString(s) {
		return s
	}
	return b.String()
}

// withBreaks joins the lines of a paragraph.
func withBreaks(lines []string) string {
	longest, sum := 0, 0
	for i, l := range lines {
		lines[i] = strings.TrimSpace(l)
		n := utf8.RuneCountInString(lines[i])
		longest = max(longest, n)
		if i < len(lines)-1 {
			sum += n
		}
	}
	folded := longest <= foldedAt && sum >= filled*(len(lines)-1)
	short := longest <= shortLine && len(lines) > 2
	var b strings.Builder
	for i, l := range lines {
		switch {
		case i == 0:
		case short || itemMark.MatchString(l) || !folded && begins(l) || !folded && endsSentence(lines[i-1]):
			b.WriteString("<br>")
		default:
			b.WriteByte('\n')
		}
		b.WriteString(l)
	}
	return b.String()
}

// In characters: the width at which mails and manuscripts are folded, how much of it their lines fill, and the length of
// lines of which three are a list or a verse.
const (
	foldedAt  = 82
	filled    = 45
	shortLine = 40
)

// itemMark is what a line of a list begins with.
var itemMark = regexp.MustCompile(`^(?:[-*•–—·▪►→]\s|\d{1,2}[.):]\s?\S|#\w)`)

// begins says whether a line begins as a sentence does, or in a script that has no small letters.
func begins(line string) bool {
	c, _ := utf8.DecodeRuneInString(line)
	return !unicode.IsLower(c)
}

func endsSentence(line string) bool {
	return strings.HasSuffix(line, ".") || strings.HasSuffix(line, "!") || strings.HasSuffix(line, "?") || strings.HasSuffix(line, ":")
}

// closedAsXML is an element that ends itself as in XML, and that would hold all that follows it in HTML.
var closedAsXML = regexp.MustCompile(`(?i)<(iframe|script|style|textarea|title|noembed|noframes|noscript|xmp|video|audio|object|canvas)` +
	`((?:\s+(?:[^\s"'<>/=]+(?:\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'<>]+\s))?\s*)*)?)/>`)

// closedAsHTML gives such elements their end tags. A stroke behind a value without quotes is a part of the value.
func closedAsHTML(s string) string {
	if !mayBeClosedAsXML(s) {
		return s
	}
	return closedAsXML.ReplaceAllString(s, "<$1$2></$1>")
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

// mayBeClosedAsXML says quickly whether there is such an element: most that end themselves are images and line breaks.
func mayBeClosedAsXML(s string) bool {
	for {
		end := strings.Index(s, "/>")
		if end < 0 {
			return false
		}
		tag := s[:end]
		name, _, _ := strings.Cut(tag[strings.LastIndexByte(tag, '<')+1:], " ")
		if len(name) != len(tag) && !voidElements[name] {
			return true
		}
		s = s[end+len("/>"):]
	}
}
