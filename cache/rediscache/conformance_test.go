package rediscache

import (
	"crypto/rand"
	"testing"
	"time"

	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/cachetest"
	"github.com/newswire/newswire/cache/rediscache/redistest"
)

func TestOneServerKeepsTheContract(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.Options{})
	cachetest.Run(t, func(t *testing.T) cachetest.Harness {
		return harness(t, s.URL())
	})
}

func TestClusterKeepsTheContract(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t, redistest.Options{})
	cachetest.Run(t, func(t *testing.T) cachetest.Harness {
		return harness(t, c.URL())
	})
}

// harness is a store under a prefix of its own on a server that many tests share.
func harness(t *testing.T, url string) cachetest.Harness {
	faults := &cachetest.Faults{}
	prefix := rand.Text()
	store := openPrefix(t, url, prefix)
	store.client.AddHook(faultHook{faults})
	return cachetest.Harness{
		Store:   store,
		Reopen:  func() cache.Store { return openPrefix(t, url, prefix) },
		Another: func() cache.Store { return openPrefix(t, url, rand.Text()) },
		Advance: time.Sleep, // the clock is the server's, which no test can move
		Faults:  faults,
	}
}

// open opens a store that is closed with the test.
func open(t testing.TB, url string) *Store {
	t.Helper()
	return openPrefix(t, url, "")
}

// openPrefix opens a store under a prefix, which is closed with the test.
func openPrefix(t testing.TB, url, prefix string) *Store {
	t.Helper()
	s, err := Open(t.Context(), url, Options{Prefix: prefix})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close(): %v", err)
		}
	})
	return s
}
