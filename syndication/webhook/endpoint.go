package webhook

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// Endpoint is how a webhook fares.
type Endpoint struct {
	cache.Subscription
	URL      string
	Disabled bool // it wants no more, until its url or secret changes, or a replay
}

// newEndpoints are the webhooks of the config that the store has, by ID.
func newEndpoints(settings *Settings, stored map[string]cache.Subscription) []Endpoint {
	var out []Endpoint
	for id, p := range settings.partners {
		if sub, ok := stored[id]; ok {
			disabled := parsePlace(sub.Told).Disabled
			out = append(out, Endpoint{sub, p.Webhook.URL, disabled != "" && disabled == fingerprint(p.Webhook)})
		}
	}
	slices.SortFunc(out, func(a, b Endpoint) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

// Endpoints says how the webhooks of the config fare, by ID. One that no process has found in its config yet is absent.
func Endpoints(ctx context.Context, store Registry, settings *Settings) ([]Endpoint, error) {
	stored, err := list(ctx, store)
	if err != nil {
		return nil, err
	}
	return newEndpoints(settings, stored), nil
}

// mostBehind is how many records of the log are looked at to tell how far a partner is behind.
const mostBehind = 10_000

// Backlog is what a partner was not told yet.
type Backlog struct {
	Changes int       // that concern the partner
	More    bool      // there are more than these
	Since   time.Time // of the first of them; zero where there are none
	Lost    bool      // some are no longer in the log: the partner is told to begin again
}

// Behind is what a partner was not told yet.
func (s *Settings) Behind(ctx context.Context, log cache.ChangeLog, e *Endpoint) (b Backlog, err error) {
	at, p := parsePlace(e.Told), s.partners[e.ID]
	if b.Lost = at.Lost; b.Lost || p == nil {
		return b, nil
	}
	reader := p.Reader()
	for read := 0; read < mostBehind; {
		records, err := log.Changes(ctx, at.After, min(1000, mostBehind-read))
		switch {
		case errors.Is(err, newswire.ErrGone), errors.Is(err, newswire.ErrCursor):
			return Backlog{Lost: true}, nil
		case err != nil:
			return b, fmt.Errorf("changes after %s: %w", at.After, err)
		case len(records) == 0:
			return b, nil
		}
		for i := range records {
			if reader.Concerns(records[i].Topics) {
				if b.Changes++; b.Changes == 1 {
					b.Since = records[i].At
				}
			}
		}
		read += len(records)
		at.After = records[len(records)-1].Cursor
	}
	b.More = true
	return b, nil
}

// show keeps what a look has found, for health and metrics.
func (k *Keeper) show(settings *Settings, stored map[string]cache.Subscription) {
	endpoints := newEndpoints(settings, stored)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.endpoints = endpoints
}

func (k *Keeper) shown() []Endpoint {
	k.mu.Lock()
	defer k.mu.Unlock()
	return k.endpoints
}

// failingFor is how long an endpoint fails before an operator is to act.
const failingFor = 24 * time.Hour

// Check says which webhooks need an operator: those that have failed for a day, and those that want no more. It returns at
// once, with what the last look at the store has found.
func (k *Keeper) Check(context.Context) error {
	var bad []string
	now := k.options.Now()
	for _, e := range k.shown() {
		switch {
		case e.Disabled:
			bad = append(bad, e.ID+" "+errDisabled.Error())
		case !e.Failing.IsZero() && now.Sub(e.Failing) >= failingFor:
			bad = append(bad, fmt.Sprintf("%s fails since %s: %s", e.ID, e.Failing.UTC().Format(time.RFC3339), e.Why))
		}
	}
	if len(bad) == 0 {
		return nil
	}
	return fmt.Errorf("webhooks of partners: %s", strings.Join(bad, "; "))
}

// gauges are the metrics of endpoints.
type gauges struct{ k *Keeper }

var (
	failingDesc = prometheus.NewDesc("newswire_webhook_failing_seconds",
		"How long a partner's webhook has failed; 0 while it does not.", []string{"partner"}, nil)
	disabledDesc = prometheus.NewDesc("newswire_webhook_disabled",
		"1 while a partner's webhook wants no more: it answered 410 Gone.", []string{"partner"}, nil)
)

// Describe implements [prometheus.Collector].
func (g gauges) Describe(ch chan<- *prometheus.Desc) {
	ch <- failingDesc
	ch <- disabledDesc
}

// Collect implements [prometheus.Collector].
func (g gauges) Collect(ch chan<- prometheus.Metric) {
	now := g.k.options.Now()
	for _, e := range g.k.shown() {
		failing, disabled := 0.0, 0.0
		if !e.Failing.IsZero() {
			failing = max(0, now.Sub(e.Failing).Seconds())
		}
		if e.Disabled {
			disabled = 1
		}
		ch <- prometheus.MustNewConstMetric(failingDesc, prometheus.GaugeValue, failing, e.ID)
		ch <- prometheus.MustNewConstMetric(disabledDesc, prometheus.GaugeValue, disabled, e.ID)
	}
}
