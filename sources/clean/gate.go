package clean

import (
	"github.com/microcosm-cc/bluemonday"
)

// policy is what may leave this package: elements and attributes that the W3C feed validator lets pass without a
// warning and that no reader could come to harm by. A policy is safe for concurrent use once it is built.
var policy = newPolicy()

func newPolicy() *bluemonday.Policy {
	p := bluemonday.NewPolicy()
	p.AllowURLSchemes("http", "https", "mailto", "tel")
	p.RequireParseableURLs(true)
	names := make([]string, 0, len(allowed))
	for name, attrs := range allowed {
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
	if sound(fragment) {
		return fragment
	}
	return policy.Sanitize(fragment)
}

// allowed are the elements that are kept, with their attributes besides lang and dir.
var allowed = map[string][]string{
	"a":    {"href", "hreflang", "title"},
	"abbr": {"title"}, "article": nil, "aside": nil,
	"audio": {"src", "controls"},
	"b":     nil, "bdi": nil,
	"blockquote": {"cite"},
	"br":         nil, "caption": nil, "cite": nil, "code": nil,
	"col": {"span"}, "colgroup": {"span"},
	"dd": nil, "del": {"cite", "datetime"}, "details": nil, "dfn": {"title"}, "div": nil, "dl": nil, "dt": nil,
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
