package syndication_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/sqlitecache"
	"github.com/newswire/newswire/syndication"
	"github.com/newswire/newswire/syndication/api"
	"github.com/newswire/newswire/syndication/delivery/post"
	"github.com/newswire/newswire/syndication/ninjs"
	"github.com/newswire/newswire/syndication/partner"
	"github.com/newswire/newswire/syndication/search"
	"github.com/newswire/newswire/syndication/snapshot"
	"github.com/newswire/newswire/syndication/web"
	"github.com/newswire/newswire/syndication/webhook"
)

// outlet is all that articles leave the service by, with one store and a clock that only goes forward.
type outlet struct {
	store *fragile
	clock atomic.Int64 // Unix nanoseconds, of all parts
	site  *web.Server
	api   *api.API
	hooks *webhook.Sender
	post  *post.Client
	hook  *httptest.Server

	settings atomic.Pointer[api.Settings]
	partner  partner.Partner // of the case
	key      string

	mu     sync.Mutex
	posted []string // to hook, since it was last looked at
	cases  int
}

// now is another time whenever it is asked for, so that it tells what came first, and the same one in milliseconds.
func (o *outlet) now() time.Time { return time.Unix(0, o.clock.Add(1)).UTC() }

// advance moves the clock to a time, never back.
func (o *outlet) advance(to time.Time) { o.clock.Store(max(o.clock.Load(), to.UnixNano())) }

// fragile is a store that can be away.
type fragile struct {
	*sqlitecache.Store
	away atomic.Bool
}

var errStoreAway = fmt.Errorf("the store is away")

func there[T any](f *fragile, ask func() (T, error)) (T, error) {
	if f.away.Load() {
		var none T
		return none, errStoreAway
	}
	return ask()
}

func (f *fragile) Article(ctx context.Context, id string) (newswire.Article, error) {
	return there(f, func() (newswire.Article, error) { return f.Store.Article(ctx, id) })
}

func (f *fragile) Articles(ctx context.Context, q cache.Query) (cache.Page, error) {
	return there(f, func() (cache.Page, error) { return f.Store.Articles(ctx, q) })
}

func (f *fragile) Archived(ctx context.Context, topic newswire.Topic, number int) (cache.ArchivePage, error) {
	return there(f, func() (cache.ArchivePage, error) { return f.Store.Archived(ctx, topic, number) })
}

func (f *fragile) Changes(ctx context.Context, after newswire.Cursor, limit int) ([]newswire.Change, error) {
	return there(f, func() ([]newswire.Change, error) { return f.Store.Changes(ctx, after, limit) })
}

