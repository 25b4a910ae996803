package hub

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

const (
	pendingLook = 20 * time.Second // from one look for verifications that were cut off to the next
	pendingLeft = time.Minute      // after which one was cut off: none takes so long
	pendingKept = time.Hour        // for a process that comes back; later its subscriber has asked again
	pendingPage = 100              // that are read at a time
)

// pendingTerms are what a verification is about, as the store has them.
type pendingTerms struct {
	Mode string `json:"mode"`
	terms
}

// pend has the store know that a callback is about to be asked. A process that is killed after the callback has said yes
// would otherwise forget what the subscriber believes to have. Without a store the callback is asked all the same.
func (h *Hub) pend(ctx context.Context, in *intent) {
	text, err := json.Marshal(&pendingTerms{in.mode, in.terms})
	if err == nil {
		err = h.store.Subscribe(ctx, cache.Subscription{
			Channel: cache.ChannelHubPending, ID: in.id, Group: in.group, Terms: text,
			Progress: cache.Progress{Told: in.tag},
		})
	}
	if err != nil {
		h.options.Log.DebugContext(ctx, "verification not noted", "callback_host", in.group, "error", err)
	}
}

// settle has the store forget that a callback was asked. Where that fails the callback is asked once more.
func (h *Hub) settle(ctx context.Context, id string) {
	if err := h.store.Unsubscribe(ctx, cache.ChannelHubPending, id); err != nil {
		h.options.Log.DebugContext(ctx, "verification noted still", "error", err)
	}
}

// resume has verifications begin again that were cut off, in this process or another, until ctx ends. It returns ctx.Err().
func (h *Hub) resume(ctx context.Context) error {
	ticker := time.NewTicker(pendingLook)
	defer ticker.Stop()
	for {
		if err := h.resumeAll(ctx); err != nil && ctx.Err() == nil {
			h.options.Log.DebugContext(ctx, "no look for verifications that were cut off", "error", err)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

// resumeAll takes up all verifications that were cut off.
func (h *Hub) resumeAll(ctx context.Context) error {
	for after := newswire.Cursor(""); ; {
		some, next, err := h.store.Subscriptions(ctx, cache.ChannelHubPending, after, pendingPage)
		if err != nil {
			return err
		}
		for i := range some {
			now := h.options.Now()
			age := now.Sub(some[i].Since)
			if age < pendingLeft {
				continue // it is at work
			}
			in, err := h.pending(&some[i])
			if err != nil || age > pendingKept { // or the feed is no longer there
				h.settle(ctx, some[i].ID)
				continue
			}
			_ = h.intents.add(in, now) // it is there at the next look, should there be no room
		}
		if after = next; after == "" {
			return nil
		}
	}
}

// pending is what a callback was to be asked for.
func (h *Hub) pending(sub *cache.Subscription) (*intent, error) {
	var t pendingTerms
	if err := json.Unmarshal(sub.Terms, &t); err != nil {
		return nil, fmt.Errorf("read a verification that was cut off: %w", err)
	}
	in := &intent{mode: t.Mode, tag: sub.Told, client: "hub", group: sub.Group, id: sub.ID, terms: t.terms, resumed: true}
	if in.mode == unsubscribe {
		return in, nil
	}
	var err error
	in.topic, err = h.wakes(t.Topic)
	return in, err
}
