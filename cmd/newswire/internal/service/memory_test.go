package service

import (
	"math"
	"os"
	"path/filepath"
	"runtime/debug"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"
)

func TestTheSharesOfABudgetFitIntoIt(t *testing.T) {
	for _, total := range []int64{64 << 20, 96 << 20, 256_000_000, 512 << 20, 4 << 30} {
		b := divide(total, math.MaxInt64)
		if b.Total != total {
			t.Errorf("a budget of %d becomes %d", total, b.Total)
		}
		least := int64(leastHeap + leastKept)
		if outside := b.Heap + b.Store.Pages + b.Search; outside > max((total-programBytes)/10*9+10, least+least/8) {
			t.Errorf("of %d bytes, the heap and SQLite get %d", total, outside)
		}
		kept := b.Rendered + b.Store.Articles + b.Pictures + b.Changes + b.Hub
		if room := b.Heap - leastHeap; kept > room*3/4 || kept < room/2 {
			t.Errorf("of %d bytes, %d are kept in a heap that has %d for it", total, kept, room)
		}
		for part, bytes := range map[string]int64{"store": b.Store.Pages, "search": b.Search, "changes": b.Changes, "hub": b.Hub, "pictures": b.Pictures} {
			if bytes < 100_000 {
				t.Errorf("of %d bytes, %s gets %d", total, part, bytes)
			}
		}
	}
}

func TestWithoutAWordOfTheConfigTheBudgetIsThatOfTheControlGroup(t *testing.T) {
	for _, tt := range []struct {
		name              string
		configured, group int64
		want              int64
	}{
		{"no limit", 0, math.MaxInt64, 512 << 20},
		{"a large group", 0, 8 << 30, 512 << 20},
		{"a small group", 0, 256 << 20, 224 << 20},
		{"a tiny group", 0, 16 << 20, 64 << 20},
		{"the config says so", 300 << 20, 256 << 20, 300 << 20},
	} {
		if got := divide(tt.configured, tt.group).Total; got != tt.want {
			t.Errorf("%s: %d; want %d", tt.name, got, tt.want)
		}
	}
}

func TestTheLimitOfAControlGroupIsTheLeastOfThoseAbove(t *testing.T) {
	root := t.TempDir()
	for file, text := range map[string]string{
		"two/memory.max":                           "max\n",
		"two/system/memory.max":                    "300000000\n",
		"two/system/wire.service/memory.max":       "400000000\n",
		"one/memory/memory.limit_in_bytes":         "9223372036854771712\n",
		"one/memory/wire/memory.limit_in_bytes":    "200000000\n",
		"one/cpu/wire/memory.limit_in_bytes":       "1\n",
		"container/memory/memory.limit_in_bytes":   "100000000\n",
		"container/systemd/memory.limit_in_bytes":  "1\n",
		"nowhere/else/memory/memory.max":           "1\n",
		"namespace/memory.max":                     "150000000\n",
		"namespace/cgroup.subtree/memory.max":      "1\n",
		"unlimited/memory/memory.limit_in_bytes":   "9223372036854771712\n",
		"unlimited/memory/x/memory.limit_in_bytes": "-1\n",
	} {
		path := filepath.Join(root, filepath.FromSlash(file))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, tt := range []struct {
		name, list, root string
		want             int64
	}{
		{"version 2, a group above", "0::/system/wire.service\n", "two", 300_000_000},
		{"version 2 in a namespace of its own", "0::/\n", "namespace", 150_000_000},
		{"version 1", "3:cpu:/wire\n4:memory:/wire\n0::/\n", "one", 200_000_000},
		{"version 1 in a container, where the path is one of the host", "4:memory:/docker/0123\n1:name=systemd:/docker/0123\n", "container", 100_000_000},
		{"no such file", "0::/\n", "nowhere", math.MaxInt64},
		{"nothing at all", "", "two", math.MaxInt64},
		{"not a list", "memory\n", "two", math.MaxInt64},
	} {
		if got := memoryOfGroups(tt.list, filepath.Join(root, tt.root)); got != tt.want {
			t.Errorf("%s: %d; want %d", tt.name, got, tt.want)
		}
	}
	if got := memoryOfGroups("4:memory:/x\n", filepath.Join(root, "unlimited")); got < 1<<60 {
		t.Errorf("without a limit: %d", got)
	}
}

func TestMetricsSayWhatIsBounded(t *testing.T) {
	registry := prometheus.NewRegistry()
	b := divide(256_000_000, math.MaxInt64)
	m := newMemoryMetrics(registry, &b)
	m.watch("rendered", 30, func() int64 { return 20 })
	families, err := registry.Gather()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]float64{}
	for _, family := range families {
		for _, one := range family.GetMetric() {
			name := family.GetName()
			for _, label := range one.GetLabel() {
				name += " " + label.GetValue()
			}
			got[name] = one.GetGauge().GetValue()
		}
	}
	want := map[string]float64{
		"newswire_memory_budget_bytes":             256_000_000,
		"newswire_memory_heap_limit_bytes":         float64(debug.SetMemoryLimit(-1)),
		"newswire_memory_bound_bytes rendered":     30,
		"newswire_memory_bound_bytes store pages":  float64(b.Store.Pages),
		"newswire_memory_bound_bytes search pages": float64(b.Search),
		"newswire_memory_kept_bytes rendered":      20,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
