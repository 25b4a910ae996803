package revision_test

import (
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/parts"
	"github.com/newswire/newswire/syndication/internal/webtest"
	"github.com/newswire/newswire/syndication/web"
)

var errAway = errors.New("connection refused")

func TestChangeIsSeenWhereItBelongs(t *testing.T) {
	a := webtest.Article("a", webtest.At("09:00:00.000"))
	store := webtest.NewShop(a)
	s := webtest.Serve(t, store, webtest.Fast)
	before := map[string]string{}
	paths := append(webtest.Everything(a), "/feeds/category/sport.atom")
	for _, path := range paths {
		before[path] = s.Get(t, path).Header.Get("ETag")
	}
	corrected := a
	corrected.Title, corrected.Revision = "Article a, corrected", 2
	store.Put(corrected, webtest.At("10:00:00.000"))
	for _, path := range webtest.Everything(a) {
		if path == "/authors" {
			continue // says nothing of the title
		}
		webtest.Until(t, path+" has the correction", func() bool { return strings.Contains(s.Get(t, path).Text, "Article a, corrected") })
	}
	if s.Get(t, "/feeds/category/sport.atom").Header.Get("ETag") != before["/feeds/category/sport.atom"] {
		t.Error("a feed that nothing was said of has another ETag")
	}
	store.Withdraw(a.ID, webtest.At("11:00:00.000"))
	for _, path := range webtest.Everything(a) {
		webtest.Until(t, path+" has nothing of what was withdrawn", func() bool {
			got := s.Get(t, path)
			return !strings.Contains(got.Text, "Article a") && !strings.Contains(got.Text, "in short")
		})
	}
}

func TestHitAsksTheStoreNothing(t *testing.T) {
	a := webtest.Article("a", webtest.At("09:00:00.000"))
	store := webtest.NewShop(a)
	s := webtest.Serve(t, store, webtest.Fast)
	ask := func() {
		for _, path := range webtest.Everything(a) {
			for _, coding := range []string{"identity", "gzip", "br", "zstd"} {
				if got := s.Get(t, path, "Accept-Encoding", coding); got.StatusCode != 200 {
					t.Fatalf("GET %s = %d", path, got.StatusCode)
				}
			}
		}
	}
	ask()
	calls := store.CallCount()
	ask()
	if n := store.CallCount() - calls; n != 0 {
		t.Errorf("%d calls to the store for what was there", n)
	}
}

func TestBurstRendersOnce(t *testing.T) {
	var encoded atomic.Int32
	begun, release := make(chan struct{}), make(chan struct{})
	o := webtest.Fast
	o.Formats = web.Formats()
	encode := o.Formats[0].Envelope
	o.Formats[0].Envelope = func(f *newswire.Feed) (parts.Envelope, error) {
		if encoded.Add(1) == 1 {
			close(begun)
		}
		<-release
		return encode(f)
	}
	s := webtest.Serve(t, webtest.NewShop(webtest.ArticlesFrom(50)...), o)
	var wg sync.WaitGroup
	ask := func() {
		if got := s.Get(t, "/feeds/all.atom"); got.StatusCode != 200 {
			t.Errorf("GET = %d", got.StatusCode)
		}
	}
	wg.Go(ask)
	<-begun
	for range 32 {
		wg.Go(ask)
	}
	close(release)
	wg.Wait()
	if n := encoded.Load(); n != 1 {
		t.Errorf("rendered %d times for one burst", n)
	}
}

