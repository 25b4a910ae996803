package fetch

import (
	"net/http"
	"strings"
)

// Link is one of the links in the Link headers of an answer (RFC 8288 §3).
type Link struct {
	Target string            // as written: it may be relative to the answer's address
	Params map[string]string // rel, type, title, …; names in lower case
}

// maxLinks bounds how many links of an answer are looked at.
const maxLinks = 100

// Links are the links in Link headers, in their order.
func Links(h http.Header) []Link {
	var links []Link
	for _, value := range h.Values("Link") {
		for len(links) < maxLinks {
			var l Link
			if l.Target, l.Params, value = cutLink(value); l.Params == nil {
				break
			}
			links = append(links, l)
		}
	}
	return links
}

// cutLink cuts the first link off a Link header's value: <target>; name=value; name="quoted, value". Params is nil when
// there is none left.
func cutLink(value string) (target string, params map[string]string, rest string) {
	_, value, found := strings.Cut(value, "<")
	target, value, closed := strings.Cut(value, ">")
	if !found || !closed {
		return "", nil, ""
	}
	params = map[string]string{}
	for {
		value = strings.TrimLeft(value, " \t")
		if value == "" || value[0] != ';' {
			return target, params, value
		}
		value = strings.TrimLeft(value[1:], " \t")
		end := strings.IndexAny(value, "=;,")
		if end < 0 {
			return target, params, ""
		}
		name := strings.ToLower(strings.TrimSpace(value[:end]))
		content := ""
		if value = value[end:]; value[0] == '=' {
			content, value = cutValue(strings.TrimLeft(value[1:], " \t"))
		}
		if _, repeated := params[name]; !repeated { // the first counts (RFC 8288 §3.3)
			params[name] = content
		}
	}
}

// cutValue cuts a token or a quoted string off (RFC 9110 §5.6.4).
func cutValue(s string) (value, rest string) {
	if !strings.HasPrefix(s, `"`) {
		end := strings.IndexAny(s, ";,")
		if end < 0 {
			end = len(s)
		}
		return strings.TrimSpace(s[:end]), s[end:]
	}
	var b strings.Builder
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && i+1 < len(s):
			i++
			b.WriteByte(s[i])
		case s[i] == '"':
			return b.String(), s[i+1:]
		default:
			b.WriteByte(s[i])
		}
	}
	return b.String(), ""
}
