package web_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication/web"
)

func TestMain(m *testing.M) {
	// A pool of connections that is closed while its server is away notices that a second later.
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("github.com/redis/go-redis/v9/internal/pool.(*ConnPool).tryDial"))
}

// shop is a store in memory that can be broken and counts what it is asked. It knows no more than this package needs.
type shop struct {
	mu       sync.Mutex
	articles []newswire.Article   // newest first
	gone     map[string]bool      // withdrawn, by ID
	stones   []newswire.Tombstone // newest first
	log      []newswire.Change
	changed  map[newswire.Topic]time.Time
	trimmed  int // records that the log no longer has
	broken   error
	hang     bool                              // answers nothing before the context ends
	calls    int                               // to Articles, Article and Topics
	polls    int                               // of Changes that went well
	readers  map[string]map[newswire.Topic]int // by day
}

var _ web.Store = (*shop)(nil)

func newShop(articles ...newswire.Article) *shop {
	s := &shop{gone: map[string]bool{}, changed: map[newswire.Topic]time.Time{}}
	for _, a := range articles {
		s.put(a, a.FirstSeen)
	}
	return s
}

// put adds or replaces an article, as news of a time.
func (s *shop) put(a newswire.Article, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.articles = slices.DeleteFunc(s.articles, func(b newswire.Article) bool { return b.ID == a.ID })
	s.articles = append(s.articles, a)
	slices.SortFunc(s.articles, func(a, b newswire.Article) int { return b.Listed.Compare(a.Listed) })
	s.record(newswire.Put, a, at)
}

// withdraw takes an article away.
func (s *shop) withdraw(id string, at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.articles, func(a newswire.Article) bool { return a.ID == id })
	a := s.articles[i]
	s.articles = slices.Delete(s.articles, i, i+1)
	s.gone[id] = true
	s.stones = append([]newswire.Tombstone{{Article: id, AtomID: a.AtomID, Source: a.Source, Reason: "The author asked.", At: at, Topics: a.Topics()}}, s.stones...)
	s.record(newswire.Remove, a, at)
}

func (s *shop) record(op newswire.Op, a newswire.Article, at time.Time) {
	for _, t := range a.Topics() {
		s.changed[t] = at
	}
	s.log = append(s.log, newswire.Change{
		Cursor: newswire.Cursor(strconv.Itoa(len(s.log) + 1)), At: at, Op: op, Article: a.ID, Revision: a.Revision, Topics: a.Topics(),
	})
}

// set changes the shop under its lock.
func (s *shop) set(change func(*shop)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	change(s)
}

func (s *shop) callCount() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.calls
}

func (s *shop) pollCount() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.polls
}

// open is what every method begins with. The caller unlocks.
func (s *shop) open(ctx context.Context) error {
	s.mu.Lock()
	if s.hang {
		s.mu.Unlock()
		<-ctx.Done()
		s.mu.Lock()
		return ctx.Err()
	}
	return s.broken
}

func (s *shop) Article(ctx context.Context, id string) (newswire.Article, error) {
	defer s.mu.Unlock()
	if err := s.open(ctx); err != nil {
		return newswire.Article{}, err
	}
	s.calls++
	if s.gone[id] {
		return newswire.Article{}, newswire.ErrWithdrawn
	}
	for _, a := range s.articles {
		if a.ID == id {
			return a, nil
		}
	}
	return newswire.Article{}, newswire.ErrNotFound
}

func (s *shop) Revisions(ctx context.Context, _ string) ([]newswire.Article, error) {
	defer s.mu.Unlock()
	if err := s.open(ctx); err != nil {
		return nil, err
	}
	s.calls++
	return nil, nil
}

