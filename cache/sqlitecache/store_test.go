package sqlitecache

import (
	"database/sql/driver"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/cachetest"
)

// clock is a clock that goes by itself and can be moved.
type clock struct {
	mu    sync.Mutex // guards ahead
	ahead time.Duration
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return time.Now().Add(c.ahead)
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.ahead += d
}

func TestStoreKeepsTheContract(t *testing.T) {
	cachetest.Run(t, func(t *testing.T) cachetest.Harness {
		path := filepath.Join(t.TempDir(), "newswire.db")
		var faults cachetest.Faults
		var c clock
		openWith := func(path string, wrap func(driver.Connector) driver.Connector) *Store {
			t.Helper()
			s, err := open(t.Context(), path, Options{Now: c.Now}, wrap)
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() {
				if err := s.Close(); err != nil {
					t.Error(err)
				}
			})
			return s
		}
		return cachetest.Harness{
			Store: openWith(path, func(c driver.Connector) driver.Connector { return faultyConnector{hastyConnector{c}, &faults} }),
			Reopen: func() cache.Store {
				return openWith(path, func(c driver.Connector) driver.Connector { return hastyConnector{c} })
			},
			Another: func() cache.Store {
				return openWith(path+".another", func(c driver.Connector) driver.Connector { return hastyConnector{c} })
			},
			Advance: c.Advance,
			Faults:  &faults,
		}
	})
}

// numbered is the n-th article of source a.
func numbered(n int) newswire.Article {
	at := time.UnixMilli(int64(n)).UTC()
	return newswire.Article{
		ID: newswire.ArticleID("a", strconv.Itoa(n)), Source: "a", GUID: strconv.Itoa(n), Title: fmt.Sprint("Article ", n),
		Categories: []string{fmt.Sprint("c", n%3)}, FirstSeen: at, Listed: at,
	}
}

func TestAListIsReadAsItWasWritten(t *testing.T) {
	for _, want := range [][]string{{}, {""}, {"a"}, {"all", "source/a-b"}, {"a&b <c>"}, {`"`, `\`, "\n", "\x00", "\x7f", "電", "~ !"}} {
		var got []string
		if err := json.Unmarshal([]byte(list(want)), &got); err != nil || !slices.Equal(got, want) {
			t.Errorf("list(%q) = %s, which is read as %q, %v", want, list(want), got, err)
		}
	}
}
