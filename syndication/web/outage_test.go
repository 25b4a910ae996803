package web_test

import (
	"bytes"
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
	"github.com/newswire/newswire/syndication/web"
)

var errAway = errors.New("connection refused")

// everything is one address of each kind that is rendered from the store.
func everything(a newswire.Article) []string {
	return []string{"/", "/authors", "/category/finance", "/source/dsb", "/articles/" + a.ID, "/feeds/all.atom", "/feeds/category/finance.rss", "/feeds/author/jin-jiang.json"}
}

func TestChangeIsSeenWhereItBelongs(t *testing.T) {
	a := article("a", at("09:00:00.000"))
	store := newShop(a)
	s := serve(t, store, fast)
	before := map[string]string{}
	paths := append(everything(a), "/feeds/category/sport.atom")
	for _, path := range paths {
		before[path] = s.get(t, path).Header.Get("ETag")
	}
	corrected := a
	corrected.Title, corrected.Revision = "Article a, corrected", 2
	store.put(corrected, at("10:00:00.000"))
	for _, path := range everything(a) {
		if path == "/authors" {
			continue // says nothing of the title
		}
		until(t, path+" has the correction", func() bool { return strings.Contains(s.get(t, path).body, "Article a, corrected") })
	}
	if s.get(t, "/feeds/category/sport.atom").Header.Get("ETag") != before["/feeds/category/sport.atom"] {
		t.Error("a feed that nothing was said of has another ETag")
	}
	store.withdraw(a.ID, at("11:00:00.000"))
	for _, path := range everything(a) {
		until(t, path+" has nothing of what was withdrawn", func() bool {
			got := s.get(t, path)
			return !strings.Contains(got.body, "Article a") && !strings.Contains(got.body, "in short")
		})
	}
}

func TestHitAsksTheStoreNothing(t *testing.T) {
	a := article("a", at("09:00:00.000"))
	store := newShop(a)
	s := serve(t, store, fast)
	ask := func() {
		for _, path := range everything(a) {
			for _, coding := range []string{"identity", "gzip", "br", "zstd"} {
				if got := s.get(t, path, "Accept-Encoding", coding); got.StatusCode != 200 {
					t.Fatalf("GET %s = %d", path, got.StatusCode)
				}
			}
		}
	}
	ask()
	calls := store.callCount()
	ask()
	if n := store.callCount() - calls; n != 0 {
		t.Errorf("%d calls to the store for what was there", n)
	}
}

