package api

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication"
	"github.com/newswire/newswire/syndication/partner"
)

// keyField is where a client gives its key (RFC 6750 §2.1).
const keyField = "Authorization"

// admit finds out who asks, and whether that is too often. Without a key it is the public.
func (c *call) admit() error {
	given := c.r.Header[keyField]
	if len(given) == 0 {
		return nil
	}
	digest, ok := keyIn(given)
	if ok {
		c.digest = digest
		ok = c.identify()
	}
	if !ok {
		return c.wrongKey()
	}
	v := c.api.limiter.Spend(c.r.Context(), c.partner)
	h := c.w.Header()
	h["Ratelimit-Policy"] = []string{fmt.Sprintf(`"partner";q=%d;w=%d`, v.Quota.Units, seconds(v.Quota.Period))}
	h["Ratelimit"] = []string{fmt.Sprintf(`"partner";r=%d;t=%d`, v.Left, seconds(v.Full))}
	if !v.Allowed {
		c.refused = true
		return &fault{kind: "too-many-requests", detail: "The rate of this key is " + partner.FormatRate(v.Quota) + ".", after: v.Again}
	}
	return nil
}

// keyIn is the digest of the key that the fields of a request hold.
func keyIn(given []string) (partner.Digest, bool) {
	scheme, key, _ := strings.Cut(given[0], " ")
	key = strings.TrimSpace(key)
	if len(given) > 1 || !strings.EqualFold(scheme, "Bearer") || key == "" {
		return partner.Digest{}, false
	}
	return partner.DigestOf(key), true
}

// identify looks up whose key it is, also again: a key may have gone meanwhile, and what its partner gets may have changed.
// Without a key it is the public.
func (c *call) identify() bool {
	c.settings = c.api.settings()
	if c.digest == (partner.Digest{}) {
		c.reader = syndication.Reader{}
		return true
	}
	p, ok := c.settings.Partners.Find(c.digest, time.Now())
	if !ok {
		return false
	}
	c.partner, c.reader = p, p.Reader()
	return true
}

// wrongKey refuses a key. It does not tell one that was never there from one that is there no more.
func (c *call) wrongKey() error {
	c.api.metrics.wrongKeys.Inc()
	if wait := c.api.guesses.Wrong(c.r.Context(), c.r.RemoteAddr); wait > 0 {
		return &fault{kind: "too-many-requests", detail: "Too many wrong keys come from this address.", after: wait}
	}
	return &fault{kind: "unauthorized", detail: "Give the key as Authorization: Bearer KEY, or leave the field out for what public feeds have."}
}

// publicAtOnce is how many requests without a key read from the store at the same time. A key has its rate; the public has
// none, and must leave the store to partners.
const publicAtOnce = 16

// acquire gets the right to read from the store, to be released afterwards. A partner has it.
func (c *call) acquire() (release func(), err error) {
	if c.partner != nil {
		return func() {}, nil
	}
	ctx, cancel := c.patience()
	defer cancel()
	select {
	case c.api.public <- struct{}{}:
		return func() { <-c.api.public }, nil
	case <-ctx.Done():
		return nil, &fault{kind: "unavailable", detail: "Too many requests at the moment. Please try again shortly.", cause: ctx.Err()}
	}
}

// account adds what was answered since it was last called to the partner's usage.
func (c *call) account(requests int64) {
	if c.partner == nil {
		return
	}
	used := cache.Used{Requests: requests, Items: int64(c.items - c.told.items), Bytes: int64(c.bytes - c.told.bytes)}
	if c.refused {
		used.Refused = requests
	}
	c.told.items, c.told.bytes = c.items, c.bytes
	c.api.meter.Add(c.partner.ID, used)
}

// seconds is a duration in whole seconds, rounded up.
func seconds(d time.Duration) int64 { return int64((d + time.Second - 1) / time.Second) }

// retryAfter is the value of the field of that name.
func retryAfter(d time.Duration) string { return strconv.FormatInt(max(1, seconds(d)), 10) }
