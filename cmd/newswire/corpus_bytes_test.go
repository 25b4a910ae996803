package main

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/rediscache/redistest"
	"github.com/newswire/newswire/sources"
)

// odd is a feed whose dates and guids say nothing, or too much.
const odd = `<rss version="2.0"><channel><title>Odd</title><link>https://odd.example/</link><description>d</description>
<item><guid>1</guid><title>Dated far ahead</title><pubDate>Tue, 01 Jan 2199 00:00:00 GMT</pubDate></item>
<item><guid>2</guid><title>Updated far ahead</title><pubDate>Mon, 02 Feb 2026 10:00:00 GMT</pubDate><updated xmlns="http://www.w3.org/2005/Atom">2199-01-01T00:00:00Z</updated></item>
<item><guid>3</guid><title>Not dated</title></item>
<item><guid isPermaLink="false">g</guid><link>https://odd.example/4</link><title>One of a guid</title></item>
<item><guid isPermaLink="false">g</guid><link>https://odd.example/5</link><title>Another of the guid</title></item>
<item><guid>h</guid><title>One of a day</title><pubDate>Mon, 02 Feb 2026 10:00:00 GMT</pubDate></item>
<item><guid>h</guid><title>Another of another day</title><pubDate>Tue, 03 Feb 2026 10:00:00 GMT</pubDate></item>
</channel></rss>`

// TestRealFeedsHaveTheSameBytesFromEveryStore visits every real feed with SQLite, Redis and Redis Cluster. All three
// republish the same bytes, again after a restart, and again after a second round, which finds nothing new. So does a new
// store with another order of visits. Where readers ask for feeds between the visits, pages of archives close earlier, and
// are the same where they closed at the same moments.
func TestRealFeedsHaveTheSameBytesFromEveryStore(t *testing.T) {
	t.Parallel()
	c := newCorpus(t)
	c.add("odd.rss", []byte(odd))
	want := c.steadyFeeds(t, "sqlite:"+filepath.Join(t.TempDir(), "wire.db"))
	for _, tt := range []struct {
		name    string
		address func(t *testing.T) string
	}{
		{"Redis", func(t *testing.T) string { return redistest.Start(t, redistest.Options{}).URL() }},
		{"Redis Cluster", func(t *testing.T) string { return redistest.StartCluster(t, redistest.Options{}).URL() }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			if d := cmp.Diff(want, c.steadyFeeds(t, tt.address(t))); d != "" {
				t.Errorf("other bytes than from SQLite:\n%.4000s", d)
			}
		})
	}
	t.Run("SQLite, visited one after the other from the last to the first", func(t *testing.T) {
		t.Parallel()
		store := open(t, "sqlite:"+filepath.Join(t.TempDir(), "wire.db"))
		defer store.Close()
		for _, id := range slices.Backward(c.ids) {
			c.round(t, store, id)
		}
		if d := cmp.Diff(want, c.feeds(t, store)); d != "" {
			t.Errorf("other bytes than from a round of visits at once:\n%.4000s", d)
		}
	})
	t.Run("SQLite and Redis, with readers who ask between the visits", func(t *testing.T) {
		t.Parallel()
		lite := c.feedsAskedFor(t, "sqlite:"+filepath.Join(t.TempDir(), "wire.db"))
		if d := cmp.Diff(lite, c.feedsAskedFor(t, redistest.Start(t, redistest.Options{}).URL())); d != "" {
			t.Errorf("other bytes from Redis than from SQLite:\n%.4000s", d)
		}
		for path, body := range want {
			if !strings.Contains(path, "/archive/") && lite[path] != body {
				t.Errorf("%s has other bytes than without such readers", path)
			}
		}
	})
}

// steadyFeeds visits every feed of the corpus with an empty store, and returns what is republished. A second round and a
// restart change none of it.
func (c *corpus) steadyFeeds(t *testing.T, address string) map[string]string {
	t.Helper()
	store := open(t, address)
	total := 0
	for id, r := range c.round(t, store) {
		if r.Outcome != sources.Changed || r.New != r.Offered {
			t.Errorf("%s: %s, %d of %d items taken in: %s", id, r.Outcome, r.New, r.Offered, r.Error)
		}
		total += r.New
	}
	t.Logf("%d items of %d feeds", total, len(c.ids))
	head := headOf(t, store)
	first := c.feeds(t, store)
	for id, r := range c.round(t, store, c.ids...) {
		if r.Outcome != sources.NotModified && r.Outcome != sources.NotDue {
			t.Errorf("%s, again: %s", id, r.Outcome)
		}
	}
	if again := headOf(t, store); again != head {
		t.Errorf("a second round wrote to the change log: %q after %q", again, head)
	}
	if err := store.Close(); err != nil {
		t.Fatal(err)
	}
	store = open(t, address)
	defer store.Close()
	if d := cmp.Diff(first, c.feeds(t, store)); d != "" {
		t.Errorf("other bytes after a restart:\n%s", d)
	}
	for path, body := range first {
		if strings.Contains(body, "Jan 2199") || strings.Contains(body, "2199-01-01") {
			t.Errorf("%s believes a date in 2199", path)
		}
	}
	return first
}

// feedsAskedFor visits one feed of the corpus after the other, while a reader asks for some of ours, and returns what is
// republished at the end.
func (c *corpus) feedsAskedFor(t *testing.T, address string) map[string]string {
	t.Helper()
	store := open(t, address)
	defer store.Close()
	short := c.server(t, store, 20)
	for n, id := range c.ids {
		c.round(t, store, id)
		if n%3 == 0 {
			short.Invalidate()
			ask(t, short, newswire.FeedPath(newswire.All, "atom"))
			ask(t, short, newswire.FeedPath(newswire.SourceTopic(id), "rss"))
		}
	}
	return c.feeds(t, store)
}

func headOf(t *testing.T, store cache.Store) newswire.Cursor {
	t.Helper()
	head, err := store.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return head
}