func TestBurstRendersOnce(t *testing.T) {
	var encoded atomic.Int32
	begun, release := make(chan struct{}), make(chan struct{})
	o := fast
	o.StoreTimeout = 0
	o.Formats = web.Formats()
	encode := o.Formats[0].Envelope
	o.Formats[0].Envelope = func(f *newswire.Feed) (parts.Envelope, error) {
		if encoded.Add(1) == 1 {
			close(begun)
		}
		<-release
		return encode(f)
	}
	s := serve(t, newShop(articlesFrom(50)...), o)
	var wg sync.WaitGroup
	ask := func() {
		if got := s.get(t, "/feeds/all.atom"); got.StatusCode != 200 {
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
		lose func(*shop)
	}{
		{"refuses", func(s *shop) { s.broken = errAway }},
		{"hangs", func(s *shop) { s.hang = true }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := article("a", at("09:00:00.000"))
			store := newShop(a)
			var log lockedBuffer
			o := fast
			o.Log = slog.New(slog.NewTextHandler(&log, nil))
			s := serve(t, store, o)
			before := map[string]reply{}
			for _, path := range everything(a) {
				before[path] = s.get(t, path)
			}

			store.set(tt.lose)
			until(t, "the loss is noticed", func() bool { return s.Check(t.Context()) != nil })
			store.put(article("b", at("10:00:00.000")), at("10:00:00.000")) // by someone who still reaches it
			for _, path := range everything(a) {
				began := time.Now()
				got := s.get(t, path)
				if got.StatusCode != 200 || got.body != before[path].body || got.Header.Get("ETag") != before[path].Header.Get("ETag") {
					t.Errorf("GET %s = %d %s; want the last good one", path, got.StatusCode, got.Header.Get("ETag"))
				}
				if took := time.Since(began); took > time.Second {
					t.Errorf("GET %s took %s", path, took)
				}
				if got := s.get(t, path, "If-None-Match", got.Header.Get("ETag")); got.StatusCode != 304 {
					t.Errorf("GET %s conditionally = %d; want 304", path, got.StatusCode)
				}
			}
			never := s.get(t, "/feeds/category/sport.atom")
			if never.StatusCode != 503 || never.Header.Get("Retry-After") == "" || never.Header.Get("Cache-Control") != "no-store" ||
				!strings.HasPrefix(never.Header.Get("Content-Type"), "text/plain") || strings.Contains(never.body, "refused") {
				t.Errorf("a feed that was never rendered = %d %v %q; want a plain 503 with Retry-After", never.StatusCode, never.Header, never.body)
			}

			store.set(func(s *shop) { s.broken, s.hang = nil, false })
			until(t, "the server is well", func() bool { return s.Check(t.Context()) == nil })
			until(t, "what changed meanwhile is there", func() bool {
				return strings.Contains(s.get(t, "/feeds/all.atom").body, "Article b")
			})
			if got := s.get(t, "/feeds/category/sport.atom"); got.StatusCode != 200 {
				t.Errorf("a feed that was never rendered = %d; want 200 again", got.StatusCode)
			}
			if n := strings.Count(log.String(), "store lost"); n != 1 {
				t.Errorf("the log says %d times that the store was lost; want once:\n%s", n, log.String())
			}
		})
	}
}

func TestAgeOfWhatIsServedInAnOutageIsHonest(t *testing.T) {
	store := newShop(article("a", at("09:00:00.000")))
	var mu sync.Mutex
	now := at("12:00:00.000")
	o := fast
	o.Now = func() time.Time { mu.Lock(); defer mu.Unlock(); return now }
	s := serve(t, store, o)
	if age := s.get(t, "/feeds/all.atom").Header.Get("Age"); age != "" {
		t.Errorf("Age: %s while all is well; want none", age)
	}
	store.set(func(s *shop) { s.broken = errAway })
	until(t, "the loss is noticed", func() bool { return s.Check(t.Context()) != nil })
	mu.Lock()
	now = now.Add(90 * time.Minute)
	mu.Unlock()
	stale := s.get(t, "/feeds/all.atom")
	if age, date := stale.Header.Get("Age"), stale.Header.Get("Date"); age != "5400" || date != "Mon, 02 Nov 2026 12:00:00 GMT" {
		t.Errorf("Age: %s and Date: %s after 90 minutes without the store; want 5400, and noon", age, date)
	}
	if err := s.Check(t.Context()); !errors.Is(err, errAway) || !strings.Contains(err.Error(), "2026-11-02T12:00:00Z") {
		t.Errorf("Check() = %v; want the store's error, and since when", err)
	}
	store.set(func(s *shop) { s.broken = nil })
	until(t, "the age is gone", func() bool { return s.get(t, "/feeds/all.atom").Header.Get("Age") == "" })
}

