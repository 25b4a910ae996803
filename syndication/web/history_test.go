package web_test

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mmcdole/gofeed"
	gofeedatom "github.com/mmcdole/gofeed/atom"
	gofeedjson "github.com/mmcdole/gofeed/json"
	gofeedrss "github.com/mmcdole/gofeed/rss"
	"pgregory.net/rapid"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/rediscache/redistest"
	"github.com/newswire/newswire/syndication/internal/webtest"
	"github.com/newswire/newswire/syndication/web"
)

// TestReadersOfArchivesMissNothing lets articles come in any order, change, and go by withdrawal and by retention, while
// readers follow RFC 5005: one that knows nothing yet walks from the feed to the end of its archive, and one that has been
// there before walks to the first page that it knows.
func TestReadersOfArchivesMissNothing(t *testing.T) {
	t.Parallel()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		missNothing(t, webtest.OpenStore(t))
	})
	t.Run("Redis", func(t *testing.T) {
		t.Parallel()
		missNothing(t, webtest.OpenRedis(t, redistest.Start(t, redistest.Options{}).URL()))
	})
	t.Run("Cluster", func(t *testing.T) {
		t.Parallel()
		missNothing(t, webtest.OpenRedis(t, redistest.StartCluster(t, redistest.Options{}).URL()))
	})
}

func missNothing(t *testing.T, store cache.Store) {
	s := webtest.Serve(t, store, web.Options{Poll: 5 * time.Millisecond, Limit: 10, ArchiveWait: time.Minute})
	w := &world{random: rand.New(rand.NewPCG(5, 5005)), store: store, source: "dsb", keep: 80, withdrawn: map[string]bool{}}
	seen := map[string]string{}
	regulars := map[string]*archiveReader{}
	for _, extension := range []string{"atom", "rss", "json"} {
		regulars[extension] = newArchiveReader(s, "/feeds/all."+extension, seen)
	}
	for step := range 20 {
		w.turn(t)
		for extension, regular := range regulars {
			topic := []string{"all", "category/finance"}[step%2]
			retained := w.retained(t, newswire.Topic(topic))
			webtest.Until(t, "one who comes for the first time has all "+topic+" in "+extension, func() bool {
				newcomer := newArchiveReader(s, "/feeds/"+topic+"."+extension, seen)
				newcomer.catchUp(t)
				return cmp.Equal(newcomer.has, retained)
			})
			webtest.Until(t, fmt.Sprintf("step %d: one who has followed all in %s has it, and nothing that was withdrawn", step, extension), func() bool {
				regular.catchUp(t)
				return w.pleases(t, regular, newswire.All)
			})
		}
	}
	redirected := 0
	replica := webtest.Serve(t, store, web.Options{Poll: 5 * time.Millisecond, Limit: 10, ArchiveWait: time.Minute}) // or the next process
	for address, body := range seen {
		got := s.Get(t, address)
		switch {
		case got.StatusCode == 301:
			redirected++
		case got.StatusCode != 200 || got.Text != body:
			t.Errorf("GET %s = %d; want 301, or what it said before", address, got.StatusCode)
		}
		if other := replica.Get(t, address); other.StatusCode != got.StatusCode || other.Text != got.Text || webtest.Noted(other) != webtest.Noted(got) {
			t.Errorf("GET %s = %d, %v from a replica; want %d, %v, as from the first", address, other.StatusCode, webtest.Noted(other), got.StatusCode, webtest.Noted(got))
		}
	}
	for _, path := range []string{"/feeds/all.atom", "/feeds/category/finance.rss", "/feeds/source/dsb.json", "/feeds/all.json?content=title"} {
		if got, other := s.Get(t, path), replica.Get(t, path); got.StatusCode != 200 || other.Text != got.Text {
			t.Errorf("GET %s = %d, and other bytes from a replica", path, got.StatusCode)
		}
	}
	if redirected == 0 || redirected == len(seen) {
		t.Errorf("%d of %d pages were retired: the world was too quiet, or too loud", redirected, len(seen))
	}
	t.Logf("%d pages were read, of which %d still stand", len(seen), len(seen)-redirected)
}

