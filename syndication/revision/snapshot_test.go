package revision_test

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
	"github.com/newswire/newswire/syndication/internal/webtest"
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
	o := webtest.Fast
	o.Snapshot = folder
	return o
}

// lost starts a server on a snapshot while the store is away.
func lost(t *testing.T, store *webtest.Shop, o web.Options) *webtest.Serving {
	t.Helper()
	store.Set(func(s *webtest.Shop) { s.Broken = errAway })
	s := webtest.Start(t, store, webtest.Directory, o)
	webtest.Until(t, "the loss is noticed", func() bool { return errors.Is(s.Check(t.Context()), errAway) })
	return s
}

func TestRestartWithoutTheStoreServesTheSnapshot(t *testing.T) {
	for _, tt := range []struct {
		name string
		lose func(*webtest.Shop)
	}{
		{"refuses", func(s *webtest.Shop) { s.Broken = errAway }},
		{"hangs", func(s *webtest.Shop) { s.Hang = true }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var later atomic.Int64 // than now
			a, dir := webtest.Article("a", webtest.At("09:00:00.000")), t.TempDir()
			store := webtest.NewShop(a)
			for n := range 12 { // so that what is compressed is put together
				store.Put(longRead(n), webtest.At("08:00:00.000"))
			}
			options := func() web.Options {
				o := keeping(t, dir)
				o.StoreTimeout = webtest.Hasty.StoreTimeout
				o.Now = func() time.Time { return time.Now().Add(time.Duration(later.Load())) }
				return o
			}
			first := webtest.Serve(t, store, options())
			before := map[string]webtest.Reply{}
			first.Introduce(t, kept...)
			for _, path := range append([]string{"/articles/" + a.ID}, kept...) {
				before[path] = first.Get(t, path, "Accept-Encoding", "gzip")
			}
			first.Stop()

			later.Store(int64(90 * time.Minute))
			store.Set(tt.lose)
			s := webtest.Start(t, store, webtest.Directory, options())
			for _, path := range kept {
				got := s.Get(t, path, "Accept-Encoding", "gzip")
				age, _ := strconv.Atoi(got.Header.Get("Age"))
				if got.StatusCode != 200 || got.Text != before[path].Text || webtest.Noted(got) != webtest.Noted(before[path]) || age < 5400 || age > 6000 {
					t.Errorf("GET %s = %d, Age %q, %v; want as before, %v, and an hour and a half old", path, got.StatusCode, got.Header.Get("Age"), webtest.Noted(got), webtest.Noted(before[path]))
				}
				if got := s.Get(t, path, "If-None-Match", got.Header.Get("ETag"), "Accept-Encoding", "gzip"); got.StatusCode != 304 {
					t.Errorf("GET %s conditionally = %d; want 304", path, got.StatusCode)
				}
			}
			webtest.Until(t, "the loss is noticed", func() bool {
				err := s.Check(t.Context())
				return err != nil && strings.Contains(err.Error(), "change log:")
			})
			if err := s.Ready(t.Context()); err != nil {
				t.Errorf("Ready = %v, though feeds are served", err)
			}
			for _, path := range []string{"/articles/" + a.ID, "/feeds/all.atom?limit=8", "/feeds/all.rss"} {
				if got := s.Get(t, path); got.StatusCode != 503 || got.Header.Get("Retry-After") == "" {
					t.Errorf("GET %s, which is not kept, = %d; want 503 with Retry-After", path, got.StatusCode)
				}
			}

			foundAgain(t, s, store, before)
		})
	}
}

