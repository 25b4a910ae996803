package cachetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// recorder is a [cache.Listener] that remembers what it is told.
type recorder struct {
	refuse int // calls of Changed that are still to fail

	mu      sync.Mutex // guards what follows
	changes []newswire.Change
	resets  []reset
	polls   int // that ended well
	failed  []error
	told    chan struct{} // is closed, and replaced, with each Polled
}

type reset struct {
	head newswire.Cursor
	why  error
}

var _ cache.Listener = (*recorder)(nil)

func (r *recorder) Changed(_ context.Context, changes []newswire.Change) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.refuse > 0 {
		r.refuse--
		return errRefused
	}
	r.changes = append(r.changes, changes...)
	return nil
}

var errRefused = errors.New("the listener is busy")

func (r *recorder) Reset(_ context.Context, head newswire.Cursor, why error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.resets = append(r.resets, reset{head, why})
	return nil
}

func (r *recorder) Polled(_ context.Context, _ time.Time, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err == nil {
		r.polls++
	} else {
		r.failed = append(r.failed, err)
	}
	close(r.told)
	r.told = make(chan struct{})
}

// until waits for the end of a poll after which the condition holds.
func (r *recorder) until(ctx context.Context, holds func() bool) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		r.mu.Lock()
		done, told := holds(), r.told
		r.mu.Unlock()
		if done {
			return nil
		}
		select {
		case <-told:
		case <-ctx.Done():
			return fmt.Errorf("%d changes, %d resets and %d polls later: %w", len(r.changes), len(r.resets), r.polls, ctx.Err())
		}
	}
}

// followed runs a Follower of the store under test, three records at a time, while the test does what it does with what it
// tells, and returns when the Follower has ended.
func (t *tester) followed(after newswire.Cursor, during func(r *recorder)) *recorder {
	t.Helper()
	r := &recorder{told: make(chan struct{})}
	f := cache.NewFollower(t.Store, r, cache.FollowerOptions{After: after, Poll: time.Millisecond, Batch: 3})
	ctx, cancel := context.WithCancel(t.ctx)
	ended := make(chan error)
	go func() { ended <- f.Run(ctx) }()
	defer func() {
		cancel()
		if err := <-ended; !errors.Is(err, context.Canceled) {
			t.Errorf("Run() = %v, want the end of its context", err)
		}
	}()
	during(r)
	return r
}

// hears waits until a recorder was told as many changes.
func (t *tester) hears(r *recorder, n int) {
	t.Helper()
	t.check(r.until(t.ctx, func() bool { return len(r.changes) >= n }), "waiting for %d changes", n)
}

// begins waits until a recorder was told of a first place, and returns it.
func (t *tester) begins(r *recorder) reset {
	t.Helper()
	t.check(r.until(t.ctx, func() bool { return len(r.resets) > 0 }), "waiting for a place in the log")
	return r.resets[0]
}

var followerTests = []test{
	{"a Follower without a cursor begins at the end of the log, and says so", func(t *tester) {
		t.record("a", pieces("a", 1, 5)...)
		head := t.head()
		r := t.followed("", func(r *recorder) {
			if got := t.begins(r); got != (reset{head, nil}) {
				t.Errorf("reset to %q because of %v, want the head %q and no reason", got.head, got.why, head)
			}
			t.record("b", piece("b", 1))
			t.hears(r, 1)
		})
		t.equal("changes told", r.changes, t.changes(head))
	}},
	{"a Follower of an empty log is told the first change", func(t *tester) {
		r := t.followed("", func(r *recorder) {
			t.begins(r)
			t.record("a", piece("a", 1))
			t.hears(r, 1)
		})
		t.equal("changes told", r.changes, t.changes(""))
		t.equal("number of resets", len(r.resets), 1)
	}},
	{"a Follower is told each change once, in order, while others write", toldOnce},
	{"a Follower goes on from where another ended", func(t *tester) {
		t.record("a", pieces("a", 1, 10)...)
		all := t.changes("")
		first := t.followed(all[1].Cursor, func(r *recorder) { t.hears(r, 8) })
		t.record("b", pieces("b", 1, 4)...)
		second := t.followed(first.changes[len(first.changes)-1].Cursor, func(r *recorder) { t.hears(r, 4) })
		t.equal("changes told to both", append(first.changes, second.changes...), t.changes(all[1].Cursor))
		t.equal("number of resets", len(first.resets)+len(second.resets), 0)
	}},
	{"a trimmed log is a reset to its end", func(t *tester) {
		t.record("a", pieces("a", 1, 5)...)
		all := t.changes("")
		t.check(t.Store.TrimChanges(t.ctx, future), "TrimChanges(future)")
		isReset(t, all[1].Cursor, newswire.ErrGone)
	}},
	{"a cursor that is none is a reset to the log's end", func(t *tester) {
		t.record("a", pieces("a", 1, 5)...)
		isReset(t, "garbled", newswire.ErrCursor)
	}},
	{"a cursor of another store is a reset to the log's end", func(t *tester) {
		another := &tester{T: t.T, Harness: Harness{Store: t.Another()}, ctx: t.ctx}
		another.record("a", piece("a", 1))
		t.record("a", pieces("a", 1, 5)...)
		isReset(t, another.head(), newswire.ErrReplaced)
	}},
	{"an outage in the middle of a batch costs a Follower nothing", func(t *tester) {
		t.record("a", piece("a", 1))
		for _, when := range []When{Before, After, Crash} {
			for n := 1; n <= 4; n++ {
				outage(t, n, when)
			}
		}
	}},
	{"a Listener that fails is told the same again", func(t *tester) {
		head := t.head()
		r := t.followed("", func(r *recorder) {
			t.begins(r)
			r.mu.Lock()
			r.refuse = 2
			r.mu.Unlock()
			t.record("a", pieces("a", 1, 8)...)
			t.hears(r, 8)
		})
		t.equal("changes told", r.changes, t.changes(head))
		if len(r.failed) != 2 || !errors.Is(r.failed[0], errRefused) {
			t.Errorf("polls failed with %v, want twice the listener's own error", r.failed)
		}
	}},
}

