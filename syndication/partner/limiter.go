package partner

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/newswire/newswire/cache"
)

// spendTimeout bounds the wait for the store. A partner does not pay for a store that is slow.
const spendTimeout = time.Second

// Limiter holds partners to their rates, together with all other processes that share the store. It takes units from the
// store a few at a time, so that most requests ask the store nothing. While the store is away it holds to the rate by
// itself.
type Limiter struct {
	quotas cache.Quotas
	now    func() time.Time

	mu    sync.Mutex
	held  map[string]*allowance // by partner
	alone func()                // is told when the store was away
}

// allowance is what a process has of a partner's quota.
type allowance struct {
	mu    sync.Mutex
	quota cache.Quota
	spent cache.Spent // when the store was last asked
	asked time.Time   // when that was
	units int         // that are left of what it gave
	full  int64       // of the quota that holds while the store is away
	owed  chan taken  // has what the store is yet to answer; nil where it owes nothing
}

// taken is what came of taking units from the store.
type taken struct {
	spent cache.Spent
	err   error
}

// NewLimiter makes a Limiter. It calls alone, which may be nil, whenever the store was away.
func NewLimiter(quotas cache.Quotas, alone func()) *Limiter {
	if alone == nil {
		alone = func() {}
	}
	return &Limiter{quotas: quotas, now: time.Now, held: map[string]*allowance{}, alone: alone}
}

// Verdict is what a partner has left of its rate.
type Verdict struct {
	Allowed bool
	Quota   cache.Quota
	Left    int           // requests that may follow at once
	Full    time.Duration // until all may again
	Again   time.Duration // of a request that was not allowed: until one may be
}

// batch is how many units are taken from the store at a time: few enough for what one process holds and does not use to be
// little.
func batch(q cache.Quota) int { return min(max(q.Units/20, 1), 100) }

// Spend spends a unit of the partner's rate.
func (l *Limiter) Spend(ctx context.Context, p *Partner) Verdict {
	a := l.allowance(p)
	a.mu.Lock()
	defer a.mu.Unlock()
	now := l.now()
	if since := now.Sub(a.asked); a.units > 0 && since >= a.quota.Period || since < 0 {
		a.units = 0 // the store has given the like of them again since
	}
	if a.units == 0 && (a.spent.Units > 0 || now.Sub(a.asked) >= a.spent.Next) {
		l.ask(ctx, p, a, now)
	}
	v := Verdict{Quota: a.quota, Full: max(0, a.spent.Full-now.Sub(a.asked))}
	if a.units > 0 {
		a.units--
		v.Allowed, v.Left = true, a.units+a.spent.Left
	} else {
		v.Again = max(time.Millisecond, a.spent.Next-now.Sub(a.asked))
	}
	return v
}

// ask takes a few units from the store.
func (l *Limiter) ask(ctx context.Context, p *Partner, a *allowance, now time.Time) {
	spent, err := a.take(ctx, l.quotas, "partner/"+p.ID)
	if err != nil {
		l.alone()
		a.full, spent = a.quota.Spend(a.full, now.UnixMicro(), batch(a.quota))
	}
	a.spent, a.asked, a.units = spent, now, spent.Units
}

// errOwed says that the store has not answered the last time yet.
var errOwed = errors.New("the store owes an answer")

// take takes a few units from the store, and waits for no longer than spendTimeout. A store that hangs may do so in the middle of a
// write, which no context ends. What it then gives later is not used.
func (a *allowance) take(ctx context.Context, quotas cache.Quotas, name string) (cache.Spent, error) {
	select {
	case <-a.owed:
		a.owed = nil
	default:
	}
	if a.owed != nil {
		return cache.Spent{}, errOwed
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), spendTimeout)
	quota, owed := a.quota, make(chan taken, 1)
	go func() {
		defer cancel()
		spent, err := quotas.Spend(ctx, name, quota, batch(quota))
		owed <- taken{spent, err}
	}()
	select {
	case t := <-owed:
		return t.spent, t.err
	case <-ctx.Done():
		a.owed = owed
		return cache.Spent{}, ctx.Err()
	}
}

// allowance is that of a partner, a new one where its rate has changed.
func (l *Limiter) allowance(p *Partner) *allowance {
	l.mu.Lock()
	defer l.mu.Unlock()
	a, quota := l.held[p.ID], p.Limit()
	if a == nil || a.quota != quota {
		a = &allowance{quota: quota}
		l.held[p.ID] = a
	}
	return a
}
