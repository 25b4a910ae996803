//go:build unix

package revision_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/rediscache/redistest"
	"github.com/newswire/newswire/cache/sqlitecache"
	"github.com/newswire/newswire/syndication/internal/webtest"
	"github.com/newswire/newswire/syndication/snapshot"
	"github.com/newswire/newswire/syndication/web"
)

// openSQLite opens a store in a file that can be spoilt.
func openSQLite(t *testing.T) (store cache.Store, spoil func()) {
	path := filepath.Join(t.TempDir(), "newswire.db")
	store, err := sqlitecache.Open(t.Context(), path, sqlitecache.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = store.Close() }) // it has nothing left to close well
	return store, func() {
		for _, suffix := range []string{"", "-wal"} {
			if err := os.WriteFile(path+suffix, []byte(strings.Repeat("This is no database. ", 1000)), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		// What readers have of the file in memory is good until the next write.
		if err := store.Reschedule(t.Context(), "another", time.Time{}, time.UnixMilli(1)); err != nil {
			t.Fatal(err)
		}
	}
}

// What a process has rendered it still answers when its store is lost, and the next process does, from the snapshot: feeds,
// variants and archives in every format and coding, with the bytes that they had, and how old these are.
func TestLostStoreTakesNothingThatWasRendered(t *testing.T) {
	for _, tt := range []struct {
		name string
		open func(t *testing.T) (store cache.Store, lose func())
	}{
		{"Redis is killed", func(t *testing.T) (cache.Store, func()) {
			server := redistest.Start(t, redistest.Options{})
			return webtest.OpenRedis(t, server.URL()), server.Kill
		}},
		{"Redis hangs", func(t *testing.T) (cache.Store, func()) {
			server := redistest.Start(t, redistest.Options{})
			return webtest.OpenRedis(t, server.URL()), server.Freeze
		}},
		{"the SQLite file is spoilt", openSQLite},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			store, lose := tt.open(t)
			articles := webtest.ArticlesFrom(11)
			webtest.Record(t, store, "dsb", articles[:10]...)
			l := &loss{dir: t.TempDir(), known: map[string]string{}, before: map[question]webtest.Reply{}}
			first := webtest.Serve(t, store, l.options(t))
			l.prepare(t, first, func() { webtest.Record(t, store, "dsb", articles[10]) })
			page := "/articles/" + articles[3].ID
			article := first.Get(t, page)

			lose()
			webtest.Until(t, "the loss is noticed", func() bool { return first.Check(t.Context()) != nil })
			l.later.Store(int64(90 * time.Minute))
			l.same(t, first)
			if got := first.Get(t, page); got.StatusCode != 200 || got.Text != article.Text || got.Header.Get("Age") < "5400" {
				t.Errorf("GET %s = %d, Age %s; want it as it was", page, got.StatusCode, got.Header.Get("Age"))
			}
			for path, tag := range l.known {
				got := first.Get(t, path, "A-IM", "feed", "If-None-Match", tag)
				if got.StatusCode != 226 || strings.Contains(got.Text, "n009") || got.Header.Get("Age") < "5400" {
					t.Errorf("GET %s, with its earlier ETag = %d, Age %s; want 226 with the new article alone:\n%s", path, got.StatusCode, got.Header.Get("Age"), got.Text)
				}
			}
			if got := first.Get(t, "/feeds/source/quiet.atom"); got.StatusCode != 503 {
				t.Errorf("GET of what was never rendered = %d; want 503", got.StatusCode)
			}
			first.Stop()

			l.later.Store(int64(3 * time.Hour))
			second := webtest.Start(t, store, webtest.Directory, l.options(t))
			l.same(t, second)
			for path, tag := range l.known {
				if got := second.Get(t, path, "A-IM", "feed", "If-None-Match", tag); got.StatusCode != 200 {
					t.Errorf("GET %s, with an ETag from before the restart = %d; want the whole feed", path, got.StatusCode)
				}
			}
			if got := second.Get(t, page); got.StatusCode != 503 {
				t.Errorf("GET %s after a restart = %d; want 503, for no snapshot has articles' own pages", page, got.StatusCode)
			}
		})
	}
}

// loss is that of a store.
type loss struct {
	dir    string       // of the snapshot
	final  atomic.Int64 // later than now, so that a Last-Modified is final, which it is not for some seconds
	later  atomic.Int64 // than that
	known  map[string]string
	before map[question]webtest.Reply // answers of the time with the store
}

type question struct{ path, coding string }