// TestReadersThatWalkAmongChangesMissNothing lets articles come, change and go between any two requests of readers. What such
// a walk has missed, because its page was retired under it, the next one finds; and in peace a walk meets every article once
// among the pages.
func TestReadersThatWalkAmongChangesMissNothing(t *testing.T) {
	t.Parallel()
	t.Run("SQLite", func(t *testing.T) {
		t.Parallel()
		walkAmongChanges(t, webtest.OpenStore(t))
	})
	t.Run("Redis", func(t *testing.T) {
		t.Parallel()
		walkAmongChanges(t, webtest.OpenRedis(t, redistest.Start(t, redistest.Options{}).URL()))
	})
}

func walkAmongChanges(t *testing.T, store cache.Store) {
	s := webtest.Serve(t, store, web.Options{Poll: 5 * time.Millisecond, Limit: 4, ArchiveWait: time.Minute})
	seen := map[string]string{}
	sources, abroad := 0, 0
	rapid.Check(t, func(rt *rapid.T) {
		sources++ // whose archive is its own
		w := &world{random: drawn{rt}, store: store, source: fmt.Sprintf("s%d", sources), keep: 10, withdrawn: map[string]bool{}}
		topic := newswire.SourceTopic(w.source)
		feed := newswire.FeedPath(topic, rapid.SampledFrom([]string{"atom", "rss", "json"}).Draw(rt, "format"))
		for len(w.offered) == 0 { // the topic is unknown
			w.turn(t)
		}
		reader := newArchiveReader(s, feed, seen)
		for range rapid.IntRange(0, 8).Draw(rt, "turns") {
			for range rapid.IntRange(0, 3).Draw(rt, "requests") {
				reader.step(t)
			}
			if reader.older != "" {
				abroad++
			}
			w.turn(t)
		}
		for reader.walked != nil {
			reader.step(t)
		}
		retained := w.retained(t, topic)
		webtest.Until(t, "the reader has everything, and nothing that was withdrawn", func() bool {
			reader.catchUp(t)
			return w.pleases(t, reader, topic)
		})
		webtest.Until(t, "one who comes for the first time has just that", func() bool {
			newcomer := newArchiveReader(s, feed, seen)
			newcomer.catchUp(t)
			return cmp.Equal(newcomer.has, retained)
		})
		webtest.Until(t, "no article is on two pages", func() bool { // one that was retired may be answered for a moment more
			paged := map[string]bool{}
			another := newArchiveReader(s, feed, seen)
			for another.step(t) {
				page := another.walked[len(another.walked)-1]
				if page.path == feed {
					continue // what is in the feed may be on a page as well
				}
				for _, item := range page.Items {
					if paged[item.GUID] {
						return false
					}
					paged[item.GUID] = true
				}
			}
			return true
		})
	})
	if abroad == 0 {
		t.Error("nothing ever happened in the midst of a walk")
	}
}

// drawn is chance that rapid can make smaller.
type drawn struct{ *rapid.T }

func (d drawn) IntN(n int) int { return rapid.IntRange(0, n-1).Draw(d.T, "n") }

// world is what happens to articles.
type world struct {
	random    interface{ IntN(n int) int }
	store     cache.Store
	source    string
	keep      int                // how many articles, of those that are not offered any more
	offered   []newswire.Article // by the publisher, as it offered them last
	withdrawn map[string]bool    // by atom:id
}

