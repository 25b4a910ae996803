package cache_test

import (
	"context"
	"errors"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// slowLog is a change log that takes a second to answer, with a record for each second that has passed.
type slowLog struct {
	began   time.Time
	asked   atomic.Int32 // calls of Changes
	awaited atomic.Int32 // calls of Await
	grown   chan struct{}
	failure error
}

func newSlowLog() *slowLog { return &slowLog{began: time.Now(), grown: make(chan struct{})} }

func (l *slowLog) Changes(ctx context.Context, _ newswire.Cursor, _ int) ([]newswire.Change, error) {
	l.asked.Add(1)
	changes := make([]newswire.Change, int(time.Since(l.began)/time.Second))
	select {
	case <-time.After(time.Second):
		return changes, l.failure
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (l *slowLog) Head(context.Context) (newswire.Cursor, error) { return "", nil }

func (l *slowLog) Await(ctx context.Context, _ newswire.Cursor) error {
	l.awaited.Add(1)
	select {
	case <-l.grown:
		return l.failure
	case <-ctx.Done():
		return ctx.Err()
	}
}

func TestAnAnswerIsSharedByThoseThatAskedBeforeTheLogWas(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newSlowLog()
		shared := cache.NewSharedLog(l)
		var mu sync.Mutex
		var told []int
		var asking sync.WaitGroup
		ask := func(callers int) {
			for range callers {
				asking.Go(func() {
					changes, err := shared.Changes(t.Context(), "", 10)
					if err != nil {
						t.Error(err)
					}
					mu.Lock()
					defer mu.Unlock()
					told = append(told, len(changes))
				})
			}
			synctest.Wait()
		}
		ask(1) // asks at once, when nothing has happened
		time.Sleep(time.Nanosecond)
		ask(3) // these were called later, and are not content with that
		asking.Wait()
		ask(1) // nothing is under way
		asking.Wait()
		slices.Sort(told)
		if want := []int{0, 1, 1, 1, 2}; !slices.Equal(told, want) || l.asked.Load() != 3 {
			t.Errorf("told %v records, by %d calls; want %v by 3", told, l.asked.Load(), want)
		}
	})
}

func TestCallsThatAskForOtherRecordsShareNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newSlowLog()
		shared := cache.NewSharedLog(l)
		var asking sync.WaitGroup
		for _, q := range []struct {
			after newswire.Cursor
			limit int
		}{{"a", 1}, {"a", 2}, {"b", 1}} {
			asking.Go(func() { _, _ = shared.Changes(t.Context(), q.after, q.limit) })
		}
		asking.Wait()
		if l.asked.Load() != 3 || time.Since(l.began) != time.Second {
			t.Errorf("%d calls of the log in %v; want 3, beside each other", l.asked.Load(), time.Since(l.began))
		}
	})
}

func TestTheEndOfOneCallIsNotThatOfAnother(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newSlowLog()
		shared := cache.NewSharedLog(l)
		impatient, leave := context.WithCancel(t.Context())
		var asking sync.WaitGroup
		ask := func(ctx context.Context, want error) {
			asking.Go(func() {
				if _, err := shared.Changes(ctx, "", 10); !errors.Is(err, want) {
					t.Errorf("Changes() = %v; want %v", err, want)
				}
			})
			synctest.Wait()
		}
		ask(t.Context(), nil)            // is asking
		ask(impatient, context.Canceled) // is to ask next
		ask(t.Context(), nil)            // waits for that one, and asks in its place
		ask(impatient, context.Canceled) // waits too
		leave()
		asking.Wait()
		l.failure = newswire.ErrGone
		ask(t.Context(), newswire.ErrGone)
		ask(t.Context(), newswire.ErrGone)
		ask(t.Context(), newswire.ErrGone)
		asking.Wait()
	})
}

func TestTheGrowthOfALogIsAwaitedOnceForAll(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newSlowLog()
		shared := cache.NewSharedLog(l)
		first, leave := context.WithCancel(t.Context())
		var awaiting sync.WaitGroup
		var grown atomic.Int32
		await := func(ctx context.Context) {
			awaiting.Go(func() {
				if shared.Await(ctx, "a") == nil {
					grown.Add(1)
				}
			})
			synctest.Wait()
		}
		await(first)
		await(t.Context())
		await(t.Context())
		if n := l.awaited.Load(); n != 1 {
			t.Errorf("%d calls of the log for three; want 1", n)
		}
		leave()
		synctest.Wait()
		if n := l.awaited.Load(); n != 2 {
			t.Errorf("%d calls of the log once the first has gone; want 2", n)
		}
		close(l.grown)
		awaiting.Wait()
		if n := grown.Load(); n != 2 {
			t.Errorf("%d calls know that the log grew; want 2", n)
		}
	})
}

func TestFollowersOfASharedLogPollTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		counted := &countedLog{}
		shared := cache.NewSharedLog(counted)
		ctx, stop := context.WithCancel(t.Context())
		var following sync.WaitGroup
		polled := make([]atomic.Int32, 5)
		for i := range polled {
			following.Go(func() {
				time.Sleep(time.Duration(i) * 37 * time.Millisecond)
				_ = cache.NewFollower(shared, polls{&polled[i]}, cache.FollowerOptions{After: "a"}).Run(ctx)
			})
		}
		time.Sleep(time.Second - 1)
		before := counted.asked.Load()
		for i := range polled {
			polled[i].Store(0)
		}
		time.Sleep(10 * time.Second)
		asked := counted.asked.Load() - before
		stop()
		following.Wait()
		for i := range polled {
			if n := polled[i].Load(); n < 40 {
				t.Errorf("follower %d has polled %d times in ten seconds; want 40", i, n)
			}
		}
		if asked > 80 {
			t.Errorf("the log was asked %d times in ten seconds; want at most twice for each of 40 polls", asked)
		}
	})
}

// countedLog is a change log that never grows, and takes a millisecond to say so.
type countedLog struct{ asked atomic.Int32 }

func (l *countedLog) Changes(context.Context, newswire.Cursor, int) ([]newswire.Change, error) {
	l.asked.Add(1)
	time.Sleep(time.Millisecond)
	return nil, nil
}

func (*countedLog) Head(context.Context) (newswire.Cursor, error) { return "", nil }

func (*countedLog) Await(ctx context.Context, _ newswire.Cursor) error {
	<-ctx.Done()
	return ctx.Err()
}

// polls counts those that went well.
type polls struct{ n *atomic.Int32 }

func (polls) Changed(context.Context, []newswire.Change) error    { return nil }
func (polls) Reset(context.Context, newswire.Cursor, error) error { return nil }
func (p polls) Polled(_ context.Context, _ time.Time, err error) {
	if err == nil {
		p.n.Add(1)
	}
}