// toldOnce follows while four goroutines record on two handles.
func toldOnce(t *tester) {
	const writers, visits = 4, 10
	for i := range writers {
		t.reschedule(fmt.Sprintf("s%d", i), time.Time{}, past)
	}
	other := t.Reopen()
	r := t.followed("", func(r *recorder) {
		t.begins(r)
		var wg sync.WaitGroup
		for i := range writers {
			store := []cache.Store{t.Store, other}[i%2]
			wg.Go(func() { growing(t, store, fmt.Sprintf("s%d", i), visits) })
		}
		wg.Wait()
		t.hears(r, 2*writers*visits)
	})
	t.equal("changes told", r.changes, t.changes(""))
	t.equal("number of changes", len(r.changes), 2*writers*visits)
	t.equal("number of resets", len(r.resets), 1)
}

// growing records visits of one source, each with two new articles.
func growing(t *tester, store cache.Store, source string, visits int) {
	for n := range visits {
		leases, err := store.Claim(t.ctx, 1, time.Hour, source)
		if err != nil || len(leases) != 1 {
			t.Errorf("Claim(%s) = %v, %v; want one lease", source, leases, err)
			return
		}
		v := visit(leases[0], pieces(source, 2*n+1, 2*n+2)...)
		v.State.Due = past
		if err := store.Record(t.ctx, leases[0], v); err != nil {
			t.Errorf("Record(%s): %v", source, err)
			return
		}
	}
}

// isReset checks that a Follower from a cursor is told of a new place, and why, and then of what is new alone.
func isReset(t *tester, after newswire.Cursor, why error) {
	t.Helper()
	head := t.head()
	r := t.followed(after, func(r *recorder) {
		if got := t.begins(r); got.head != head || !errors.Is(got.why, why) {
			t.Errorf("reset to %q because of %v, want the head %q and %v", got.head, got.why, head, why)
		}
		t.record("new", pieces("new", 1, 2)...)
		t.hears(r, 2)
	})
	t.equal("changes told", r.changes, t.changes(head))
	t.equal("number of resets", len(r.resets), 1)
	t.equal("polls that failed", r.failed, []error(nil))
}

// outage has the n-th command of a Follower fail while there are four batches to read.
func outage(t *tester, n int, when When) {
	t.Helper()
	head, source := t.head(), fmt.Sprintf("outage-%v-%d", when, n)
	t.record(source, pieces(source, 1, 10)...)
	t.Faults.Arm(n, when)
	struck := false
	r := t.followed(head, func(r *recorder) {
		t.check(r.until(t.ctx, func() bool { return len(r.failed) > 0 || r.polls > 5 }), "waiting for the fault")
		struck = t.Faults.Disarm()
		t.hears(r, 10)
	})
	if !struck || len(r.failed) == 0 || len(r.failed) > 1 && when != Crash || !errors.Is(r.failed[0], ErrInjected) {
		t.Errorf("fault (%v) at command %d: struck is %v and polls failed with %v, want the fault once", when, n, struck, r.failed)
	}
	t.equal(fmt.Sprintf("changes told with a fault (%v) at command %d", when, n), r.changes, t.changes(head))
	t.equal("number of resets", len(r.resets), 0)
}
