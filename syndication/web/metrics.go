package web

import (
	"strconv"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

type metrics struct {
	requests   *prometheus.CounterVec // by route and code
	renderings *prometheus.CounterVec // by result: new, same or failed
}

func newMetrics(s *Server) metrics {
	with := promauto.With(s.options.Registerer)
	with.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "newswire_web_rendered_bytes",
		Help: "Bytes of rendered documents kept in memory, compressed forms included.",
	}, func() float64 { return float64(s.shelf.size()) })
	with.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "newswire_web_change_log_age_seconds",
		Help: "Seconds since the change log was last heard to its end: how far behind the feeds may be. -1 before the first time.",
	}, func() float64 {
		heard := s.follower.heard.Load()
		if heard == 0 {
			return -1
		}
		return s.options.Now().Sub(time.Unix(0, heard)).Seconds()
	})
	if s.options.Snapshot != nil {
		with.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "newswire_web_snapshot_documents",
			Help: "Rendered documents kept on disk for a restart without the store.",
		}, func() float64 { return float64(s.options.Snapshot.Len()) })
	}
	evictions := with.NewCounter(prometheus.CounterOpts{
		Name: "newswire_web_evictions_total",
		Help: "Rendered documents that made room for others.",
	})
	s.shelf.evicted = func(n int) { evictions.Add(float64(n)) }
	return metrics{
		requests: with.NewCounterVec(prometheus.CounterOpts{
			Name: "newswire_web_requests_total",
			Help: "Requests answered, by route and HTTP status code.",
		}, []string{"route", "code"}),
		renderings: with.NewCounterVec(prometheus.CounterOpts{
			Name: "newswire_web_renderings_total",
			Help: "Documents rendered, by result: new, same as before, or failed.",
		}, []string{"result"}),
	}
}

// counters are those of one route, by status code, found once: looking one up by its labels costs more than counting.
type counters struct {
	requests *prometheus.CounterVec
	route    string
	byCode   [600]atomic.Pointer[prometheus.Counter]
}

func (m *metrics) answered(route string) *counters {
	return &counters{requests: m.requests, route: route}
}

// count counts a request.
func (c *counters) count(code int) {
	if code < 0 || code >= len(c.byCode) {
		return // no status that we answer with
	}
	counter := c.byCode[code].Load()
	if counter == nil {
		found := c.requests.WithLabelValues(c.route, strconv.Itoa(code))
		counter = &found
		c.byCode[code].Store(counter)
	}
	(*counter).Inc()
}