func TestLastGoodFeedIsServedWhileTheStoreIsAway(t *testing.T) {
	for _, tt := range []struct {
		name string
		lose func(*webtest.Shop)
	}{
		{"refuses", func(s *webtest.Shop) { s.Broken = errAway }},
		{"hangs", func(s *webtest.Shop) { s.Hang = true }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := webtest.Article("a", webtest.At("09:00:00.000"))
			store := webtest.NewShop(a)
			var log webtest.LockedBuffer
			o := webtest.Hasty
			o.Log = slog.New(slog.NewTextHandler(&log, nil))
			s := webtest.Serve(t, store, o)
			before := map[string]webtest.Reply{}
			for _, path := range webtest.Everything(a) {
				before[path] = s.Get(t, path)
			}

			store.Set(tt.lose)
			webtest.Until(t, "the loss is noticed", func() bool { return s.Check(t.Context()) != nil })
			store.Put(webtest.Article("b", webtest.At("10:00:00.000")), webtest.At("10:00:00.000")) // by someone who still reaches it
			for _, path := range webtest.Everything(a) {
				began := time.Now()
				got := s.Get(t, path)
				if got.StatusCode != 200 || got.Text != before[path].Text || got.Header.Get("ETag") != before[path].Header.Get("ETag") {
					t.Errorf("GET %s = %d %s; want the last good one", path, got.StatusCode, got.Header.Get("ETag"))
				}
				if took := time.Since(began); took > 10*time.Second {
					t.Errorf("GET %s took %s", path, took)
				}
				if got := s.Get(t, path, "If-None-Match", got.Header.Get("ETag")); got.StatusCode != 304 {
					t.Errorf("GET %s conditionally = %d; want 304", path, got.StatusCode)
				}
			}
			never := s.Get(t, "/feeds/category/sport.atom")
			if never.StatusCode != 503 || never.Header.Get("Retry-After") == "" || never.Header.Get("Cache-Control") != "no-store" ||
				!strings.HasPrefix(never.Header.Get("Content-Type"), "text/plain") || strings.Contains(never.Text, "refused") {
				t.Errorf("a feed that was never rendered = %d %v %q; want a plain 503 with Retry-After", never.StatusCode, never.Header, never.Text)
			}

			store.Set(func(s *webtest.Shop) { s.Broken, s.Hang = nil, false })
			webtest.Until(t, "the server is well", func() bool { return s.Check(t.Context()) == nil })
			webtest.Until(t, "what changed meanwhile is there", func() bool {
				return strings.Contains(s.Get(t, "/feeds/all.atom").Text, "Article b")
			})
			if got := s.Get(t, "/feeds/category/sport.atom"); got.StatusCode != 200 {
				t.Errorf("a feed that was never rendered = %d; want 200 again", got.StatusCode)
			}
			if n := strings.Count(log.String(), "store lost"); n != 1 {
				t.Errorf("the log says %d times that the store was lost; want once:\n%s", n, log.String())
			}
		})
	}
}

func TestAgeOfWhatIsServedInAnOutageIsHonest(t *testing.T) {
	store := webtest.NewShop(webtest.Article("a", webtest.At("09:00:00.000")))
	var mu sync.Mutex
	now := webtest.At("12:00:00.000")
	o := webtest.Fast
	o.Now = func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	s := webtest.Serve(t, store, o)
	if age := s.Get(t, "/feeds/all.atom").Header.Get("Age"); age != "" {
		t.Errorf("Age: %s while all is well; want none", age)
	}
	store.Set(func(s *webtest.Shop) { s.Broken = errAway })
	webtest.Until(t, "the loss is noticed", func() bool { return s.Check(t.Context()) != nil })
	mu.Lock()
	now = now.Add(90 * time.Minute)
	mu.Unlock()
	stale := s.Get(t, "/feeds/all.atom")
	if age, date := stale.Header.Get("Age"), stale.Header.Get("Date"); age != "5400" || date != "Mon, 02 Nov 2026 12:00:00 GMT" {
		t.Errorf("Age: %s and Date: %s after 90 minutes without the store; want 5400, and noon", age, date)
	}
	if err := s.Check(t.Context()); !errors.Is(err, errAway) || !strings.Contains(err.Error(), "2026-11-02T12:00:00Z") {
		t.Errorf("Check() = %v; want the store's error, and since when", err)
	}
	store.Set(func(s *webtest.Shop) { s.Broken = nil })
	webtest.Until(t, "the age is gone", func() bool { return s.Get(t, "/feeds/all.atom").Header.Get("Age") == "" })
}

// A topic whose listing alone fails keeps its last good feed, though the change log is well.
func TestFailedRenderingKeepsTheLastGoodOne(t *testing.T) {
	store := webtest.NewShop(webtest.Article("a", webtest.At("09:00:00.000")))
	var failing atomic.Bool
	o := webtest.Fast
	o.Formats = web.Formats()
	encode := o.Formats[0].Envelope
	o.Formats[0].Envelope = func(f *newswire.Feed) (parts.Envelope, error) {
		if failing.Load() {
			return parts.Envelope{}, errors.New("no such thing as Atom")
		}
		return encode(f)
	}
	s := webtest.Serve(t, store, o)
	want := s.Get(t, "/feeds/all.atom").Text
	s.Get(t, "/feeds/all.rss") // so that it has the change only when the follower has heard of it
	failing.Store(true)
	store.Put(webtest.Article("b", webtest.At("10:00:00.000")), webtest.At("10:00:00.000"))
	webtest.Until(t, "another format has the change", func() bool { return strings.Contains(s.Get(t, "/feeds/all.rss").Text, "Article b") })
	if got := s.Get(t, "/feeds/all.atom"); got.StatusCode != 200 || got.Text != want {
		t.Errorf("GET = %d; want the last good feed", got.StatusCode)
	}
	if got := s.Get(t, "/feeds/source/dsb.atom"); got.StatusCode != 500 || strings.Contains(got.Text, "Atom") {
		t.Errorf("GET of what was never rendered = %d %q; want 500 without details", got.StatusCode, got.Text)
	}
	failing.Store(false)
	webtest.Until(t, "it has the change too", func() bool { return strings.Contains(s.Get(t, "/feeds/all.atom").Text, "Article b") })
}

