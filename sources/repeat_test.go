package sources_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/sqlitecache"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/fetch"
)

// failing is a store of which some calls fail until a time.
type failing struct {
	*sqlitecache.Store
	call    string // that is the first to fail, and has all others fail from then on
	claimed atomic.Bool
	until   atomic.Int64 // Unix nanoseconds; 0 before that call
}

// outage is how long the store is away.
const outage = 4 * time.Second

func (f *failing) fail(call string) error {
	if call == f.call {
		f.until.CompareAndSwap(0, time.Now().Add(outage).UnixNano())
	}
	if time.Now().UnixNano() < f.until.Load() {
		return errors.New("connection refused")
	}
	return nil
}

func (f *failing) Claim(ctx context.Context, n int, lease time.Duration, only ...string) ([]cache.Lease, error) {
	leases, err := f.Store.Claim(ctx, n, lease, only...)
	f.claimed.Store(len(leases) > 0)
	return leases, err
}

func (f *failing) States(ctx context.Context, ids ...string) (map[string]newswire.State, error) {
	call := "States"
	if f.claimed.Load() {
		call = "States of what was claimed"
	}
	return failed(f, call, func() (map[string]newswire.State, error) { return f.Store.States(ctx, ids...) })
}

func (f *failing) Next(ctx context.Context) (cache.Upcoming, error) {
	return failed(f, "Next", func() (cache.Upcoming, error) { return f.Store.Next(ctx) })
}

func (f *failing) Enter(ctx context.Context, domain string, lease time.Duration, postpone ...cache.Postponement) (cache.Turn, error) {
	return failed(f, "Enter", func() (cache.Turn, error) { return f.Store.Enter(ctx, domain, lease, postpone...) })
}

func (f *failing) Known(ctx context.Context, source string, ids []string) (map[string]cache.Known, error) {
	return failed(f, "Known", func() (map[string]cache.Known, error) { return f.Store.Known(ctx, source, ids) })
}

func (f *failing) Record(ctx context.Context, lease cache.Lease, visit newswire.Visit, turns ...cache.Turn) error {
	_, err := failed(f, "Record", func() (struct{}, error) { return struct{}{}, f.Store.Record(ctx, lease, visit, turns...) })
	return err
}

func (f *failing) Postpone(ctx context.Context, lease cache.Lease, until time.Time) error {
	_, err := failed(f, "Postpone", func() (struct{}, error) { return struct{}{}, f.Store.Postpone(ctx, lease, until) })
	return err
}

func failed[T any](f *failing, call string, do func() (T, error)) (T, error) {
	if err := f.fail(call); err != nil {
		var none T
		return none, err
	}
	return do()
}

// once fetches a feed, and counts how often.
type once struct{ times *atomic.Int32 }

func (o once) Get(_ context.Context, r fetch.Request) (*fetch.Answer, error) {
	o.times.Add(1)
	return &fetch.Answer{Status: 200, URL: r.URL, Header: map[string][]string{}, Body: []byte(rss("1 One"))}, nil
}

// A store that is away for some seconds costs no visit: neither is a publisher asked again for what it has answered, nor does
// a source wait until its lease ends.
func TestAVisitOutlivesAnOutageOfTheStore(t *testing.T) {
	for _, call := range []string{"States of what was claimed", "Enter", "Known", "Record"} {
		t.Run(call, func(t *testing.T) {
			inVillage(t, func(v village) {
				t := v.T
				setup := v.setup("a")
				var times atomic.Int32
				setup.Fetcher = once{&times}
				store := &failing{Store: v.store, call: call}
				ctx, cancel := context.WithCancel(t.Context())
				a := sources.NewAggregator(store, setup, sources.Options{})
				done := make(chan error)
				go func() { done <- a.Run(ctx) }()
				time.Sleep(2 * outage)
				states, err := v.store.States(ctx, "a")
				if err != nil || states["a"].Health.LastVisit.IsZero() {
					t.Errorf("%v after the store was back the source is not visited yet: %v", outage, err)
				}
				if n := times.Load(); n != 1 {
					t.Errorf("the publisher was asked %d times, want once", n)
				}
				if store.until.Load() == 0 {
					t.Error("the store was never away")
				}
				cancel()
				if err := <-done; err != nil {
					t.Error(err)
				}
			})
		})
	}
}