// foundAgain checks that a server whose store is back serves what it served before, and what is new.
func foundAgain(t *testing.T, s *webtest.Serving, store *webtest.Shop, before map[string]webtest.Reply) {
	t.Helper()
	store.Set(func(s *webtest.Shop) { s.Broken, s.Hang = nil, false })
	webtest.Until(t, "the store is found", func() bool { return s.Check(t.Context()) == nil })
	for _, path := range kept {
		if got := s.Get(t, path, "Accept-Encoding", "gzip"); got.Header.Get("Age") != "" || got.Text != before[path].Text || webtest.Noted(got) != webtest.Noted(before[path]) {
			t.Errorf("GET %s with the store = Age %q, %v; want the same as ever", path, got.Header.Get("Age"), webtest.Noted(got))
		}
	}
	known := before["/feeds/all.atom"].Header.Get("ETag")
	store.Put(webtest.Article("b", webtest.At("13:00:00.000")), webtest.At("13:00:00.000"))
	webtest.Until(t, "what is new is there", func() bool { return strings.Contains(s.Get(t, "/feeds/all.atom").Text, "Article b") })
	if got := s.Get(t, "/feeds/all.atom", "A-IM", "feed", "If-None-Match", known); got.StatusCode != 226 {
		t.Errorf("delta from before the restart = %d; want 226", got.StatusCode)
	}
}

// What has made room for other things in memory is as good as anything else that was rendered, while the store is away.
func TestWhatLeftMemoryIsServedFromTheSnapshot(t *testing.T) {
	store := webtest.NewShop(webtest.Article("a", webtest.At("09:00:00.000")))
	registry := prometheus.NewPedanticRegistry()
	o := keeping(t, t.TempDir())
	o.MaxBytes, o.SnapshotEvery, o.Registerer = 32<<10, time.Millisecond, registry
	s := webtest.Serve(t, store, o)
	before := map[string]webtest.Reply{}
	for n := 51; n <= 80; n++ {
		path := fmt.Sprintf("/feeds/all.atom?limit=%d", n)
		s.Introduce(t, path)
		before[path] = s.Get(t, path)
		webtest.Until(t, "what was rendered is written", func() bool { return o.Snapshot.Len() == len(before) })
	}
	if gauge(t, registry, "newswire_web_evictions_total") == 0 {
		t.Fatal("everything is in memory still")
	}
	store.Set(func(s *webtest.Shop) { s.Broken = errAway })
	webtest.Until(t, "the loss is noticed", func() bool { return s.Check(t.Context()) != nil })
	for path, want := range before {
		if got := s.Get(t, path); got.StatusCode != 200 || got.Text != want.Text || webtest.Noted(got) != webtest.Noted(want) {
			t.Errorf("GET %s = %d; want it as it was", path, got.StatusCode)
		}
	}
}

func TestSnapshotIsNotServedWhileThereIsAStore(t *testing.T) {
	dir := t.TempDir()
	store := webtest.NewShop(webtest.Article("a", webtest.At("09:00:00.000")))
	first := webtest.Serve(t, store, keeping(t, dir))
	first.Get(t, "/feeds/all.atom")
	first.Stop()
	store.Put(webtest.Article("b", webtest.At("10:00:00.000")), webtest.At("10:00:00.000"))
	s := webtest.Start(t, store, webtest.Directory, keeping(t, dir)) // asked at once, before it has heard of the log
	if got := s.Get(t, "/feeds/all.atom"); !strings.Contains(got.Text, "Article b") || got.Header.Get("Age") != "" {
		t.Errorf("GET = %d, Age %q; want what the store has", got.StatusCode, got.Header.Get("Age"))
	}
	s.Stop()
	if got := lost(t, store, keeping(t, dir)).Get(t, "/feeds/all.atom"); !strings.Contains(got.Text, "Article b") {
		t.Errorf("GET without the store = %d; want the newer snapshot", got.StatusCode)
	}
}

func TestFirstRenderingThatFailsLeavesTheSnapshot(t *testing.T) {
	dir := t.TempDir()
	store := webtest.NewShop(webtest.Article("a", webtest.At("09:00:00.000")))
	first := webtest.Serve(t, store, keeping(t, dir))
	want := first.Get(t, "/feeds/all.atom")
	first.Stop()
	o := keeping(t, dir)
	o.Formats = web.Formats()
	o.Formats[0].Envelope = func(*newswire.Feed) (parts.Envelope, error) { return parts.Envelope{}, errors.New("not now") }
	s := webtest.Serve(t, store, o)
	if got := s.Get(t, "/feeds/all.atom"); got.StatusCode != 200 || got.Text != want.Text {
		t.Errorf("GET = %d; want the last good feed", got.StatusCode)
	}
}

