package webtest

import (
	"path/filepath"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/rediscache"
	"github.com/newswire/newswire/cache/sqlitecache"
	"github.com/newswire/newswire/syndication/web"
)

// OpenStore opens a real store in a file, until the test ends.
func OpenStore(t testing.TB) cache.Store {
	t.Helper()
	store, err := sqlitecache.Open(t.Context(), filepath.Join(t.TempDir(), "newswire.db"), sqlitecache.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	})
	return store
}

// Patient leaves a real store the time that it takes on a busy machine.
var Patient = web.Options{Poll: 10 * time.Millisecond, ArchiveWait: time.Minute}

// Record has a worker visit a publisher that offers the articles.
func Record(t testing.TB, store cache.Store, source string, articles ...newswire.Article) {
	t.Helper()
	ctx := t.Context()
	due, err := store.Due(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Reschedule(ctx, source, due[source], time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	leases, err := store.Claim(ctx, 1, time.Minute, source)
	if err != nil || len(leases) != 1 {
		t.Fatalf("Claim = %v, %v; want one lease", leases, err)
	}
	visit := newswire.Visit{
		Source: source, At: leases[0].At, Articles: articles,
		State: newswire.State{Source: source, Due: leases[0].At.Add(time.Hour)},
	}
	if err := store.Record(ctx, leases[0], visit); err != nil {
		t.Fatal(err)
	}
}

// OpenRedis opens a real store on a server, until the test ends.
func OpenRedis(t *testing.T, url string) cache.Store {
	t.Helper()
	store, err := rediscache.Open(t.Context(), url, rediscache.Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { store.Close() })
	return store
}
