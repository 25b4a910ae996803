package sources_test

import (
	"context"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/fetch"
)

// tallied counts the requests to publishers that never change.
type tallied struct {
	steady
	n *atomic.Int64
}

func (c tallied) Get(ctx context.Context, r fetch.Request) (*fetch.Answer, error) {
	c.n.Add(1)
	return c.steady.Get(ctx, r)
}

// counting is a config whose sources' requests are counted.
func (v village) counting(ids ...string) (sources.Setup, *atomic.Int64) {
	setup, n := v.setup(ids...), &atomic.Int64{}
	setup.Fetcher = tallied{n: n}
	return setup, n
}

func (v village) pause(setup *sources.Setup, id, reason string) {
	v.Helper()
	if _, err := sources.Pause(v.Context(), v.store, setup.Catalog, id, reason); err != nil {
		v.Fatal(err)
	}
}

func (v village) standing(setup *sources.Setup, id string) sources.Standing {
	v.Helper()
	list, err := sources.Standings(v.Context(), v.store, setup.Catalog)
	if err != nil {
		v.Fatal(err)
	}
	for _, s := range list {
		if s.Source == id {
			return s
		}
	}
	v.Fatalf("no source %s", id)
	return sources.Standing{}
}

func TestAPausedSourceIsVisitedByNoProcessUntilItIsResumed(t *testing.T) {
	inVillage(t, func(v village) {
		setup, asked := v.counting("a")
		a, stop := v.start(setup)
		time.Sleep(day / 2)
		v.pause(&setup, "a", "  its publisher\nasked ")
		before := asked.Load()
		time.Sleep(3 * day)
		a.Replace(v.slow("@every 1h", 20*day, "a")) // as a reload does, also with another schedule
		a.Replace(setup)
		time.Sleep(day)
		stop()
		_, stop = v.start(setup) // as a restart, or another process
		time.Sleep(2*day + 5*time.Hour)
		v.wantPaused(&setup)
		if n := asked.Load(); n != before {
			v.Errorf("its publisher was asked %d times while it was paused", n-before)
		}
		if _, _, err := sources.Resume(v.Context(), v.store, setup.Catalog, "a"); err != nil {
			v.Fatal(err)
		}
		time.Sleep(time.Hour + time.Minute) // one sleep of a process that did not hear of it
		if n := asked.Load(); n != before+1 {
			v.Errorf("its publisher was asked %d times after the pause; want once, for its schedule was due", n-before)
		}
		if s := v.standing(&setup, "a"); s.Condition != sources.Well || s.Paused.On() {
			v.Errorf("after the pause its standing is %+v", s)
		}
		if _, _, err := sources.Resume(v.Context(), v.store, setup.Catalog, "a"); !errors.Is(err, sources.ErrNotPaused) {
			v.Errorf("resumed twice: %v; want ErrNotPaused", err)
		}
		stop()
	})
}

// wantPaused checks what operators see of the source a, and that a visit by hand is refused.
func (v village) wantPaused(setup *sources.Setup) {
	v.Helper()
	const words = ": its publisher asked"
	s := v.standing(setup, "a")
	if s.Condition != sources.Paused || !s.Due.IsZero() || !strings.HasSuffix(s.Why, words) || !s.Paused.On() {
		v.Errorf("the standing is %+v", s)
	}
	var said []sources.Result
	hand := sources.NewAggregator(v.store, *setup, sources.Options{Report: func(r sources.Result) { said = append(said, r) }})
	if err := hand.Round(v.Context(), "a"); err != nil {
		v.Fatal(err)
	}
	if len(said) != 1 || said[0].Outcome != sources.AtRest || !strings.HasSuffix(said[0].Why, words) {
		v.Errorf("a visit by hand reports %+v", said)
	}
	var soon *sources.TooSoonError
	if err := sources.Hasten(v.Context(), v.store, setup.Catalog, "a"); !errors.As(err, &soon) || !soon.Until.IsZero() {
		v.Errorf("hastened: %v; want that it is paused", err)
	}
}

func TestAPauseMakesTheVisitVoidThatIsUnderWay(t *testing.T) {
	inVillage(t, func(v village) {
		setup := v.setup("a")
		ready := make(chan struct{})
		setup.Fetcher = waiting{until: ready}
		_, stop := v.start(setup)
		defer stop()
		time.Sleep(time.Second)
		v.pause(&setup, "a", "")
		close(ready)
		time.Sleep(3 * day)
		v.wantArticles("of the visit under way", "a", 0)
		if s := v.standing(&setup, "a"); s.Condition != sources.Paused || s.Paused.Reason != "" {
			v.Errorf("the standing is %+v", s)
		}
	})
}

