package service

import (
	"github.com/prometheus/client_golang/prometheus"

	"github.com/newswire/newswire/sources"
)

// visitMetrics counts what the aggregator does.
type visitMetrics struct {
	visits   *prometheus.CounterVec
	articles *prometheus.CounterVec
	duration prometheus.Histogram
	rules    *prometheus.CounterVec
}

func newVisitMetrics(registry prometheus.Registerer) *visitMetrics {
	m := &visitMetrics{
		visits: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "newswire_visits_total", Help: "Visits to publishers, by outcome.",
		}, []string{"outcome"}),
		articles: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "newswire_articles_total", Help: "Articles recorded by visits: new, edited, withdrawn by their publisher, or dropped by retention.",
		}, []string{"change"}),
		duration: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "newswire_visit_duration_seconds", Help: "Time from request to answer.", Buckets: prometheus.ExponentialBuckets(0.01, 2, 13),
		}),
		rules: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "newswire_rules_total", Help: "Articles that a rule of the config applied to, or failed for.",
		}, []string{"rule", "outcome"}),
	}
	registry.MustRegister(m.visits, m.articles, m.duration, m.rules)
	return m
}

// count counts one visit, or what came of a push without one.
func (m *visitMetrics) count(r sources.Result) {
	if !r.Pushed {
		m.visits.WithLabelValues(string(r.Outcome)).Inc()
		m.duration.Observe(r.Duration.Seconds())
	}
	m.articles.WithLabelValues("new").Add(float64(r.New))
	m.articles.WithLabelValues("edited").Add(float64(r.Edited))
	m.articles.WithLabelValues("withdrawn").Add(float64(r.Withdrawn))
	m.articles.WithLabelValues("dropped").Add(float64(r.Dropped))
	for name, c := range r.Rules {
		m.rules.WithLabelValues(name, "applied").Add(float64(c.Applied))
		m.rules.WithLabelValues(name, "failed").Add(float64(c.Failed))
	}
}