func newOutlet(t *testing.T) *outlet {
	t.Helper()
	o := &outlet{key: partner.NewKey()}
	o.clock.Store(time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC).UnixNano())
	store, err := sqlitecache.Open(t.Context(), filepath.Join(t.TempDir(), "newswire.db"), sqlitecache.Options{Now: o.now, Hasty: true})
	if err != nil {
		t.Fatal(err)
	}
	o.store = &fragile{Store: store}
	folder, err := snapshot.Open(t.TempDir(), 8<<20)
	if err != nil {
		t.Fatal(err)
	}
	site := newswire.Site{Title: "The Wire", URL: "https://wire.example.org", Language: "en"}
	directory := &web.Directory{Site: site}
	o.settings.Store(&api.Settings{Site: site})
	index, err := search.Open(t.Context(), filepath.Join(t.TempDir(), "search"), o.store, search.Options{
		Poll: 5 * time.Millisecond, Now: o.now, Changed: func(removed bool) { o.site.Found(removed) },
	})
	if err != nil {
		t.Fatal(err)
	}
	o.site = web.New(o.store, func() *web.Directory { return directory }, web.Options{
		Limit: 2, Poll: 5 * time.Millisecond, StoreTimeout: time.Minute, ArchiveWait: time.Minute, Now: o.now, Snapshot: folder, SnapshotEvery: 50 * time.Millisecond,
		Search: index,
	})
	o.api = api.New(o.store, o.settings.Load, api.Options{Poll: 5 * time.Millisecond, Now: o.now})
	o.hook = httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		o.mu.Lock()
		defer o.mu.Unlock()
		o.posted = append(o.posted, string(body))
	}))
	o.post = post.NewClient(post.Options{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	o.hooks = webhook.NewSender(o.store, func() *webhook.Settings {
		return webhook.NewSettings(site, []partner.Partner{o.partner}, o.post)
	}, webhook.Options{Now: o.now})
	ctx, cancel := context.WithCancel(context.Background())
	var running sync.WaitGroup
	running.Go(func() { _ = o.site.Run(ctx) })
	running.Go(func() { _ = o.api.Run(ctx) })
	running.Go(func() { _ = index.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
		o.hook.Close()
		if err := errors.Join(index.Close(), store.Close()); err != nil {
			t.Error(err)
		}
	})
	return o
}

// record has a worker visit the source of articles.
func (o *outlet) record(t *rapid.T, source string, articles ...newswire.Article) {
	ctx := context.Background()
	due, err := o.store.Due(ctx)
	if err == nil {
		err = o.store.Reschedule(ctx, source, due[source], o.now())
	}
	leases, cerr := o.store.Claim(ctx, 1, time.Minute, source)
	if err != nil || cerr != nil || len(leases) != 1 {
		t.Fatalf("Claim = %v, %v, %v; want one lease", leases, err, cerr)
	}
	err = o.store.Record(ctx, leases[0], newswire.Visit{
		Source: source, At: o.now(), Articles: articles, State: newswire.State{Source: source, Due: o.now().Add(1e6 * time.Hour)},
	})
	if err != nil {
		t.Fatal(err)
	}
}

// ask is what a handler answers, and the ETag.
func ask(h http.Handler, path string, fields ...string) (int, string, string) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	if strings.Contains(path, "/stream") { // it ends when its client goes
		cancel()
		ctx, cancel = context.WithTimeout(context.Background(), 3*time.Millisecond)
	}
	defer cancel()
	r := httptest.NewRequestWithContext(ctx, http.MethodGet, path, nil)
	for i := 0; i < len(fields); i += 2 {
		if fields[i+1] != "" {
			r.Header.Set(fields[i], fields[i+1])
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Code, w.Body.String(), w.Header().Get("ETag")
}

// wayOut is a way by which articles leave the service: what a reader gets at this moment. A new one belongs into waysOut.
type wayOut struct {
	name    string
	partner bool // its reader is the partner, and else the public
	get     func(c *rightsCase) []string
}

// waysOut are all there are.
func waysOut() []wayOut {
	ways := []wayOut{
		{"feeds", false, (*rightsCase).feeds},
		{"parts of feeds", false, (*rightsCase).partsOfFeeds},
		{"archives", false, (*rightsCase).archives},
		{"pages", false, (*rightsCase).pages},
		{"hub", false, (*rightsCase).hub},
		{"preview", false, (*rightsCase).preview},
		{"search", false, (*rightsCase).search},
		{"webhook", true, (*rightsCase).webhook},
	}
	for _, accept := range []string{"application/json", ninjs.MediaType} {
		ways = append(ways,
			wayOut{"api for all, " + accept, false, func(c *rightsCase) []string { return c.pull(accept, "") }},
			wayOut{"api for partners, " + accept, true, func(c *rightsCase) []string { return c.pull(accept, "Bearer "+c.key) }})
	}
	return ways
}

// piece is an article of a case, with what tells its parts, and what is to be seen of it.
type piece struct {
	newswire.Article
	mark    string // in each of its words that are looked for
	earlier *piece // its revision before; nil for none
	open    bool   // of an earlier one: readers could see it when it was replaced
}

// rightsCase is a random case: articles of a source, a partner, and moments.
type rightsCase struct {
	*outlet
	source string
	began  time.Time
	pieces []*piece
	after  newswire.Cursor   // in the change log, when it began
	tags   map[string]string // ETags that its reader of parts has, by path
}

func (c *rightsCase) topics() []newswire.Topic {
	topics := []newswire.Topic{newswire.SourceTopic(c.source), newswire.AuthorTopic("jin-jiang")}
	for _, s := range []string{"a", "b"} {
		topics = append(topics, newswire.CategoryTopic(c.source+"-"+s))
	}
	return topics
}

func (c *rightsCase) feedPaths() []string {
	var paths []string
	for _, topic := range c.topics() {
		paths = append(paths, newswire.FeedPath(topic, "atom"))
	}
	of := newswire.SourceTopic(c.source)
	return append(paths, "/feeds/all.json", newswire.FeedPath(of, "rss"), newswire.FeedPath(of, "json"), newswire.FeedPath(of, "json")+"?limit=4",
		newswire.FeedPath(of, "atom")+"?content=excerpt", newswire.FeedPath(of, "rss")+"?content=full&limit=3", "/feeds/all.atom?source="+c.source)
}

func (c *rightsCase) bodies(h http.Handler, paths ...string) []string {
	var out []string
	for _, path := range paths {
		_, body, _ := ask(h, path)
		out = append(out, path+"\n"+body)
	}
	return out
}

func (c *rightsCase) feeds() []string { return c.bodies(c.site, c.feedPaths()...) }

func (c *rightsCase) partsOfFeeds() []string {
	var out []string
	for _, path := range c.feedPaths() {
		_, body, tag := ask(c.site, path, "A-IM", "feed", "If-None-Match", c.tags[path])
		c.tags[path] = tag
		out = append(out, path+"\n"+body)
	}
	return out
}

func (c *rightsCase) archives() []string {
	var paths []string
	for n := range 4 {
		for i, topic := range c.topics()[:2] {
			paths = append(paths, newswire.ArchivePath(topic, fmt.Sprint(n), []string{"atom", "rss", "json"}[(n+i)%3]))
		}
	}
	return c.bodies(c.site, paths...)
}

func (c *rightsCase) pages() []string {
	paths := []string{"/", "/feeds.opml", "/authors"}
	for _, topic := range c.topics() {
		paths = append(paths, "/"+string(topic))
	}
	for _, p := range c.pieces {
		paths = append(paths, "/articles/"+p.ID)
	}
	return c.bodies(c.site, paths...)
}

// search looks for the author, of whom every article is.
func (c *rightsCase) search() []string {
	const query = "?q=%E9%87%91%E6%B1%9F"
	return c.bodies(c.site, "/feeds/search.atom"+query, "/feeds/search.json"+query, "/search"+query)
}

func (c *rightsCase) hub() []string {
	if c.store.away.Load() { // it would wait for the store
		return nil
	}
	return c.bodies(c.site.ForHub(), c.feedPaths()...)
}

// preview is what the command writes: the feed of the source, from a store that has just been filled.
func (c *rightsCase) preview() []string {
	page, err := c.store.Articles(context.Background(), cache.Query{Topic: newswire.SourceTopic(c.source), Limit: 100})
	if err != nil {
		return nil
	}
	articles := slices.DeleteFunc(page.Articles, func(a newswire.Article) bool { return a.Rights.Over(c.now()) }) // by the command: it takes no time
	feed := syndication.Build(newswire.Site{URL: "https://wire.example.org"}, newswire.SourceTopic(c.source), "Preview", "", articles)
	var out []string
	for _, f := range web.Formats() {
		if doc, err := f.Encode(&feed); err == nil {
			out = append(out, string(doc.Body))
		}
	}
	return out
}

func (c *rightsCase) pull(accept, authorization string) []string {
	paths := []string{
		"articles?limit=5", "articles?topic=source/" + c.source, "articles?topic=category/" + c.source + "-a", "changes?after=" + string(c.after),
		"changes/stream?after=" + string(c.after), "authors", "sources",
	}
	for _, p := range c.pieces {
		paths = append(paths, "articles/"+p.ID, "articles/"+p.ID+"/revisions")
	}
	var out []string
	for _, path := range paths {
		_, body, _ := ask(c.api, api.Path+path, "Accept", accept, "Authorization", authorization)
		out = append(out, path+"\n"+body)
	}
	return out
}

func (c *rightsCase) webhook() []string {
	if c.store.away.Load() {
		return nil
	}
	sub := &cache.Subscription{ID: c.partner.ID}
	sub.Told = webhook.PlaceAt(c.after, "")
	for more := true; more; {
		sent := c.hooks.Send(context.Background(), sub)
		sub.Told, more = sent.Told, sent.More && sent.Err == nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	posted := c.posted
	c.posted = nil
	return posted
}
