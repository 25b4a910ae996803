package sources_test

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache/sqlitecache"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/fetch"
)

// steady are publishers that never change and answer 304 to a request with their ETag.
type steady struct{}

func (steady) Get(_ context.Context, r fetch.Request) (*fetch.Answer, error) {
	answer := &fetch.Answer{URL: r.URL, Status: http.StatusNotModified, Header: http.Header{}}
	if r.Validators.ETag == "" {
		answer.Status, answer.Body = http.StatusOK, []byte(rss("1 One", "2 Two"))
		answer.Validators.ETag = `"1"`
	}
	return answer, nil
}

// village is a store in virtual time, with processes that have configs of their own.
type village struct {
	*testing.T
	store *sqlitecache.Store
}

// inVillage runs a test in virtual time.
func inVillage(t *testing.T, test func(v village)) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		store, err := sqlitecache.Open(t.Context(), filepath.Join(dir, "wire.db"), sqlitecache.Options{Hasty: true})
		if err != nil {
			t.Fatal(err)
		}
		defer store.Close()
		test(village{t, store})
	})
}

// setup is a config with those sources, which are visited daily and keep what is offered no more for 20 days.
func (v village) setup(ids ...string) sources.Setup { return v.slow("@every 24h", 20*day, ids...) }

// slow is a config with another schedule and another retention.
func (v village) slow(schedule string, age time.Duration, ids ...string) sources.Setup {
	v.Helper()
	var list []newswire.Source
	for _, id := range ids {
		list = append(list, newswire.Source{
			ID: id, URL: "https://" + id + ".example/feed", Schedule: schedule,
			Rights: newswire.Rights{Policy: newswire.PolicyFull}, Retention: newswire.Retention{Age: age},
		})
	}
	catalog, err := sources.NewCatalog(list, nil, nil)
	if err != nil {
		v.Fatal(err)
	}
	return sources.Setup{Catalog: catalog, Fetcher: steady{}, Retention: newswire.Retention{Age: age}}
}

// start has an aggregator run, and returns what stops it.
func (v village) start(setup sources.Setup) (*sources.Aggregator, func()) {
	return v.run(setup, sources.Options{Idle: time.Hour})
}

// run is start with options.
func (v village) run(setup sources.Setup, o sources.Options) (*sources.Aggregator, func()) {
	a := sources.NewAggregator(v.store, setup, o)
	ctx, cancel := context.WithCancel(v.Context())
	done := make(chan struct{})
	go func() {
		defer close(done)
		if err := a.Run(ctx); err != nil {
			v.Error(err)
		}
	}()
	return a, func() { cancel(); <-done }
}

// wantArticles checks how many articles of a source there are.
func (v village) wantArticles(when, source string, want int) {
	v.Helper()
	d := harness{t: v.T, store: v.store}
	if got := len(d.articles(newswire.SourceTopic(source))); got != want {
		v.Errorf("%s: %d articles of %s, want %d", when, got, source, want)
	}
}

// wantForgotten checks that nothing of a source is remembered.
func (v village) wantForgotten(source string) {
	v.Helper()
	states, err := v.store.States(v.Context(), source)
	if err != nil || len(states) != 0 {
		v.Errorf("state %v, %v; want none", states, err)
	}
	due, err := v.store.Due(v.Context())
	if _, indexed := due[source]; err != nil || indexed {
		v.Errorf("due index %v, %v; want %s gone", due, err, source)
	}
}

func TestASourceThatIsInTheConfigNoMoreAgesOut(t *testing.T) {
	inVillage(t, func(v village) {
		a, stop := v.start(v.setup("old", "kept"))
		defer stop()
		time.Sleep(2 * day)
		a.Replace(v.setup("kept"))
		time.Sleep(27 * day)
		v.wantArticles("before its time", "old", 2)
		if _, err := v.store.Withdraw(v.Context(), newswire.ArticleID("old", "1"), "x"); err != nil {
			v.Fatal(err)
		}
		time.Sleep(4 * day)
		v.wantArticles("after it", "old", 0)
		v.wantArticles("all the time", "kept", 2)
		v.wantForgotten("old")
		if _, err := v.store.Article(v.Context(), newswire.ArticleID("old", "1")); !errors.Is(err, newswire.ErrWithdrawn) {
			v.Errorf("what was withdrawn: %v, want ErrWithdrawn", err)
		}
	})
}

func TestRoundsRetireSourcesToo(t *testing.T) {
	inVillage(t, func(v village) {
		round := func(setup sources.Setup) {
			if err := sources.NewAggregator(v.store, setup, sources.Options{}).Round(v.Context()); err != nil {
				v.Fatal(err)
			}
		}
		round(v.setup("old", "kept"))
		// An earlier version took it out of the index and left its articles.
		due, err := v.store.Due(v.Context())
		if err != nil {
			v.Fatal(err)
		}
		if err := v.store.Reschedule(v.Context(), "old", due["old"], time.Time{}); err != nil {
			v.Fatal(err)
		}
		for range 28 {
			round(v.setup("kept"))
			time.Sleep(day)
		}
		v.wantArticles("before its time", "old", 2)
		for range 4 {
			round(v.setup("kept"))
			time.Sleep(day)
		}
		v.wantArticles("after it", "old", 0)
		v.wantForgotten("old")
	})
}

