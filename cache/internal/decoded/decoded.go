// Package decoded keeps the articles that a store has decoded lately, so that a page of which most was read before is
// mostly not decoded again. An article is known by the bytes that it is stored as: what was kept can be unused, but never
// out of date.
package decoded

import (
	"cmp"
	"crypto/sha256"
	"sync"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache/internal/texts"
)

// Articles are decoded articles. The zero value is ready, and may be used by many goroutines.
type Articles struct {
	Limit int64 // bytes of them, roughly; default 32 MiB

	mu     sync.Mutex // guards what follows
	recent generation // what was asked for since the last turn
	before generation // and before that
}

// generation is articles by the digest of what they are stored as.
type generation struct {
	articles map[[sha256.Size]byte]newswire.Article
	size     int64 // bytes, roughly
}

const (
	defaultLimit = 32 << 20
	overhead     = 2 << 10 // bytes that an article takes besides its text, roughly
	each         = 256     // of these, that each author, term and so on takes more than it does in its stored form
)

// Decode is the article that is stored as body beside a frame. It shares memory with what other calls return and must not be
// changed.
func (c *Articles) Decode(codec *texts.Codec, body, frame []byte) (newswire.Article, error) {
	sum := sha256.Sum256(body)
	size := int64(texts.Length(body))
	if a, ok := c.find(sum, size); ok {
		return a, nil
	}
	a, err := codec.Decode(body, frame)
	if err != nil {
		return a, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	c.keep(sum, a, size)
	return a, nil
}

// Size is how many bytes they take, roughly.
func (c *Articles) Size() int64 {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.recent.size + c.before.size
}

func (c *Articles) find(sum [sha256.Size]byte, size int64) (newswire.Article, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if a, ok := c.recent.articles[sum]; ok {
		return a, true
	}
	a, ok := c.before.articles[sum]
	if ok {
		c.keep(sum, a, size)
	}
	return a, ok
}

// keep makes an article one of the recent ones. When these have half of the bytes, those of before go. One that would have all of
// that half is not kept.
func (c *Articles) keep(sum [sha256.Size]byte, a newswire.Article, size int64) {
	size += overhead + each*int64(len(a.Authors)+len(a.Contributors)+len(a.Terms)+len(a.Enclosures)+len(a.Links)+len(a.Removed))
	most := cmp.Or(c.Limit, defaultLimit) / 2
	if size > most {
		return
	}
	if c.recent.size+size > most || c.recent.articles == nil {
		c.before, c.recent = c.recent, generation{articles: map[[sha256.Size]byte]newswire.Article{}}
	}
	if _, ok := c.recent.articles[sum]; !ok {
		c.recent.articles[sum] = a
		c.recent.size += size
	}
}
