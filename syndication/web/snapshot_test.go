package web_test

import (
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/parts"
	"github.com/newswire/newswire/syndication/snapshot"
	"github.com/newswire/newswire/syndication/web"
)

// kept is one address of each kind that a snapshot keeps.
var kept = []string{"/", "/authors", "/category/finance", "/source/dsb", "/feeds/all.atom", "/feeds/category/finance.rss", "/feeds/author/jin-jiang.json", "/feeds/all.atom?limit=7"}

// keeping are options with a snapshot in a folder, as a process that starts finds it.
func keeping(t *testing.T, dir string) web.Options {
	t.Helper()
	folder, err := snapshot.Open(dir, 0)
	if err != nil {
		t.Fatal(err)
	}
	o := fast
	o.Snapshot = folder
	return o
}

// lost starts a server on a snapshot while the store is away.
func lost(t *testing.T, store *shop, o web.Options) *serving {
	t.Helper()
	store.set(func(s *shop) { s.broken = errAway })
	s := start(t, store, directory, o)
	until(t, "the loss is noticed", func() bool { return errors.Is(s.Check(t.Context()), errAway) })
	return s
}

// noted is an answer's fields that a reader goes by.
func noted(r reply) [6]string {
	var out [6]string
	for i, key := range []string{"Etag", "Last-Modified", "Content-Type", "Link", "Cache-Control", "Content-Encoding"} {
		out[i] = r.Header.Get(key)
	}
	return out
}

func TestRestartWithoutTheStoreServesTheSnapshot(t *testing.T) {
	for _, tt := range []struct {
		name string
		lose func(*shop)
	}{
		{"refuses", func(s *shop) { s.broken = errAway }},
		{"hangs", func(s *shop) { s.hang = true }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var later atomic.Int64 // than now
			a, dir := article("a", at("09:00:00.000")), t.TempDir()
			store := newShop(a)
			for n := range 12 { // so that what is compressed is put together
				store.put(longRead(n), at("08:00:00.000"))
			}
			options := func() web.Options {
				o := keeping(t, dir)
				o.Now = func() time.Time { return time.Now().Add(time.Duration(later.Load())) }
				return o
			}
			first := serve(t, store, options())
			before := map[string]reply{}
			for _, path := range append([]string{"/articles/" + a.ID}, kept...) {
				before[path] = first.get(t, path, "Accept-Encoding", "gzip")
			}
			first.stop()

			later.Store(int64(90 * time.Minute))
			store.set(tt.lose)
			s := start(t, store, directory, options())
			for _, path := range kept {
				got := s.get(t, path, "Accept-Encoding", "gzip")
				age, _ := strconv.Atoi(got.Header.Get("Age"))
				if got.StatusCode != 200 || got.body != before[path].body || noted(got) != noted(before[path]) || age < 5400 || age > 5460 {
					t.Errorf("GET %s = %d, Age %q, %v; want as before, %v, and an hour and a half old", path, got.StatusCode, got.Header.Get("Age"), noted(got), noted(before[path]))
				}
				if got := s.get(t, path, "If-None-Match", got.Header.Get("ETag"), "Accept-Encoding", "gzip"); got.StatusCode != 304 {
					t.Errorf("GET %s conditionally = %d; want 304", path, got.StatusCode)
				}
			}
			until(t, "the loss is noticed", func() bool {
				err := s.Check(t.Context())
				return err != nil && strings.Contains(err.Error(), "change log:")
			})
			if err := s.Ready(t.Context()); err != nil {
				t.Errorf("Ready = %v, though feeds are served", err)
			}
			for _, path := range []string{"/articles/" + a.ID, "/feeds/all.atom?limit=8", "/feeds/all.rss"} {
				if got := s.get(t, path); got.StatusCode != 503 || got.Header.Get("Retry-After") == "" {
					t.Errorf("GET %s, which is not kept, = %d; want 503 with Retry-After", path, got.StatusCode)
				}
			}

			store.set(func(s *shop) { s.broken, s.hang = nil, false })
			until(t, "the store is found", func() bool { return s.Check(t.Context()) == nil })
			for _, path := range kept {
				if got := s.get(t, path, "Accept-Encoding", "gzip"); got.Header.Get("Age") != "" || got.body != before[path].body || noted(got) != noted(before[path]) {
					t.Errorf("GET %s with the store = Age %q, %v; want the same as ever", path, got.Header.Get("Age"), noted(got))
				}
			}
			known := before["/feeds/all.atom"].Header.Get("ETag")
			store.put(article("b", at("13:00:00.000")), at("13:00:00.000"))
			until(t, "what is new is there", func() bool { return strings.Contains(s.get(t, "/feeds/all.atom").body, "Article b") })
			if got := s.get(t, "/feeds/all.atom", "A-IM", "feed", "If-None-Match", known); got.StatusCode != 226 {
				t.Errorf("delta from before the restart = %d; want 226", got.StatusCode)
			}
		})
	}
}

