package profile

import (
	"slices"
	"strings"
)

const (
	flipboardSpec = "https://about.flipboard.com/rss-spec/"
	flipboardFAQ  = "https://flipboard.helpshift.com/hc/en/1-flipboard/faq/1023-resubmit-an-rss-feed/"
)

// flipboard are the rules of Flipboard for the feeds of publishers.
func flipboard() Profile {
	return Profile{"flipboard", "Flipboard", slices.Concat(flipboardFeed(), flipboardItem())}
}

func flipboardFeed() []Rule {
	channel := func(name string) func(*feed, *Options) string {
		return func(f *feed, _ *Options) string {
			if f.head.textOf(name) == "" {
				return "it has no " + name
			}
			return ""
		}
	}
	return []Rule{
		{"format", "RSS 2.0", flipboardSpec, Refused, func(f *feed, _ *Options) string { return formats(f, "rss") }, nil},
		{"channel-title", "a title of the channel", flipboardSpec, Refused, channel("title"), nil},
		{"channel-link", "a link of the channel", flipboardSpec, Refused, channel("link"), nil},
		{"channel-description", "a description of the channel", flipboardSpec, Refused, channel("description"), nil},
		{"channel-language", "the language of the channel", flipboardSpec, Refused, channel("language"), nil},
		{"feed-length", "the 20 newest items at least", flipboardFAQ, Advised, func(f *feed, _ *Options) string { return few(f, 20) }, nil},
	}
}

func flipboardItem() []Rule {
	return []Rule{
		{"title", "a title", flipboardSpec, Refused, nil, func(it *item, _ *feed, _ *Options) string { return it.lacks(it.title, "title") }},
		{"link", "a link to the article", flipboardSpec, Refused, nil, func(it *item, _ *feed, _ *Options) string { return unlinked(it) }},
		{"link-host", "links on the site that the feed is of", flipboardSpec, Advised, nil, func(it *item, f *feed, _ *Options) string {
			home, link := webAddress(f.head.textOf("link")), webAddress(it.link)
			if home == nil || link == nil || bare(home.Hostname()) == bare(link.Hostname()) || strings.HasSuffix(link.Hostname(), "."+bare(home.Hostname())) {
				return ""
			}
			return "its link leads to " + link.Hostname()
		}},
		{"text", "a description, or the whole text in content:encoded", flipboardSpec, Refused, nil, func(it *item, _ *feed, _ *Options) string { return it.lacks(it.whole(), "text") }},
		{"description-length", "a description of 300 characters and more", flipboardSpec, Advised, nil, func(it *item, _ *feed, _ *Options) string {
			return shorter(plain(first(it.summary, it.body)), 300)
		}},
		{"date", "a date with a zone, by RFC 822 or ISO 8601", flipboardFAQ, Refused, nil, func(it *item, _ *feed, _ *Options) string { return undated(it.published) }},
		{"id", "a guid", flipboardFAQ, Refused, nil, func(it *item, _ *feed, _ *Options) string { return it.lacks(it.id, "guid") }},
		{"unique-id", "a guid that no other item has", flipboardFAQ, Refused, nil, func(it *item, f *feed, _ *Options) string { return repeated(it, f) }},
		{"author", "the authors in dc:creator", flipboardFAQ, Refused, nil, func(it *item, _ *feed, _ *Options) string { return it.lacks(strings.Join(it.authors, ""), "author") }},
		{"picture", "a picture or a film: enclosure, media:content, or in the text", flipboardFAQ, Refused, nil, func(it *item, _ *feed, _ *Options) string { return pictured(it) }},
		{"picture-size", "a picture whose shorter side has 500 pixels and more", flipboardFAQ, Advised, nil, func(it *item, _ *feed, _ *Options) string { return smaller(it, 500) }},
	}
}

func bare(host string) string { return strings.TrimPrefix(strings.ToLower(host), "www.") }
