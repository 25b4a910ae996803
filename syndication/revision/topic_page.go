package revision

import (
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication"
	"github.com/newswire/newswire/syndication/internal/parts"
	"github.com/newswire/newswire/syndication/snapshot"
)

// TopicPage is what the store said of a topic: what a feed is made of, in every format.
type TopicPage struct {
	Feed       newswire.Feed        // its articles are yet to go through [syndication.Finish]
	Tombstones []newswire.Tombstone // of what was withdrawn, for formats that can say so
	Full       bool                 // the topic has, or may have, older articles than these
	Changed    time.Time            // as in [Content]

	until   time.Time // the first end of the feed's articles; zero for none
	digests []digest  // of them
	asOf
	topic *topicState // that shares it
	size  int64       // bytes in memory, roughly
}

// Encoding is how a feed is written.
type Encoding struct {
	MediaType string
	parts.Encoder

	Tombstones bool // it says which articles were withdrawn
}

// Share gathers what the topic's plain feed is made of. As long as it is as new as a revision must be, it is what another
// format was made of, so that a change costs one gathering and not one for each format.
func (d *Draft) Share(gather func() (*TopicPage, error)) (*TopicPage, error) {
	page := d.topic.page.Load()
	if page == nil || !d.engine.fresh(&d.topic.stale, page.mark) || page.over(d.engine.options.Now()) {
		made, err, _ := d.topic.pages.Do("", func() (any, error) {
			page, err := gather()
			if err != nil {
				return nil, err
			}
			page.measure()
			page.asOf, page.topic = d.asOf, d.topic
			d.engine.topicPages.add(page)
			return page, nil
		})
		if err != nil {
			return nil, err
		}
		page = made.(*TopicPage)
	}
	d.asOf = page.asOf
	return page, nil
}

// measure adds the digests and the size to a page that was gathered.
func (p *TopicPage) measure() {
	if p.digests != nil {
		return
	}
	p.digests, p.size, p.until = make([]digest, len(p.Feed.Articles)), overhead, Until(p.Feed.Articles)
	var by digester
	for i := range p.Feed.Articles {
		a := &p.Feed.Articles[i]
		p.digests[i] = by.digest(a)
		p.size += int64(len(a.Content)+len(a.Summary)) + overhead
	}
}

// over says whether an article of the page has ended at a time.
func (p *TopicPage) over(now time.Time) bool { return !p.until.IsZero() && !now.Before(p.until) }

// Encode writes a feed with the header fields that it has, and takes over from the revision before it what both have in common.
func (d *Draft) Encode(page *TopicPage, as *Encoding, fields func(*newswire.Feed) []Field) (Content, error) {
	page.measure()
	return page.encode(as, fields, d.before.fragments())
}

func (p *TopicPage) encode(as *Encoding, fields func(*newswire.Feed) []Field, before *fragments) (Content, error) {
	feed := p.Feed
	if as.Tombstones {
		syndication.Withdraw(&feed, p.Tombstones)
	}
	x, err := compose(&as.Encoder, &feed, p.digests, before)
	if err != nil {
		return Content{}, fmt.Errorf("encode %s as %s: %w", feed.Topic, as.MediaType, err)
	}
	c := Content{
		MediaType: as.MediaType,
		Body:      x.parts.Body,
		Changed:   p.Changed,
		Fields:    append(slices.Clone(fields(&feed)), partsVaryField),
		Articles:  Hashes(feed.Articles),
		deltas:    &deltas{fragments: x, lineage: newLineage(&x.parts, &feed, p.Full)},
	}
	if c.Until = p.until; !c.Until.IsZero() {
		c.Pinned = p.size
		c.Later = func(now time.Time) (Content, error) { return p.at(now).encode(as, fields, x) }
	}
	return c, nil
}

// Hashes name articles to a snapshot.
func Hashes(articles []newswire.Article) []uint64 {
	hashes := make([]uint64, len(articles))
	for i := range articles {
		hashes[i] = snapshot.Hash(articles[i].ID)
	}
	return hashes
}

// topicPages are those that topics share among formats, within a bound of bytes. What was gathered longest ago goes first:
// a page is of use for the moment in which one format after another is asked for.
type topicPages struct {
	mu    sync.Mutex   // guards what follows
	pages []*TopicPage // in the order in which they were made
	size  int64        // of all
	limit int64        // of size
}

// topicPagesShare is how many times the bytes of revisions are those of pages that are shared.
const topicPagesShare = 32

// bytes is the size of all.
func (k *topicPages) bytes() int64 {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.size
}

// add gives a topic its page, and takes others away if there are too many.
func (k *topicPages) add(page *TopicPage) {
	k.mu.Lock()
	defer k.mu.Unlock()
	page.topic.page.Store(page)
	k.pages = append(k.pages, page)
	k.size += page.size
	for k.size > k.limit {
		oldest := k.pages[0]
		oldest.topic.page.CompareAndSwap(oldest, nil)
		k.pages[0], k.pages = nil, k.pages[1:]
		k.size -= oldest.size
	}
}
