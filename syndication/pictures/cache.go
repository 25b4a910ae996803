package pictures

import (
	"container/list"
	"net/http"
	"sync"
	"time"
)

// entry is what is known of an address. It never changes.
type entry struct {
	Picture               // without a body where there is none to be had
	etag, modified string // the publisher's validators
	until          time.Time
}

func (e *entry) answer() (Picture, error) {
	if len(e.Body) == 0 {
		return Picture{}, ErrNone
	}
	return e.Picture, nil
}

// ask makes a request conditional where a picture is known.
func (e *entry) ask(h http.Header) {
	if e == nil || len(e.Body) == 0 {
		return
	}
	if e.etag != "" {
		h.Set("If-None-Match", e.etag)
	}
	if e.modified != "" {
		h.Set("If-Modified-Since", e.modified)
	}
}

// overhead is what an entry takes besides its picture, roughly, in bytes: so that addresses without one are bounded too.
const overhead = 1 << 10

func (e *entry) size() int64 { return int64(len(e.Body)) + overhead }

// cache has the pictures that were asked for last, within a bound of bytes.
type cache struct {
	limit int64

	mu      sync.Mutex // guards what follows
	entries map[string]*list.Element
	order   list.List // of *kept, the one that was asked for last first
	size    int64
}

type kept struct {
	address string
	entry   *entry
}

func (c *cache) bytes() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.size
}

func (c *cache) get(address string) *entry {
	c.mu.Lock()
	defer c.mu.Unlock()
	at := c.entries[address]
	if at == nil {
		return nil
	}
	c.order.MoveToFront(at)
	return at.Value.(*kept).entry
}

func (c *cache) put(address string, e *entry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.entries == nil {
		c.entries = map[string]*list.Element{}
	}
	if at := c.entries[address]; at != nil {
		c.remove(at)
	}
	c.entries[address] = c.order.PushFront(&kept{address, e})
	c.size += e.size()
	for c.size > c.limit && c.order.Len() > 0 {
		c.remove(c.order.Back())
	}
}

func (c *cache) remove(at *list.Element) {
	k := c.order.Remove(at).(*kept)
	delete(c.entries, k.address)
	c.size -= k.entry.size()
}