func TestClockSetBackDelaysNothing(t *testing.T) {
	store := webtest.NewShop(webtest.Article("a", webtest.At("09:00:00.000")))
	var clock atomic.Int64
	clock.Store(webtest.At("12:00:00.000").UnixNano())
	var failing atomic.Bool
	var log webtest.LockedBuffer
	o := webtest.Fast
	o.Log = slog.New(slog.NewTextHandler(&log, nil))
	o.Now = func() time.Time { return time.Unix(0, clock.Load()) }
	o.Formats = web.Formats()
	encode := o.Formats[0].Envelope
	o.Formats[0].Envelope = func(f *newswire.Feed) (parts.Envelope, error) {
		if failing.Load() {
			return parts.Envelope{}, errors.New("not now")
		}
		return encode(f)
	}
	s := webtest.Serve(t, store, o)
	s.Get(t, "/feeds/all.atom")
	s.Get(t, "/feeds/all.rss") // so that it has the change only when the follower has heard of it
	failing.Store(true)
	store.Put(webtest.Article("b", webtest.At("10:00:00.000")), webtest.At("10:00:00.000"))
	webtest.Until(t, "another format has the change", func() bool { return strings.Contains(s.Get(t, "/feeds/all.rss").Text, "Article b") })
	s.Get(t, "/feeds/all.atom") // fails, and is not tried again while the clock stands still
	webtest.Until(t, "a rendering has failed", func() bool { return strings.Contains(log.String(), "not now") })
	failing.Store(false)
	if strings.Contains(s.Get(t, "/feeds/all.atom").Text, "Article b") {
		t.Error("a failed rendering was tried again at once")
	}
	clock.Store(webtest.At("11:00:00.000").UnixNano())
	webtest.Until(t, "the change is there, with the clock an hour back", func() bool {
		return strings.Contains(s.Get(t, "/feeds/all.atom").Text, "Article b")
	})
}

func TestTrimmedLogMakesEverythingStale(t *testing.T) {
	store := webtest.NewShop(webtest.Article("a", webtest.At("09:00:00.000")))
	s := webtest.Serve(t, store, webtest.Fast)
	s.Get(t, "/feeds/all.atom")
	store.Set(func(s *webtest.Shop) { s.Broken = errAway })
	webtest.Until(t, "the loss is noticed", func() bool { return s.Check(t.Context()) != nil })
	store.Put(webtest.Article("b", webtest.At("10:00:00.000")), webtest.At("10:00:00.000"))
	store.Set(func(s *webtest.Shop) { s.Broken, s.Trimmed = nil, len(s.Log) })
	webtest.Until(t, "what was trimmed is seen all the same", func() bool {
		return strings.Contains(s.Get(t, "/feeds/all.atom").Text, "Article b")
	})
}

func TestInvalidateChangesNothingThatIsTheSame(t *testing.T) {
	a := webtest.Article("a", webtest.At("09:00:00.000"))
	store := webtest.NewShop(a)
	s := webtest.Serve(t, store, webtest.Fast)
	before := map[string]string{}
	for _, path := range webtest.Everything(a) {
		before[path] = s.Get(t, path).Header.Get("ETag")
	}
	calls := store.CallCount()
	s.Invalidate()
	for _, path := range webtest.Everything(a) {
		if got := s.Get(t, path).Header.Get("ETag"); got != before[path] {
			t.Errorf("%s: ETag %s, then %s", path, before[path], got)
		}
	}
	webtest.Until(t, "something is rendered again", func() bool { return store.CallCount() > calls })
}

func TestMemoryIsBounded(t *testing.T) {
	store := webtest.NewShop()
	for i := range 30 {
		a := webtest.Article(fmt.Sprintf("n%02d", i), webtest.At("09:00:00.000").Add(time.Duration(i)*time.Second))
		a.Source = fmt.Sprintf("s%02d", i)
		store.Put(a, a.Listed)
	}
	registry := prometheus.NewPedanticRegistry()
	o := webtest.Fast
	o.MaxBytes, o.Registerer = 32<<10, registry
	s := webtest.Serve(t, store, o)
	kept := func() float64 { return gauge(t, registry, "newswire_web_rendered_bytes") }
	const hot = "/feeds/source/s00.atom"
	s.Get(t, hot)
	for i := range 30 {
		for _, coding := range []string{"identity", "gzip"} {
			if got := s.Get(t, fmt.Sprintf("/feeds/source/s%02d.atom", i), "Accept-Encoding", coding); got.StatusCode != 200 {
				t.Fatalf("GET = %d", got.StatusCode)
			}
			if n := kept(); n > 32<<10 {
				t.Fatalf("%v bytes kept; want at most %d", n, 32<<10)
			}
		}
		n := store.PollCount()
		webtest.Until(t, "the clock of use moves on", func() bool { return store.PollCount() > n+1 })
		s.Get(t, hot)
	}
	if n := gauge(t, registry, "newswire_web_evictions_total"); n == 0 {
		t.Error("nothing was evicted")
	}
	calls := store.CallCount()
	s.Get(t, hot)
	if store.CallCount() != calls {
		t.Error("what was used all the time was evicted")
	}
	s.Get(t, "/feeds/source/s01.atom")
	if store.CallCount() == calls {
		t.Error("what was used longest ago was kept")
	}
}