// What was withdrawn must not come back with a restart, no matter which process ran when it was withdrawn.
func TestSnapshotHasNothingThatWasRemoved(t *testing.T) {
	for _, tt := range []struct {
		name   string
		remove func(t *testing.T, store *webtest.Shop, id string, running *webtest.Serving, dir string)
		other  int // the code of a feed without the article
	}{
		{"while the process ran", func(t *testing.T, store *webtest.Shop, id string, running *webtest.Serving, _ string) {
			store.Withdraw(id, webtest.At("11:00:00.000"))
			webtest.Until(t, "another feed says so", func() bool { return strings.Contains(running.Get(t, "/feeds/source/dsb.atom").Text, "deleted-entry") })
			running.Stop()
		}, 200},
		{"before the next one", func(t *testing.T, store *webtest.Shop, id string, running *webtest.Serving, dir string) {
			running.Stop()
			store.Withdraw(id, webtest.At("11:00:00.000"))
			webtest.Serve(t, store, keeping(t, dir)).Stop()
		}, 200},
		{"and the log was trimmed since", func(t *testing.T, store *webtest.Shop, id string, running *webtest.Serving, dir string) {
			running.Stop()
			store.Withdraw(id, webtest.At("11:00:00.000"))
			store.Set(func(s *webtest.Shop) { s.Trimmed = len(s.Log) })
			webtest.Serve(t, store, keeping(t, dir)).Stop()
		}, 503},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a, dir := webtest.Article("a", webtest.At("09:00:00.000")), t.TempDir()
			store := webtest.NewShop(a, webtest.Article("b", webtest.At("10:00:00.000")))
			o := keeping(t, dir)
			o.SnapshotEvery = time.Millisecond
			s := webtest.Serve(t, store, o)
			showing := []string{"/", "/category/finance", "/feeds/all.atom", "/feeds/author/jin-jiang.json", "/feeds/all.rss?content=title"}
			s.Introduce(t, showing...)
			for _, path := range append([]string{"/feeds/category/sport.atom", "/feeds/source/dsb.atom"}, showing...) {
				s.Get(t, path)
			}
			webtest.Until(t, "the snapshot has them", func() bool { return o.Snapshot.Len() == len(showing)+2 })
			tt.remove(t, store, a.ID, s, dir)
			s = lost(t, store, keeping(t, dir))
			for _, path := range showing {
				if got := s.Get(t, path); got.StatusCode != 503 || strings.Contains(got.Text, "Article a") {
					t.Errorf("GET %s = %d, with what was withdrawn: %v", path, got.StatusCode, strings.Contains(got.Text, "Article a"))
				}
			}
			if got := s.Get(t, "/feeds/category/sport.atom"); got.StatusCode != tt.other {
				t.Errorf("GET of another feed = %d; want %d", got.StatusCode, tt.other)
			}
		})
	}
}

func TestStoreThatIsNotTheOneOfBeforeIsSaid(t *testing.T) {
	dir := t.TempDir()
	var log webtest.LockedBuffer
	options := func() web.Options {
		o := keeping(t, dir)
		o.Log = slog.New(slog.NewTextHandler(&log, nil))
		return o
	}
	store := webtest.OpenStore(t)
	webtest.Record(t, store, "dsb", webtest.ArticlesFrom(3)...)
	for range 2 {
		webtest.Serve(t, store, options()).Stop()
	}
	if strings.Contains(log.String(), "another one") {
		t.Errorf("a restart is taken for another store:\n%s", log.String())
	}
	s := webtest.Serve(t, webtest.OpenStore(t), options())
	if n := strings.Count(log.String(), "the store is another one, or was put back from a copy"); n != 1 {
		t.Errorf("the log warns %d times of an empty store; want once:\n%s", n, log.String())
	}
	if got := s.Get(t, "/feeds/all.atom"); got.StatusCode != 200 || strings.Contains(got.Text, "<entry>") {
		t.Errorf("GET = %d; want what the store has", got.StatusCode)
	}
}

