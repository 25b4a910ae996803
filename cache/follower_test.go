package cache_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// log is a change log whose answers are scripted. The last answer is given for ever.
type log struct {
	changes []func(ctx context.Context, after newswire.Cursor) ([]newswire.Change, error)
	heads   []func(ctx context.Context) (newswire.Cursor, error)
	await   func(ctx context.Context, after newswire.Cursor) error // nil: nothing comes
}

func (l *log) Changes(ctx context.Context, after newswire.Cursor, _ int) ([]newswire.Change, error) {
	return next(&l.changes)(ctx, after)
}

func (l *log) Head(ctx context.Context) (newswire.Cursor, error) { return next(&l.heads)(ctx) }

func (l *log) Await(ctx context.Context, after newswire.Cursor) error {
	if l.await != nil {
		return l.await(ctx, after)
	}
	<-ctx.Done()
	return ctx.Err()
}

func next[T any](script *[]T) T {
	first := (*script)[0]
	if len(*script) > 1 {
		*script = (*script)[1:]
	}
	return first
}

// diary is a Listener that writes down what it is told, and when.
type diary struct {
	began   time.Time
	lines   []string
	refused int // calls of Reset that are still to fail
}

func (d *diary) write(line string) {
	d.lines = append(d.lines, time.Since(d.began).String()+" "+line)
}

func (d *diary) Changed(_ context.Context, changes []newswire.Change) error {
	for _, c := range changes {
		d.write("changed " + string(c.Cursor))
	}
	return nil
}

func (d *diary) Reset(_ context.Context, head newswire.Cursor, why error) error {
	line := "reset " + string(head)
	if why != nil {
		line += ": " + why.Error()
	}
	d.write(line)
	if d.refused > 0 {
		d.refused--
		return errors.New("not now")
	}
	return nil
}

func (d *diary) Polled(_ context.Context, began time.Time, err error) {
	line := "polled since " + began.Sub(d.began).String()
	if err != nil {
		line += ": " + err.Error()
	}
	d.write(line)
}

func nothingNew(context.Context, newswire.Cursor) ([]newswire.Change, error) { return nil, nil }

func gone(context.Context, newswire.Cursor) ([]newswire.Change, error) { return nil, newswire.ErrGone }

func silent(ctx context.Context, _ newswire.Cursor) ([]newswire.Change, error) {
	<-ctx.Done()
	return nil, ctx.Err()
}

func news(want newswire.Cursor, cursors ...newswire.Cursor) func(context.Context, newswire.Cursor) ([]newswire.Change, error) {
	return func(_ context.Context, after newswire.Cursor) ([]newswire.Change, error) {
		if after != want {
			return nil, errors.New("asked for what is after " + string(after))
		}
		var changes []newswire.Change
		for _, c := range cursors {
			changes = append(changes, newswire.Change{Cursor: c})
		}
		return changes, nil
	}
}

func head(c newswire.Cursor, err error) func(context.Context) (newswire.Cursor, error) {
	return func(context.Context) (newswire.Cursor, error) { return c, err }
}

type (
	changesScript = []func(context.Context, newswire.Cursor) ([]newswire.Change, error)
	headsScript   = []func(context.Context) (newswire.Cursor, error)
)

var followings = []struct {
	name    string
	log     log
	options cache.FollowerOptions
	refused int
	want    []string
}{
	{
		"full batches are read at once, and a short one ends the poll",
		log{changes: changesScript{news("a", "b", "c"), news("c", "d", "e"), news("e", "f"), news("f")}},
		cache.FollowerOptions{After: "a", Batch: 2},
		0,
		[]string{
			"0s changed b", "0s changed c", "0s changed d", "0s changed e", "0s changed f", "0s polled since 0s",
			"250ms polled since 250ms",
		},
	},
	{
		"each call has a time of its own",
		log{changes: changesScript{news("a", "b", "c"), silent, news("c", "d")}},
		cache.FollowerOptions{After: "a", Batch: 2, Timeout: 100 * time.Millisecond},
		0,
		[]string{
			"0s changed b", "0s changed c", "100ms polled since 0s: follow the change log: context deadline exceeded",
			"250ms changed d", "250ms polled since 250ms",
		},
	},
	{
		"a call that takes longer than the pause is followed by the next poll at once",
		log{changes: changesScript{silent, nothingNew}},
		cache.FollowerOptions{After: "a", Timeout: 300 * time.Millisecond},
		0,
		[]string{"300ms polled since 0s: follow the change log: context deadline exceeded", "300ms polled since 300ms"},
	},
	{
		"a reset waits for the end of the log, and for its listener, and keeps its reason",
		log{
			changes: changesScript{gone, nothingNew},
			heads:   headsScript{head("", errors.New("away")), head("x", nil), head("y", nil)},
		},
		cache.FollowerOptions{After: "a", Poll: 100 * time.Millisecond},
		1,
		[]string{
			"0s polled since 0s: find the end of the change log: away",
			"100ms reset x: cursor is older than the change log", "100ms polled since 100ms: not now",
			"200ms reset y: cursor is older than the change log", "200ms polled since 200ms",
			"300ms polled since 300ms",
		},
	},
	{
		"a second reset has a reason of its own",
		log{changes: changesScript{gone, nothingNew}, heads: headsScript{head("x", nil), head("y", nil)}},
		cache.FollowerOptions{},
		0,
		[]string{
			"0s reset x", "0s polled since 0s",
			"250ms reset y: cursor is older than the change log", "250ms polled since 250ms",
		},
	},
}

