package sources

import (
	"context"
	"errors"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/fetch"
	"github.com/newswire/newswire/sources/pace"
	"github.com/newswire/newswire/sources/push"
	"github.com/newswire/newswire/sources/websub"
)

var _ websub.Subscriber = (*Receiver)(nil)

// Receiver does what the hubs of publishers say, for an aggregator: any number of processes may, also those whose
// aggregator does not run. Use it with [websub.NewHandler].
type Receiver struct {
	aggregator *Aggregator
	lookups    *push.Lookups
	strangers  *rate.Limiter // of lookups of sources that are not in the catalog
	slots      chan struct{} // has a token for each delivery that may go through the pipeline

	working sync.WaitGroup
	ending  chan struct{} // closed when no more is begun

	mu     sync.Mutex // guards all below
	ended  bool
	buffer int // bytes of the deliveries that wait or are at work
}

const (
	// receiving is how many deliveries go through the pipeline at a time.
	receiving = 8

	// maxBuffered bounds the bytes of those that wait for it, or for their source.
	maxBuffered = 64 << 20

	// promptly is how long a hub waits at most for what it says to be noted. Then it is answered, and that goes on.
	promptly = 2 * time.Second

	// pingPause is kept between two visits that a hub asks for without saying what is new.
	pingPause = time.Minute
)

// NewReceiver makes a receiver. Its Run has to be running while it receives.
func NewReceiver(a *Aggregator) *Receiver {
	r := &Receiver{
		aggregator: a, lookups: push.NewLookups(a.store), strangers: rate.NewLimiter(10, 20),
		slots: make(chan struct{}, receiving), ending: make(chan struct{}),
	}
	for range receiving {
		r.slots <- struct{}{}
	}
	return r
}

// Run waits until ctx ends, and then for what is at work. Deliveries that still wait are left to the next visit.
func (r *Receiver) Run(ctx context.Context) error {
	<-ctx.Done()
	r.mu.Lock()
	r.ended = true
	close(r.ending)
	r.mu.Unlock()
	r.working.Wait()
	return nil
}

// begin has work go on after its request was answered, until it is done, in a context that ends when the receiver does. It
// says whether it does so: not when there is too much of it.
func (r *Receiver) begin(ctx context.Context, bytes int, work func(ctx context.Context)) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ended || r.buffer > 0 && r.buffer+bytes > maxBuffered {
		return false
	}
	r.buffer += bytes
	ctx, cancel := context.WithCancel(context.WithoutCancel(ctx))
	done := make(chan struct{})
	r.working.Go(func() {
		defer close(done)
		defer func() {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.buffer -= bytes
		}()
		work(ctx)
	})
	r.working.Go(func() {
		defer cancel()
		select {
		case <-done:
		case <-r.ending:
		}
	})
	return true
}

// subscription is what is remembered of a source's subscription.
func (r *Receiver) subscription(ctx context.Context, source string) (*push.Subscription, error) {
	setup := r.aggregator.setup.Load()
	// A hub may have something to say of a source that is gone.
	if setup.Push == nil || setup.Catalog.source(source) == nil && !r.strangers.Allow() {
		return nil, newswire.ErrNotFound
	}
	remembered, err := r.lookups.Get(ctx, source)
	if err != nil {
		return nil, err
	}
	return push.Of(&remembered, time.Now(), r.aggregator.options.Jitter), nil
}

// Secrets implements [websub.Subscriber].
func (r *Receiver) Secrets(ctx context.Context, source, token string) ([]string, error) {
	s, err := r.subscription(ctx, source)
	switch {
	case err != nil:
		return nil, err
	case s.Leaving(token):
		return nil, websub.ErrLeft
	case !s.Is(token):
		return nil, newswire.ErrNotFound
	}
	return s.Secrets(), nil
}

// Verify implements [websub.Subscriber].
func (r *Receiver) Verify(ctx context.Context, source, token string, v websub.Verification) error {
	s, err := r.subscription(ctx, source)
	if err != nil {
		return err
	}
	if !s.Intended(token, v) {
		return newswire.ErrNotFound
	}
	return r.note(ctx, source, func(s *push.Subscription) bool {
		if !s.Intended(token, v) {
			return false
		}
		s.Verify(token, v)
		return true
	})
}

