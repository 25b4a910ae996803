package webtest

import (
	"context"
	"maps"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication/web"
)

// Shop is a store in memory that can be broken and counts what it is asked. It knows no more than this package needs.
type Shop struct {
	mu      sync.Mutex
	Stock   []newswire.Article   // newest first
	Gone    map[string]bool      // withdrawn, by ID
	stones  []newswire.Tombstone // newest first
	Log     []newswire.Change
	changed map[newswire.Topic]time.Time
	Trimmed int // records that the log no longer has
	Broken  error
	Hang    bool                              // answers nothing before the context ends
	calls   int                               // to Articles, Article and Topics
	polls   int                               // of Changes that went well
	readers map[string]map[newswire.Topic]int // by day
}

var _ web.Store = (*Shop)(nil)

// NewShop is a store with articles, each of them as news of the time when it was first seen.
func NewShop(articles ...newswire.Article) *Shop {
	s := &Shop{Gone: map[string]bool{}, changed: map[newswire.Topic]time.Time{}}
	for _, a := range articles {
		s.Put(a, a.FirstSeen)
	}
	return s
}

// Put adds or replaces an article, as news of a time.
func (s *Shop) Put(a newswire.Article, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.Stock = slices.DeleteFunc(s.Stock, func(b newswire.Article) bool { return b.ID == a.ID })
	s.Stock = append(s.Stock, a)
	slices.SortFunc(s.Stock, func(a, b newswire.Article) int { return b.Listed.Compare(a.Listed) })
	s.Record(newswire.Put, a, at)
}

// Withdraw takes an article away.
func (s *Shop) Withdraw(id string, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.Stock, func(a newswire.Article) bool { return a.ID == id })
	a := s.Stock[i]
	s.Stock = slices.Delete(s.Stock, i, i+1)
	s.Gone[id] = true
	s.stones = append([]newswire.Tombstone{{Article: id, AtomID: a.AtomID, Source: a.Source, Reason: "The author asked.", At: at, Topics: a.Topics()}}, s.stones...)
	s.Record(newswire.Remove, a, at)
}

// Record appends to the log. The caller holds the lock.
func (s *Shop) Record(op newswire.Op, a newswire.Article, at time.Time) {
	for _, t := range a.Topics() {
		s.changed[t] = at
	}
	s.Log = append(s.Log, newswire.Change{
		Cursor: newswire.Cursor(strconv.Itoa(len(s.Log) + 1)), At: at, Op: op, Article: a.ID, Revision: a.Revision, Topics: a.Topics(),
	})
}

// Set changes the shop under its lock.
func (s *Shop) Set(change func(*Shop)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

// CallCount is how often the store was asked for articles or topics.
func (s *Shop) CallCount() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

// PollCount is how often the change log was read.
func (s *Shop) PollCount() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.polls
}

// open is what every method begins with. The caller unlocks.
func (s *Shop) open(ctx context.Context) error {
	s.mu.Lock()
	if s.Hang {
		s.mu.Unlock()
		<-ctx.Done()
		s.mu.Lock()
		return ctx.Err()
	}
	return s.Broken
}

// Article implements [web.Store], as do the methods that follow.
func (s *Shop) Article(ctx context.Context, id string) (newswire.Article, error) {
	defer s.mu.Unlock()
	if err := s.open(ctx); err != nil {
		return newswire.Article{}, err
	}
	s.calls++
	if s.Gone[id] {
		return newswire.Article{}, newswire.ErrWithdrawn
	}
	for _, a := range s.Stock {
		if a.ID == id {
			return a, nil
		}
	}
	return newswire.Article{}, newswire.ErrNotFound
}

// Revisions implements [web.Store].
func (s *Shop) Revisions(ctx context.Context, _ string) ([]newswire.Article, error) {
	defer s.mu.Unlock()
	if err := s.open(ctx); err != nil {
		return nil, err
	}
	s.calls++
	return nil, nil
}

// Articles implements [web.Store].
func (s *Shop) Articles(ctx context.Context, q cache.Query) (cache.Page, error) {
	defer s.mu.Unlock()
	if err := s.open(ctx); err != nil {
		return cache.Page{}, err
	}
	s.calls++
	page := cache.Page{Changed: s.changed[q.Topic]}
	from, _ := strconv.Atoi(string(q.After))
	for i, a := range s.Stock[from:] {
		if !slices.Contains(a.Topics(), q.Topic) {
			continue
		}
		if len(page.Articles) == q.Limit {
			page.Next = newswire.Cursor(strconv.Itoa(from + i))
			break
		}
		page.Articles = append(page.Articles, a)
	}
	return page, nil
}

// Archive keeps no archives: what depends on one is tested with a real store.
func (s *Shop) Archive(ctx context.Context, _ cache.Closing) (int, bool, error) {
	defer s.mu.Unlock()
	return 0, false, s.open(ctx)
}

// Newest implements [web.Store].
func (s *Shop) Newest(ctx context.Context, _ newswire.Topic, _ string) (int, error) {
	defer s.mu.Unlock()
	return 0, s.open(ctx)
}

// Archived implements [web.Store].
func (s *Shop) Archived(ctx context.Context, _ newswire.Topic, _ int) (cache.ArchivePage, error) {
	defer s.mu.Unlock()
	if err := s.open(ctx); err != nil {
		return cache.ArchivePage{}, err
	}
	return cache.ArchivePage{}, newswire.ErrNotFound
}

