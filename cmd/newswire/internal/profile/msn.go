package profile

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

const (
	msnItems  = "https://support.microsoft.com/en-us/topic/msn-feed-item-metadata-requirements-0114c19c-36bb-4fef-8322-4a1ed6888329"
	msnSetup  = "https://support.microsoft.com/en-us/topic/msn-feed-setup-and-configuration-16ea6c2b-d51c-48a5-9ba4-4c3f8ed76c97"
	msnTexts  = "https://support.microsoft.com/en-us/topic/feed-content-specifications-in-msn-partner-hub-c2cdf613-e5b3-4183-911e-4fc3bf5967de"
	msnMarkup = "https://support.microsoft.com/en-us/topic/msn-html-guidelines-and-tag-restrictions-2a12f610-f3da-43ea-8dc4-766f6df89e8d"
)

// msn are the rules of MSN's Partner Hub for feeds of articles.
func msn() Profile {
	return Profile{"msn", "MSN Partner Hub", slices.Concat(msnFeed(), msnItem())}
}

func msnFeed() []Rule {
	return []Rule{
		{"format", "RSS 2.0 or Atom", msnSetup, Refused, func(f *feed, _ *Options) string { return formats(f, "rss", "atom") }, nil},
		{"https", "an https address without a user name for the feed", msnSetup, Refused, func(_ *feed, o *Options) string {
			if u := webAddress(o.Address); u != nil && (u.Scheme != "https" || u.User != nil) {
				return "its address is " + u.Redacted()
			}
			return ""
		}, nil},
		{"feed-size", "at most 10 MB", msnSetup, Refused, func(f *feed, _ *Options) string { return larger(f.size, 10_000_000) }, nil},
		{"feed-length", "fewer than 30 items, or Atom's paging", msnSetup, Advised, func(f *feed, _ *Options) string { return many(f, 29) }, nil},
	}
}

func msnItem() []Rule {
	return []Rule{
		{"id", "an id that does not change: guid, or atom:id", msnItems, Refused, nil, func(it *item, _ *feed, _ *Options) string { return it.lacks(it.id, "id") }},
		{"unique-id", "an id that no other item has", msnItems, Refused, nil, func(it *item, f *feed, _ *Options) string { return repeated(it, f) }},
		{"title", "a title", msnItems, Refused, nil, func(it *item, _ *feed, _ *Options) string { return it.lacks(it.title, "title") }},
		{"title-length", "a title of 21 to 150 characters, or mi:shortTitle beside a longer one", msnItems, Refused, nil, func(it *item, _ *feed, _ *Options) string {
			if it.title == "" || it.textOf("mi:shortTitle") != "" && length(it.title) > 150 {
				return ""
			}
			return first(shorter(it.title, 21), longer(it.title, 150))
		}},
		{"title-plain", "a title without HTML", msnItems, Refused, nil, func(it *item, _ *feed, _ *Options) string { return markup(it.title) }},
		{"title-address", "a title without a web address", msnTexts, Refused, nil, func(it *item, _ *feed, _ *Options) string {
			if strings.Contains(it.title, "http://") || strings.Contains(it.title, "https://") {
				return "its title has an address in it"
			}
			return ""
		}},
		{"body", "the text: content:encoded, description or atom:content", msnItems, Refused, nil, func(it *item, _ *feed, _ *Options) string { return it.lacks(it.whole(), "text") }},
		{"date", "a date of publication by RFC 822 or RFC 3339", msnItems, Refused, nil, func(it *item, _ *feed, _ *Options) string { return undated(it.published) }},
		{"date-range", "a date of publication in the past, less than 365 days ago", msnItems, Refused, nil, func(it *item, _ *feed, o *Options) string {
			return outside(it.published, o.Now, 365*24*time.Hour)
		}},
		{"link", "a link to the article on the publisher's site, without a user name", msnItems, Refused, nil, func(it *item, _ *feed, _ *Options) string { return unlinked(it) }},
		{"summary-plain", "an abstract without HTML, where there is a text beside it", msnItems, Advised, nil, func(it *item, _ *feed, _ *Options) string {
			if it.body == "" {
				return ""
			}
			return markup(it.summary)
		}},
		{"elements", "a text without style, script, object, embed, param and applet", msnMarkup, Refused, nil, func(it *item, _ *feed, _ *Options) string {
			return elements(it.whole(), func(name string, _ map[string]string) string {
				if strings.Contains(" style script object embed param applet ", " "+name+" ") {
					return "it has the element " + name
				}
				return ""
			})
		}},
		{"absolute", "links and pictures with whole addresses: https, http or mailto", msnMarkup, Refused, nil, func(it *item, _ *feed, _ *Options) string { return relative(it.whole()) }},
		{"picture", "a picture: items without one are not published automatically", msnTexts, Advised, nil, func(it *item, _ *feed, _ *Options) string { return pictured(it) }},
	}
}

// many says whether a feed has more items than a partner wants.
func many(f *feed, most int) string {
	if len(f.items) > most {
		return fmt.Sprintf("it has %d items", len(f.items))
	}
	return ""
}

func few(f *feed, least int) string {
	if len(f.items) < least {
		return fmt.Sprintf("it has %d items", len(f.items))
	}
	return ""
}

// relative says which link or picture of a text has no whole address.
func relative(text string) string {
	return elements(text, func(name string, attrs map[string]string) string {
		address, ok := attrs["href"]
		if name == "img" {
			address, ok = attrs["src"]
		} else if name != "a" {
			return ""
		}
		if ok && webAddress(address) == nil && !(name == "a" && strings.HasPrefix(address, "mailto:")) {
			return fmt.Sprintf("%q is not whole", address)
		}
		return ""
	})
}
