package service

import (
	"runtime/debug"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promauto"
)

// memoryMetrics tell what the process may take of the memory, and what its parts have.
type memoryMetrics struct {
	bound *prometheus.GaugeVec
	with  promauto.Factory
}

func newMemoryMetrics(registry prometheus.Registerer, b *Budget) *memoryMetrics {
	with := promauto.With(registry)
	with.NewGauge(prometheus.GaugeOpts{
		Name: "newswire_memory_budget_bytes", Help: "What the process is to take of the memory at most.",
	}).Set(float64(b.Total))
	with.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "newswire_memory_heap_limit_bytes", Help: "What the collector of Go holds the heap to, or tries to.",
	}, func() float64 { return float64(debug.SetMemoryLimit(-1)) })
	m := &memoryMetrics{with: with, bound: with.NewGaugeVec(prometheus.GaugeOpts{
		Name: "newswire_memory_bound_bytes", Help: "What a part of the process may keep in memory.",
	}, []string{"part"})}
	m.bound.WithLabelValues("store pages").Set(float64(b.Store.Pages))
	m.bound.WithLabelValues("search pages").Set(float64(b.Search))
	return m
}

// watch adds a part of the heap that says what it keeps.
func (m *memoryMetrics) watch(part string, bound int64, size func() int64) {
	m.bound.WithLabelValues(part).Set(float64(bound))
	m.with.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "newswire_memory_kept_bytes", Help: "What a part of the process keeps in memory, roughly.", ConstLabels: prometheus.Labels{"part": part},
	}, func() float64 { return float64(size()) })
}
