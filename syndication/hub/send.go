package hub

import (
	"bytes"
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication/delivery"
)

const (
	ownPause = time.Second      // between two attempts to render what is to be sent
	ownWait  = 10 * time.Second // for that, in one delivery
)

// Send implements [delivery.Sender]: it tells a subscriber what has changed since the revision that it has. Told is the entity
// tag of that. What keeps us from knowing is no failure of the subscriber: there is more to tell then.
func (h *Hub) Send(ctx context.Context, sub *cache.Subscription) delivery.Outcome {
	before := delivery.Outcome{Told: sub.Told}
	terms, err := decodeTerms(sub.Terms)
	if err != nil {
		before.Err = err
		return before
	}
	address, ok := h.local(terms.Topic)
	if !ok {
		return before // the site has another address now; the lease ends without a renewal
	}
	c, err := h.current(ctx, contentKey{address.String(), sub.Told})
	switch {
	case err != nil:
		h.options.Log.DebugContext(ctx, "nothing sent for now", "topic", terms.Topic, "error", err)
		before.More = true
		return before
	case c.code != http.StatusOK && c.code != http.StatusIMUsed, c.tag == sub.Told:
		return before // it is as it was, or not there: what is gone may come back before the lease ends
	}
	return h.post(ctx, sub, &terms, c)
}

// current is what there is to tell. It waits for a while where that cannot be known at the moment.
func (h *Hub) current(ctx context.Context, key contentKey) (*content, error) {
	ctx, cancel := context.WithTimeout(ctx, ownWait)
	defer cancel()
	for {
		c, err := h.contents.get(ctx, key)
		switch {
		case err == nil && c.code < http.StatusInternalServerError:
			return c, nil
		case err == nil:
			err = fmt.Errorf("the feed answers %d", c.code)
		}
		select {
		case <-ctx.Done():
			return nil, err
		case <-time.After(ownPause):
		}
	}
}

// post sends content to a callback (WebSub §7).
func (h *Hub) post(ctx context.Context, sub *cache.Subscription, terms *terms, c *content) delivery.Outcome {
	failed := delivery.Outcome{Told: sub.Told}
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, terms.Callback, bytes.NewReader(c.body))
	if err != nil {
		failed.Err = fmt.Errorf("the callback of %s is no address", sub.ID)
		return failed
	}
	site := h.options.Site()
	r.Header.Set("Content-Type", c.mediaType)
	r.Header.Set("Link", "<"+site+Path+`>; rel="hub", <`+site+c.address+`>; rel="self"`+c.license)
	if c.usage != "" {
		r.Header.Set("Content-Usage", c.usage)
	}
	if signature := terms.sign(c.body); signature != "" {
		r.Header.Set("X-Hub-Signature", signature)
	}
	reply, err := h.callers.do(r)
	switch {
	case err != nil:
		failed.Err = err
	case reply.succeeded():
		return delivery.Outcome{Told: c.tag, Sent: true}
	case reply.code == http.StatusGone: // §7: the subscription ends
		failed.End = true
	default:
		failed.Err = fmt.Errorf("the callback at %s answered %d", r.URL.Host, reply.code)
		failed.Refused, failed.Retry = true, reply.after
		if reply.code >= 300 && reply.code <= 399 {
			failed.Err = fmt.Errorf("the callback at %s answered %d: redirects are not followed", r.URL.Host, reply.code)
		}
	}
	return failed
}
