package web

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication"
	"github.com/newswire/newswire/syndication/revision"
)

// listed is the newest of a topic.
type listed struct {
	name    string          // of the topic
	feed    newswire.Feed   // its articles are yet to go through [syndication.Finish]
	full    bool            // there may be more articles than were wanted
	next    newswire.Cursor // to the topic's older articles; empty where there are none, or some were passed over
	changed time.Time       // of the articles or the directory, whichever is later; zero if neither is known
}

// credit says whether an article's text ends with its line of credit, as it must in a feed. A page says the same itself.
type credit bool

const (
	withCredit    credit = true
	withoutCredit credit = false
)

// lists reads from the store what pages and feeds list.
type lists struct {
	store    Store
	variants variants
	log      *slog.Logger
	closer   *closer // of archives
	now      func() time.Time
}

// list reads the newest articles of a topic that a variant has a place for. It is ErrNotFound if neither the directory nor
// the store has heard of the topic, or of one that the variant requires.
func (l *lists) list(ctx context.Context, d *Directory, topic newswire.Topic, v variant, c credit) (listed, error) {
	page, err := l.find(ctx, d, topic, &v)
	if err != nil {
		return listed{}, err
	}
	articles := current(page.Articles, l.now())
	nameOf := func(t newswire.Topic) string {
		if name, _ := d.name(t); name != "" {
			return name
		}
		return nameFrom(articles, t)
	}
	name := nameOf(topic)
	title, subtitle := titles(d, topic, name, articles)
	feed := syndication.Gather(d.Site, topic, v.title(title, nameOf), subtitle, adjusted(articles, &v, c))
	feed.Query, feed.Hub = l.variants.query(&v), d.Hub
	return listed{name: name, feed: feed, full: len(page.Articles) >= v.limit, next: page.Next, changed: later(page.Changed, d.Changed)}, nil
}

// current are articles without those that have ended at a time. The store unlists these by its own clock, a moment later.
func current(articles []newswire.Article, now time.Time) []newswire.Article {
	over := func(a newswire.Article) bool { return a.Rights.Over(now) }
	if !slices.ContainsFunc(articles, over) {
		return articles
	}
	return slices.DeleteFunc(slices.Clone(articles), over)
}

// timed is the content of a page that shows what is listed. The page is made again without what has ended when that is over.
func (l *listed) timed(content func(l *listed) (revision.Content, error)) (revision.Content, error) {
	c, err := content(l)
	if err != nil {
		return c, err
	}
	c.Fields = slices.Concat(c.Fields, termsFields(l.feed.Articles, ""))
	c.Articles = revision.Hashes(l.feed.Articles)
	if c.Until = revision.Until(l.feed.Articles); !c.Until.IsZero() {
		for i := range l.feed.Articles {
			c.Pinned += int64(len(l.feed.Articles[i].Content)+len(l.feed.Articles[i].Summary)) + 1<<10
		}
		c.Later = func(now time.Time) (revision.Content, error) {
			next := *l
			next.feed = revision.Current(&l.feed, now)
			return next.timed(content)
		}
	}
	return c, nil
}

const (
	readPage = 200  // articles read at once, when only some of them are wanted
	readMost = 2000 // articles read for one variant: what is rarer than that among the newest is left out
)

// find reads the articles of a variant, and when its topic last changed. It reads one topic, from the newest on, and keeps
// what is in the others too, so that what a variant costs is bounded for every query.
func (l *lists) find(ctx context.Context, d *Directory, topic newswire.Topic, v *variant) (found cache.Page, err error) {
	from := v.narrowest(topic)
	for _, t := range append([]newswire.Topic{topic}, v.with...) {
		if t != from {
			if _, err := l.read(ctx, d, cache.Query{Topic: t, Limit: 1}); err != nil {
				return found, err
			}
		}
	}
	wanted := *v
	if from != topic {
		wanted.with = append([]newswire.Topic{topic}, v.with...)
	}
	if wanted.conditions() == 0 {
		return l.read(ctx, d, cache.Query{Topic: topic, Limit: v.limit})
	}
	q := cache.Query{Topic: from, Limit: readPage}
	for n := 0; n < readMost; n += readPage {
		page, err := l.read(ctx, d, q)
		if err != nil {
			return found, err
		}
		found.Changed = later(found.Changed, page.Changed)
		for i := range page.Articles {
			if a := &page.Articles[i]; wanted.lists(a.Topics()) {
				found.Articles = append(found.Articles, *a)
			}
			if len(found.Articles) == v.limit {
				return found, nil
			}
		}
		if q.After = page.Next; q.After == "" {
			break
		}
	}
	return found, nil
}

