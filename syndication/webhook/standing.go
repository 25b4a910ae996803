package webhook

import (
	"cmp"
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// Standing is how a partner's webhook fares, for operators.
type Standing struct {
	Channel   cache.Channel `json:"channel"`
	Partner   string        `json:"partner"`
	URL       string        `json:"url"`
	State     string        `json:"state"`                  // one of the states below
	Behind    int           `json:"behind"`                 // changes that it was not told
	More      bool          `json:"more,omitempty"`         // and more than these
	Lost      bool          `json:"lost,omitempty"`         // and some that are no longer in the log: it is told to begin again
	Since     time.Time     `json:"behind_since,omitzero"`  // when the first of these was recorded
	Delivered time.Time     `json:"delivered,omitzero"`     // the last message
	Failures  int           `json:"failures,omitempty"`     // in a row
	Failing   time.Time     `json:"failing_since,omitzero"` // the first of these
	Next      time.Time     `json:"next,omitzero"`          // attempt
	Why       string        `json:"why,omitempty"`          // of the last failure
}

// The states of a webhook.
const (
	StateOK       = "ok"
	StateBehind   = "behind"
	StateFailing  = "failing"
	StateDisabled = "disabled"
	StateNew      = "new" // no service has begun to tell it
)

// StandingStore is what [Standings] reads.
type StandingStore interface {
	Registry
	cache.ChangeLog
}

// Standings tells of all webhooks of the config, by partner.
func Standings(ctx context.Context, store StandingStore, settings *Settings) ([]Standing, error) {
	endpoints, err := Endpoints(ctx, store, settings)
	if err != nil {
		return nil, err
	}
	known := map[string]*Endpoint{}
	for i := range endpoints {
		known[endpoints[i].ID] = &endpoints[i]
	}
	var out []Standing
	for id, p := range settings.partners {
		s := Standing{Channel: cache.ChannelWebhook, Partner: id, URL: p.Webhook.URL, State: StateNew}
		if e := known[id]; e != nil {
			b, err := settings.Behind(ctx, store, e)
			if err != nil {
				return nil, err
			}
			s.tell(e, &b)
		}
		out = append(out, s)
	}
	slices.SortFunc(out, func(a, b Standing) int { return cmp.Compare(a.Partner, b.Partner) })
	return out, nil
}

// tell completes it with what the store knows.
func (s *Standing) tell(e *Endpoint, b *Backlog) {
	s.Behind, s.More, s.Lost, s.Since = b.Changes, b.More, b.Lost, b.Since
	s.Delivered, s.Failures, s.Failing, s.Why = e.At, e.Failures, e.Failing, e.Why
	switch {
	case e.Disabled:
		s.State = StateDisabled
		return // it is not tried again
	case e.Failures > 0:
		s.State = StateFailing
	case b.Changes > 0 || b.Lost:
		s.State = StateBehind
	default:
		s.State = StateOK
		return
	}
	s.Next = e.Due
}

// Backlog is how far the webhook is behind, for people.
func (s *Standing) Backlog() string {
	switch {
	case s.Lost:
		return "resync"
	case s.More:
		return fmt.Sprintf("%d+", s.Behind)
	}
	return fmt.Sprint(s.Behind)
}

// Replay has a partner told again what came after a cursor. The error wraps [newswire.ErrNotFound] where no service has begun to
// tell the partner.
func Replay(ctx context.Context, store Registry, partner string, from newswire.Cursor) error {
	const unique = 8 // characters of a name that no replay of the partner had before
	return store.Rewind(ctx, cache.ChannelWebhook, partner, PlaceAt(from, rand.Text()[:unique]))
}
