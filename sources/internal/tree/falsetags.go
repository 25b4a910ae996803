package tree

import (
	"strings"

	"golang.org/x/net/html/atom"
)

// maxTag is how far the end of a tag is looked for, in bytes, where its name is none of HTML's.
const maxTag = 512

// escapeFalseTags escapes what only looks like the beginning of a tag, for it was written as text: an address in angle
// brackets, the parameter of a type, a comparison. HTML takes it for an unknown element, and readers would never see it.
func escapeFalseTags(fragment string) string {
	var b strings.Builder
	var ended map[string]bool
	written := 0
	for at := 0; ; at++ {
		next := strings.IndexByte(fragment[at:], '<')
		if next < 0 || at+next+1 == len(fragment) {
			break
		}
		at += next
		if !beginsName(fragment[at+1]) {
			continue
		}
		if ended == nil {
			ended = endTags(fragment)
		}
		if !isTag(fragment[at+1:], ended) {
			b.WriteString(fragment[written:at])
			b.WriteString("&lt;")
			written = at + 1
		}
	}
	if written == 0 {
		return fragment
	}
	b.WriteString(fragment[written:])
	return b.String()
}

// isTag says whether what stands behind a less-than sign is a tag: its name is one of HTML's, or could be an element's and
// is ended somewhere, ends itself or has an attribute with a value. A tag that is cut off counts as one.
func isTag(s string, ended map[string]bool) bool {
	s = s[:min(len(s), maxTag)]
	name := tagName(s)
	if len(name) == len(s) {
		return true
	}
	switch rest := s[len(name):]; rest[0] {
	case ' ', '\t', '\n', '\r', '\f', '/', '>':
		if strings.HasSuffix(name, ":") { // a scheme
			return false
		}
		lower := strings.ToLower(name)
		if atom.Lookup([]byte(lower)) != 0 || ended[lower] {
			return true
		}
		end := strings.IndexByte(rest, '>')
		return end < 0 || strings.IndexByte(rest[:end], '=') >= 0 || strings.HasSuffix(rest[:end], "/")
	default:
		return false
	}
}

// tagName is the name of an element that s begins with.
func tagName(s string) string {
	for i := range len(s) {
		if c := s[i]; !beginsName(c) && (c < '0' || c > '9') && strings.IndexByte(":._-", c) < 0 {
			return s[:i]
		}
	}
	return s
}

// endTags are the names that end tags have, in lower case.
func endTags(fragment string) map[string]bool {
	names := map[string]bool{}
	for {
		_, rest, found := strings.Cut(fragment, "</")
		if !found {
			return names
		}
		if name := tagName(rest[:min(len(rest), maxTag)]); name != "" {
			names[strings.ToLower(name)] = true
		}
		fragment = rest
	}
}

func beginsName(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }
