package api

import (
	"strconv"
	"sync"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

type metrics struct {
	requests  *prometheus.CounterVec // by path, partner and code
	wrongKeys prometheus.Counter
	alone     prometheus.Counter // rates that were not shared
}

func newMetrics(registerer prometheus.Registerer) *metrics {
	with := promauto.With(registerer)
	return &metrics{
		requests: with.NewCounterVec(prometheus.CounterOpts{
			Name: "newswire_api_requests_total",
			Help: "Requests to the API, by path, partner (empty without a key) and HTTP status code.",
		}, []string{"path", "partner", "code"}),
		wrongKeys: with.NewCounter(prometheus.CounterOpts{
			Name: "newswire_api_wrong_keys_total",
			Help: "Requests with a key that is not accepted.",
		}),
		alone: with.NewCounter(prometheus.CounterOpts{
			Name: "newswire_api_rates_alone_total",
			Help: "Times that a partner's rate was held to by this process alone, for the store was away.",
		}),
	}
}

// watch tells how the log is followed, and by how many.
func (m *metrics) watch(registerer prometheus.Registerer, a *API) {
	with := promauto.With(registerer)
	with.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "newswire_api_waiting",
		Help: "Clients that wait for a change, by long poll or stream.",
	}, a.waiters.count)
	with.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "newswire_api_change_log_lost",
		Help: "1 while the change log cannot be heard, and followers of changes wait.",
	}, func() float64 {
		if e := a.tail.state.Load(); e.lost || !e.attached {
			return 1
		}
		return 0
	})
}

// counters are those of one path, found once: looking one up by its labels costs more than counting.
type counters struct {
	metrics *metrics
	path    string
	byWhom  sync.Map // of counterKey
}

type counterKey struct {
	partner string
	code    int
}

func (m *metrics) of(path string) *counters { return &counters{metrics: m, path: path} }

// count counts a request.
func (c *counters) count(partner string, code int) {
	key := counterKey{partner, code}
	counter, ok := c.byWhom.Load(key)
	if !ok {
		counter, _ = c.byWhom.LoadOrStore(key, c.metrics.requests.WithLabelValues(c.path, partner, strconv.Itoa(code)))
	}
	counter.(prometheus.Counter).Inc()
}