func (l *loss) options(t *testing.T) web.Options {
	folder, err := snapshot.Open(l.dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	o := webtest.Four
	o.Snapshot, o.StoreTimeout = folder, time.Second
	o.Now = func() time.Time { return time.Now().Add(time.Duration(l.final.Load() + l.later.Load())) }
	return o
}

// prepare asks for feeds by whose ETags deltas are asked for, then has an article arrive, and asks for everything.
func (l *loss) prepare(t *testing.T, s *webtest.Serving, arrive func()) {
	t.Helper()
	s.Introduce(t, "/feeds/all.atom?content=title")
	for _, path := range []string{"/feeds/all.atom", "/feeds/all.rss", "/feeds/all.json", "/feeds/all.atom?content=title"} {
		l.known[path] = s.Get(t, path).Header.Get("ETag")
	}
	arrive()
	webtest.Until(t, "the feeds have what is new", func() bool {
		for path := range l.known {
			if !strings.Contains(s.Get(t, path).Text, "Article n010") {
				return false
			}
		}
		return true
	})
	l.final.Store(int64(time.Minute))
	for _, path := range lastingPaths() {
		for _, coding := range []string{"identity", "gzip"} {
			var got webtest.Reply
			webtest.Until(t, "the store answers in time, busy as the machine may be, for "+path, func() bool {
				got = s.Get(t, path, "Accept-Encoding", coding)
				return got.StatusCode == 200 && got.Header.Get("Age") == ""
			})
			l.before[question{path, coding}] = got
		}
	}
}

// lastingPaths are of what outlives the process.
func lastingPaths() []string {
	paths := []string{"/", "/authors", "/source/dsb"}
	for _, extension := range []string{"atom", "rss", "json"} {
		for _, topic := range []string{"all", "category/finance", "author/jin-jiang", "source/dsb"} {
			feed := "/feeds/" + topic
			paths = append(paths, feed+"."+extension, feed+"."+extension+"?content=title", feed+"."+extension+"?limit=7")
			for page := range 3 {
				paths = append(paths, fmt.Sprintf("%s/archive/%d.%s", feed, page, extension))
			}
		}
		paths = append(paths, "/feeds/category/finance."+extension+"?not-author=ada&source=dsb")
	}
	return paths
}

// same checks that a server answers as before, and says how long ago that was.
func (l *loss) same(t *testing.T, s *webtest.Serving) {
	t.Helper()
	for q, want := range l.before {
		got := s.Get(t, q.path, "Accept-Encoding", q.coding)
		age, _ := strconv.Atoi(got.Header.Get("Age"))
		if got.StatusCode != 200 || got.Text != want.Text || webtest.Noted(got) != webtest.Noted(want) ||
			age < int(l.later.Load()/1e9) || age > int(l.later.Load()/1e9)+600 || got.Header["Warning"] != nil {
			t.Errorf("GET %s in %s = %d, Age %d, %v, Warning %q; want the last good bytes, %v, and an Age from %d on",
				q.path, q.coding, got.StatusCode, age, webtest.Noted(got), got.Header["Warning"], webtest.Noted(want), l.later.Load()/1e9)
		}
		if got := s.Get(t, q.path, "Accept-Encoding", q.coding, "If-None-Match", want.Header.Get("ETag")); got.StatusCode != 304 {
			t.Errorf("GET %s in %s, with its ETag = %d; want 304", q.path, q.coding, got.StatusCode)
		}
	}
}

// Pages of archives and variants leave the snapshot with an article that they show, though other processes were asked for them last.
func TestSnapshotOfArchivesHasNothingThatWasWithdrawn(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	store := webtest.OpenRedis(t, server.URL())
	articles := webtest.ArticlesFrom(10)
	webtest.Record(t, store, "dsb", articles...)
	dir := t.TempDir()
	o := keeping(t, dir)
	o.Limit, o.SnapshotEvery = 4, time.Millisecond
	s := webtest.Serve(t, store, o)
	showing := []string{"/feeds/all/archive/1.atom", "/feeds/source/dsb/archive/1.json", "/feeds/all.rss?limit=9", "/feeds/all.atom?limit=9&source=dsb"}
	other := []string{"/feeds/all/archive/2.atom", "/feeds/all.rss?limit=2"}
	s.Introduce(t, slices.Concat(showing, other)...)
	s.Get(t, "/feeds/all.atom")
	s.Get(t, "/feeds/source/dsb.json")
	for _, path := range showing {
		if got := s.Get(t, path); !strings.Contains(got.Text, "Article n002") {
			t.Fatalf("GET %s = %d without the article", path, got.StatusCode)
		}
	}
	for _, path := range other {
		s.Get(t, path)
	}
	webtest.Until(t, "the snapshot has them all", func() bool { return o.Snapshot.Len() == 2+len(showing)+len(other) })
	if _, err := store.Withdraw(t.Context(), articles[2].ID, "r"); err != nil {
		t.Fatal(err)
	}
	webtest.Until(t, "those that show the article are gone", func() bool { return o.Snapshot.Len() == 2+len(other) })
	s.Stop()
	server.Kill()
	after := keeping(t, dir)
	after.StoreTimeout = time.Second
	s = webtest.Start(t, store, webtest.Directory, after)
	for _, path := range showing {
		if got := s.Get(t, path); got.StatusCode != 503 {
			t.Errorf("GET %s = %d; want 503", path, got.StatusCode)
		}
	}
	for _, path := range other {
		if got := s.Get(t, path); got.StatusCode != 200 {
			t.Errorf("GET %s = %d; want 200", path, got.StatusCode)
		}
	}
}