// What has made room for other things in memory is as good as anything else that was rendered, while the store is away.
func TestWhatLeftMemoryIsServedFromTheSnapshot(t *testing.T) {
	store := newShop(article("a", at("09:00:00.000")))
	registry := prometheus.NewPedanticRegistry()
	o := keeping(t, t.TempDir())
	o.MaxBytes, o.SnapshotEvery, o.Registerer = 32<<10, time.Millisecond, registry
	s := serve(t, store, o)
	before := map[string]reply{}
	for n := 51; n <= 80; n++ {
		path := fmt.Sprintf("/feeds/all.atom?limit=%d", n)
		before[path] = s.get(t, path)
		until(t, "what was rendered is written", func() bool { return o.Snapshot.Len() == len(before) })
	}
	if gauge(t, registry, "newswire_web_evictions_total") == 0 {
		t.Fatal("everything is in memory still")
	}
	store.set(func(s *shop) { s.broken = errAway })
	until(t, "the loss is noticed", func() bool { return s.Check(t.Context()) != nil })
	for path, want := range before {
		if got := s.get(t, path); got.StatusCode != 200 || got.body != want.body || noted(got) != noted(want) {
			t.Errorf("GET %s = %d; want it as it was", path, got.StatusCode)
		}
	}
}

func TestSnapshotIsNotServedWhileThereIsAStore(t *testing.T) {
	dir := t.TempDir()
	store := newShop(article("a", at("09:00:00.000")))
	first := serve(t, store, keeping(t, dir))
	first.get(t, "/feeds/all.atom")
	first.stop()
	store.put(article("b", at("10:00:00.000")), at("10:00:00.000"))
	s := start(t, store, directory, keeping(t, dir)) // asked at once, before it has heard of the log
	if got := s.get(t, "/feeds/all.atom"); !strings.Contains(got.body, "Article b") || got.Header.Get("Age") != "" {
		t.Errorf("GET = %d, Age %q; want what the store has", got.StatusCode, got.Header.Get("Age"))
	}
	s.stop()
	if got := lost(t, store, keeping(t, dir)).get(t, "/feeds/all.atom"); !strings.Contains(got.body, "Article b") {
		t.Errorf("GET without the store = %d; want the newer snapshot", got.StatusCode)
	}
}

func TestFirstRenderingThatFailsLeavesTheSnapshot(t *testing.T) {
	dir := t.TempDir()
	store := newShop(article("a", at("09:00:00.000")))
	first := serve(t, store, keeping(t, dir))
	want := first.get(t, "/feeds/all.atom")
	first.stop()
	o := keeping(t, dir)
	o.Formats = web.Formats()
	o.Formats[0].Envelope = func(*newswire.Feed) (parts.Envelope, error) { return parts.Envelope{}, errors.New("not now") }
	s := serve(t, store, o)
	if got := s.get(t, "/feeds/all.atom"); got.StatusCode != 200 || got.body != want.body {
		t.Errorf("GET = %d; want the last good feed", got.StatusCode)
	}
}

