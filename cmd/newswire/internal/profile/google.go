package profile

import (
	"fmt"
	"slices"
	"time"
)

const (
	googleFeeds    = "https://support.google.com/news/publisher-center/answer/9545420"
	googleSitemaps = "https://developers.google.com/search/docs/crawling-indexing/sitemaps/news-sitemap"
)

// googleNews are the rules of Google News for feeds, and for news sitemaps.
func googleNews() Profile {
	return Profile{"google-news", "Google News", slices.Concat(googleFeed(), googleSitemap())}
}

func googleFeed() []Rule {
	inFeed := func(judge func(it *item, f *feed) string) func(*item, *feed, *Options) string {
		return func(it *item, f *feed, _ *Options) string {
			if f.format == "sitemap" {
				return ""
			}
			return judge(it, f)
		}
	}
	return []Rule{
		{"format", "RSS, Atom, or a news sitemap", googleFeeds, Refused, func(f *feed, _ *Options) string { return formats(f, "rss", "atom", "sitemap") }, nil},
		{"feed-size", "2 MB at most", googleFeeds, Refused, func(f *feed, _ *Options) string {
			if f.format == "sitemap" {
				return ""
			}
			return larger(f.size, 2<<20)
		}, nil},
		{"feed-length", "60 new items at a time", googleFeeds, Advised, func(f *feed, _ *Options) string {
			if f.format == "sitemap" {
				return ""
			}
			return many(f, 60)
		}, nil},
		{"item-size", "1 MB at most for an article", googleFeeds, Refused, nil, inFeed(func(it *item, _ *feed) string { return larger(len(it.body)+len(it.summary), 1<<20) })},
		{"id", "an id: guid, or atom:id", googleFeeds, Refused, nil, inFeed(func(it *item, _ *feed) string { return it.lacks(it.id, "id") })},
		{"unique-id", "an id that no other item has", googleFeeds, Refused, nil, inFeed(repeated)},
		{"permalink", `isPermaLink="false" for a guid that is no address`, googleFeeds, Refused, nil, inFeed(func(it *item, f *feed) string {
			if f.format == "rss" && it.id != "" && webAddress(it.id) == nil && it.at("guid").attr("isPermaLink") != "false" {
				return "its guid is no address"
			}
			return ""
		})},
		{"date", "a date: pubDate, or atom:updated", googleFeeds, Refused, nil, inFeed(func(it *item, f *feed) string {
			if f.format == "atom" {
				return undated(first(it.updated, it.published))
			}
			return undated(it.published)
		})},
		{"text", "the whole text", googleFeeds, Advised, nil, inFeed(func(it *item, _ *feed) string { return it.lacks(it.body, "whole text") })},
		{"picture", "pictures", googleFeeds, Advised, nil, inFeed(func(it *item, _ *feed) string { return pictured(it) })},
	}
}

func googleSitemap() []Rule {
	inSitemap := func(judge func(news *element, it *item, o *Options) string) func(*item, *feed, *Options) string {
		return func(it *item, f *feed, o *Options) string {
			news := it.child("news:news")
			if f.format != "sitemap" || news == nil {
				return ""
			}
			return judge(news, it, o)
		}
	}
	return []Rule{
		{"sitemap-length", "1,000 articles at most", googleSitemaps, Refused, func(f *feed, _ *Options) string {
			if f.format != "sitemap" {
				return ""
			}
			return many(f, 1000)
		}, nil},
		{"sitemap-publication", "news:publication with news:name and news:language", googleSitemaps, Refused, nil, inSitemap(func(news *element, _ *item, _ *Options) string {
			p := news.at("news:publication")
			if p.textOf("news:name") == "" || p.textOf("news:language") == "" {
				return "its publication has no name or no language"
			}
			return ""
		})},
		{"sitemap-title", "news:title", googleSitemaps, Refused, nil, inSitemap(func(_ *element, it *item, _ *Options) string { return it.lacks(it.title, "news:title") })},
		{"sitemap-date", "news:publication_date, a date by W3C", googleSitemaps, Refused, nil, inSitemap(func(_ *element, it *item, _ *Options) string {
			if _, ok := w3cDate(it.published); !ok {
				return fmt.Sprintf("%q is no date", it.published)
			}
			return ""
		})},
		{"sitemap-age", "articles of the last two days", googleSitemaps, Refused, nil, inSitemap(func(_ *element, it *item, o *Options) string {
			if t, ok := w3cDate(it.published); ok && o.Now.Sub(t) > 72*time.Hour { // a day may have no hour
				return it.published + " is more than two days ago"
			}
			return ""
		})},
	}
}

// w3cDate reads a date as sitemaps have it.
func w3cDate(s string) (time.Time, bool) {
	for _, layout := range []string{time.RFC3339, "2006-01-02T15:04Z07:00", time.DateOnly} {
		if t, err := time.Parse(layout, s); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}
