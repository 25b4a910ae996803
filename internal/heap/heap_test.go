package heap

import (
	"math"
	"runtime"
	"runtime/debug"
	"slices"
	"testing"
	"testing/synctest"
	"time"
)

func TestTheHeapMayGrowByAPartOfItsLimit(t *testing.T) {
	for _, tt := range []struct {
		name        string
		used, limit int64
		want        int
	}{
		{"little in use", 4 << 20, 400 << 20, 1250},
		{"an eighth of the limit", 50 << 20, 400 << 20, 100},
		{"more than that", 300 << 20, 400 << 20, 100},
		{"over the limit", 500 << 20, 400 << 20, 100},
		{"nothing", 0, 400 << 20, math.MaxInt32},
		{"hardly anything", 1, math.MaxInt64, math.MaxInt32},
	} {
		if got := Percentage(tt.used, tt.limit); got != tt.want {
			t.Errorf("%s: Percentage(%d, %d) = %d; want %d", tt.name, tt.used, tt.limit, got, tt.want)
		}
	}
}

// scripted is a collector that does nothing.
type scripted struct {
	inUse int64
	sets  []int
	gives int
}

func (s *scripted) used() int64            { return s.inUse }
func (s *scripted) setPercent(percent int) { s.sets = append(s.sets, percent) }

func (s *scripted) percent() int {
	if len(s.sets) == 0 {
		return standard
	}
	return s.sets[len(s.sets)-1]
}

func (s *scripted) giveBack() { s.gives++ }

func TestAProcessAtWorkCollectsSeldomAndGivesBackOnceAtRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{inUse: 10 << 20}
		k := newKeeper(400<<20, s)
		defer k.Stop()
		expect := func(moment string, gives int, sets ...int) {
			t.Helper()
			synctest.Wait()
			k.mu.Lock()
			defer k.mu.Unlock()
			if !slices.Equal(s.sets, sets) || s.gives != gives {
				t.Errorf("%s: percentages %v, given back %d times; want %v and %d", moment, s.sets, s.gives, sets, gives)
			}
		}
		k.collected(time.Now())
		expect("the first collection", 0)
		time.Sleep(time.Minute)
		k.collected(time.Now())
		expect("one after a minute", 0)
		time.Sleep(time.Second)
		k.collected(time.Now())
		expect("one after a second", 0, 500)
		time.Sleep(time.Second)
		s.inUse = 10<<20 + 1<<19
		k.collected(time.Now())
		expect("hardly more in use", 0, 500)
		time.Sleep(time.Second)
		s.inUse = 20 << 20
		k.collected(time.Now())
		expect("twice as much in use", 0, 500, 250)
		time.Sleep(quiet - 1)
		expect("nearly at rest", 0, 500, 250)
		time.Sleep(time.Nanosecond)
		expect("at rest", 1, 500, 250, 100)
		k.collected(time.Now()) // that of giving back
		time.Sleep(time.Hour)
		k.collected(time.Now())
		time.Sleep(time.Hour)
		expect("an hour later", 1, 500, 250, 100)
		k.collected(time.Now())
		k.collected(time.Now())
		expect("at work again", 1, 500, 250, 100, 250)
		time.Sleep(quiet)
		expect("at rest again", 2, 500, 250, 100, 250, 100)
		k.collected(time.Now())
		k.collected(time.Now())
		s.setPercent(50) // as the loader of the config does
		k.collected(time.Now())
		expect("after another has set it", 2, 500, 250, 100, 250, 100, 250, 50, 250)
	})
}

func TestAKeeperThatStoppedLeavesTheCollectorAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &scripted{inUse: 10 << 20}
		k := newKeeper(400<<20, s)
		k.collected(time.Now())
		k.collected(time.Now())
		k.Stop()
		if k.collected(time.Now()) {
			t.Error("a keeper that stopped wants to hear of the next collection")
		}
		time.Sleep(time.Hour)
		synctest.Wait()
		k.mu.Lock()
		defer k.mu.Unlock()
		if want := []int{500, 100}; !slices.Equal(s.sets, want) || s.gives != 0 {
			t.Errorf("percentages %v, given back %d times; want %v and never", s.sets, s.gives, want)
		}
	})
}

func TestCollectionsAreHeardOf(t *testing.T) {
	t.Setenv("GOGC", "") // as if it were not set
	t.Setenv("GOMEMLIMIT", "")
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(-1))
	k := Keep(4 << 30)
	defer k.Stop()
	if limit := debug.SetMemoryLimit(-1); limit != 4<<30 {
		t.Errorf("the limit is %d; want what is asked for", limit)
	}
	for range 1000 { // cleanups run soon after a collection
		runtime.GC()
		runtime.Gosched()
		if k.collector.percent() > standard {
			return
		}
	}
	t.Error("no collection was heard of")
}

func TestTheEnvironmentCounts(t *testing.T) {
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(-1))
	debug.SetMemoryLimit(700 << 20)
	t.Setenv("GOMEMLIMIT", "700MiB")
	t.Setenv("GOGC", "100")
	k := Keep(300 << 20)
	k.Stop()
	if k.limit != 300<<20 || debug.SetMemoryLimit(-1) != 700<<20 {
		t.Errorf("the limit is %d, and the keeper goes by %d; want GOMEMLIMIT to count, and the keeper to go by what is lower", debug.SetMemoryLimit(-1), k.limit)
	}
	before := debug.SetGCPercent(77)
	defer debug.SetGCPercent(before)
	k.collector.setPercent(500)
	if got := debug.SetGCPercent(77); got != 77 {
		t.Errorf("the collector works at %d %%; want GOGC to count", got)
	}
}