func TestACursorThatCannotBeReadIsNotTakenForAnotherStore(t *testing.T) {
	var log webtest.LockedBuffer
	o := keeping(t, t.TempDir())
	o.Log = slog.New(slog.NewTextHandler(&log, nil))
	if err := o.Snapshot.SetCursor("12\x0034"); err != nil {
		t.Fatal(err)
	}
	store := webtest.OpenStore(t)
	webtest.Record(t, store, "dsb", webtest.ArticlesFrom(3)...)
	s := webtest.Serve(t, store, o)
	if got := s.Get(t, "/feeds/all.atom"); got.StatusCode != 200 || strings.Count(got.Text, "<entry>") != 3 {
		t.Errorf("GET = %d with %d entries; want what the store has", got.StatusCode, strings.Count(got.Text, "<entry>"))
	}
	s.Stop()
	if text := log.String(); strings.Contains(text, "another one") || strings.Count(text, "cursor of the snapshot cannot be read") != 1 {
		t.Errorf("the log does not say once that the cursor cannot be read, or takes the store for another one:\n%s", text)
	}
}

func TestSnapshotIsWrittenNowAndThenAndAtTheEnd(t *testing.T) {
	store := webtest.NewShop(webtest.Article("a", webtest.At("09:00:00.000")))
	o := keeping(t, t.TempDir())
	o.SnapshotEvery = time.Hour
	s := webtest.Serve(t, store, o)
	s.Get(t, "/feeds/all.atom")
	if n := o.Snapshot.Len(); n != 0 {
		t.Errorf("%d documents written at once", n)
	}
	s.Stop()
	if n := o.Snapshot.Len(); n != 1 {
		t.Errorf("%d documents in the snapshot of a process that has ended; want 1", n)
	}
	o = keeping(t, t.TempDir())
	o.SnapshotEvery = time.Millisecond
	s = webtest.Serve(t, store, o)
	s.Get(t, "/feeds/all.atom")
	webtest.Until(t, "it is written", func() bool { return o.Snapshot.Len() == 1 })
}

func TestSnapshotThatWasClearedAwayFillsAgain(t *testing.T) {
	store := webtest.NewShop(webtest.Article("a", webtest.At("09:00:00.000")))
	o := keeping(t, t.TempDir())
	o.SnapshotEvery = time.Millisecond
	s := webtest.Serve(t, store, o)
	s.Get(t, "/feeds/all.atom")
	webtest.Until(t, "it is written", func() bool { return o.Snapshot.Len() == 1 })

	// The log was trimmed while the store was away, so that nothing is known of what was removed.
	store.Set(func(s *webtest.Shop) { s.Broken = errAway })
	webtest.Until(t, "the loss is noticed", func() bool { return s.Check(t.Context()) != nil })
	store.Withdraw(webtest.Article("a", time.Time{}).ID, webtest.At("10:00:00.000"))
	store.Set(func(s *webtest.Shop) { s.Broken, s.Trimmed = nil, len(s.Log) })
	webtest.Until(t, "the snapshot is empty", func() bool { return o.Snapshot.Len() == 0 })
	s.Get(t, "/feeds/all.rss") // has other things written
	webtest.Until(t, "what is asked for is written again", func() bool { return o.Snapshot.Len() == 1 })
	webtest.Until(t, "the feed is made again", func() bool { return !strings.Contains(s.Get(t, "/feeds/all.atom").Text, "Article a") })
	webtest.Until(t, "it is written again", func() bool { return o.Snapshot.Len() == 2 })
}

