package delivery_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/newswire/newswire/syndication/delivery"
)

func TestMetricsTellOutcomesAndWhoIsBehind(t *testing.T) {
	inRig(t, func(r *rig) {
		r.subscribe("a-1", "a-2", "refusing-1")
		registry := prometheus.NewRegistry()
		r.run(r, delivery.Options{Registerer: registry})
		time.Sleep(time.Second)
		r.publish(1)
		time.Sleep(2 * time.Minute)
		families, err := registry.Gather()
		r.check(err, "Gather")
		got := map[string]float64{}
		for _, f := range families {
			for _, m := range f.GetMetric() {
				name := f.GetName()
				for _, l := range m.GetLabel() {
					name += " " + l.GetValue()
				}
				got[name] = m.GetCounter().GetValue() + m.GetGauge().GetValue()
			}
		}
		for name, want := range map[string]float64{
			"newswire_deliveries_total hub sent":    2,
			"newswire_deliveries_total hub refused": float64(len(r.tries("refusing-1"))),
			"newswire_deliveries_total hub failed":  0,
			"newswire_subscriptions hub failing":    1,
			"newswire_subscriptions hub well":       2,
		} {
			if got[name] != want {
				t.Errorf("%s is %v, want %v; all: %v", name, got[name], want, strings.ReplaceAll(fmt.Sprint(got), " newswire", "\nnewswire"))
			}
		}
		if oldest := got["newswire_deliveries_oldest_undelivered_seconds hub"]; oldest < 119 || oldest > 125 {
			t.Errorf("the oldest undelivered is %v s old, want two minutes", oldest)
		}
	})
}
