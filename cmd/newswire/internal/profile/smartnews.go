package profile

import (
	"slices"
	"strings"
)

const (
	smartFormat = "https://publishers.smartnews.com/hc/en-us/articles/360036526213-SmartFormat-Specification-Version-2-1"
	smartLatest = "https://publishers.smartnews.com/hc/en-us/articles/56500436151065" // a later edition, which demands more
	smartLimits = "https://publishers.smartnews.com/hc/ja/articles/360036526213"
	smartDrops  = "https://publishers.smartnews.com/hc/en-us/articles/360049232353"
)

// smartNews are the rules of SmartNews for feeds in SmartFormat.
func smartNews() Profile {
	return Profile{"smartnews", "SmartNews SmartFormat 2.1", slices.Concat(smartNewsFeed(), smartNewsItem())}
}

func smartNewsFeed() []Rule {
	head := func(rss, atom string) func(*feed, *Options) string {
		return func(f *feed, _ *Options) string {
			name := rss
			if f.format == "atom" {
				name = atom
			}
			if name != "" && f.head.textOf(name) == "" {
				return "it has no " + name
			}
			return ""
		}
	}
	return []Rule{
		{"format", "RSS 2.0 or Atom", smartFormat, Refused, func(f *feed, _ *Options) string { return formats(f, "rss", "atom") }, nil},
		{"encoding", "UTF-8", smartFormat, Refused, func(f *feed, _ *Options) string {
			if f.encoding != "" && f.encoding != "utf-8" && f.encoding != "utf8" {
				return "it is in " + f.encoding
			}
			return ""
		}, nil},
		{"feed-size", "1 MB at most", smartLimits, Advised, func(f *feed, _ *Options) string { return larger(f.size, 1<<20) }, nil},
		{"channel-title", "a title of the site", smartFormat, Refused, head("title", "atom:title"), nil},
		{"channel-link", "the address of the site", smartFormat, Refused, head("link", ""), nil},
		{"channel-description", "a description of the site", smartFormat, Refused, head("description", "atom:subtitle"), nil},
		{"description-length", "a description of 30 characters at most", smartFormat, Advised, func(f *feed, _ *Options) string {
			return longer(first(f.head.textOf("description"), f.head.textOf("atom:subtitle")), 30)
		}, nil},
		{"channel-date", "the date of the feed: pubDate, or atom:updated", smartFormat, Refused, func(f *feed, _ *Options) string {
			return undated(first(f.head.textOf("pubDate"), f.head.textOf("atom:updated")))
		}, nil},
		{"channel-language", "the language of the site, in RSS", smartLatest, Refused, head("language", ""), nil},
		{"logo", "the site's logo in snf:logo", smartFormat, Advised, func(f *feed, _ *Options) string {
			if webAddress(f.head.at("snf:logo").textOf("url")) == nil {
				return "it has no snf:logo"
			}
			return ""
		}, nil},
	}
}

func smartNewsItem() []Rule {
	return []Rule{
		{"title", "a title", smartFormat, Refused, nil, func(it *item, _ *feed, _ *Options) string { return it.lacks(it.title, "title") }},
		{"link", "a link to the article", smartFormat, Refused, nil, func(it *item, _ *feed, _ *Options) string { return unlinked(it) }},
		{"link-tracking", "a link without utm parameters: the canonical one", smartDrops, Advised, nil, func(it *item, _ *feed, _ *Options) string {
			if strings.Contains(it.link, "utm_") {
				return "its link has utm parameters"
			}
			return ""
		}},
		{"id", "an id: guid, or atom:id", smartFormat, Refused, nil, func(it *item, _ *feed, _ *Options) string { return it.lacks(it.id, "id") }},
		{"date", "a date with a whole year and a zone", smartDrops, Refused, nil, func(it *item, _ *feed, _ *Options) string {
			return undated(first(it.published, it.updated))
		}},
		{"date-range", "no date in the future", smartDrops, Refused, nil, func(it *item, _ *feed, o *Options) string {
			return outside(first(it.published, it.updated), o.Now, 0)
		}},
		{"text", "the whole text in content:encoded, or atom:content", smartFormat, Refused, nil, func(it *item, _ *feed, _ *Options) string { return it.lacks(it.body, "text") }},
	}
}
