package hub

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// contentKey is what deliveries share: the same feed, to subscribers that have the same of it.
type contentKey struct {
	address string // path and query
	tag     string // of what the subscriber has; empty for nothing
}

// content is a feed, or what is new in it, as it is sent to all that have the same of it.
type content struct {
	code      int
	address   string // path and query that the feed is at today
	tag       string
	mediaType string
	license   string // what Link says of a licence, after a comma
	usage     string // of Content-Usage
	body      []byte
}

const (
	contentTimeout = 5 * time.Second // of one rendering
	mostRedirects  = 3               // within the site: an author may have had other IDs
)

// contents renders what subscribers get. Those that want the same at the same time share one rendering, and each gets one
// that was begun after it asked.
type contents struct {
	feeds http.Handler
	limit int64 // of recently

	mu       sync.Mutex
	rounds   map[contentKey]*rounds
	recent   map[contentKey]*content // so that the next round of the same bytes need not copy them
	recently int64                   // bytes of these
}

// rounds are the renderings of one key.
type rounds struct {
	current *round // at work; nil for none
	next    *round // gathers those that want it; nil for none
}

// round is a rendering that some wait for.
type round struct {
	done    chan struct{}
	content *content
	err     error
}

func newContents(feeds http.Handler, limit int64) *contents {
	return &contents{feeds: feeds, limit: limit, rounds: map[contentKey]*rounds{}, recent: map[contentKey]*content{}}
}

// size is how many bytes are remembered.
func (c *contents) size() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.recently
}

// get returns what there is to tell of a feed to a subscriber that has a revision of it. It lacks nothing that was committed
// before the call.
func (c *contents) get(ctx context.Context, key contentKey) (*content, error) {
	c.mu.Lock()
	of := c.rounds[key]
	if of == nil {
		of = &rounds{}
		c.rounds[key] = of
	}
	mine, first := of.next, false
	if mine == nil {
		mine, first = &round{done: make(chan struct{})}, true
		of.next = mine
	}
	before := of.current
	c.mu.Unlock()
	if first {
		// The first renders for all: not even the end of its own context takes the rendering from the others.
		c.render(context.WithoutCancel(ctx), key, of, before)
	}
	select {
	case <-mine.done:
		return mine.content, mine.err
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// render makes the next rendering of a key, after the one at work.
func (c *contents) render(ctx context.Context, key contentKey, of *rounds, before *round) {
	if before != nil {
		<-before.done
	}
	c.mu.Lock()
	mine := of.next
	of.current, of.next = mine, nil
	last := c.recent[key]
	c.mu.Unlock()

	ctx, cancel := context.WithTimeout(ctx, contentTimeout)
	defer cancel()
	mine.content, mine.err = c.fetch(ctx, key, last)

	c.mu.Lock()
	defer c.mu.Unlock()
	if of.current = nil; of.next == nil {
		delete(c.rounds, key)
	}
	if mine.err == nil && len(mine.content.body) > 0 {
		c.remember(key, mine.content)
	}
	close(mine.done)
}

// remember keeps content for the next round. The caller holds the lock.
func (c *contents) remember(key contentKey, latest *content) {
	if old := c.recent[key]; old != nil {
		c.recently -= int64(len(old.body))
	}
	c.recent[key] = latest
	c.recently += int64(len(latest.body))
	for k, old := range c.recent {
		if c.recently <= c.limit {
			break
		}
		c.recently -= int64(len(old.body))
		delete(c.recent, k)
	}
}

// fetch asks for a feed as a reader does that takes parts of it. It takes over the bytes of the last answer where they are the
// same.
func (c *contents) fetch(ctx context.Context, key contentKey, last *content) (*content, error) {
	address, err := url.Parse(key.address)
	if err != nil {
		return nil, fmt.Errorf("feed %s: %w", key.address, err)
	}
	for range mostRedirects + 1 {
		r, err := http.NewRequestWithContext(ctx, http.MethodGet, address.String(), nil)
		if err != nil {
			return nil, fmt.Errorf("feed %s: %w", key.address, err)
		}
		r.URL.ForceQuery = address.ForceQuery
		r.Header.Set("Accept-Encoding", "identity")
		if key.tag != "" {
			r.Header.Set("A-IM", "feed")
			r.Header.Set("If-None-Match", key.tag)
		}
		w := &recorder{last: last, header: http.Header{}}
		c.feeds.ServeHTTP(w, r)
		if location := w.header.Get("Location"); w.code() == http.StatusMovedPermanently && location != "" {
			to, err := address.Parse(location)
			if err != nil || to.Host != "" || !strings.HasPrefix(to.Path, "/") {
				return nil, fmt.Errorf("feed %s leads to %q", key.address, location)
			}
			address = to
			continue
		}
		return w.content(address.String()), nil
	}
	return nil, fmt.Errorf("feed %s leads nowhere", key.address)
}

// recorder is an answer of ours to ourselves.
type recorder struct {
	last   *content // whose bytes serve again if they are the same; nil for none
	header http.Header
	status int
	body   bytes.Buffer
	shared bool
}

// Header implements [http.ResponseWriter].
func (w *recorder) Header() http.Header { return w.header }

// WriteHeader implements [http.ResponseWriter].
func (w *recorder) WriteHeader(code int) {
	if w.status == 0 {
		w.status = code
		tag := w.header.Get("ETag")
		w.shared = w.last != nil && code == w.last.code && tag != "" && tag == w.last.tag
	}
}

// Write implements [http.ResponseWriter].
func (w *recorder) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	if w.shared {
		return len(b), nil
	}
	return w.body.Write(b)
}

func (w *recorder) code() int {
	if w.status == 0 {
		return http.StatusOK
	}
	return w.status
}

func (w *recorder) content(address string) *content {
	c := &content{
		code: w.code(), address: address, tag: w.header.Get("ETag"), mediaType: w.header.Get("Content-Type"), body: w.body.Bytes(),
		usage: w.header.Get("Content-Usage"),
	}
	for link := range strings.SplitSeq(w.header.Get("Link"), ", ") {
		if strings.HasSuffix(link, `; rel="license"`) {
			c.license = ", " + link
		}
	}
	if w.shared {
		c.body = w.last.body
	}
	return c
}