// A topic whose listing alone fails keeps its last good feed, though the change log is well.
func TestFailedRenderingKeepsTheLastGoodOne(t *testing.T) {
	store := newShop(article("a", at("09:00:00.000")))
	var failing atomic.Bool
	o := fast
	o.Formats = web.Formats()
	encode := o.Formats[0].Envelope
	o.Formats[0].Envelope = func(f *newswire.Feed) (parts.Envelope, error) {
		if failing.Load() {
			return parts.Envelope{}, errors.New("no such thing as Atom")
		}
		return encode(f)
	}
	s := serve(t, store, o)
	want := s.get(t, "/feeds/all.atom").body
	s.get(t, "/feeds/all.rss") // so that it has the change only when the follower has heard of it
	failing.Store(true)
	store.put(article("b", at("10:00:00.000")), at("10:00:00.000"))
	until(t, "another format has the change", func() bool { return strings.Contains(s.get(t, "/feeds/all.rss").body, "Article b") })
	if got := s.get(t, "/feeds/all.atom"); got.StatusCode != 200 || got.body != want {
		t.Errorf("GET = %d; want the last good feed", got.StatusCode)
	}
	if got := s.get(t, "/feeds/source/dsb.atom"); got.StatusCode != 500 || strings.Contains(got.body, "Atom") {
		t.Errorf("GET of what was never rendered = %d %q; want 500 without details", got.StatusCode, got.body)
	}
	failing.Store(false)
	until(t, "it has the change too", func() bool { return strings.Contains(s.get(t, "/feeds/all.atom").body, "Article b") })
}

func TestClockSetBackDelaysNothing(t *testing.T) {
	store := newShop(article("a", at("09:00:00.000")))
	var clock atomic.Int64
	clock.Store(at("12:00:00.000").UnixNano())
	var failing atomic.Bool
	var log lockedBuffer
	o := fast
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
	s := serve(t, store, o)
	s.get(t, "/feeds/all.atom")
	s.get(t, "/feeds/all.rss") // so that it has the change only when the follower has heard of it
	failing.Store(true)
	store.put(article("b", at("10:00:00.000")), at("10:00:00.000"))
	until(t, "another format has the change", func() bool { return strings.Contains(s.get(t, "/feeds/all.rss").body, "Article b") })
	s.get(t, "/feeds/all.atom") // fails, and is not tried again while the clock stands still
	until(t, "a rendering has failed", func() bool { return strings.Contains(log.String(), "not now") })
	failing.Store(false)
	if strings.Contains(s.get(t, "/feeds/all.atom").body, "Article b") {
		t.Error("a failed rendering was tried again at once")
	}
	clock.Store(at("11:00:00.000").UnixNano())
	until(t, "the change is there, with the clock an hour back", func() bool {
		return strings.Contains(s.get(t, "/feeds/all.atom").body, "Article b")
	})
}

func TestTrimmedLogMakesEverythingStale(t *testing.T) {
	store := newShop(article("a", at("09:00:00.000")))
	s := serve(t, store, fast)
	s.get(t, "/feeds/all.atom")
	store.set(func(s *shop) { s.broken = errAway })
	until(t, "the loss is noticed", func() bool { return s.Check(t.Context()) != nil })
	store.put(article("b", at("10:00:00.000")), at("10:00:00.000"))
	store.set(func(s *shop) { s.broken, s.trimmed = nil, len(s.log) })
	until(t, "what was trimmed is seen all the same", func() bool {
		return strings.Contains(s.get(t, "/feeds/all.atom").body, "Article b")
	})
}

func TestInvalidateChangesNothingThatIsTheSame(t *testing.T) {
	a := article("a", at("09:00:00.000"))
	store := newShop(a)
	s := serve(t, store, fast)
	before := map[string]string{}
	for _, path := range everything(a) {
		before[path] = s.get(t, path).Header.Get("ETag")
	}
	calls := store.callCount()
	s.Invalidate()
	for _, path := range everything(a) {
		if got := s.get(t, path).Header.Get("ETag"); got != before[path] {
			t.Errorf("%s: ETag %s, then %s", path, before[path], got)
		}
	}
	if store.callCount() == calls {
		t.Error("nothing was rendered anew")
	}
}

