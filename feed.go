package newswire

import "time"

// Site is the service as readers see it. Feed ids, self links and the hub derive from URL.
type Site struct {
	Title    string
	URL      string // absolute, without a trailing slash
	Contact  string // e-mail address of the desk
	Language string // BCP 47
}

// CategoryScheme is the IRI that tells the operator's categories from a publisher's (RFC 4287 §4.2.2.2). A category's ID
// after it makes the address of the page about the category.
func (s Site) CategoryScheme() string {
	return s.URL + "/" + string(KindCategory) + "/"
}

// Feed is one topic's articles, ready to be encoded: rights policies are applied and credit lines are in place. Every
// format is a pure function of it.
type Feed struct {
	Site     Site
	Topic    Topic
	Title    string
	Subtitle string
	Updated  time.Time // the newest Modified of its articles and At of its tombstones; zero when there are none
	Articles []Article // newest first

	Tombstones []Tombstone // of articles that the topic listed until they were withdrawn, newest first

	Query string // of the feed's address, without its question mark; empty for the whole of the topic

	Hub string // address of the WebSub hub that announces changes; empty when there is none

	Page  string // of a page of the topic's archive (RFC 5005 §4): its number; empty for the feed to subscribe to
	Older string // number of the archive's page to read next for older articles; empty when there is none
}

// URL is the feed's address in the format with the given extension: "atom", "rss" or "json".
func (f *Feed) URL(extension string) string {
	if f.Page != "" {
		return f.Site.URL + ArchivePath(f.Topic, f.Page, extension)
	}
	return f.SubscriptionURL(extension)
}

// SubscriptionURL is the address of the feed to subscribe to: its own, unless it is a page of the archive.
func (f *Feed) SubscriptionURL(extension string) string {
	u := f.Site.URL + FeedPath(f.Topic, extension)
	if f.Query != "" {
		u += "?" + f.Query
	}
	return u
}

// OlderURL is the address of the archive's page to read next for older articles, in the format with the given extension;
// empty when there is none.
func (f *Feed) OlderURL(extension string) string {
	if f.Older == "" {
		return ""
	}
	return f.Site.URL + ArchivePath(f.Topic, f.Older, extension)
}

// HomePage is the address of the page for people about the feed's topic.
func (f *Feed) HomePage() string {
	switch f.Topic {
	case All:
		return f.Site.URL + "/"
	case Search:
		return f.Site.URL + "/search?" + f.Query
	}
	return f.Site.URL + "/" + string(f.Topic)
}

// FeedPath is the path of a topic's feed: "/feeds/category/finance.atom".
func FeedPath(t Topic, extension string) string {
	return "/feeds/" + string(t) + "." + extension
}

// ArchivePath is the path of a page of a topic's archive: "/feeds/category/finance/archive/7.atom".
func ArchivePath(t Topic, page, extension string) string {
	return "/feeds/" + string(t) + "/archive/" + page + "." + extension
}