func (s *shop) Articles(ctx context.Context, q cache.Query) (cache.Page, error) {
	defer s.mu.Unlock()
	if err := s.open(ctx); err != nil {
		return cache.Page{}, err
	}
	s.calls++
	page := cache.Page{Changed: s.changed[q.Topic]}
	from, _ := strconv.Atoi(string(q.After))
	for i, a := range s.articles[from:] {
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
func (s *shop) Archive(ctx context.Context, _ newswire.Topic, _ string, _ newswire.Cursor, _ int) (int, error) {
	defer s.mu.Unlock()
	return 0, s.open(ctx)
}

func (s *shop) Archived(ctx context.Context, _ newswire.Topic, _ int) (cache.ArchivePage, error) {
	defer s.mu.Unlock()
	if err := s.open(ctx); err != nil {
		return cache.ArchivePage{}, err
	}
	return cache.ArchivePage{}, newswire.ErrNotFound
}

func (s *shop) Tombstones(ctx context.Context, topic newswire.Topic, limit int) ([]newswire.Tombstone, error) {
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

func (s *shop) Topics(ctx context.Context, kind newswire.Kind, after newswire.Cursor, limit int) ([]cache.Listing, newswire.Cursor, error) {
	defer s.mu.Unlock()
	if err := s.open(ctx); err != nil {
		return nil, "", err
	}
	s.calls++
	if after == "malformed" {
		return nil, "", newswire.ErrCursor
	}
	byTopic := map[newswire.Topic]cache.Listing{}
	for _, a := range s.articles {
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

func (s *shop) Changes(ctx context.Context, after newswire.Cursor, limit int) ([]newswire.Change, error) {
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
	if n < s.trimmed {
		return nil, newswire.ErrGone
	}
	s.polls++
	return s.log[n:min(n+limit, len(s.log))], nil
}

func (s *shop) Head(ctx context.Context) (newswire.Cursor, error) {
	defer s.mu.Unlock()
	if err := s.open(ctx); err != nil {
		return "", err
	}
	if len(s.log) == 0 {
		return "", nil
	}
	return s.log[len(s.log)-1].Cursor, nil
}

func (s *shop) Count(ctx context.Context, day time.Time, readers map[newswire.Topic]int) error {
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

// at is a time of a day on which nothing else happens.
func at(clock string) time.Time {
	t, err := time.Parse("2006-01-02 15:04:05.000", "2026-11-02 "+clock)
	if err != nil {
		panic(err)
	}
	return t
}

// article makes one that is listed at a time.
func article(guid string, listed time.Time) newswire.Article {
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

func directory() *web.Directory {
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

// serving is a server under test on loopback, with its follower running.
type serving struct {
	*web.Server
	url  string
	stop func() // ends it before the test ends
}

// serve starts a server, and its follower unless told otherwise, until the test ends.
func serve(t testing.TB, store web.Store, o web.Options) *serving {
	t.Helper()
	return serveDirectory(t, store, directory, o)
}

func serveDirectory(t testing.TB, store web.Store, d func() *web.Directory, o web.Options) *serving {
	t.Helper()
	s := start(t, store, d, o)
	until(t, "the follower is attached", func() bool { return s.Check(t.Context()) == nil })
	return s
}

// start starts a server whose store may be away.
func start(t testing.TB, store web.Store, d func() *web.Directory, o web.Options) *serving {
	t.Helper()
	s := web.New(store, d, o)
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan error)
	go func() { done <- s.Run(ctx) }()
	srv := httptest.NewServer(s)
	stop := sync.OnceFunc(func() {
		srv.Close()
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Run returned %v; want context.Canceled", err)
		}
	})
	t.Cleanup(stop)
	return &serving{s, srv.URL, stop}
}

// fast polls so often that a test need not wait.
var fast = web.Options{Poll: 2 * time.Millisecond, StoreTimeout: 250 * time.Millisecond}

// until waits for a condition.
func until(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); !ok(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// reply is what came back, the body as it was on the wire.
type reply struct {
	*http.Response
	body string
}

// plainClient asks for nothing that it was not told to ask for, and follows no redirect.
var plainClient = &http.Client{
	Transport:     &http.Transport{DisableCompression: true, DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// ask sends a request with header fields given as name, value, name, value.
func (s *serving) ask(t testing.TB, method, path string, fields ...string) reply {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, s.url+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	for i := 0; i < len(fields); i += 2 {
		req.Header.Add(fields[i], fields[i+1])
	}
	resp, err := plainClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	return reply{resp, string(body)}
}

func (s *serving) get(t testing.TB, path string, fields ...string) reply {
	t.Helper()
	return s.ask(t, http.MethodGet, path, fields...)
}

func articlesFrom(n int) []newswire.Article {
	articles := make([]newswire.Article, n)
	for i := range articles {
		articles[i] = article(fmt.Sprintf("n%03d", i), at("08:00:00.000").Add(time.Duration(i)*time.Minute))
	}
	return articles
}