func TestMemoryIsBounded(t *testing.T) {
	store := newShop()
	for i := range 30 {
		a := article(fmt.Sprintf("n%02d", i), at("09:00:00.000").Add(time.Duration(i)*time.Second))
		a.Source = fmt.Sprintf("s%02d", i)
		store.put(a, a.Listed)
	}
	registry := prometheus.NewPedanticRegistry()
	o := fast
	o.MaxBytes, o.Registerer = 32<<10, registry
	s := serve(t, store, o)
	kept := func() float64 { return gauge(t, registry, "newswire_web_rendered_bytes") }
	const hot = "/feeds/source/s00.atom"
	s.get(t, hot)
	for i := range 30 {
		for _, coding := range []string{"identity", "gzip"} {
			if got := s.get(t, fmt.Sprintf("/feeds/source/s%02d.atom", i), "Accept-Encoding", coding); got.StatusCode != 200 {
				t.Fatalf("GET = %d", got.StatusCode)
			}
			if n := kept(); n > 32<<10 {
				t.Fatalf("%v bytes kept; want at most %d", n, 32<<10)
			}
		}
		n := store.pollCount()
		until(t, "the clock of use moves on", func() bool { return store.pollCount() > n+1 })
		s.get(t, hot)
	}
	if n := gauge(t, registry, "newswire_web_evictions_total"); n == 0 {
		t.Error("nothing was evicted")
	}
	calls := store.callCount()
	s.get(t, hot)
	if store.callCount() != calls {
		t.Error("what was used all the time was evicted")
	}
	s.get(t, "/feeds/source/s01.atom")
	if store.callCount() == calls {
		t.Error("what was used longest ago was kept")
	}
}

func TestDocumentLargerThanTheBoundIsServedAllTheSame(t *testing.T) {
	o := fast
	o.MaxBytes = 10
	s := serve(t, newShop(article("a", at("09:00:00.000"))), o)
	for range 3 {
		if got := s.get(t, "/feeds/all.atom", "Accept-Encoding", "gzip"); got.StatusCode != 200 || got.Header.Get("Age") != "" {
			t.Errorf("GET = %d, Age %q", got.StatusCode, got.Header.Get("Age"))
		}
	}
}

// What a reader gets never goes back in time, and is never older than what was recorded a poll and a rendering ago.
func TestReadersAmongChangesAndOutages(t *testing.T) {
	store := newShop(article("count", at("09:00:00.000")))
	o := fast
	o.MaxBytes = 64 << 10 // so that there are evictions too
	s := serve(t, store, o)
	count := func(revision int) newswire.Article {
		a := article("count", at("09:00:00.000"))
		a.Revision, a.Title = revision, fmt.Sprintf("Number %d.", revision)
		return a
	}
	number := func(path string) int {
		_, after, _ := strings.Cut(s.get(t, path, "Accept-Encoding", "identity").body, "Number ")
		digits, _, _ := strings.Cut(after, ".")
		n, err := strconv.Atoi(digits)
		if err != nil {
			t.Errorf("GET %s has no number: %v", path, err)
		}
		return n
	}
	paths := []string{"/feeds/all.atom", "/feeds/all.rss", "/feeds/source/dsb.json", "/category/finance"}
	store.put(count(1), at("09:00:01.000"))
	for _, path := range paths {
		until(t, "numbers have begun", func() bool { return strings.Contains(s.get(t, path).body, "Number ") })
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
		store.put(count(i+2), at("09:00:02.000").Add(time.Duration(i)*time.Millisecond))
		if rand.IntN(10) == 0 {
			store.set(func(s *shop) { s.broken = errAway })
			time.Sleep(2 * time.Millisecond) // an outage takes time
			store.set(func(s *shop) { s.broken = nil })
		}
	}
	for _, path := range paths {
		until(t, path+" has the last change", func() bool { return number(path) == changes+1 })
	}
	close(stop)
	wg.Wait()
}

func TestRequestsAreCounted(t *testing.T) {
	registry := prometheus.NewPedanticRegistry()
	o := fast
	o.Registerer = registry
	s := serve(t, newShop(article("a", at("09:00:00.000"))), o)
	etag := s.get(t, "/feeds/all.atom").Header.Get("ETag")
	s.get(t, "/feeds/all.atom", "If-None-Match", etag)
	s.get(t, "/nowhere")
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

// lockedBuffer is a buffer for a log.
type lockedBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *lockedBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *lockedBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
