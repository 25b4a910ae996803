package webhook

import (
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// The outcomes of an attempt.
const (
	outcomeAccepted = "accepted"
	outcomeRefused  = "refused" // the endpoint answered that it does not take it
	outcomeFailed   = "failed"  // the endpoint did not answer
	outcomeStore    = "store"   // nothing was sent: the store was away
)

type metrics struct {
	attempts *prometheus.CounterVec // by partner and outcome
	changes  *prometheus.CounterVec // by partner
}

func newMetrics(registerer prometheus.Registerer) *metrics {
	with := promauto.With(registerer)
	return &metrics{
		attempts: with.NewCounterVec(prometheus.CounterOpts{
			Name: "newswire_webhook_attempts_total",
			Help: "Messages that were sent to partners' webhooks, by partner and outcome: accepted, refused, failed, or store where it was away.",
		}, []string{"partner", "outcome"}),
		changes: with.NewCounterVec(prometheus.CounterOpts{
			Name: "newswire_webhook_changes_total",
			Help: "Changes in the messages that partners accepted.",
		}, []string{"partner"}),
	}
}

func (m *metrics) count(partner, outcome string) { m.attempts.WithLabelValues(partner, outcome).Inc() }
