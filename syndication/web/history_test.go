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

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/rediscache"
	"github.com/newswire/newswire/cache/rediscache/redistest"
	"github.com/newswire/newswire/syndication/web"
)

// TestReadersOfArchivesMissNothing lets articles come in any order, change, and go by withdrawal and by retention, while
// readers follow RFC 5005: one that knows nothing yet walks from the feed to the end of its archive, and one that has been
// there before walks to the first page that it knows.
func TestReadersOfArchivesMissNothing(t *testing.T) {
	openRedis := func(t *testing.T, url string) cache.Store {
		store, err := rediscache.Open(t.Context(), url, rediscache.Options{})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { store.Close() })
		return store
	}
	t.Run("SQLite", func(t *testing.T) { missNothing(t, openStore(t)) })
	t.Run("Redis", func(t *testing.T) { missNothing(t, openRedis(t, redistest.Start(t, redistest.Options{}).URL())) })
	t.Run("Cluster", func(t *testing.T) { missNothing(t, openRedis(t, redistest.StartCluster(t, redistest.Options{}).URL())) })
}

func missNothing(t *testing.T, store cache.Store) {
	s := serve(t, store, web.Options{Poll: 5 * time.Millisecond, Limit: 10})
	w := &world{random: rand.New(rand.NewPCG(5, 5005)), store: store, withdrawn: map[string]bool{}}
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
			until(t, "one who comes for the first time has all "+topic+" in "+extension, func() bool {
				newcomer := newArchiveReader(s, "/feeds/"+topic+"."+extension, seen)
				newcomer.catchUp(t)
				return cmp.Equal(newcomer.has, retained)
			})
			until(t, fmt.Sprintf("step %d: one who has followed all in %s has it, and nothing that was withdrawn", step, extension), func() bool {
				regular.catchUp(t)
				return w.pleases(t, regular, extension)
			})
		}
	}
	redirected := 0
	for address, body := range seen {
		switch got := s.get(t, address); {
		case got.StatusCode == 301:
			redirected++
		case got.StatusCode != 200 || got.body != body:
			t.Errorf("GET %s = %d; want 301, or what it said before", address, got.StatusCode)
		}
	}
	if redirected == 0 || redirected == len(seen) {
		t.Errorf("%d of %d pages were retired: the world was too quiet, or too loud", redirected, len(seen))
	}
	t.Logf("%d pages were read, of which %d still stand", len(seen), len(seen)-redirected)
}

// world is what happens to articles.
type world struct {
	random    *rand.Rand
	store     cache.Store
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
	if err := w.store.Reschedule(ctx, "dsb", due["dsb"], time.UnixMilli(1)); err != nil {
		t.Fatal(err)
	}
	leases, err := w.store.Claim(ctx, 1, time.Minute, "dsb")
	if err != nil || len(leases) != 1 {
		t.Fatalf("Claim = %v, %v; want one lease", leases, err)
	}
	visit := newswire.Visit{Source: "dsb", At: leases[0].At, State: newswire.State{Source: "dsb", Due: leases[0].At.Add(time.Hour)}}
	for range w.random.IntN(15) {
		n := w.random.IntN(1000)
		a := article(fmt.Sprintf("https://news.example.com/%03d", n), at("00:00:00.000").Add(time.Duration(n)*time.Minute))
		a.AtomID = a.GUID
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
	if _, err := w.store.Sweep(ctx, leases[0], newswire.Retention{Articles: 80}); err != nil {
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

// pleases says whether a reader has everything that is retained, as it is now, and nothing that was withdrawn, where its
// format has a word for that. What retention has dropped it may keep.
func (w *world) pleases(t *testing.T, r *archiveReader, extension string) bool {
	t.Helper()
	for id, title := range w.retained(t, newswire.All) {
		if r.has[id] != title {
			return false
		}
	}
	for id := range w.withdrawn {
		if _, still := r.has[id]; still && extension != "rss" {
			return false
		}
	}
	return true
}

// archiveReader subscribes to a feed and reads its archive, to the first page that it knows (RFC 5005 §4).
type archiveReader struct {
	s     *serving
	feed  string            // its path
	pages map[string]bool   // the paths that it knows
	has   map[string]string // titles by id
	seen  map[string]string // what was at each path of a page, for all readers
}

func newArchiveReader(s *serving, feed string, seen map[string]string) *archiveReader {
	return &archiveReader{s: s, feed: feed, pages: map[string]bool{}, has: map[string]string{}, seen: seen}
}

// catchUp reads from the feed on, then puts what it read over what it has, the oldest first, and drops what was withdrawn.
func (r *archiveReader) catchUp(t *testing.T) {
	t.Helper()
	feed := r.read(t, r.feed)
	documents := []foreignFeed{feed}
	for older := feed.older; older != "" && !r.pages[older]; {
		p := r.read(t, older)
		known := r.pages[p.path]
		r.pages[older], r.pages[p.path] = true, true
		if known {
			break
		}
		documents = append(documents, p)
		older = p.older
	}
	for _, d := range slices.Backward(documents) {
		for _, item := range d.Items {
			r.has[item.GUID] = item.Title
		}
	}
	for _, id := range feed.withdrawn {
		delete(r.has, id)
	}
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
	got := r.s.get(t, address)
	if got.StatusCode == 301 {
		address = path.Join(path.Dir(address), got.Header.Get("Location"))
		got = r.s.get(t, address)
	}
	if got.StatusCode != 200 {
		t.Fatalf("GET %s = %d", address, got.StatusCode)
	}
	if strings.Contains(address, "/archive/") {
		if before, met := r.seen[address]; met && before != got.body {
			t.Fatalf("GET %s has changed (-before +now):\n%s", address, cmp.Diff(before, got.body))
		}
		r.seen[address] = got.body
	}
	parser := gofeed.NewParser()
	parser.KeepOriginalFeed = true
	feed, err := parser.ParseString(got.body)
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
		if err := json.Unmarshal([]byte(got.body), &ours); err != nil {
			t.Fatal(err)
		}
		for _, stone := range ours.Newswire.Tombstones {
			d.withdrawn = append(d.withdrawn, stone.ID)
		}
	}
	d.older = strings.TrimPrefix(d.older, "https://wire.example.org")
	return d
}
