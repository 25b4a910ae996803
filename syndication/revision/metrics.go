package revision

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// register makes the engine's metrics. Their names are those of the service that readers see.
func (e *Engine) register() {
	with := promauto.With(e.options.Registerer)
	with.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "newswire_web_rendered_bytes",
		Help: "Bytes of rendered documents kept in memory, compressed forms included.",
	}, func() float64 { return float64(e.shelf.size()) })
	with.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "newswire_web_change_log_age_seconds",
		Help: "Seconds since the change log was last heard to its end: how far behind the feeds may be. -1 before the first time.",
	}, func() float64 {
		heard := e.follower.heard.Load()
		if heard == 0 {
			return -1
		}
		return e.options.Now().Sub(time.Unix(0, heard)).Seconds()
	})
	if e.options.Snapshot != nil {
		with.NewGaugeFunc(prometheus.GaugeOpts{
			Name: "newswire_web_snapshot_documents",
			Help: "Rendered documents kept on disk for a restart without the store.",
		}, func() float64 { return float64(e.options.Snapshot.Len()) })
	}
	evictions := with.NewCounter(prometheus.CounterOpts{
		Name: "newswire_web_evictions_total",
		Help: "Rendered documents that made room for others.",
	})
	e.shelf.evicted = func(n int) { evictions.Add(float64(n)) }
	e.renderings = with.NewCounterVec(prometheus.CounterOpts{
		Name: "newswire_web_renderings_total",
		Help: "Documents rendered, by result: new, same as before, or failed.",
	}, []string{"result"})
}
