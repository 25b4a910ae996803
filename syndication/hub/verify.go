package hub

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// What came of a verification, for metrics.
const (
	verified    = "verified"
	declined    = "declined"    // the callback said no
	unreachable = "unreachable" // it said nothing
	unstored    = "denied"      // it said yes, and there was no room any more, or no store
)

// verify asks a callback whether it wants what was asked for on its behalf (WebSub §5.3), and does that. What there was before
// stays as it is until the callback has said yes.
func (h *Hub) verify(ctx context.Context, in *intent) {
	h.pend(ctx, in)
	result, err := h.confirm(ctx, in)
	if result == verified {
		err = h.fulfil(ctx, in)
	}
	if err != nil && result == verified {
		result = unstored
		h.deny(ctx, in, err)
	}
	if ctx.Err() == nil {
		h.settle(ctx, in.id)
	}
	h.metrics.verified(in.mode, result)
	log := h.options.Log.With("mode", in.mode, "topic", in.terms.Topic, "callback_host", in.group, "result", result)
	switch {
	case ctx.Err() != nil:
	case result == unstored:
		log.WarnContext(ctx, "subscription verified and not stored", "error", err)
	case err != nil:
		log.InfoContext(ctx, "subscription not verified", "error", err)
	default:
		log.InfoContext(ctx, "subscription verified")
	}
}

// confirm asks the callback.
func (h *Hub) confirm(ctx context.Context, in *intent) (result string, err error) {
	challenge := rand.Text()
	parameters := url.Values{"hub.mode": {in.mode}, "hub.topic": {in.terms.Topic}, "hub.challenge": {challenge}}
	if in.mode == subscribe {
		parameters.Set("hub.lease_seconds", strconv.FormatInt(in.terms.Lease, 10))
	}
	reply, err := h.callers.ask(ctx, in.terms.Callback, parameters)
	switch {
	case err != nil:
		return unreachable, err
	case !reply.succeeded():
		return declined, fmt.Errorf("the callback answered %d", reply.code)
	case string(reply.body) != challenge:
		return declined, errors.New("the callback answered something else than the challenge")
	}
	return verified, nil
}

const (
	storeAttempts = 5
	storePause    = time.Second // after the first; then twice as long each time
)

// fulfil does what a callback has confirmed. A store that is away is waited for a little: the subscriber believes by now that
// it has what it wanted.
func (h *Hub) fulfil(ctx context.Context, in *intent) (err error) {
	pause := storePause
	for range storeAttempts {
		var final *refusal
		if err = h.record(ctx, in); err == nil || errors.As(err, &final) && final.status == http.StatusForbidden {
			return err
		}
		select {
		case <-ctx.Done():
			return err
		case <-time.After(pause):
			pause *= 2
		}
	}
	return err
}

// record is one attempt of fulfil.
func (h *Hub) record(ctx context.Context, in *intent) error {
	if in.mode == unsubscribe {
		return h.store.Unsubscribe(ctx, cache.ChannelHub, in.id)
	}
	known, err := h.checkRoom(ctx, in)
	if err != nil {
		return err
	}
	err = h.store.Subscribe(ctx, cache.Subscription{
		Channel:  cache.ChannelHub,
		ID:       in.id,
		Topics:   []newswire.Topic{in.topic},
		Group:    in.group,
		Until:    h.options.Now().Add(time.Duration(in.terms.Lease) * time.Second),
		Terms:    in.terms.encode(),
		Progress: cache.Progress{Told: in.tag},
	})
	if err != nil {
		return err
	}
	if known != nil && known.Failures > 0 { // it answers again, so it need not wait until its backoff ends
		err = h.store.Rewind(ctx, cache.ChannelHub, in.id, known.Told)
	}
	if h.options.Stored != nil {
		h.options.Stored()
	}
	return err
}

// deny tells a callback that it does not have what it confirmed (WebSub §5.2).
func (h *Hub) deny(ctx context.Context, in *intent, why error) {
	reason := "The hub could not store this. Please ask again."
	var final *refusal
	if errors.As(why, &final) && final.status == http.StatusForbidden {
		reason = final.detail
	}
	_, err := h.callers.ask(ctx, in.terms.Callback, url.Values{
		"hub.mode": {denied}, "hub.topic": {in.terms.Topic}, "hub.reason": {reason},
	})
	if err != nil {
		h.options.Log.InfoContext(ctx, "denial not delivered", "callback_host", in.group, "error", err)
	}
}