func TestFollowerTellsItsListener(t *testing.T) {
	for _, tt := range followings {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := diary{began: time.Now(), refused: tt.refused}
				ctx, cancel := context.WithTimeout(t.Context(), 400*time.Millisecond)
				defer cancel()
				if err := cache.NewFollower(&tt.log, &d, tt.options).Run(ctx); !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("Run() = %v; want the end of its context", err)
				}
				if got := d.lines[:min(len(d.lines), len(tt.want))]; !slices.Equal(got, tt.want) {
					t.Errorf("the listener was told\n%q; want\n%q", got, tt.want)
				}
			})
		})
	}
}

func TestFollowerDoesNotTellOfAPollThatItsEndCutShort(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := diary{began: time.Now()}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		err := cache.NewFollower(&log{changes: changesScript{silent}}, &d, cache.FollowerOptions{After: "a"}).Run(ctx)
		if !errors.Is(err, context.DeadlineExceeded) || time.Since(d.began) != time.Second || len(d.lines) > 0 {
			t.Errorf("Run() = %v after %v, and told %q; want the end of its context at once, and nothing told", err, time.Since(d.began), d.lines)
		}
	})
}

// TestFollowerPollsWhenTheLogGrows has a log that says so at 10 ms, then cannot say anything, and at 1 s says so again.
func TestFollowerPollsWhenTheLogGrows(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := diary{began: time.Now()}
		ctx, cancel := context.WithTimeout(t.Context(), 1500*time.Millisecond)
		defer cancel()
		awaited := []newswire.Cursor{}
		l := &log{
			changes: changesScript{nothingNew, news("a", "b"), nothingNew, news("b", "c"), nothingNew},
			await: func(ctx context.Context, after newswire.Cursor) error {
				switch awaited = append(awaited, after); len(awaited) {
				case 1:
					time.Sleep(10 * time.Millisecond)
					return nil
				case 2:
					return errors.New("the store is away")
				case 3:
					time.Sleep(200 * time.Millisecond)
					return nil
				}
				<-ctx.Done()
				return ctx.Err()
			},
		}
		_ = cache.NewFollower(l, &d, cache.FollowerOptions{After: "a", Poll: 400 * time.Millisecond}).Run(ctx)
		changed := slices.DeleteFunc(d.lines, func(line string) bool { return !strings.Contains(line, "changed") })
		if want := []string{"10ms changed b", "600ms changed c"}; !slices.Equal(changed, want) {
			t.Errorf("the listener was told %q; want %q", changed, want)
		}
		if want := []newswire.Cursor{"a", "b", "b", "c"}; !slices.Equal(awaited, want) {
			t.Errorf("awaited after %q; want %q: once after each poll, and no more often after a failure", awaited, want)
		}
	})
}

func TestNudgedFollowerPollsSoonAndNotTooOften(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := diary{began: time.Now()}
		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()
		f := cache.NewFollower(&log{changes: changesScript{nothingNew}}, &d, cache.FollowerOptions{After: "a", Poll: time.Hour})
		done := make(chan error, 1)
		go func() { done <- f.Run(ctx) }()
		synctest.Wait()
		time.Sleep(time.Millisecond)
		for range 100 {
			f.Nudge()
		}
		time.Sleep(50 * time.Millisecond)
		f.Nudge()
		<-done
		want := []string{"0s polled since 0s", "2ms polled since 2ms", "51ms polled since 51ms"}
		if !slices.Equal(d.lines, want) {
			t.Errorf("the listener was told\n%q; want\n%q", d.lines, want)
		}
	})
}