func TestSnapshotThatCannotBeWrittenStopsNothing(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "snapshot")
	store := webtest.NewShop(webtest.Article("a", webtest.At("09:00:00.000")))
	var log webtest.LockedBuffer
	o := keeping(t, dir)
	o.SnapshotEvery = time.Millisecond
	o.Log = slog.New(slog.NewTextHandler(&log, nil))
	s := webtest.Serve(t, store, o)
	webtest.Until(t, "a file stands where the folder was", func() bool { // which the server makes again meanwhile
		return os.RemoveAll(dir) == nil && os.WriteFile(dir, nil, 0o600) == nil
	})
	s.Introduce(t, kept...)
	for _, path := range kept {
		if got := s.Get(t, path); got.StatusCode != 200 {
			t.Errorf("GET %s = %d", path, got.StatusCode)
		}
	}
	webtest.Until(t, "the failure is said", func() bool { return s.CheckSnapshot(t.Context()) != nil })
	if err := os.Remove(dir); err != nil {
		t.Fatal(err)
	}
	webtest.Until(t, "it is written again", func() bool {
		return s.CheckSnapshot(t.Context()) == nil && o.Snapshot.Len() == len(kept) && strings.Contains(log.String(), "snapshot written again")
	})
	// To put the file there may have made a write fail that the next one made good.
	text := log.String()
	if failed, mended := strings.Count(text, "snapshot not written"), strings.Count(text, "snapshot written again"); failed != mended {
		t.Errorf("the log says %d times that the snapshot is not written, and %d times that it is again; want each failure said once:\n%s", failed, mended, text)
	}
}

func TestSnapshotThatIsNotOursOrDamagedIsNotServed(t *testing.T) {
	dir := t.TempDir()
	store := webtest.NewShop(webtest.Article("a", webtest.At("09:00:00.000")))
	s := webtest.Serve(t, store, keeping(t, dir))
	s.Get(t, "/feeds/all.atom")
	s.Get(t, "/feeds/all.rss")
	s.Stop()
	store.Set(func(s *webtest.Shop) { s.Broken = errAway })
	moved := func() *web.Directory {
		d := webtest.Directory()
		d.Site.URL = "https://elsewhere.example"
		return d
	}
	if got := webtest.Start(t, store, moved, keeping(t, dir)).Get(t, "/feeds/all.atom"); got.StatusCode != 503 {
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
	var log webtest.LockedBuffer
	o := keeping(t, dir)
	o.Log = slog.New(slog.NewTextHandler(&log, nil))
	s = webtest.Start(t, store, webtest.Directory, o)
	if got := s.Get(t, "/feeds/all.atom"); got.StatusCode != 503 || !strings.Contains(log.String(), "damaged file") {
		t.Errorf("GET of a torn file = %d; want 503 and a word in the log:\n%s", got.StatusCode, log.String())
	}
	if got := s.Get(t, "/feeds/all.rss"); got.StatusCode != 200 {
		t.Errorf("GET of another = %d; want 200", got.StatusCode)
	}
}

func TestServerWithNothingToServeIsNotReady(t *testing.T) {
	store := webtest.NewShop(webtest.Article("a", webtest.At("09:00:00.000")))
	s := lost(t, store, webtest.Fast)
	if err := s.Ready(t.Context()); !errors.Is(err, errAway) {
		t.Errorf("Ready of a server that never had a store = %v; want the store's error", err)
	}
	store.Set(func(s *webtest.Shop) { s.Broken = nil })
	webtest.Until(t, "it is ready", func() bool { return s.Ready(t.Context()) == nil })
	s.Get(t, "/feeds/all.atom")
	store.Set(func(s *webtest.Shop) { s.Broken = errAway })
	webtest.Until(t, "the loss is noticed", func() bool { return s.Check(t.Context()) != nil })
	if err := s.Ready(t.Context()); err != nil {
		t.Errorf("Ready = %v, though the last good feeds are served", err)
	}
}