func TestASourceThatAnotherProcessStillVisitsIsNotRetired(t *testing.T) {
	inVillage(t, func(v village) {
		// Visits are as seldom as a publisher may wish, and most of the time the other process alone is there.
		for range 4 {
			_, stop := v.start(v.slow("@every 168h", day, "shared", "kept"))
			time.Sleep(time.Hour)
			stop()
			_, stop = v.start(v.slow("@every 168h", day, "kept"))
			time.Sleep(7 * day)
			stop()
			v.wantArticles("all the time", "shared", 2)
		}
	})
}

func TestASourceThatComesBackIsReadWhole(t *testing.T) {
	for _, away := range []time.Duration{time.Hour, 20 * day} {
		inVillage(t, func(v village) {
			a, stop := v.start(v.setup("old", "kept"))
			defer stop()
			time.Sleep(2*day + 6*time.Hour)
			a.Replace(v.setup("kept"))
			time.Sleep(away)
			d := harness{t: v.T, store: v.store}
			before := d.state("old").Health.LastVisit
			a.Replace(v.setup("old", "kept"))
			time.Sleep(30 * time.Minute)
			state := d.state("old")
			if visited := state.Health.LastVisit.After(before); visited != (away > day) {
				v.Errorf("after %v it was visited at once: %v; want it by its schedule", away, visited)
			}
			time.Sleep(30 * day)
			v.wantArticles("long after it came back", "old", 2)
			if state := d.state("old"); !state.Retired.IsZero() || time.Since(state.Health.LastVisit) > 25*time.Hour {
				v.Errorf("state %+v, want one that is visited", state)
			}
		})
	}
}

// ended are publishers that answer once, and then that their feed is gone for good.
type ended struct {
	steady
	requests atomic.Int32
}

func (e *ended) Get(ctx context.Context, r fetch.Request) (*fetch.Answer, error) {
	if e.requests.Add(1) == 1 {
		return e.steady.Get(ctx, r)
	}
	return &fetch.Answer{URL: r.URL, Status: http.StatusGone, Header: http.Header{}}, nil
}

func TestASourceThatItsPublisherStoppedAgesOut(t *testing.T) {
	inVillage(t, func(v village) {
		publisher := &ended{}
		setup := v.setup("pub")
		setup.Fetcher = publisher
		a, stop := v.start(setup)
		defer stop()
		time.Sleep(19 * day)
		v.wantArticles("within the retention", "pub", 2)
		a.Replace(setup) // a reload in between changes nothing
		time.Sleep(4 * day)
		v.wantArticles("after it", "pub", 0)
		time.Sleep(10 * day)
		if n := publisher.requests.Load(); n != 2 {
			v.Errorf("%d requests, want none after the 410", n)
		}
		if due, err := v.store.Due(v.Context()); err != nil || len(due) != 0 {
			v.Errorf("due index %v, %v; want nothing in it", due, err)
		}
		states, err := v.store.States(v.Context(), "pub")
		if err != nil || states["pub"].Health.Stopped == "" {
			v.Errorf("state %+v, %v; want it known as stopped", states["pub"], err)
		}
	})
}

// During a rollout a process with the config of before claims a source that is new, and retires it. The process that is started
// last with the new config has it visited.
func TestASourceThatAnOlderConfigRetiredIsVisitedAfterTheRollout(t *testing.T) {
	inVillage(t, func(v village) {
		before, after := v.setup("a"), v.setup("a", "b")
		_, stopBefore := v.run(before, sources.Options{Idle: time.Minute})
		time.Sleep(time.Second)
		_, stopAfter := v.start(after)
		time.Sleep(time.Second)
		stopAfter()
		due, err := v.store.Due(v.Context(), "b")
		if err != nil {
			v.Fatal(err)
		}
		if err := v.store.Reschedule(v.Context(), "b", due["b"], time.Now()); err != nil {
			v.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		stopBefore()
		state := func() newswire.State {
			states, err := v.store.States(v.Context(), "b")
			if err != nil {
				v.Fatal(err)
			}
			return states["b"]
		}
		if state().Retired.IsZero() {
			v.Fatal("the process with the config of before did not retire the source")
		}
		_, stop := v.start(after)
		defer stop()
		due, err = v.store.Due(v.Context(), "b")
		if err != nil {
			v.Fatal(err)
		}
		time.Sleep(time.Second)
		now, err := v.store.Due(v.Context(), "b")
		if err != nil || now["b"].Equal(due["b"]) {
			v.Errorf("it stays due at %v, %v, when it was to be looked at again; want when its schedule says", now["b"], err)
		}
	})
}
