package rediscache

import (
	"strconv"
	"strings"
	"testing"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/rediscache/redistest"
)

// long are n articles of some 4 KB.
func long(n int) []newswire.Article {
	out := firstArticles("a", n)
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
