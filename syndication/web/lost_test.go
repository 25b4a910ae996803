//go:build unix

package web_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/rediscache/redistest"
	"github.com/newswire/newswire/cache/sqlitecache"
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
		// What readers have of the file in memory is good until somebody writes.
		if err := store.Reschedule(t.Context(), "another", time.Time{}, time.UnixMilli(1)); err != nil {
			t.Fatal(err)
		}
	}
}

// Whatever a process has rendered it goes on answering when its store is lost, and the next process does, from the snapshot:
// feeds, variants and archives in every format and coding, with the bytes that they had, and how old these are.
func TestLostStoreTakesNothingThatWasRendered(t *testing.T) {
	for _, tt := range []struct {
		name string
		open func(t *testing.T) (store cache.Store, lose func())
	}{
		{"Redis is killed", func(t *testing.T) (cache.Store, func()) {
			server := redistest.Start(t, redistest.Options{})
			return openRedis(t, server.URL()), server.Kill
		}},
		{"Redis hangs", func(t *testing.T) (cache.Store, func()) {
			server := redistest.Start(t, redistest.Options{})
			return openRedis(t, server.URL()), server.Freeze
		}},
		{"the SQLite file is spoilt", openSQLite},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			store, lose := tt.open(t)
			articles := articlesFrom(11)
			record(t, store, "dsb", articles[:10]...)
			dir := t.TempDir()
			var later atomic.Int64 // than now
			options := func() web.Options {
				folder, err := snapshot.Open(dir, 0)
				if err != nil {
					t.Fatal(err)
				}
				o := four
				o.Snapshot, o.StoreTimeout = folder, 1500*time.Millisecond
				o.Now = func() time.Time { return time.Now().Add(time.Duration(later.Load())) }
				return o
			}
			first := serve(t, store, options())
			known := map[string]string{} // ETags of feeds by which deltas are asked for
			for _, path := range []string{"/feeds/all.atom", "/feeds/all.rss", "/feeds/all.json", "/feeds/all.atom?content=title"} {
				known[path] = first.get(t, path).Header.Get("ETag")
			}
			record(t, store, "dsb", articles[10])
			until(t, "the feeds have what is new", func() bool {
				for path := range known {
					if !strings.Contains(first.get(t, path).body, "Article n010") {
						return false
					}
				}
				return true
			})
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
			type question struct{ path, coding string }
			before := map[question]reply{}
			for _, path := range paths {
				for _, coding := range []string{"identity", "gzip"} {
					var got reply
					until(t, "the store answers in time, busy as the machine may be, for "+path, func() bool {
						got = first.get(t, path, "Accept-Encoding", coding)
						return got.StatusCode == 200 && got.Header.Get("Age") == ""
					})
					before[question{path, coding}] = got
				}
			}
			page := "/articles/" + articles[3].ID
			article := first.get(t, page)

			lose()
			until(t, "the loss is noticed", func() bool { return first.Check(t.Context()) != nil })
			same := func(s *serving) {
				t.Helper()
				for q, want := range before {
					got := s.get(t, q.path, "Accept-Encoding", q.coding)
					age, _ := strconv.Atoi(got.Header.Get("Age"))
					if got.StatusCode != 200 || got.body != want.body || noted(got) != noted(want) ||
						age < int(later.Load()/1e9) || age > int(later.Load()/1e9)+60 || got.Header["Warning"] != nil {
						t.Errorf("GET %s in %s = %d, Age %d, %v, Warning %q; want the last good bytes, %v, and an Age from %d on",
							q.path, q.coding, got.StatusCode, age, noted(got), got.Header["Warning"], noted(want), later.Load()/1e9)
					}
					if got := s.get(t, q.path, "Accept-Encoding", q.coding, "If-None-Match", want.Header.Get("ETag")); got.StatusCode != 304 {
						t.Errorf("GET %s in %s, with its ETag = %d; want 304", q.path, q.coding, got.StatusCode)
					}
				}
			}
			later.Store(int64(90 * time.Minute))
			same(first)
			if got := first.get(t, page); got.StatusCode != 200 || got.body != article.body || got.Header.Get("Age") < "5400" {
				t.Errorf("GET %s = %d, Age %s; want it as it was", page, got.StatusCode, got.Header.Get("Age"))
			}
			for path, tag := range known {
				got := first.get(t, path, "A-IM", "feed", "If-None-Match", tag)
				if got.StatusCode != 226 || strings.Contains(got.body, "n009") || got.Header.Get("Age") < "5400" {
					t.Errorf("GET %s, with its earlier ETag = %d, Age %s; want 226 with the new article alone:\n%s", path, got.StatusCode, got.Header.Get("Age"), got.body)
				}
			}
			if got := first.get(t, "/feeds/source/quiet.atom"); got.StatusCode != 503 {
				t.Errorf("GET of what was never rendered = %d; want 503", got.StatusCode)
			}
			first.stop()

			later.Store(int64(3 * time.Hour))
			second := start(t, store, directory, options())
			same(second)
			for path, tag := range known {
				if got := second.get(t, path, "A-IM", "feed", "If-None-Match", tag); got.StatusCode != 200 {
					t.Errorf("GET %s, with an ETag from before the restart = %d; want the whole feed", path, got.StatusCode)
				}
			}
			if got := second.get(t, page); got.StatusCode != 503 {
				t.Errorf("GET %s after a restart = %d; want 503, for no snapshot has articles' own pages", page, got.StatusCode)
			}
		})
	}
}

// Pages of archives and variants leave the snapshot with an article that they show, whoever asked for them last.
func TestSnapshotOfArchivesHasNothingThatWasWithdrawn(t *testing.T) {
	server := redistest.Start(t, redistest.Options{})
	store := openRedis(t, server.URL())
	articles := articlesFrom(10)
	record(t, store, "dsb", articles...)
	dir := t.TempDir()
	o := keeping(t, dir)
	o.Limit, o.StoreTimeout, o.SnapshotEvery = 4, 0, time.Millisecond
	s := serve(t, store, o)
	showing := []string{"/feeds/all/archive/1.atom", "/feeds/source/dsb/archive/1.json", "/feeds/all.rss?limit=9", "/feeds/all.atom?limit=9&source=dsb"}
	other := []string{"/feeds/all/archive/2.atom", "/feeds/all.rss?limit=2"}
	s.get(t, "/feeds/all.atom")
	s.get(t, "/feeds/source/dsb.json")
	for _, path := range showing {
		if got := s.get(t, path); !strings.Contains(got.body, "Article n002") {
			t.Fatalf("GET %s = %d without the article", path, got.StatusCode)
		}
	}
	for _, path := range other {
		s.get(t, path)
	}
	until(t, "the snapshot has them all", func() bool { return o.Snapshot.Len() == 2+len(showing)+len(other) })
	if _, err := store.Withdraw(t.Context(), articles[2].ID, "r"); err != nil {
		t.Fatal(err)
	}
	until(t, "those that show the article are gone", func() bool { return o.Snapshot.Len() == 2+len(other) })
	s.stop()
	server.Kill()
	s = start(t, store, directory, keeping(t, dir))
	for _, path := range showing {
		if got := s.get(t, path); got.StatusCode != 503 {
			t.Errorf("GET %s = %d; want 503", path, got.StatusCode)
		}
	}
	for _, path := range other {
		if got := s.get(t, path); got.StatusCode != 200 {
			t.Errorf("GET %s = %d; want 200", path, got.StatusCode)
		}
	}
}