// Tombstones implements [web.Store].
func (s *Shop) Tombstones(ctx context.Context, topic newswire.Topic, limit int) ([]newswire.Tombstone, error) {
	defer s.mu.Unlock()
	if err := s.open(ctx); err != nil {
		return nil, err
	}
	s.calls++
	var stones []newswire.Tombstone
	for _, t := range s.stones {
		if slices.Contains(t.Topics, topic) && len(stones) < limit {
			stones = append(stones, t)
		}
	}
	return stones, nil
}

// Topics implements [web.Store].
func (s *Shop) Topics(ctx context.Context, kind newswire.Kind, after newswire.Cursor, limit int) ([]cache.Listing, newswire.Cursor, error) {
	defer s.mu.Unlock()
	if err := s.open(ctx); err != nil {
		return nil, "", err
	}
	s.calls++
	if after == "malformed" {
		return nil, "", newswire.ErrCursor
	}
	byTopic := map[newswire.Topic]cache.Listing{}
	for _, a := range s.Stock {
		for _, t := range a.Topics() {
			if t.Kind() != kind || newswire.Cursor(t) <= after {
				continue
			}
			l := byTopic[t]
			l.Topic, l.Articles, l.Changed = t, l.Articles+1, s.changed[t]
			for _, p := range a.Authors {
				if newswire.AuthorTopic(p.ID) == t {
					l.Name = p.Name
				}
			}
			byTopic[t] = l
		}
	}
	var list []cache.Listing
	for _, l := range byTopic {
		list = append(list, l)
	}
	slices.SortFunc(list, func(a, b cache.Listing) int { return strings.Compare(string(a.Topic), string(b.Topic)) })
	if len(list) > limit {
		list = list[:limit]
		return list, newswire.Cursor(list[limit-1].Topic), nil
	}
	return list, "", nil
}

// Changes implements [web.Store].
func (s *Shop) Changes(ctx context.Context, after newswire.Cursor, limit int) ([]newswire.Change, error) {
	defer s.mu.Unlock()
	if err := s.open(ctx); err != nil {
		return nil, err
	}
	n := 0
	if after != "" {
		var err error
		if n, err = strconv.Atoi(string(after)); err != nil {
			return nil, newswire.ErrCursor
		}
	}
	if n < s.Trimmed {
		return nil, newswire.ErrGone
	}
	s.polls++
	return s.Log[n:min(n+limit, len(s.Log))], nil
}

// Head implements [web.Store].
func (s *Shop) Head(ctx context.Context) (newswire.Cursor, error) {
	defer s.mu.Unlock()
	if err := s.open(ctx); err != nil {
		return "", err
	}
	if len(s.Log) == 0 {
		return "", nil
	}
	return s.Log[len(s.Log)-1].Cursor, nil
}

// Await implements [web.Store]. It leaves it to the polls.
func (s *Shop) Await(ctx context.Context, _ newswire.Cursor) error {
	<-ctx.Done()
	return ctx.Err()
}

// Count implements [web.Store].
func (s *Shop) Count(ctx context.Context, day time.Time, readers map[newswire.Topic]int) error {
	defer s.mu.Unlock()
	if err := s.open(ctx); err != nil {
		return err
	}
	if s.readers == nil {
		s.readers = map[string]map[newswire.Topic]int{}
	}
	s.readers[day.UTC().Format(time.DateOnly)] = readers
	return nil
}

// At is a time of a day on which nothing else happens.
func At(clock string) time.Time {
	t, err := time.Parse("2006-01-02 15:04:05.000", "2026-11-02 "+clock)
	if err != nil {
		panic(err)
	}
	return t
}

// Article makes one that is listed at a time.
func Article(guid string, listed time.Time) newswire.Article {
	id := newswire.ArticleID("dsb", guid)
	return newswire.Article{
		ID: id, Source: "dsb", Revision: 1, GUID: guid, AtomID: "tag:wire.example,2026:" + id,
		URL: "https://news.example.com/" + guid, Title: "Article " + guid, Summary: "<p>What " + guid + " says, in short.</p>",
		Authors:   []newswire.Person{{ID: "jin-jiang", Name: "金江"}},
		Published: listed, FirstSeen: listed, Listed: listed,
		Categories: []string{"finance"},
		Rights:     newswire.Rights{Policy: newswire.PolicyExcerpt},
		Publisher:  newswire.Publisher{ID: "https://news.example.com/feed.xml", Title: "電商報", URL: "https://news.example.com/", FeedURL: "https://news.example.com/feed.xml"},
	}
}

// Directory is a configuration with topics that no article is in.
func Directory() *web.Directory {
	return &web.Directory{
		Site:       newswire.Site{Title: "The Wire", URL: "https://wire.example.org", Contact: "desk@example.org", Language: "en"},
		Categories: []newswire.Category{{ID: "finance", Title: "Finance"}, {ID: "sport", Title: "Sport"}},
		Sources: []newswire.Source{
			{ID: "dsb", Name: "電商報", Site: "https://news.example.com/"},
			{ID: "quiet", Name: "The Quiet Daily", Site: "javascript:alert(1)"},
		},
		Authors: []newswire.Author{{ID: "ada", Name: "Ada Author"}},
	}
}

// Counted is what the store was told of a day.
func (s *Shop) Counted(day time.Time) map[newswire.Topic]int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return maps.Clone(s.readers[day.UTC().Format(time.DateOnly)])
}
