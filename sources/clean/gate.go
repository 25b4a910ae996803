package clean

import (
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/microcosm-cc/bluemonday"
	"golang.org/x/net/html"

	"github.com/newswire/newswire/sources/internal/tree"
)

// policy is what may leave this package: elements and attributes that the W3C feed validator lets pass without a
// warning and that no reader could come to harm by. A policy is safe for concurrent use once it is built.
var policy = newPolicy()

func newPolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowURLSchemes("http", "https", "mailto", "tel")
	p.RequireParseableURLs(true)
	names := make([]string, 0, len(listed))
	for name, attrs := range listed {
		names = append(names, name)
		if len(attrs) > 0 {
			p.AllowAttrs(attrs...).OnElements(name)
		}
	}
	p.AllowElements(names...)
	p.AllowNoAttrs().OnElements(names...)
	p.AllowAttrs("lang", "dir").Globally()
	return p
}

// gate lets through what the policy lists.
func gate(fragment string) string {
	if passesAsIs(fragment) {
		return fragment
	}
	return policy.Sanitize(fragment)
}

// passesAsIs says whether a fragment is, byte for byte, what the gate would make of it: nothing but listed elements with
// listed attributes, written the one way in which x/net/html writes them. Most of what was cleaned is, and telling so
// costs a tenth of taking it to pieces. What is written in any other way is not judged here.
func passesAsIs(fragment string) bool {
	for fragment != "" {
		text, rest, tag := strings.Cut(fragment, "<")
		if !tree.IsEscaped(text) {
			return false
		}
		if !tag {
			return true
		}
		if fragment = passTag(rest); fragment == refused {
			return false
		}
	}
	return true
}

// refused is what follows a tag that does not pass.
const refused = "<refused"

// passTag passes over a tag behind its "<" and returns what follows it.
func passTag(s string) string {
	s, end := strings.CutPrefix(s, "/")
	n := 0
	for n < len(s) && s[n] != ' ' && s[n] != '/' && s[n] != '>' {
		n++
	}
	if n == len(s) {
		return refused
	}
	name := s[:n]
	attrs, ok := listed[name]
	if !ok {
		return refused
	}
	s = s[n:]
	for !end && s[0] == ' ' {
		key, rest, ok := strings.Cut(s[1:], `="`)
		if !ok || key != "lang" && key != "dir" && !slices.Contains(attrs, key) {
			return refused
		}
		value, after, ok := strings.Cut(rest, `"`)
		if !ok || after == "" || !tree.IsEscaped(value) || isAddress(key) && !passesAddress(value) {
			return refused
		}
		s = after
	}
	if after, ok := strings.CutPrefix(s, ">"); ok {
		return after
	}
	if after, ok := strings.CutPrefix(s, "/>"); ok && !end {
		return after
	}
	return refused
}

// isAddress names the attributes whose addresses the policy looks at.
func isAddress(attribute string) bool {
	switch attribute {
	case "href", "src", "cite":
		return true
	}
	return false
}

// passesAddress says whether the policy lets an address pass as it is.
func passesAddress(value string) bool {
	if strings.Contains(value, "&") {
		value = html.UnescapeString(value)
	}
	if isSettled(value) {
		return true
	}
	if strings.ContainsAny(value, " \t\n") {
		return false
	}
	u, err := url.Parse(value)
	if err != nil || u.String() != value {
		return false
	}
	switch u.Scheme {
	case "http", "https", "mailto", "tel":
		return true
	}
	return false
}

// listed are the elements that are let through, with their attributes besides lang and dir: those of HTML, of formulas and
// of drawings. No two of these have a name in common.
var listed = func() map[string][]string {
	all := maps.Clone(allowed)
	maps.Copy(all, mathElements)
	maps.Copy(all, svgElements)
	return all
}()

// allowed are the elements of HTML that are kept, with their attributes besides lang and dir.
var allowed = map[string][]string{
	"a":    {"href", "hreflang", "title"},
	"abbr": {"title"}, "article": nil, "aside": nil,
	"audio": {"src", "controls"},
	"b":     nil, "bdi": nil, "bdo": nil,
	"blockquote": {"cite"},
	"br":         nil, "caption": nil, "cite": nil, "code": nil,
	"col": {"span"}, "colgroup": {"span"},
	"dd": nil, "del": {"cite", "datetime"}, "details": {"open"}, "dfn": {"title"}, "div": nil, "dl": nil, "dt": nil,
	"em": nil, "figcaption": nil, "figure": nil, "footer": nil,
	"h1": nil, "h2": nil, "h3": nil, "h4": nil, "h5": nil, "h6": nil, "header": nil, "hr": nil, "i": nil,
	"img": {"src", "srcset", "sizes", "alt", "title", "width", "height", "loading"},
	"ins": {"cite", "datetime"}, "kbd": nil,
	"li": {"value"}, "main": nil, "mark": nil,
	"ol": {"start", "reversed", "type"},
	"p":  nil, "picture": nil, "pre": nil,
	"q":  {"cite"},
	"rp": nil, "rt": nil, "ruby": nil, "s": nil, "samp": nil, "section": nil, "small": nil,
	"source": {"src", "srcset", "sizes", "type", "media", "width", "height"},
	"span":   nil, "strong": nil, "sub": nil, "summary": nil, "sup": nil, "table": nil, "tbody": nil,
	"td": {"colspan", "rowspan"}, "tfoot": nil, "th": {"colspan", "rowspan", "scope"}, "thead": nil,
	"time": {"datetime"}, "tr": nil,
	"track": {"src", "kind", "label", "srclang"},
	"u":     nil, "ul": nil, "var": nil,
	"video": {"src", "poster", "controls", "width", "height"},
	"wbr":   nil,
}
