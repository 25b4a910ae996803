package stores

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

// Health knows whether what is new can be stored. A store whose disk or memory is full answers readers as ever, so a read
// tells nothing of that; the results of the last writes do.
type Health struct {
	mu      sync.Mutex // guards what follows
	failing map[write]struct{}
	since   time.Time // when the first of them failed
	failure error     // of the last that did
}

// write is a kind of write. One that goes well says nothing of others: it may have found nothing to do, or need less room.
type write string

// visitRecorded is the write that needs the most. When it goes well, all do.
const visitRecorded write = "record"

// note hears the result of a write.
func (h *Health) note(kind write, err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case err == nil && kind == visitRecorded:
		clear(h.failing)
	case err == nil:
		delete(h.failing, kind)
	default:
		if len(h.failing) == 0 {
			h.failing, h.since = map[write]struct{}{}, time.Now()
		}
		h.failing[kind] = struct{}{}
		h.failure = err
	}
}

// Check says why what is new is not stored. It asks no store and returns at once.
func (h *Health) Check(context.Context) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.failing) == 0 {
		return nil
	}
	return fmt.Errorf("nothing new is stored since %s: %w", h.since.UTC().Format(time.RFC3339), h.failure)
}

// Metric is what Check says, to alert on.
func (h *Health) Metric() prometheus.Collector {
	return prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "newswire_store_writes_failing", Help: "1 while nothing new can be stored, though the store answers.",
	}, func() float64 {
		h.mu.Lock()
		defer h.mu.Unlock()
		return float64(min(len(h.failing), 1))
	})
}

// watched is a store whose writes are noted, and whose change log its followers share. It embeds what reads alone, so that it is no [cache.Store] while it leaves
// out a method that writes.
type watched struct {
	cache.Reader
	store  cache.Store
	health *Health
	log    *cache.SharedLog // of store
}

var _ cache.Store = watched{}

// Changes implements [cache.Reader], for all followers of the process.
func (s watched) Changes(ctx context.Context, after newswire.Cursor, limit int) ([]newswire.Change, error) {
	return s.log.Changes(ctx, after, limit)
}

// Await implements [cache.Reader], for all followers of the process.
func (s watched) Await(ctx context.Context, after newswire.Cursor) error {
	return s.log.Await(ctx, after)
}

// noted is the error of a write, which failed for good reason or because the store takes no writes. The failure of a store
// that is away altogether is left to the check that looks for that.
func (s watched) noted(ctx context.Context, kind write, err error) error {
	expected := func(e error) bool { return errors.Is(err, e) }
	answers := []error{newswire.ErrFenced, newswire.ErrNotFound, newswire.ErrWithdrawn, newswire.ErrGone, newswire.ErrCursor, cache.ErrSubscription}
	if err == nil || !slices.ContainsFunc(answers, expected) && s.Ping(ctx) == nil {
		s.health.note(kind, err)
	}
	return err
}

// Close implements [cache.Store].
func (s watched) Close() error { return s.store.Close() }

// Record implements [cache.Writer], as do the methods that follow.
func (s watched) Record(ctx context.Context, lease cache.Lease, visit newswire.Visit, turns ...cache.Turn) error {
	return s.noted(ctx, visitRecorded, s.store.Record(ctx, lease, visit, turns...))
}

func (s watched) Sweep(ctx context.Context, lease cache.Lease, keep newswire.Retention) (int, error) {
	n, err := s.store.Sweep(ctx, lease, keep)
	return n, s.noted(ctx, "sweep", err)
}

func (s watched) Forget(ctx context.Context, lease cache.Lease) error {
	return s.noted(ctx, "forget", s.store.Forget(ctx, lease))
}

func (s watched) Reschedule(ctx context.Context, source string, from, to time.Time) error {
	return s.noted(ctx, "reschedule", s.store.Reschedule(ctx, source, from, to))
}

func (s watched) Align(ctx context.Context, index, catalog string) error {
	return s.noted(ctx, "align", s.store.Align(ctx, index, catalog))
}

func (s watched) Claim(ctx context.Context, n int, lease time.Duration, only ...string) ([]cache.Lease, error) {
	leases, err := s.store.Claim(ctx, n, lease, only...)
	return leases, s.noted(ctx, "claim", err)
}

func (s watched) Postpone(ctx context.Context, lease cache.Lease, until time.Time) error {
	return s.noted(ctx, "postpone", s.store.Postpone(ctx, lease, until))
}

func (s watched) Enter(ctx context.Context, domain string, lease time.Duration, postpone ...cache.Postponement) (cache.Turn, error) {
	turn, err := s.store.Enter(ctx, domain, lease, postpone...)
	return turn, s.noted(ctx, "enter", err)
}

func (s watched) Extend(ctx context.Context, turn cache.Turn, lease time.Duration) error {
	return s.noted(ctx, "extend", s.store.Extend(ctx, turn, lease))
}

func (s watched) Leave(ctx context.Context, turn cache.Turn) error {
	return s.noted(ctx, "leave", s.store.Leave(ctx, turn))
}

func (s watched) Withdraw(ctx context.Context, articleID, reason string) (newswire.Tombstone, error) {
	t, err := s.store.Withdraw(ctx, articleID, reason)
	return t, s.noted(ctx, "withdraw", err)
}

func (s watched) Archive(ctx context.Context, c cache.Closing) (newest int, more bool, err error) {
	newest, more, err = s.store.Archive(ctx, c)
	return newest, more, s.noted(ctx, "archive", err)
}

func (s watched) Count(ctx context.Context, day time.Time, readers map[newswire.Topic]int) error {
	return s.noted(ctx, "count", s.store.Count(ctx, day, readers))
}

func (s watched) PassLimits(ctx context.Context, n int) (int, error) {
	passed, err := s.store.PassLimits(ctx, n)
	return passed, s.noted(ctx, "pass_limits", err)
}

func (s watched) TrimChanges(ctx context.Context, before time.Time) error {
	return s.noted(ctx, "trim", s.store.TrimChanges(ctx, before))
}

func (s watched) Spend(ctx context.Context, name string, quota cache.Quota, n int) (cache.Spent, error) {
	spent, err := s.store.Spend(ctx, name, quota, n)
	return spent, s.noted(ctx, "spend", err)
}

func (s watched) AddUsage(ctx context.Context, day time.Time, used map[string]cache.Used) error {
	return s.noted(ctx, "add_usage", s.store.AddUsage(ctx, day, used))
}

func (s watched) Attend(ctx context.Context, process cache.Process, lease time.Duration) ([]cache.Process, error) {
	others, err := s.store.Attend(ctx, process, lease)
	return others, s.noted(ctx, "attend", err)
}

func (s watched) Depart(ctx context.Context, id string) error {
	return s.noted(ctx, "depart", s.store.Depart(ctx, id))
}
