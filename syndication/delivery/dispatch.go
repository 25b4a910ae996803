package delivery

import (
	"context"
	"fmt"
	"runtime/debug"
	"time"

	"github.com/newswire/newswire/cache"
)

const (
	// lookEvery is how long the loop sleeps at most, for what another process has stored or rewound.
	lookEvery = 15 * time.Second

	// countEvery is how often subscriptions are counted, for metrics and health.
	countEvery = time.Minute

	// gathering is how long what came of a delivery waits for others, to be recorded with them in one step.
	gathering = 3 * time.Millisecond

	// slowAfter is how long a delivery may take without counting as slow.
	slowAfter = time.Second

	// storePause is how long the loop leaves a store alone that has just failed.
	storePause = time.Second

	// grace is how long deliveries may go on when the process ends.
	grace = 5 * time.Second
)

// attempt is a delivery under way.
type attempt struct {
	claim    cache.SubscriptionClaim
	began    time.Time
	extended time.Time // when its claim was last made to last
	doubtful bool      // counts with those that failed or were slow
}

// result is what came of an attempt.
type result struct {
	attempt *attempt
	outcome Outcome
	at      time.Time
}

// dispatcher claims subscriptions, has them told and records what came of it. All but the attempts is one goroutine.
type dispatcher struct {
	*Deliverer
	slots    *slots
	attempts map[*attempt]struct{}
	results  chan result // has room for all attempts

	sending context.Context // of the attempts; outlives that of the loop
	stop    func()          // ends it

	done    []cache.Delivery // to be recorded
	flushAt time.Time        // when; of no meaning while there are none
	lookAt  time.Time        // when something may be due
	countAt time.Time
	tidyAt  time.Time // when to look after attempts that last
	restAt  time.Time // no call to the store before
}

func newDispatcher(d *Deliverer) *dispatcher {
	return &dispatcher{
		Deliverer: d, slots: newSlots(&d.options), attempts: map[*attempt]struct{}{}, results: make(chan result, 2*d.options.Concurrency),
	}
}

func (d *dispatcher) run(ctx context.Context) error {
	d.sending, d.stop = context.WithCancel(context.WithoutCancel(ctx))
	defer d.stop()
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			d.drain(ctx)
			return ctx.Err()
		case <-d.look:
			d.lookAt = time.Time{}
		case r := <-d.results:
			d.finish(r)
			for more := len(d.results); more > 0; more-- { // what came while the store was called
				d.finish(<-d.results)
			}
		case <-timer.C:
		}
		timer.Reset(d.step(ctx))
	}
}

// step does what is to be done by now, and returns for how long there is nothing. A result waits for those that come soon
// after it, and the next claim waits for all of them: so a call of the store is for many.
func (d *dispatcher) step(ctx context.Context) time.Duration {
	now := d.options.Now()
	ready := func(at time.Time) bool { return !now.Before(at) && !now.Before(d.restAt) }
	if len(d.attempts) > 0 && ready(d.tidyAt) {
		d.tidy(ctx, now)
	}
	if len(d.done) > 0 && ready(d.flushAt) {
		d.record(ctx)
	}
	if len(d.done) == 0 && d.slots.some() && ready(d.lookAt) {
		d.claim(ctx)
	}
	if ready(d.countAt) {
		d.countAt = now.Add(countEvery)
		d.count(ctx)
	}
	return d.pause()
}

// pause is how long there is nothing to do, unless an attempt ends.
func (d *dispatcher) pause() time.Duration {
	next := d.countAt
	sooner := func(t time.Time) {
		if t.Before(next) {
			next = t
		}
	}
	switch {
	case len(d.done) > 0:
		sooner(d.flushAt)
	case d.slots.some():
		sooner(d.lookAt)
	}
	if len(d.attempts) > 0 {
		sooner(d.tidyAt)
	}
	if next.Before(d.restAt) {
		next = d.restAt
	}
	return next.Sub(d.options.Now())
}

// claim claims what is due, and has it told.
func (d *dispatcher) claim(ctx context.Context) {
	c := d.slots.claiming()
	c.Channel, c.Lease = d.options.Channel, d.options.Lease
	claims, next, err := d.store.ClaimSubscriptions(ctx, c)
	if d.failed(err) {
		return
	}
	d.upcoming(next)
	if now := d.options.Now(); len(claims) < c.Limit+c.Doubtful && next.Any && next.In <= 0 {
		d.lookAt = now.Add(d.options.Poll) // what is due has no slot of its own; one may be released before
	}
	for _, c := range claims {
		d.start(c) //nolint:contextcheck // an attempt outlives the context of the loop
	}
}

// upcoming hears from the store when to look next.
func (d *dispatcher) upcoming(next cache.UpcomingSubscription) {
	now := d.options.Now()
	in := lookEvery
	if next.Any {
		in = min(in, next.In)
	}
	d.lookAt = now.Add(in)
	d.behind(now, next)
}

// start has a claimed subscription told.
func (d *dispatcher) start(c cache.SubscriptionClaim) {
	now := d.options.Now()
	a := &attempt{claim: c, began: now, extended: now, doubtful: c.Failures > 0 || c.Slow}
	if len(d.attempts) == 0 {
		d.tidyAt = now.Add(slowAfter)
	}
	d.attempts[a] = struct{}{}
	d.slots.acquire(a)
	go func() {
		ctx, cancel := context.WithTimeout(d.sending, d.options.Timeout)
		defer cancel()
		outcome := d.send(ctx, a.claim.Subscription)
		d.results <- result{a, outcome, d.options.Now()}
	}()
}

