package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// writes knows whether what is new can be stored. A store whose disk or memory is full answers readers as ever, so to ask
// it for something tells nothing of that; what came of the last writes does.
type writes struct {
	mu      sync.Mutex // guards what follows
	failing map[write]struct{}
	since   time.Time // when the first of them failed
	failure error     // of the last that did
}

// write is a kind of write. One that goes well says nothing of others: it may have found nothing to do, or need less room.
type write string

// visitRecorded is the write that needs the most. When it goes well, all do.
const visitRecorded write = "record"

// note hears what came of a write.
func (w *writes) note(kind write, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch {
	case err == nil && kind == visitRecorded:
		clear(w.failing)
	case err == nil:
		delete(w.failing, kind)
	default:
		if len(w.failing) == 0 {
			w.failing, w.since = map[write]struct{}{}, time.Now()
		}
		w.failing[kind] = struct{}{}
		w.failure = err
	}
}

// check says why what is new is not stored. It asks nobody and returns at once.
func (w *writes) check(context.Context) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.failing) == 0 {
		return nil
	}
	return fmt.Errorf("nothing new is stored since %s: %w", w.since.UTC().Format(time.RFC3339), w.failure)
}

// metric is what check says, to alert on.
func (w *writes) metric() prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "newswire_store_writes_failing", Help: "1 while nothing new can be stored, though the store answers.",
	}, func() float64 {
		w.mu.Lock()
		defer w.mu.Unlock()
		return float64(min(len(w.failing), 1))
	})
}

// witnessed is a store whose writes are noted.
type witnessed struct {
	cache.Store
	writes *writes
}

// noted is the error of a write, which failed for good reason or because the store takes no writes. That of a store which
// is away altogether is left to those who look for that.
func (s witnessed) noted(ctx context.Context, kind write, err error) error {
	expected := func(e error) bool { return errors.Is(err, e) }
	answers := []error{newswire.ErrFenced, newswire.ErrNotFound, newswire.ErrWithdrawn, newswire.ErrGone, newswire.ErrCursor}
	if err == nil || !slices.ContainsFunc(answers, expected) && s.Ping(ctx) == nil {
		s.writes.note(kind, err)
	}
	return err
}

// Record implements [cache.Store], as do those that follow.
func (s witnessed) Record(ctx context.Context, lease cache.Lease, visit newswire.Visit, turns ...cache.Turn) error {
	return s.noted(ctx, visitRecorded, s.Store.Record(ctx, lease, visit, turns...))
}

func (s witnessed) Sweep(ctx context.Context, lease cache.Lease, keep newswire.Retention) (int, error) {
	n, err := s.Store.Sweep(ctx, lease, keep)
	return n, s.noted(ctx, "sweep", err)
}

func (s witnessed) Forget(ctx context.Context, lease cache.Lease) error {
	return s.noted(ctx, "forget", s.Store.Forget(ctx, lease))
}

func (s witnessed) Reschedule(ctx context.Context, source string, from, to time.Time) error {
	return s.noted(ctx, "reschedule", s.Store.Reschedule(ctx, source, from, to))
}

func (s witnessed) Claim(ctx context.Context, n int, lease time.Duration, only ...string) ([]cache.Lease, error) {
	leases, err := s.Store.Claim(ctx, n, lease, only...)
	return leases, s.noted(ctx, "claim", err)
}

func (s witnessed) Postpone(ctx context.Context, lease cache.Lease, until time.Time) error {
	return s.noted(ctx, "postpone", s.Store.Postpone(ctx, lease, until))
}

func (s witnessed) Enter(ctx context.Context, domain string, lease time.Duration, postpone ...cache.Postponement) (cache.Turn, error) {
	turn, err := s.Store.Enter(ctx, domain, lease, postpone...)
	return turn, s.noted(ctx, "enter", err)
}

func (s witnessed) Leave(ctx context.Context, turn cache.Turn) error {
	return s.noted(ctx, "leave", s.Store.Leave(ctx, turn))
}

func (s witnessed) Withdraw(ctx context.Context, articleID, reason string) (newswire.Tombstone, error) {
	t, err := s.Store.Withdraw(ctx, articleID, reason)
	return t, s.noted(ctx, "withdraw", err)
}

func (s witnessed) Archive(
	ctx context.Context, topic newswire.Topic, settings string, after newswire.Cursor, size int,
) (int, error) {
	n, err := s.Store.Archive(ctx, topic, settings, after, size)
	return n, s.noted(ctx, "archive", err)
}

func (s witnessed) Count(ctx context.Context, day time.Time, readers map[newswire.Topic]int) error {
	return s.noted(ctx, "count", s.Store.Count(ctx, day, readers))
}

func (s witnessed) TrimChanges(ctx context.Context, before time.Time) error {
	return s.noted(ctx, "trim", s.Store.TrimChanges(ctx, before))
}