// What was withdrawn must not come back with a restart, whoever was running when it was withdrawn.
func TestSnapshotHasNothingThatWasRemoved(t *testing.T) {
	for _, tt := range []struct {
		name   string
		remove func(t *testing.T, store *shop, id string, running *serving, dir string)
		other  int // the code of a feed without the article
	}{
		{"while the process ran", func(t *testing.T, store *shop, id string, running *serving, _ string) {
			store.withdraw(id, at("11:00:00.000"))
			until(t, "another feed says so", func() bool { return strings.Contains(running.get(t, "/feeds/source/dsb.atom").body, "deleted-entry") })
			running.stop()
		}, 200},
		{"before the next one", func(t *testing.T, store *shop, id string, running *serving, dir string) {
			running.stop()
			store.withdraw(id, at("11:00:00.000"))
			serve(t, store, keeping(t, dir)).stop()
		}, 200},
		{"and the log was trimmed since", func(t *testing.T, store *shop, id string, running *serving, dir string) {
			running.stop()
			store.withdraw(id, at("11:00:00.000"))
			store.set(func(s *shop) { s.trimmed = len(s.log) })
			serve(t, store, keeping(t, dir)).stop()
		}, 503},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, dir := article("a", at("09:00:00.000")), t.TempDir()
			store := newShop(a, article("b", at("10:00:00.000")))
			o := keeping(t, dir)
			o.SnapshotEvery = time.Millisecond
			s := serve(t, store, o)
			showing := []string{"/", "/category/finance", "/feeds/all.atom", "/feeds/author/jin-jiang.json", "/feeds/all.rss?content=title"}
			for _, path := range append([]string{"/feeds/category/sport.atom", "/feeds/source/dsb.atom"}, showing...) {
				s.get(t, path)
			}
			until(t, "the snapshot has them", func() bool { return o.Snapshot.Len() == len(showing)+2 })
			tt.remove(t, store, a.ID, s, dir)
			s = lost(t, store, keeping(t, dir))
			for _, path := range showing {
				if got := s.get(t, path); got.StatusCode != 503 || strings.Contains(got.body, "Article a") {
					t.Errorf("GET %s = %d, with what was withdrawn: %v", path, got.StatusCode, strings.Contains(got.body, "Article a"))
				}
			}
			if got := s.get(t, "/feeds/category/sport.atom"); got.StatusCode != tt.other {
				t.Errorf("GET of another feed = %d; want %d", got.StatusCode, tt.other)
			}
		})
	}
}

func TestStoreThatIsNotTheOneOfBeforeIsSaid(t *testing.T) {
	dir := t.TempDir()
	var log lockedBuffer
	options := func() web.Options {
		o := keeping(t, dir)
		o.StoreTimeout, o.Log = 0, slog.New(slog.NewTextHandler(&log, nil))
		return o
	}
	store := openStore(t)
	record(t, store, "dsb", articlesFrom(3)...)
	for range 2 {
		serve(t, store, options()).stop()
	}
	if strings.Contains(log.String(), "another one") {
		t.Errorf("a restart is taken for another store:\n%s", log.String())
	}
	s := serve(t, openStore(t), options())
	if n := strings.Count(log.String(), "the store is another one, or was put back from a copy"); n != 1 {
		t.Errorf("the log warns %d times of an empty store; want once:\n%s", n, log.String())
	}
	if got := s.get(t, "/feeds/all.atom"); got.StatusCode != 200 || strings.Contains(got.body, "<entry>") {
		t.Errorf("GET = %d; want what the store has", got.StatusCode)
	}
}

func TestSnapshotIsWrittenNowAndThenAndAtTheEnd(t *testing.T) {
	store := newShop(article("a", at("09:00:00.000")))
	o := keeping(t, t.TempDir())
	o.SnapshotEvery = time.Hour
	s := serve(t, store, o)
	s.get(t, "/feeds/all.atom")
	if n := o.Snapshot.Len(); n != 0 {
		t.Errorf("%d documents written at once", n)
	}
	s.stop()
	if n := o.Snapshot.Len(); n != 1 {
		t.Errorf("%d documents in the snapshot of a process that has ended; want 1", n)
	}
	o = keeping(t, t.TempDir())
	o.SnapshotEvery = time.Millisecond
	s = serve(t, store, o)
	s.get(t, "/feeds/all.atom")
	until(t, "it is written", func() bool { return o.Snapshot.Len() == 1 })
}

