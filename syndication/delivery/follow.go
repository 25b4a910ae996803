package delivery

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// follow wakes subscriptions as the change log grows, from where it was last done, until ctx ends.
func (d *Deliverer) follow(ctx context.Context) error {
	woken, err := d.store.Woken(ctx, d.options.Channel)
	for err != nil {
		if err := sleep(ctx, d.options.Poll); err != nil {
			return err
		}
		d.note(err)
		woken, err = d.store.Woken(ctx, d.options.Channel)
	}
	for ctx.Err() == nil {
		woken = d.followFrom(ctx, woken)
	}
	return ctx.Err()
}

// followFrom follows the log from a cursor, until ctx ends or the place to go on from is another one, which it returns.
func (d *Deliverer) followFrom(ctx context.Context, woken newswire.Cursor) newswire.Cursor {
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	l := &listener{d: d, woken: woken, stop: stop}
	f := cache.NewFollower(d.store, l, cache.FollowerOptions{
		After: woken, Poll: d.options.Poll, Rest: d.options.Poll, Now: d.options.Now, // the first of many changes is told at once, the rest together
	})
	_ = f.Run(ctx) // it returns the end of ctx alone
	return l.woken
}

// listener wakes the subscriptions that changes concern.
type listener struct {
	d     *Deliverer
	woken newswire.Cursor // up to here it was done
	stop  func()          // ends following from this place
}

var _ cache.Listener = (*listener)(nil)

var errElsewhere = errors.New("subscriptions were woken up to another place")

// Changed wakes once for all records, however many there are.
func (l *listener) Changed(ctx context.Context, changes []newswire.Change) error {
	topics := map[newswire.Topic]struct{}{}
	for _, c := range changes {
		for _, t := range c.Topics {
			topics[t] = struct{}{}
		}
	}
	w := cache.Waking{From: l.woken, To: changes[len(changes)-1].Cursor, Topics: make([]newswire.Topic, 0, len(topics))}
	for t := range topics {
		w.Topics = append(w.Topics, t)
	}
	slices.Sort(w.Topics)
	return l.wake(ctx, w)
}

// Reset wakes all: what was passed over may concern any.
func (l *listener) Reset(ctx context.Context, head newswire.Cursor, why error) error {
	if why != nil {
		l.d.options.Log.WarnContext(ctx, "change log begins elsewhere; all subscriptions are told what there is",
			"channel", l.d.options.Channel, "error", why)
	}
	return l.wake(ctx, cache.Waking{From: l.woken, To: head, All: true})
}

// Polled notes whether the store answers.
func (l *listener) Polled(_ context.Context, _ time.Time, err error) {
	l.d.note(err)
}

func (l *listener) wake(ctx context.Context, w cache.Waking) error {
	w.Channel = l.d.options.Channel
	woken, err := l.d.store.Wake(ctx, w)
	if err != nil {
		return fmt.Errorf("wake subscriptions: %w", err)
	}
	l.d.Look()
	l.woken = woken
	if woken != w.To { // another process is ahead, or the store has lost what it was told
		l.stop()
		return errElsewhere
	}
	return nil
}

// sleep waits for a time, or for the end of ctx, whose error it returns.
func sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
