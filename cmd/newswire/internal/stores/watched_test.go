package stores

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// jammed is a store whose writes end with what it is told.
type jammed struct {
	cache.Store
	err, away error
}

func (j *jammed) Record(context.Context, cache.Lease, newswire.Visit, ...cache.Turn) error {
	return j.err
}

func (j *jammed) Claim(context.Context, int, time.Duration, ...string) ([]cache.Lease, error) {
	return nil, j.err
}

func (j *jammed) Archive(context.Context, cache.Closing) (int, bool, error) {
	return 0, false, j.err
}

func (j *jammed) Ping(context.Context) error { return j.away }

func TestHealthSaysWhyNothingIsStored(t *testing.T) {
	full, refused := errors.New("the disk is full"), errors.New("connection refused")
	record := func(s cache.Store) { _ = s.Record(t.Context(), cache.Lease{}, newswire.Visit{}) }
	claim := func(s cache.Store) { _, _ = s.Claim(t.Context(), 1, time.Minute) }
	archive := func(s cache.Store) { _, _, _ = s.Archive(t.Context(), cache.Closing{Topic: newswire.All, Size: 50}) }
	type step struct {
		write func(s cache.Store)
		err   error
	}
	for _, tt := range []struct {
		name  string
		away  error // what Ping says
		steps []step
		want  error // nil when all is well
	}{
		{"no write yet", nil, nil, nil},
		{"a visit that is not recorded", nil, []step{{record, full}}, full},
		{"another write that finds nothing to do after that", nil, []step{{record, full}, {claim, nil}}, full},
		{"the same again, well", nil, []step{{claim, full}, {claim, nil}}, nil},
		{"a visit that is recorded after failures of all kinds", nil, []step{{claim, full}, {archive, full}, {record, nil}}, nil},
		{"an answer", nil, []step{{record, fmt.Errorf("record: %w", newswire.ErrFenced)}}, nil},
		{"a store that is away", refused, []step{{record, refused}}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			j := &jammed{away: tt.away}
			s := Opened(j)
			for _, step := range tt.steps {
				j.err = step.err
				step.write(s.store)
			}
			if err := s.Health().Check(t.Context()); !errors.Is(err, tt.want) {
				t.Errorf("Check = %v; want %v", err, tt.want)
			}
		})
	}
}

// refusing is a writer whose writes all fail.
type refusing struct{ err error }

func (r refusing) Archive(context.Context, cache.Closing) (int, bool, error) {
	return 0, false, r.err
}

func (r refusing) Record(context.Context, cache.Lease, newswire.Visit, ...cache.Turn) error {
	return r.err
}

func (r refusing) Sweep(context.Context, cache.Lease, newswire.Retention) (int, error) {
	return 0, r.err
}

func (r refusing) Forget(context.Context, cache.Lease) error { return r.err }

func (r refusing) PassLimits(context.Context, int) (int, error) { return 0, r.err }

func (r refusing) TrimChanges(context.Context, time.Time) error { return r.err }

func (r refusing) Align(context.Context, string, string) error                    { return r.err }
func (r refusing) Reschedule(context.Context, string, time.Time, time.Time) error { return r.err }

func (r refusing) Claim(context.Context, int, time.Duration, ...string) ([]cache.Lease, error) {
	return nil, r.err
}

func (r refusing) Postpone(context.Context, cache.Lease, time.Time) error { return r.err }

func (r refusing) Enter(context.Context, string, time.Duration, ...cache.Postponement) (cache.Turn, error) {
	return cache.Turn{}, r.err
}

func (r refusing) Extend(context.Context, cache.Turn, time.Duration) error { return r.err }

func (r refusing) Leave(context.Context, cache.Turn) error { return r.err }

func (r refusing) Withdraw(context.Context, string, string) (newswire.Tombstone, error) {
	return newswire.Tombstone{}, r.err
}

func (r refusing) Count(context.Context, time.Time, map[newswire.Topic]int) error { return r.err }

func (r refusing) Spend(context.Context, string, cache.Quota, int) (cache.Spent, error) {
	return cache.Spent{}, r.err
}

func (r refusing) AddUsage(context.Context, time.Time, map[string]cache.Used) error { return r.err }

func (r refusing) Attend(context.Context, cache.Process, time.Duration) ([]cache.Process, error) {
	return nil, r.err
}

func (r refusing) Depart(context.Context, string) error { return r.err }

func (r refusing) Subscribe(context.Context, cache.Subscription) error { return r.err }

func (r refusing) Unsubscribe(context.Context, cache.Channel, ...string) error { return r.err }

func (r refusing) Wake(context.Context, cache.Waking) (newswire.Cursor, error) { return "", r.err }

func (r refusing) ClaimSubscriptions(context.Context, cache.Claiming) ([]cache.SubscriptionClaim, cache.UpcomingSubscription, error) {
	return nil, cache.UpcomingSubscription{}, r.err
}

func (r refusing) ExtendSubscriptions(context.Context, cache.Channel, time.Duration, ...cache.SubscriptionClaim) error {
	return r.err
}

func (r refusing) Deliver(context.Context, cache.Channel, ...cache.Delivery) (cache.UpcomingSubscription, error) {
	return cache.UpcomingSubscription{}, r.err
}

func (r refusing) Rewind(context.Context, cache.Channel, string, string) error { return r.err }

// answering is a store that answers, and takes no writes.
type answering struct {
	cache.Reader
	refusing
}

func (answering) Ping(context.Context) error { return nil }

func (answering) Close() error { return nil }

func TestHealthHearsOfEveryWrite(t *testing.T) {
	writer := reflect.TypeFor[cache.Writer]()
	for method := range writer.Methods() {
		full := errors.New("the disk is full")
		p := Opened(answering{refusing: refusing{full}})
		write := reflect.ValueOf(p.store).MethodByName(method.Name)
		arguments := []reflect.Value{reflect.ValueOf(t.Context())}
		for i := 1; i < write.Type().NumIn()-map[bool]int{true: 1}[write.Type().IsVariadic()]; i++ {
			arguments = append(arguments, reflect.Zero(write.Type().In(i)))
		}
		results := write.Call(arguments)
		if err, _ := results[len(results)-1].Interface().(error); !errors.Is(err, full) {
			t.Errorf("%s: %v; want the store's own error", method.Name, err)
		}
		if err := p.Health().Check(t.Context()); !errors.Is(err, full) {
			t.Errorf("%s failed, and health says %v", method.Name, err)
		}
	}
}