func TestSnapshotThatWasClearedAwayFillsAgain(t *testing.T) {
	store := newShop(article("a", at("09:00:00.000")))
	o := keeping(t, t.TempDir())
	o.SnapshotEvery = time.Millisecond
	s := serve(t, store, o)
	s.get(t, "/feeds/all.atom")
	until(t, "it is written", func() bool { return o.Snapshot.Len() == 1 })

	// The log was trimmed while the store was away, so that nothing is known of what was removed.
	store.set(func(s *shop) { s.broken = errAway })
	until(t, "the loss is noticed", func() bool { return s.Check(t.Context()) != nil })
	store.withdraw(article("a", time.Time{}).ID, at("10:00:00.000"))
	store.set(func(s *shop) { s.broken, s.trimmed = nil, len(s.log) })
	until(t, "the snapshot is empty", func() bool { return o.Snapshot.Len() == 0 })
	s.get(t, "/feeds/all.rss") // has other things written
	until(t, "what is asked for is written again", func() bool { return o.Snapshot.Len() == 1 })
	until(t, "the feed is made anew", func() bool { return !strings.Contains(s.get(t, "/feeds/all.atom").body, "Article a") })
	until(t, "it is written again", func() bool { return o.Snapshot.Len() == 2 })
}

func TestSnapshotThatCannotBeWrittenStopsNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "snapshot")
	store := newShop(article("a", at("09:00:00.000")))
	var log lockedBuffer
	o := keeping(t, dir)
	o.SnapshotEvery = time.Millisecond
	o.Log = slog.New(slog.NewTextHandler(&log, nil))
	s := serve(t, store, o)
	until(t, "a file stands where the folder was", func() bool { // which the server makes again meanwhile
		return os.RemoveAll(dir) == nil && os.WriteFile(dir, nil, 0o600) == nil
	})
	for _, path := range kept {
		if got := s.get(t, path); got.StatusCode != 200 {
			t.Errorf("GET %s = %d", path, got.StatusCode)
		}
	}
	until(t, "the failure is said", func() bool { return s.CheckSnapshot(t.Context()) != nil })
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	until(t, "it is written again", func() bool {
		return s.CheckSnapshot(t.Context()) == nil && o.Snapshot.Len() == len(kept) && strings.Contains(log.String(), "snapshot written again")
	})
	if n := strings.Count(log.String(), "snapshot not written"); n != 1 {
		t.Errorf("the log says %d times that the snapshot is not written; want once:\n%s", n, log.String())
	}
}

func TestSnapshotThatIsNotOursOrDamagedIsNotServed(t *testing.T) {
	dir := t.TempDir()
	store := newShop(article("a", at("09:00:00.000")))
	s := serve(t, store, keeping(t, dir))
	s.get(t, "/feeds/all.atom")
	s.get(t, "/feeds/all.rss")
	s.stop()
	store.set(func(s *shop) { s.broken = errAway })
	moved := func() *web.Directory {
		d := directory()
		d.Site.URL = "https://elsewhere.example"
		return d
	}
	if got := start(t, store, moved, keeping(t, dir)).get(t, "/feeds/all.atom"); got.StatusCode != 503 {
		t.Errorf("GET from another site's snapshot = %d; want 503", got.StatusCode)
	}
	file := filepath.Join(dir, "all,atom")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data[:len(data)/2], 0o600); err != nil {
		t.Fatal(err)
	}
	var log lockedBuffer
	o := keeping(t, dir)
	o.Log = slog.New(slog.NewTextHandler(&log, nil))
	s = start(t, store, directory, o)
	if got := s.get(t, "/feeds/all.atom"); got.StatusCode != 503 || !strings.Contains(log.String(), "damaged file") {
		t.Errorf("GET of a torn file = %d; want 503 and a word in the log:\n%s", got.StatusCode, log.String())
	}
	if got := s.get(t, "/feeds/all.rss"); got.StatusCode != 200 {
		t.Errorf("GET of another = %d; want 200", got.StatusCode)
	}
}

func TestServerWithNothingToServeIsNotReady(t *testing.T) {
	store := newShop(article("a", at("09:00:00.000")))
	s := lost(t, store, fast)
	if err := s.Ready(t.Context()); !errors.Is(err, errAway) {
		t.Errorf("Ready of a server that never had a store = %v; want the store's error", err)
	}
	store.set(func(s *shop) { s.broken = nil })
	until(t, "it is ready", func() bool { return s.Ready(t.Context()) == nil })
	s.get(t, "/feeds/all.atom")
	store.set(func(s *shop) { s.broken = errAway })
	until(t, "the loss is noticed", func() bool { return s.Check(t.Context()) != nil })
	if err := s.Ready(t.Context()); err != nil {
		t.Errorf("Ready = %v, though the last good feeds are served", err)
	}
}
