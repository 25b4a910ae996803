package rediscache

import (
	"testing"
	"time"

	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/cachetest"
	"github.com/newswire/newswire/cache/rediscache/redistest"
)

func TestOneServerKeepsTheContract(t *testing.T) {
	s := redistest.Start(t, redistest.Options{})
	cachetest.Run(t, func(t *testing.T) cachetest.Harness {
		s.Flush()
		return harness(t, s.URL())
	})
}

func TestClusterKeepsTheContract(t *testing.T) {
	c := redistest.StartCluster(t, redistest.Options{})
	cachetest.Run(t, func(t *testing.T) cachetest.Harness {
		c.Flush()
		return harness(t, c.URL())
	})
}

func harness(t *testing.T, url string) cachetest.Harness {
	faults := &cachetest.Faults{}
	store := open(t, url)
	store.client.AddHook(faultHook{faults})
	return cachetest.Harness{
		Store:   store,
		Reopen:  func() cache.Store { return open(t, url) },
		Advance: time.Sleep, // the clock is the server's, which nobody moves
		Faults:  faults,
	}
}

// open opens a store that is closed with the test.
func open(t testing.TB, url string) *Store {
	t.Helper()
	s, err := Open(t.Context(), url, Options{})
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