// turn is a visit: some articles are new, of any date, some have changed, some are not offered any more, of which those
// are dropped that are too many; and now and then one is withdrawn.
func (w *world) turn(t *testing.T) {
	t.Helper()
	ctx := t.Context()
	due, err := w.store.Due(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.store.Reschedule(ctx, w.source, due[w.source], time.UnixMilli(1)); err != nil {
		t.Fatal(err)
	}
	leases, err := w.store.Claim(ctx, 1, time.Minute, w.source)
	if err != nil || len(leases) != 1 {
		t.Fatalf("Claim = %v, %v; want one lease", leases, err)
	}
	visit := newswire.Visit{Source: w.source, At: leases[0].At, State: newswire.State{Source: w.source, Due: leases[0].At.Add(time.Hour)}}
	for range w.random.IntN(15) {
		n := w.random.IntN(1000)
		a := webtest.Article(fmt.Sprintf("https://news.example.com/%03d", n), webtest.At("00:00:00.000").Add(time.Duration(n)*time.Minute))
		a.ID, a.Source, a.AtomID = newswire.ArticleID(w.source, a.GUID), w.source, a.GUID
		if n%3 == 0 {
			a.Categories = nil
		}
		if !slices.ContainsFunc(w.offered, func(b newswire.Article) bool { return b.ID == a.ID }) {
			visit.Articles = append(visit.Articles, a)
		}
	}
	for i := range w.offered {
		if w.random.IntN(40) == 0 {
			w.offered[i] = revised(w.offered[i], fmt.Sprintf("Correction %d", w.offered[i].Revision))
			visit.Articles = append(visit.Articles, w.offered[i])
		}
	}
	w.offered = slices.DeleteFunc(w.offered, func(newswire.Article) bool { return w.random.IntN(20) == 0 })
	w.offered = append(w.offered, visit.Articles...)
	slices.SortFunc(w.offered, func(a, b newswire.Article) int { return strings.Compare(a.ID, b.ID) })
	w.offered = slices.CompactFunc(w.offered, func(a, b newswire.Article) bool { return a.ID == b.ID })
	for _, a := range w.offered {
		visit.Offered = append(visit.Offered, a.ID)
	}
	if _, err := w.store.Sweep(ctx, leases[0], newswire.Retention{Articles: w.keep}); err != nil {
		t.Fatal(err)
	}
	if err := w.store.Record(ctx, leases[0], visit); err != nil {
		t.Fatal(err)
	}
	if len(w.offered) > 0 && w.random.IntN(2) == 0 {
		a := w.offered[w.random.IntN(len(w.offered))]
		if !w.withdrawn[a.AtomID] {
			if _, err := w.store.Withdraw(ctx, a.ID, "r"); err != nil {
				t.Fatal(err)
			}
			w.withdrawn[a.AtomID] = true
		}
	}
}

// retained is what the store has of a topic: titles by atom:id.
func (w *world) retained(t *testing.T, topic newswire.Topic) map[string]string {
	t.Helper()
	titles := map[string]string{}
	q := cache.Query{Topic: topic, Limit: 100}
	for {
		page, err := w.store.Articles(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		for _, a := range page.Articles {
			titles[a.AtomID] = a.Title
		}
		if q.After = page.Next; q.After == "" {
			return titles
		}
	}
}

// pleases says whether a reader has everything of a topic that is retained, as it is now, and nothing that was withdrawn,
// where its format has a word for that. What retention has dropped it may keep.
func (w *world) pleases(t *testing.T, r *archiveReader, topic newswire.Topic) bool {
	t.Helper()
	for id, title := range w.retained(t, topic) {
		if r.has[id] != title {
			return false
		}
	}
	for id := range w.withdrawn {
		if _, still := r.has[id]; still && path.Ext(r.feed) != ".rss" {
			return false
		}
	}
	return true
}

// archiveReader subscribes to a feed and reads its archive, to the first page that it knows (RFC 5005 §4).
type archiveReader struct {
	s     *webtest.Serving
	feed  string            // its path
	pages map[string]bool   // the paths that it knows
	has   map[string]string // titles by id
	seen  map[string]string // what was at each path of a page, for all readers

	walked []foreignFeed // of a walk that has begun: the feed, then pages, from the newest on
	older  string        // where it goes on; empty at its end
}

func newArchiveReader(s *webtest.Serving, feed string, seen map[string]string) *archiveReader {
	return &archiveReader{s: s, feed: feed, pages: map[string]bool{}, has: map[string]string{}, seen: seen}
}

// catchUp reads from the feed to the first page that it knows.
func (r *archiveReader) catchUp(t *testing.T) {
	t.Helper()
	for r.step(t) {
	}
}

// step reads one more document, and says whether there is another to read. At the end it puts what it read over what it
// has, the oldest first, and drops what was withdrawn.
func (r *archiveReader) step(t *testing.T) (more bool) {
	t.Helper()
	if len(r.walked) == 0 {
		feed := r.read(t, r.feed)
		r.walked, r.older = []foreignFeed{feed}, feed.older
	} else {
		p := r.read(t, r.older)
		known := r.pages[p.path]
		r.pages[r.older], r.pages[p.path] = true, true
		if r.older = ""; !known {
			r.walked, r.older = append(r.walked, p), p.older
		}
	}
	if r.older != "" && !r.pages[r.older] {
		return true
	}
	for _, d := range slices.Backward(r.walked) {
		for _, item := range d.Items {
			r.has[item.GUID] = item.Title
		}
	}
	for _, id := range r.walked[0].withdrawn {
		delete(r.has, id)
	}
	r.walked = nil
	return false
}

// foreignFeed is a document as another's parser reads it.
type foreignFeed struct {
	*gofeed.Feed
	path      string // where it was in the end
	older     string // path of the document to read next
	withdrawn []string
}

// read follows at most one redirect: there are no chains of them.
func (r *archiveReader) read(t *testing.T, address string) foreignFeed {
	t.Helper()
	got := r.s.Get(t, address)
	if got.StatusCode == 301 {
		address = path.Join(path.Dir(address), got.Header.Get("Location"))
		got = r.s.Get(t, address)
	}
	if got.StatusCode != 200 {
		t.Fatalf("GET %s = %d", address, got.StatusCode)
	}
	if strings.Contains(address, "/archive/") {
		if before, met := r.seen[address]; met && before != got.Text {
			t.Fatalf("GET %s has changed (-before +now):\n%s", address, cmp.Diff(before, got.Text))
		}
		r.seen[address] = got.Text
	}
	parser := gofeed.NewParser()
	parser.KeepOriginalFeed = true
	feed, err := parser.ParseString(got.Text)
	if err != nil {
		t.Fatalf("GET %s: %v", address, err)
	}
	d := foreignFeed{Feed: feed, path: address}
	switch original := feed.OriginalFeed().(type) {
	case *gofeedatom.Feed:
		for _, l := range original.Links {
			if l.Rel == "prev-archive" {
				d.older = l.Href
			}
		}
		for _, e := range original.Extensions["at"]["deleted-entry"] {
			d.withdrawn = append(d.withdrawn, e.Attrs["ref"])
		}
	case *gofeedrss.Feed:
		for _, l := range original.Extensions["atom"]["link"] {
			if l.Attrs["rel"] == "prev-archive" {
				d.older = l.Attrs["href"]
			}
		}
	case *gofeedjson.Feed:
		d.older = original.NextURL
		var ours struct {
			Newswire struct {
				Tombstones []struct {
					ID string `json:"id"`
				} `json:"tombstones"`
			} `json:"_newswire"`
		}
		if err := json.Unmarshal([]byte(got.Text), &ours); err != nil {
			t.Fatal(err)
		}
		for _, stone := range ours.Newswire.Tombstones {
			d.withdrawn = append(d.withdrawn, stone.ID)
		}
	}
	d.older = strings.TrimPrefix(d.older, "https://wire.example.org")
	return d
}
