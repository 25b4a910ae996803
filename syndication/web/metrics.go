package web

import (
	"strconv"
	"sync/atomic"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

func newRequests(r prometheus.Registerer) *prometheus.CounterVec {
	return promauto.With(r).NewCounterVec(prometheus.CounterOpts{
		Name: "newswire_web_requests_total",
		Help: "Requests answered, by route and HTTP status code.",
	}, []string{"route", "code"})
}

// counters are those of one route, by status code, found once: looking one up by its labels costs more than counting.
type counters struct {
	requests *prometheus.CounterVec
	route    string
	byCode   [600]atomic.Pointer[prometheus.Counter]
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
