package rediscache

import (
	"fmt"
	"runtime"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/rediscache/redistest"
)

// long are n articles of some 4 KB.
func long(n int) []newswire.Article {
	out := articles("a", n)
	for i := range out {
		out[i].Content = "<p>" + strings.Repeat("An article of ordinary length. ", 130) + "</p>"
	}
	return out
}

// eachServer runs a benchmark on one server and on a Cluster.
func eachServer(b *testing.B, bench func(b *testing.B, s *Store)) {
	b.Run("server", func(b *testing.B) { bench(b, open(b, redistest.Start(b, redistest.Options{}).URL())) })
	b.Run("cluster", func(b *testing.B) { bench(b, open(b, redistest.StartCluster(b, redistest.Options{}).URL())) })
}

func BenchmarkRecord20Revised(b *testing.B) {
	eachServer(b, func(b *testing.B, s *Store) {
		lease, visited := claim(b, s, "a"), long(20)
		b.ReportAllocs()
		for b.Loop() {
			for i := range visited {
				visited[i].Revision++
				visited[i].Offer = strconv.Itoa(visited[i].Revision)
			}
			recordVisit(b, s, lease, visited...)
		}
	})
}

func BenchmarkRecordNothingNew(b *testing.B) {
	eachServer(b, func(b *testing.B, s *Store) {
		lease := claim(b, s, "a")
		recordVisit(b, s, lease, long(20)...)
		visit := visitOf(lease, nil)
		b.ReportAllocs()
		for b.Loop() {
			if err := s.Record(b.Context(), lease, visit); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkKnown20(b *testing.B) {
	eachServer(b, func(b *testing.B, s *Store) {
		lease, visited := claim(b, s, "a"), long(20)
		recordVisit(b, s, lease, visited...)
		offered := visitOf(lease, visited).Offered
		b.ReportAllocs()
		for b.Loop() {
			if known, err := s.Known(b.Context(), "a", offered); err != nil || len(known) != 20 {
				b.Fatalf("Known = %d, %v, want 20", len(known), err)
			}
		}
	})
}

func BenchmarkPageOf50(b *testing.B) {
	eachServer(b, func(b *testing.B, s *Store) {
		recordVisit(b, s, claim(b, s, "a"), long(100)...)
		b.ReportAllocs()
		for b.Loop() {
			p, err := s.Articles(b.Context(), cache.Query{Topic: newswire.All, Limit: 50})
			if err != nil || len(p.Articles) != 50 {
				b.Fatalf("page of %d, %v, want 50", len(p.Articles), err)
			}
		}
	})
}

// BenchmarkQuietVisit is what the store costs a visit that brought nothing, while 32 are under way.
func BenchmarkQuietVisit(b *testing.B) {
	eachServer(b, func(b *testing.B, s *Store) {
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
			l := leases[next.Add(1)%sources]
			turn, err := s.Enter(b.Context(), l.Source+".example", time.Minute, cache.Postponement{Lease: l, Until: l.At.Add(time.Hour)})
			if err != nil || turn.Key == "" {
				return fmt.Errorf("no turn: %w", err)
			}
			return s.Record(b.Context(), l, visitOf(l, nil), turn)
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
	})
}

// cpu is the time that this process has spent, user and system.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic("getrusage of oneself: " + err.Error())
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
