package cachetest_test

import (
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/cachetest"
	"github.com/newswire/newswire/cache/sqlitecache"
)

// A driver's test makes a Harness for each test of the suite: here without faults, which need a hook in the driver.
func ExampleRun() {
	TestStoreKeepsTheContract := func(t *testing.T) {
		cachetest.Run(t, func(t *testing.T) cachetest.Harness {
			file := filepath.Join(t.TempDir(), "newswire.db")
			var ahead atomic.Int64
			open := func(file string) cache.Store {
				now := func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
				store, err := sqlitecache.Open(t.Context(), file, sqlitecache.Options{Now: now})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { _ = store.Close() })
				return store
			}
			return cachetest.Harness{
				Store: open(file), Faults: &cachetest.Faults{},
				Reopen:  func() cache.Store { return open(file) },
				Another: func() cache.Store { return open(file + ".another") },
				Advance: func(d time.Duration) { ahead.Add(int64(d)) },
			}
		})
	}
	_ = TestStoreKeepsTheContract
}
