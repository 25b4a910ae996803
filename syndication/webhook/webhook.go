// Package webhook tells partner sites of changes by POST to an address of theirs, as Standard Webhooks has it.
//
//	sender := webhook.NewSender(store, settings, webhook.Options{Registerer: registry})
//	keeper := webhook.NewKeeper(store, settings, webhook.KeeperOptions{Log: log})
//	d := delivery.New(store, sender, delivery.Options{Channel: cache.ChannelWebhook})
//	g.Go(func() error { return keeper.Run(ctx) })
//	g.Go(func() error { return d.Run(ctx) })
//
// A message is a part of the change log: the changes after the partner's place in it that concern the partner, as the API
// gives them, at most so many as the partner's batch. All changes of a message have one type, so a run of puts that a remove
// ends is a message of its own. Messages go out one at a time and in order, each until it is accepted.
//
// A message's webhook-id is made from the partner and from the first and the last change in it. A message that was refused is
// tried again as it was: the same changes under the same id, though the log has grown meanwhile. That holds over restarts and
// in another process, for the end of what was tried is stored with the partner's place.
//
// A place that the log no longer reaches back to makes a message of type resync, which says from where on messages follow.
//
// The package refuses to decide what a partner sees: that is for [syndication.Reader]. It also refuses to keep secrets: these
// are in the config alone.
package webhook

import (
	"context"
	"fmt"
	"net/http"
	"strconv"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication/change"
	"github.com/newswire/newswire/syndication/delivery"
	"github.com/newswire/newswire/syndication/delivery/post"
	"github.com/newswire/newswire/syndication/partner"
)

// Store is the part of [cache.Store] that messages are made from.
type Store interface {
	cache.ChangeLog
	change.Store
}

// Settings are what the configuration says. They must not change afterwards; a reload replaces them whole.
type Settings struct {
	Site     newswire.Site
	Client   *post.Client
	partners map[string]*partner.Partner // those that have a webhook, by ID
}

// NewSettings makes Settings of a site and its partners. The client sends.
func NewSettings(site newswire.Site, partners []partner.Partner, client *post.Client) *Settings {
	s := &Settings{Site: site, Client: client, partners: map[string]*partner.Partner{}}
	for i := range partners {
		if partners[i].Webhook != nil {
			s.partners[partners[i].ID] = &partners[i]
		}
	}
	return s
}

// Any says whether a partner has a webhook.
func (s *Settings) Any() bool { return len(s.partners) > 0 }

// Options adjust a [Sender]. The zero value works.
type Options struct {
	Now        func() time.Time      // default time.Now
	Registerer prometheus.Registerer // of its metrics; default: none
}

// Sender tells partners what there is after their place in the change log.
type Sender struct {
	store    Store
	settings func() *Settings
	now      func() time.Time
	metrics  *metrics
}

var _ delivery.Sender = (*Sender)(nil)

// NewSender makes a Sender. It asks settings for the current configuration with every message. It panics when its metrics are
// already registered with o.Registerer.
func NewSender(store Store, settings func() *Settings, o Options) *Sender {
	if o.Now == nil {
		o.Now = time.Now
	}
	return &Sender{store: store, settings: settings, now: o.Now, metrics: newMetrics(o.Registerer)}
}

// asleep is how long to wait before a look at an endpoint that wants no more, or that this process does not know.
const asleep = 24 * time.Hour

// Send implements [delivery.Sender]: it sends one message.
func (s *Sender) Send(ctx context.Context, sub *cache.Subscription) delivery.Outcome {
	settings := s.settings()
	at := parsePlace(sub.Told)
	p := settings.partners[sub.ID]
	switch {
	case p == nil:
		// The process may have an older config than the one that stored the subscription. The Keeper removes one that is in none.
		return delivery.Outcome{Told: sub.Told, Err: fmt.Errorf("partner %s has no webhook in the config of the process that looked", sub.ID)}
	case at.Disabled != "" && at.Disabled == fingerprint(p.Webhook):
		return delivery.Outcome{Told: sub.Told, Err: errDisabled, Retry: asleep}
	}
	at.Disabled = ""
	found, err := s.next(ctx, &request{settings, p, at})
	if err != nil {
		s.metrics.count(p.ID, outcomeStore)
		return delivery.Outcome{Told: sub.Told, Err: fmt.Errorf("not sent: %w", err)}
	}
	if found.message == nil {
		return delivery.Outcome{Told: found.then.String(), More: found.more}
	}
	return s.send(ctx, settings.Client, p, found)
}

// send sends what was found for a partner.
func (s *Sender) send(ctx context.Context, client *post.Client, p *partner.Partner, found *found) delivery.Outcome {
	r, err := s.sign(p.Webhook, found.message)
	if err != nil {
		return delivery.Outcome{Told: found.again.String(), Err: err, Retry: asleep}
	}
	answer, err := client.Post(ctx, r)
	switch {
	case err != nil:
		s.metrics.count(p.ID, outcomeFailed)
		return delivery.Outcome{Told: found.again.String(), Err: err}
	case answer.OK():
		s.metrics.count(p.ID, outcomeAccepted)
		s.metrics.changes.WithLabelValues(p.ID).Add(float64(found.message.changes))
		return delivery.Outcome{Told: found.then.String(), Sent: true, More: found.more}
	}
	s.metrics.count(p.ID, outcomeRefused)
	out := delivery.Outcome{Told: found.again.String(), Err: fmt.Errorf("%s", answer), Retry: answer.RetryAfter, Refused: true}
	if answer.Status == http.StatusGone {
		found.again.Disabled = fingerprint(p.Webhook)
		out.Told, out.Err, out.Retry = found.again.String(), errDisabled, asleep
	}
	return out
}

// sign is a message as it is posted (Standard Webhooks, "Webhook headers").
func (s *Sender) sign(to *partner.Webhook, m *message) (*post.Request, error) {
	key, err := to.Key()
	if err != nil {
		return nil, err
	}
	signer, err := standardwebhooks.NewWebhookRaw(key)
	if err != nil {
		return nil, err
	}
	now := s.now()
	signature, err := signer.Sign(m.id, now, m.body)
	if err != nil {
		return nil, err
	}
	header := http.Header{}
	header.Set("Content-Type", "application/json")
	m.terms.State(header)
	header.Set(standardwebhooks.HeaderWebhookID, m.id)
	header.Set(standardwebhooks.HeaderWebhookTimestamp, strconv.FormatInt(now.Unix(), 10))
	header.Set(standardwebhooks.HeaderWebhookSignature, signature)
	return &post.Request{URL: to.URL, Header: header, Body: m.body}, nil
}
