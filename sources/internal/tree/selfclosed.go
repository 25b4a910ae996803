package tree

import "strings"

// closedAsXML are the elements that hide, or change, all that follows them where their end is missing. HTML does not know
// the slash at the end of a tag, but authors who write XML end them by it.
var closedAsXML = map[string]bool{
	"iframe": true, "script": true, "style": true, "textarea": true, "title": true, "noscript": true, "select": true, "button": true,
	"video": true, "audio": true, "object": true, "canvas": true, "template": true,
	"b": true, "i": true, "em": true, "strong": true, "u": true, "s": true, "small": true, "font": true, "span": true, "sup": true, "sub": true,
}

// maxClosed bounds, in bytes, how far the end of such a tag is looked for.
const maxClosed = 4096

// CloseAsXML writes an end tag behind each tag of these elements that ends as in XML: <iframe src="…" />.
func CloseAsXML(fragment string) string {
	if !strings.Contains(fragment, "/>") {
		return fragment
	}
	var b strings.Builder
	written, raw := 0, rawText{from: fragment}
	for at := 0; ; {
		next := strings.IndexByte(fragment[at:], '<')
		if next < 0 || at+next+1 == len(fragment) {
			break
		}
		at += next + 1
		name := strings.ToLower(tagName(fragment[at:min(len(fragment), at+16)]))
		if !closedAsXML[name] {
			continue
		}
		end, closed := tagEnd(fragment[at:min(len(fragment), at+maxClosed)], len(name))
		switch {
		case closed:
			b.WriteString(fragment[written : at+end])
			b.WriteString("</" + name + ">")
			written = at + end
			at += end
		case end > 0 && (name == "script" || name == "style"):
			at = raw.after(at+end, name)
		}
	}
	if written == 0 {
		return fragment
	}
	b.WriteString(fragment[written:])
	return b.String()
}

// tagEnd is where a tag ends, behind its name, as an offset behind the >; 0 where it does not. Closed says that a slash
// stands before that which is not a part of an address.
func tagEnd(s string, name int) (end int, closed bool) {
	quote := byte(0)
	for i := name; i < len(s); i++ {
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '<':
			return 0, false
		case (c == '"' || c == '\'') && s[i-1] == '=':
			quote = c
		case c == '>':
			slash := s[i-1] == '/' && (i-1 == name || strings.IndexByte("\"' \t\n\r", s[i-2]) >= 0)
			return i + 1, slash
		}
	}
	return 0, false
}

// rawText finds the ends of elements whose text is no markup.
type rawText struct {
	from string
	none map[string]bool // names that have no end any more
}

// after is where the text of a raw element that begins at an offset has ended: there itself, where it does not end.
func (r *rawText) after(at int, name string) int {
	if r.none[name] {
		return at
	}
	end := indexFold(r.from[at:], "</"+name)
	if end < 0 {
		if r.none == nil {
			r.none = map[string]bool{}
		}
		r.none[name] = true
		return at
	}
	return at + end + len(name) + 2
}

// indexFold is where a lower-case text stands in another, in any case; -1 where it does not.
func indexFold(s, part string) int {
	for at := 0; ; at++ {
		next := strings.IndexByte(s[at:], part[0])
		if next < 0 || at+next+len(part) > len(s) {
			return -1
		}
		if at += next; strings.EqualFold(s[at:at+len(part)], part) {
			return at
		}
	}
}
