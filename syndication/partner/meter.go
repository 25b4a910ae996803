package partner

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/newswire/newswire/cache"
)

// reportEvery is how often sums go to the store. A crash loses what came after the last time.
const reportEvery = 10 * time.Second

// Ledger is the part of [cache.Usage] that a Meter writes.
type Ledger interface {
	AddUsage(ctx context.Context, day time.Time, used map[string]cache.Used) error
}

// Meter sums up what partners use, for the store.
type Meter struct {
	usage Ledger
	log   *slog.Logger
	now   func() time.Time

	mu   sync.Mutex
	sums map[time.Time]map[string]cache.Used // by day and partner: what the store has not heard of
}

// NewMeter makes a Meter. Its [Meter.Run] reports to the store.
func NewMeter(usage Ledger, log *slog.Logger) *Meter {
	return &Meter{usage: usage, log: log, now: time.Now, sums: map[time.Time]map[string]cache.Used{}}
}

// Add adds to what a partner uses today.
func (m *Meter) Add(partner string, used cache.Used) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.add(m.now().UTC().Truncate(24*time.Hour), partner, used)
}

// add adds. The caller has the lock.
func (m *Meter) add(day time.Time, partner string, used cache.Used) {
	sums := m.sums[day]
	if sums == nil {
		sums = map[string]cache.Used{}
		m.sums[day] = sums
	}
	sum := sums[partner]
	sum.Requests += used.Requests
	sum.Refused += used.Refused
	sum.Items += used.Items
	sum.Bytes += used.Bytes
	sums[partner] = sum
}

// Report tells the store now. What it does not take is kept for the next time.
func (m *Meter) Report(ctx context.Context) error {
	m.mu.Lock()
	sums := m.sums
	m.sums = map[time.Time]map[string]cache.Used{}
	m.mu.Unlock()
	for day, used := range sums {
		if err := m.usage.AddUsage(ctx, day, used); err != nil {
			m.putBack(sums)
			return err
		}
		delete(sums, day)
	}
	return nil
}

func (m *Meter) putBack(sums map[time.Time]map[string]cache.Used) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for day, used := range sums {
		for partner, u := range used {
			m.add(day, partner, u)
		}
	}
}

// Run reports until ctx ends, and once more then.
func (m *Meter) Run(ctx context.Context) {
	ticker := time.NewTicker(reportEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ticker.C:
			m.report(ctx)
		case <-ctx.Done():
			last, cancel := context.WithTimeout(context.WithoutCancel(ctx), spendTimeout)
			defer cancel()
			m.report(last)
			return
		}
	}
}

func (m *Meter) report(ctx context.Context) {
	if err := m.Report(ctx); err != nil && ctx.Err() == nil {
		m.log.DebugContext(ctx, "usage of partners not stored yet", "error", err)
	}
}