// send tells one subscription. A fault in that is a failure of this one alone.
func (d *dispatcher) send(ctx context.Context, sub cache.Subscription) (o Outcome) {
	defer func() {
		if fault := recover(); fault != nil {
			d.options.Log.ErrorContext(ctx, "delivery panicked", "channel", sub.Channel, "subscription", sub.ID, "panic", fault,
				"stack", string(debug.Stack()))
			o = Outcome{Told: sub.Told, Err: fmt.Errorf("panic: %v", fault)}
		}
	}()
	return d.sender.Send(ctx, &sub)
}

// finish notes what came of an attempt, to be recorded.
func (d *dispatcher) finish(r result) {
	delete(d.attempts, r.attempt)
	d.slots.release(r.attempt)
	if len(d.done) == 0 {
		d.flushAt = d.options.Now().Add(gathering)
	}
	given := d.sending.Err() != nil && r.outcome.Err != nil // the end of the process cut it short
	if given {
		d.done = append(d.done, cache.Delivery{Claim: r.attempt.claim, Progress: r.attempt.claim.Progress, Again: true})
		return
	}
	d.metrics.count(&r.outcome)
	d.done = append(d.done, d.delivery(&r))
}

// delivery is what is recorded of an attempt.
func (d *dispatcher) delivery(r *result) cache.Delivery {
	c, o := r.attempt.claim, &r.outcome
	took := r.at.Sub(r.attempt.began)
	at := c.At.Add(took) // by the store's clock, which the times of the progress are by
	p := c.Progress
	p.Slow = took > slowAfter
	done := cache.Delivery{Claim: c, Remove: o.End}
	if o.Err != nil {
		if o.Told != "" && o.Told != p.Told {
			p.Told, p.Failures, p.Failing = o.Told, 0, time.Time{} // it came some of the way
		}
		if p.Failures++; p.Failing.IsZero() {
			p.Failing = at
		}
		p.Why = shortened(o.Err.Error())
		done.Again, done.In = true, d.options.backoff(c.ID, p.Failures, o.Retry)
		d.noteFailure(c.ID, p.Why)
	} else {
		p.Told, p.Failures, p.Failing, p.Why = o.Told, 0, time.Time{}, ""
		if o.Sent {
			p.At = at
		}
		done.Again = o.More
	}
	done.Progress = p
	return done
}

// shortened is a text that a subscriber may have written, cut to what an operator reads.
func shortened(s string) string {
	const most = 500
	if len(s) > most {
		s = s[:most] + "…"
	}
	return s
}

// record records what came of deliveries. After an error it is tried again: what was recorded is not recorded twice.
func (d *dispatcher) record(ctx context.Context) {
	next, err := d.store.Deliver(ctx, d.options.Channel, d.done...)
	if d.failed(err) {
		return
	}
	clear(d.done)
	d.done = d.done[:0]
	d.upcoming(next)
}

// tidy counts attempts that last with the slow ones, and extends their claims.
func (d *dispatcher) tidy(ctx context.Context, now time.Time) {
	d.tidyAt = now.Add(slowAfter / 4)
	var long []*attempt
	var claims []cache.SubscriptionClaim
	for a := range d.attempts {
		if now.Sub(a.began) >= slowAfter {
			d.slots.delay(a)
		}
		if now.Sub(a.extended) >= d.options.Lease/3 {
			long, claims = append(long, a), append(claims, a.claim)
		}
	}
	if len(claims) == 0 || d.failed(d.store.ExtendSubscriptions(ctx, d.options.Channel, d.options.Lease, claims...)) {
		return
	}
	for _, a := range long {
		a.extended = now
	}
}

// count counts subscriptions.
func (d *dispatcher) count(ctx context.Context) {
	all, err := d.store.CountSubscriptions(ctx, cache.SubscriptionQuery{Channel: d.options.Channel})
	if d.failed(err) {
		return
	}
	failing, err := d.store.CountSubscriptions(ctx, cache.SubscriptionQuery{Channel: d.options.Channel, Failing: true})
	if d.failed(err) {
		return
	}
	d.counted(all, failing)
}

// failed notes the result of a call to the store, and has the store left alone for a while after an error.
func (d *dispatcher) failed(err error) bool {
	d.note(err)
	if err != nil {
		d.restAt = d.options.Now().Add(storePause)
	}
	return err != nil
}

// drain lets attempts end, and gives the claims of the others back.
func (d *dispatcher) drain(ctx context.Context) {
	timer := time.AfterFunc(grace, d.stop)
	defer timer.Stop()
	for len(d.attempts) > 0 {
		d.finish(<-d.results)
	}
	if len(d.done) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), grace)
	defer cancel()
	if _, err := d.store.Deliver(ctx, d.options.Channel, d.done...); err != nil {
		d.options.Log.WarnContext(ctx, "last deliveries not recorded; they are made again", "channel", d.options.Channel,
			"deliveries", len(d.done), "error", err)
	}
}
