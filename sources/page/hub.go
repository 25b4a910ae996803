package page

import (
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"

	"github.com/newswire/newswire/sources/clean"
)

// maxLinkElements bounds how many link elements of a page are looked at.
const maxLinkElements = 500

// Hub is the WebSub hub that a page names in its link elements, and what the page calls itself there (WebSub §4); both are empty
// where it does not say. The first of each counts.
func Hub(body []byte, o Options) (hub, self string) {
	base, err := url.Parse(o.URL)
	if err != nil {
		return "", ""
	}
	z := html.NewTokenizer(strings.NewReader(decode(body, o.ContentType)))
	for seen := 0; seen < maxLinkElements && (hub == "" || self == ""); {
		switch z.Next() {
		case html.ErrorToken:
			return hub, self
		case html.StartTagToken, html.SelfClosingTagToken:
			token := z.Token()
			switch token.DataAtom {
			case atom.Base:
				if at, err := base.Parse(attributeOf(token, "href")); err == nil {
					base = at
				}
			case atom.Link:
				seen++
				relations := strings.Fields(strings.ToLower(attributeOf(token, "rel")))
				address := clean.Address(base, attributeOf(token, "href"))
				if hub == "" && slices.Contains(relations, "hub") {
					hub = address
				}
				if self == "" && slices.Contains(relations, "self") {
					self = address
				}
			}
		case html.TextToken, html.EndTagToken, html.CommentToken, html.DoctypeToken:
		}
	}
	return hub, self
}

func attributeOf(token html.Token, key string) string {
	for _, a := range token.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}