// Deny implements [websub.Subscriber].
func (r *Receiver) Deny(ctx context.Context, source, token string, d websub.Denial) error {
	s, err := r.subscription(ctx, source)
	if err != nil {
		return err
	}
	if !s.Deny(token, d) { // of a copy
		return newswire.ErrNotFound
	}
	r.aggregator.log.WarnContext(ctx, "a hub denies push", "source", source, "hub", fetch.Redact(s.Hub), "reason", d.Reason)
	return r.note(ctx, source, func(s *push.Subscription) bool { return s.Deny(token, d) })
}

// note records what a hub has said. While the source is visited that takes a while, and the hub is answered before: should it
// be lost then, what the hub sends next says the same.
func (r *Receiver) note(ctx context.Context, source string, change func(*push.Subscription) bool) error {
	noted := make(chan error, 1)
	begun := r.begin(ctx, 0, func(ctx context.Context) { noted <- r.aggregator.amend(ctx, source, change) })
	if !begun {
		return websub.ErrBusy
	}
	select {
	case err := <-noted:
		if errors.Is(err, ErrVisited) {
			return nil
		}
		return err
	case <-time.After(promptly):
		return nil
	}
}

// Deliver implements [websub.Subscriber]. When it returns, the source has been claimed for the delivery, so that it comes due
// should this process die; or another visit has the source, and the delivery waits in memory.
func (r *Receiver) Deliver(ctx context.Context, d *websub.Delivery) error {
	if r.aggregator.setup.Load().Catalog.source(d.Source) == nil {
		return newswire.ErrNotFound
	}
	claimed := make(chan error, 1)
	begun := r.begin(ctx, len(d.Body), func(ctx context.Context) { r.receive(ctx, d, claimed) })
	if !begun {
		return websub.ErrBusy
	}
	select {
	case err := <-claimed:
		return err
	case <-time.After(promptly):
		return nil
	}
}

// receive brings a delivery through the pipeline, as soon as its source is no other's. It says on the channel when the source
// is claimed, or why it is not.
func (r *Receiver) receive(ctx context.Context, d *websub.Delivery, claimed chan<- error) {
	a := r.aggregator
	claim, err := a.takeSoon(ctx, d.Source)
	switch {
	case errors.Is(err, ErrVisited), ctx.Err() != nil:
		a.log.InfoContext(ctx, "a delivery is left to the next visit", "source", d.Source)
		claimed <- nil
		return
	case err != nil:
		claimed <- err
		return
	}
	claimed <- nil
	working, cancel := context.WithTimeout(context.WithoutCancel(ctx), a.options.VisitTimeout)
	defer cancel()
	<-r.slots
	result, err := a.visitPushed(working, claim, d)
	r.slots <- struct{}{}
	switch {
	case err == nil && result.Outcome != "":
		a.report(ctx, result)
	case errors.Is(err, newswire.ErrFenced):
		a.log.WarnContext(ctx, "delivery void: another worker has taken over", "source", d.Source)
	case err != nil:
		a.log.ErrorContext(ctx, "delivery not recorded: the source is visited", "source", d.Source, "error", err)
	}
	signal(a.ended)
}

// visitPushed takes what a hub has sent for a claimed source as the document of a visit. The result is empty where the
// subscription is no more.
func (a *Aggregator) visitPushed(ctx context.Context, claim *pace.Claim, d *websub.Delivery) (_ Result, err error) {
	setup := a.setup.Load()
	s, due := setup.Catalog.source(d.Source), visitDue(claim)
	state := claim.State
	if s != nil {
		carry(&state, s, claim.Now())
	}
	sub := a.subscriptionOf(&state, claim.Now())
	if s == nil || state.Health.Stopped != "" || state.Paused.On() || !sub.Is(d.Token) || !websub.Signed(d.Signature, d.Body, sub.Secrets()...) {
		setup.scheduleVisit(&claim.State, due)
		return Result{}, a.store.Record(ctx, claim.Lease, newswire.Visit{Source: d.Source, At: claim.Now(), State: claim.State})
	}
	claim.State = state
	ctx, visit := a.options.Tracer.Visit(ctx, s.ID, time.Now())
	defer func() { visit.End(err) }()
	trip := a.domains.SetOut(&pace.Departure{Claim: claim, Plan: &s.plan, Fetcher: setup.route(s.ID).Fetcher, Pause: setup.DomainInterval})
	defer func() { err = errors.Join(err, trip.End(ctx)) }()
	v := pushedVisit{visiting: a.visit(a.store, setup, claim, trip), delivery: d}
	result, err := v.run(ctx, due)
	result.describe(visit)
	return result, err
}