// feed gathers what a topic's plain feed is made of, and closes pages of its archive. It is ErrNotFound in the cases of
// [lists.list].
func (l *lists) feed(ctx context.Context, d *Directory, topic newswire.Topic, draft *revision.Draft) (*revision.TopicPage, error) {
	v := l.variants.plain()
	found, err := l.list(ctx, d, topic, v, withCredit)
	if err != nil {
		return nil, err
	}
	if found.next != "" {
		if found.feed.Older, err = l.archive(ctx, d, topic, found.next, draft); err != nil {
			return nil, err
		}
	}
	return l.topicPage(ctx, topic, found, &v)
}

// variant is feed, for a variant, which has no archive.
func (l *lists) variant(ctx context.Context, d *Directory, topic newswire.Topic, v variant) (*revision.TopicPage, error) {
	found, err := l.list(ctx, d, topic, v, withCredit)
	if err != nil {
		return nil, err
	}
	return l.topicPage(ctx, topic, found, &v)
}

// topicPage adds the tombstones to what was found of a topic.
func (l *lists) topicPage(ctx context.Context, topic newswire.Topic, found listed, v *variant) (*revision.TopicPage, error) {
	stones, err := l.withdrawn(ctx, topic, v)
	if err != nil {
		return nil, err
	}
	return &revision.TopicPage{Feed: found.feed, Tombstones: stones, Full: found.full, Changed: found.changed}, nil
}

// unconditional is what remains of a variant without the conditions that mean nothing.
type unconditional struct{ variant variant }

func (unconditional) Error() string { return "the variant is to do without topics that there are not" }

// checkConditions says, by an error that is unconditional, that a variant does without topics that there are not: any number
// of these can be thought of, and none changes what is listed.
func (l *lists) checkConditions(ctx context.Context, d *Directory, v variant) error {
	var known []newswire.Topic
	for _, t := range v.without {
		var to renamed
		_, err := l.read(ctx, d, cache.Query{Topic: t, Limit: 1})
		switch {
		case err == nil:
			known = append(known, t)
		case errors.As(err, &to):
			known = append(known, newswire.Topic(string(t.Kind())+"/"+to.id))
		case !errors.Is(err, newswire.ErrNotFound):
			return err
		}
	}
	slices.Sort(known)
	if known = slices.Compact(known); slices.Equal(known, v.without) {
		return nil
	}
	v.without = known
	return unconditional{v}
}

// sourceName is what a source is called: by the operator, else by its own feed. It is empty where neither has a word.
func (l *lists) sourceName(ctx context.Context, source *newswire.Source) (string, error) {
	if source.Name != "" {
		return source.Name, nil
	}
	topic := newswire.SourceTopic(source.ID)
	page, err := l.store.Articles(ctx, cache.Query{Topic: topic, Limit: 1})
	if err != nil {
		return "", fmt.Errorf("list %s: %w: %w", topic, errStore, err)
	}
	if len(page.Articles) == 0 {
		return "", nil
	}
	return page.Articles[0].Publisher.Title, nil
}

// mostTombstones is how many a feed has. They go by number and not by age, for nothing in a feed comes from the clock.
const mostTombstones = 50

// withdrawn is the tombstones of articles that a variant had a place for.
func (l *lists) withdrawn(ctx context.Context, topic newswire.Topic, v *variant) ([]newswire.Tombstone, error) {
	from := v.narrowest(topic)
	stones, err := l.store.Tombstones(ctx, from, mostTombstones)
	if err != nil {
		return nil, fmt.Errorf("list what was withdrawn from %s: %w: %w", from, errStore, err)
	}
	return slices.DeleteFunc(stones, func(t newswire.Tombstone) bool {
		return !slices.Contains(t.Topics, topic) || !v.lists(t.Topics)
	}), nil
}

// read is a page of a topic. It is ErrNotFound if neither the directory nor the store has heard of the topic.
func (l *lists) read(ctx context.Context, d *Directory, q cache.Query) (cache.Page, error) {
	page, err := l.store.Articles(ctx, q)
	if err != nil {
		return page, fmt.Errorf("list %s: %w: %w", q.Topic, errStore, err)
	}
	if _, known := d.name(q.Topic); known || len(page.Articles) > 0 {
		return page, nil
	}
	if err := l.leadOn(ctx, q.Topic); err != nil {
		return page, err
	}
	if page.Changed.IsZero() {
		return page, fmt.Errorf("topic %q: %w", q.Topic, newswire.ErrNotFound)
	}
	return page, nil
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

// adjusted copies articles where a variant, or the lack of a line of credit, asks for other ones.
func adjusted(articles []newswire.Article, v *variant, c credit) []newswire.Article {
	if v.most == newswire.PolicyFull && c == withCredit {
		return articles
	}
	articles = slices.Clone(articles)
	for i := range articles {
		a := &articles[i]
		a.Rights.Policy = v.lowered(a.Rights.Policy)
		a.NoCredit = a.NoCredit || c == withoutCredit
	}
	return articles
}
