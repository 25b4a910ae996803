package sqlitecache

import (
	"math/rand/v2"
	"path/filepath"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// pages are the pages of the file, and how many of them are free.
func pages(t *testing.T, s *Store) (all, free int) {
	t.Helper()
	rows, err := s.query(t.Context(), `SELECT page_count, freelist_count FROM pragma_page_count, pragma_freelist_count`)
	if err := (row{rows, err}).Scan(&all, &free); err != nil {
		t.Fatal(err)
	}
	return all, free
}

// noise is text that cannot be compressed much.
func noise(n int) string {
	b := make([]byte, n)
	random := rand.New(rand.NewPCG(1, 2))
	for i := range b {
		b[i] = '!' + byte(random.IntN(90))
	}
	return string(b)
}

func TestFreePagesGoBackToTheSystem(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "newswire.db"), Options{Hasty: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx := t.Context()
	record := func(articles ...newswire.Article) {
		t.Helper()
		due, err := s.Due(ctx)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Reschedule(ctx, "a", due["a"], time.UnixMilli(1)); err != nil {
			t.Fatal(err)
		}
		leases, err := s.Claim(ctx, 1, time.Hour, "a")
		if err != nil || len(leases) != 1 {
			t.Fatalf("Claim = %v, %v", leases, err)
		}
		v := newswire.Visit{Source: "a", At: leases[0].At, Articles: articles, Offered: []string{}, State: newswire.State{Source: "a"}}
		for _, a := range articles {
			v.Offered = append(v.Offered, a.ID)
		}
		if _, err := s.Sweep(ctx, leases[0], newswire.Retention{Articles: 1}); err != nil {
			t.Fatal(err)
		}
		if err := s.Record(ctx, leases[0], v); err != nil {
			t.Fatal(err)
		}
	}
	var articles []newswire.Article
	for n := range 200 {
		a := numbered(n)
		a.Content = noise(60_000)
		a.Revision = 1
		articles = append(articles, a)
	}
	record(articles...)
	full, _ := pages(t, s)
	record(numbered(1000)) // the others have left
	record(numbered(1000)) // and are swept
	if err := s.TrimChanges(ctx, time.UnixMilli(1)); err != nil {
		t.Fatal(err)
	}
	all, free := pages(t, s)
	if full < 1500 || all > full/2 || free > spare/pageSize {
		t.Errorf("the file had %d pages, and has %d with %d free after its articles went; want no more than %d free", full, all, free, spare/pageSize)
	}
	if p, err := s.Articles(ctx, cache.Query{Topic: newswire.All, Limit: 5}); err != nil || len(p.Articles) != 1 {
		t.Errorf("the store lists %d articles, %v; want the one that is offered", len(p.Articles), err)
	}
}