// waiting are publishers that answer when they may.
type waiting struct {
	steady
	until <-chan struct{}
}

func (s waiting) Get(ctx context.Context, r fetch.Request) (*fetch.Answer, error) {
	<-s.until
	return s.steady.Get(ctx, r)
}

func TestAPausedSourceThatLeavesTheConfigAgesOut(t *testing.T) {
	inVillage(t, func(v village) {
		setup := v.setup("old", "kept")
		a, stop := v.start(setup)
		defer stop()
		time.Sleep(2 * day)
		v.pause(&setup, "old", "")
		a.Replace(v.setup("kept"))
		time.Sleep(35 * day)
		v.wantArticles("after its time", "old", 0)
		v.wantForgotten("old")
	})
}

func TestAPauseLeavesTheHub(t *testing.T) {
	inVillage(t, func(v village) {
		setup := v.setup("a", "gone")
		_, stop := v.start(setup)
		time.Sleep(time.Minute)
		stop()
		v.amend("a", func(s *newswire.State) {
			s.Push = newswire.Push{Hub: "https://hub.example/", Topic: "t", Token: "k", Secret: "s", Asked: time.Now(), Until: time.Now().Add(day)}
		})
		v.pause(&setup, "a", "")
		states, err := v.store.States(v.Context(), "a")
		state := states["a"]
		if err != nil || state.Push.Hub != "" || len(state.Push.Left) != 1 || state.Due.After(time.Now()) || !state.NextVisit().After(time.Now()) {
			v.Errorf("after the pause: %+v, %v; want the hub to be left at once", state.Push, err)
		}
		if state.Validators.ETag != "" {
			v.Error("the next document is not read whole, so that it would not name the hub")
		}
		v.amend("gone", func(s *newswire.State) { s.Health.Stopped = "410 Gone" })
		if _, err := sources.Pause(v.Context(), v.store, setup.Catalog, "gone", ""); !errors.Is(err, sources.ErrStopped) {
			v.Errorf("paused what is visited no more: %v; want ErrStopped", err)
		}
		if _, err := sources.Pause(v.Context(), v.store, setup.Catalog, "none", ""); !errors.Is(err, newswire.ErrNotFound) {
			v.Errorf("paused what is not in the config: %v; want ErrNotFound", err)
		}
	})
}

// amend changes what is remembered of a source.
func (v village) amend(id string, change func(*newswire.State)) {
	v.Helper()
	due, err := v.store.Due(v.Context())
	if err == nil {
		err = v.store.Reschedule(v.Context(), id, due[id], time.UnixMilli(1))
	}
	if err != nil {
		v.Fatal(err)
	}
	leases, err := v.store.Claim(v.Context(), 1, time.Minute, id)
	if err != nil || len(leases) != 1 {
		v.Fatalf("%d leases, %v", len(leases), err)
	}
	states, err := v.store.States(v.Context(), id)
	if err != nil {
		v.Fatal(err)
	}
	state := states[id]
	change(&state)
	if err := v.store.Record(v.Context(), leases[0], newswire.Visit{Source: id, At: leases[0].At, State: state}); err != nil {
		v.Fatal(err)
	}
}

// quicker is a store at which another worker claims a source a moment before it is claimed, some times.
type quicker struct {
	cache.Store
	times int
}

func (s *quicker) Claim(ctx context.Context, n int, lease time.Duration, only ...string) ([]cache.Lease, error) {
	if s.times > 0 {
		s.times--
		if _, err := s.Store.Claim(ctx, n, lease, only...); err != nil {
			return nil, err
		}
	}
	return s.Store.Claim(ctx, n, lease, only...)
}

func TestAPauseTakesTheSourceFromAWorkerThatIsQuicker(t *testing.T) {
	for times, want := range map[int]error{0: nil, 1: nil, 3: nil, 100: sources.ErrVisited} {
		inVillage(t, func(v village) {
			setup, _ := v.counting("a")
			_, stop := v.start(setup)
			time.Sleep(time.Hour)
			stop()
			if _, err := sources.Pause(v.Context(), &quicker{v.store, times}, setup.Catalog, "a", ""); !errors.Is(err, want) {
				v.Errorf("a worker was quicker %d times: %v, want %v", times, err, want)
			}
		})
	}
}