func TestDocumentLargerThanTheBoundIsServedAllTheSame(t *testing.T) {
	o := webtest.Fast
	o.MaxBytes = 10
	s := webtest.Serve(t, webtest.NewShop(webtest.Article("a", webtest.At("09:00:00.000"))), o)
	for range 3 {
		if got := s.Get(t, "/feeds/all.atom", "Accept-Encoding", "gzip"); got.StatusCode != 200 || got.Header.Get("Age") != "" {
			t.Errorf("GET = %d, Age %q", got.StatusCode, got.Header.Get("Age"))
		}
	}
}

// What a reader gets never goes back in time, and is never older than what was recorded a poll and a rendering ago.
func TestReadersAmongChangesAndOutages(t *testing.T) {
	store := webtest.NewShop(webtest.Article("count", webtest.At("09:00:00.000")))
	o := webtest.Fast
	o.MaxBytes = 64 << 10 // so that there are evictions too
	s := webtest.Serve(t, store, o)
	count := func(revision int) newswire.Article {
		a := webtest.Article("count", webtest.At("09:00:00.000"))
		a.Revision, a.Title = revision, fmt.Sprintf("Number %d.", revision)
		return a
	}
	number := func(path string) int {
		_, after, _ := strings.Cut(s.Get(t, path, "Accept-Encoding", "identity").Text, "Number ")
		digits, _, _ := strings.Cut(after, ".")
		n, err := strconv.Atoi(digits)
		if err != nil {
			t.Errorf("GET %s has no number: %v", path, err)
		}
		return n
	}
	paths := []string{"/feeds/all.atom", "/feeds/all.rss", "/feeds/source/dsb.json", "/category/finance"}
	store.Put(count(1), webtest.At("09:00:01.000"))
	for _, path := range paths {
		webtest.Until(t, "numbers have begun", func() bool { return strings.Contains(s.Get(t, path).Text, "Number ") })
	}
	stop := make(chan struct{})
	var wg sync.WaitGroup
	for _, path := range paths {
		wg.Go(func() {
			for last := 0; ; {
				n := number(path)
				if n < last {
					t.Errorf("GET %s went back from %d to %d", path, last, n)
				}
				last = n
				select {
				case <-stop:
					return
				default:
				}
			}
		})
	}
	const changes = 200
	for i := range changes {
		store.Put(count(i+2), webtest.At("09:00:02.000").Add(time.Duration(i)*time.Millisecond))
		if rand.IntN(10) == 0 {
			store.Set(func(s *webtest.Shop) { s.Broken = errAway })
			time.Sleep(2 * time.Millisecond) // an outage takes time
			store.Set(func(s *webtest.Shop) { s.Broken = nil })
		}
	}
	for _, path := range paths {
		webtest.Until(t, path+" has the last change", func() bool { return number(path) == changes+1 })
	}
	close(stop)
	wg.Wait()
}

func TestRequestsAreCounted(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	o := webtest.Fast
	o.Registerer = registry
	s := webtest.Serve(t, webtest.NewShop(webtest.Article("a", webtest.At("09:00:00.000"))), o)
	etag := s.Get(t, "/feeds/all.atom").Header.Get("ETag")
	s.Get(t, "/feeds/all.atom", "If-None-Match", etag)
	s.Get(t, "/nowhere")
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, f := range families {
		if f.GetName() != "newswire_web_requests_total" {
			continue
		}
		for _, m := range f.GetMetric() {
			labels := m.GetLabel() // in order of name
			got[labels[1].GetValue()+" "+labels[0].GetValue()] = m.GetCounter().GetValue()
		}
	}
	want := map[string]float64{"feed 200": 1, "feed 304": 1, "unknown 404": 1}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// gauge is the value of a metric without labels.
func gauge(t *testing.T, g prometheus.Gatherer, name string) float64 {
	t.Helper()
	families, err := g.Gather()
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range families {
		if f.GetName() == name {
			m := f.GetMetric()[0]
			return m.GetGauge().GetValue() + m.GetCounter().GetValue()
		}
	}
	t.Fatalf("no metric %s", name)
	return 0
}
