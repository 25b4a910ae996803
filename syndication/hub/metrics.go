package hub

import "github.com/prometheus/client_golang/prometheus"

// metrics count what the hub is asked, and what came of it.
type metrics struct {
	requests      *prometheus.CounterVec
	verifications *prometheus.CounterVec
}

func newMetrics(registry prometheus.Registerer) metrics {
	m := metrics{
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "newswire_hub_requests_total", Help: "Requests to the hub, by mode and by whether they were accepted.",
		}, []string{"mode", "result"}),
		verifications: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "newswire_hub_verifications_total", Help: "Callbacks that were asked to confirm a request, by mode and result.",
		}, []string{"mode", "result"}),
	}
	if registry != nil {
		registry.MustRegister(m.requests, m.verifications)
	}
	return m
}

func (m *metrics) asked(mode, result string) {
	if mode == "" {
		mode = "none"
	}
	m.requests.WithLabelValues(mode, result).Inc()
}

func (m *metrics) verified(mode, result string) { m.verifications.WithLabelValues(mode, result).Inc() }
