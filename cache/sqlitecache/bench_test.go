package sqlitecache

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// benchArticle is the n-th article, of the size of a usual one.
func benchArticle(n int) newswire.Article {
	a := numbered(n)
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

// BenchmarkRecordNewSource claims a source that was never visited, and records its first 20 articles.
func BenchmarkRecordNewSource(b *testing.B) {
	s := openFile(b, filepath.Join(b.TempDir(), "newswire.db"))
	b.ReportAllocs()
	n := 0
	for b.Loop() {
		source := fmt.Sprint("s", n)
		if err := s.Reschedule(b.Context(), source, time.Time{}, time.UnixMilli(1)); err != nil {
			b.Fatal(err)
		}
		leases, err := s.Claim(b.Context(), 1, time.Hour, source)
		if err != nil || len(leases) != 1 {
			b.Fatal(leases, err)
		}
		if err := s.Record(b.Context(), leases[0], firstVisit(leases[0], 20)); err != nil {
			b.Fatal(err)
		}
		n++
	}
}

// firstVisit is one that found so many articles of a source.
func firstVisit(lease cache.Lease, articles int) newswire.Visit {
	v := newswire.Visit{Source: lease.Source, At: lease.At, State: newswire.State{Source: lease.Source, Due: time.UnixMilli(1)}}
	for i := range articles {
		a := benchArticle(i)
		a.ID, a.Source = newswire.ArticleID(lease.Source, a.GUID), lease.Source
		a.Authors[0].ID = fmt.Sprint(lease.Source, ".", i%3)
		v.Articles = append(v.Articles, a)
		v.Offered = append(v.Offered, a.ID)
	}
	return v
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
