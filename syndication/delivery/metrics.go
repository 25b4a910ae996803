package delivery

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

type metrics struct {
	deliveries    *prometheus.CounterVec // by outcome
	subscriptions *prometheus.GaugeVec   // by state
}

// newMetrics makes the metrics of one channel.
func newMetrics(o *Options, oldest func() time.Duration) *metrics {
	registerer := o.Registerer
	if registerer != nil {
		registerer = prometheus.WrapRegistererWith(prometheus.Labels{"channel": string(o.Channel)}, registerer)
	}
	with := promauto.With(registerer)
	with.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "newswire_deliveries_oldest_undelivered_seconds",
		Help: "For how long the subscription has waited that has waited for the longest, in seconds.",
	}, func() float64 { return oldest().Seconds() })
	m := &metrics{
		deliveries: with.NewCounterVec(prometheus.CounterOpts{
			Name: "newswire_deliveries_total",
			Help: "Deliveries to subscribers, by outcome: sent, nothing (to say), failed, refused (by the subscriber) or ended.",
		}, []string{"outcome"}),
		subscriptions: with.NewGaugeVec(prometheus.GaugeOpts{
			Name: "newswire_subscriptions",
			Help: "Subscriptions by state, well or failing, as counted within the last minute.",
		}, []string{"state"}),
	}
	for _, outcome := range []string{"sent", "nothing", "failed", "refused", "ended"} {
		m.deliveries.WithLabelValues(outcome)
	}
	return m
}

func (m *metrics) count(o *Outcome) {
	outcome := "nothing"
	switch {
	case o.End:
		outcome = "ended"
	case o.Err != nil && o.Refused:
		outcome = "refused"
	case o.Err != nil:
		outcome = "failed"
	case o.Sent:
		outcome = "sent"
	}
	m.deliveries.WithLabelValues(outcome).Inc()
}
