package sqlitecache

import (
	"fmt"
	"path/filepath"
	"runtime"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// benchArticle is the n-th article, of the size of a usual one.
func benchArticle(n int) newswire.Article {
	a := killedArticle(n)
	a.Revision = 1
	a.Content = "<p>" + strings.Repeat("All that is fit to print. ", 120) + "</p>"
	a.Authors = []newswire.Person{{ID: fmt.Sprint("author-", n%10), Name: "A. Author"}}
	return a
}

// benchVisit records the n-th visit of 20 new articles.
func benchVisit(b *testing.B, s *Store, lease cache.Lease, n int) []string {
	v := newswire.Visit{Source: "a", At: lease.At, State: newswire.State{Source: "a", Due: time.UnixMilli(1)}}
	for i := range 20 {
		a := benchArticle(20*n + i)
		v.Articles = append(v.Articles, a)
		v.Offered = append(v.Offered, a.ID)
	}
	if err := s.Record(b.Context(), lease, v); err != nil {
		b.Fatal(err)
	}
	return v.Offered
}

func benchStore(b *testing.B) (*Store, cache.Lease) {
	s := openFile(b, filepath.Join(b.TempDir(), "newswire.db"))
	if err := s.Reschedule(b.Context(), "a", time.Time{}, time.UnixMilli(1)); err != nil {
		b.Fatal(err)
	}
	leases, err := s.Claim(b.Context(), 1, time.Hour)
	if err != nil {
		b.Fatal(err)
	}
	return s, leases[0]
}

func BenchmarkRecord20New(b *testing.B) {
	s, lease := benchStore(b)
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		benchVisit(b, s, lease, n)
		n++
	}
}

func BenchmarkKnown20(b *testing.B) {
	s, lease := benchStore(b)
	var ids []string
	for n := range 50 {
		ids = benchVisit(b, s, lease, n)
	}
	b.ReportAllocs()
	for b.Loop() {
		if known, err := s.Known(b.Context(), "a", ids); err != nil || len(known) != len(ids) {
			b.Fatal(len(known), err)
		}
	}
}

func BenchmarkArticles50(b *testing.B) {
	s, lease := benchStore(b)
	for n := range 50 {
		benchVisit(b, s, lease, n)
	}
	b.ReportAllocs()
	for b.Loop() {
		if p, err := s.Articles(b.Context(), cache.Query{Topic: newswire.All, Limit: 50}); err != nil || len(p.Articles) != 50 {
			b.Fatal(len(p.Articles), err)
		}
	}
}

// BenchmarkQuietVisit is what the store costs a visit that brought nothing, while 32 are under way.
func BenchmarkQuietVisit(b *testing.B) {
	s := openFile(b, filepath.Join(b.TempDir(), "newswire.db"))
	const sources = 1000
	for i := range sources {
		if err := s.Reschedule(b.Context(), fmt.Sprintf("s%03d", i), time.Time{}, time.UnixMilli(1)); err != nil {
			b.Fatal(err)
		}
	}
	leases, err := s.Claim(b.Context(), sources, time.Hour)
	if err != nil {
		b.Fatal(err)
	}
	var next atomic.Int64
	visit := func() error {
		l := leases[next.Add(1)*617%sources]
		turn, err := s.Enter(b.Context(), l.Source+".example", time.Minute, cache.Postponement{Lease: l, Until: l.At.Add(time.Hour)})
		if err != nil || turn.Key == "" {
			return fmt.Errorf("no turn: %w", err)
		}
		v := newswire.Visit{Source: l.Source, At: l.At, State: newswire.State{
			Source: l.Source, URL: "https://www." + l.Source + ".example/feed.xml", Validators: newswire.Validators{ETag: `"0123456789abcdef"`},
			Body: "0123456789abcdef0123456789abcdef", Due: l.At.Add(time.Hour), Why: "schedule @every 1h", Health: newswire.Health{
				LastVisit: l.At, LastSuccess: l.At, LastChange: l.At, Status: 304, Offered: 20,
			},
		}}
		return s.Record(b.Context(), l, v, turn)
	}
	b.ReportAllocs()
	b.SetParallelism(32 / runtime.GOMAXPROCS(0))
	before := cpu()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if err := visit(); err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64((cpu()-before).Microseconds())/float64(b.N), "cpu-µs/op")
}

// cpu is the time that this process has spent, user and system.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic("getrusage of oneself: " + err.Error())
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func BenchmarkRecord20Revised(b *testing.B) {
	s, lease := benchStore(b)
	benchVisit(b, s, lease, 0)
	b.ReportAllocs()
	n := 1
	for b.Loop() {
		n++
		v := newswire.Visit{Source: "a", At: lease.At, State: newswire.State{Source: "a", Due: time.UnixMilli(1)}}
		for i := range 20 {
			a := benchArticle(i)
			a.Revision, a.Offer = n, fmt.Sprint(n)
			v.Articles = append(v.Articles, a)
			v.Offered = append(v.Offered, a.ID)
		}
		if err := s.Record(b.Context(), lease, v); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkArchive asks, as the rendering of a feed does, whether there is anything to put into pages: mostly there is not.
func BenchmarkArchive(b *testing.B) {
	s, lease := benchStore(b)
	for n := range 50 {
		benchVisit(b, s, lease, n)
	}
	p, err := s.Articles(b.Context(), cache.Query{Topic: newswire.All, Limit: 50})
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if newest, err := s.Archive(b.Context(), newswire.All, "s", p.Next, 50); err != nil || newest != 19 {
			b.Fatal(newest, err)
		}
	}
}

func BenchmarkArchived50(b *testing.B) {
	s, lease := benchStore(b)
	for n := range 50 {
		benchVisit(b, s, lease, n)
	}
	if _, err := s.Archive(b.Context(), newswire.All, "s", "", 50); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		if p, err := s.Archived(b.Context(), newswire.All, 7); err != nil || len(p.Articles) != 50 {
			b.Fatal(len(p.Articles), err)
		}
	}
}
