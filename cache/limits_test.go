package cache_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/newswire/newswire/cache"
)

// limits is a store that has limits at times, and notes when it was asked.
type limits struct {
	cache.Limits
	ahead  []time.Time
	asked  []time.Duration // since the beginning, for the next limit
	passed []time.Duration // since the beginning, of each limit
	failed error           // of the next call
	began  time.Time
}

func (l *limits) NextLimit(context.Context) (time.Duration, bool, error) {
	l.asked = append(l.asked, time.Since(l.began))
	if err := l.failed; err != nil {
		l.failed = nil
		return 0, false, err
	}
	if len(l.ahead) == 0 {
		return 0, false, nil
	}
	return time.Until(l.ahead[0]), true, nil
}

func (l *limits) PassLimits(_ context.Context, n int) (int, error) {
	passed := 0
	for ; passed < n && len(l.ahead) > 0 && !l.ahead[0].After(time.Now()); passed++ {
		l.ahead = l.ahead[1:]
		l.passed = append(l.passed, time.Since(l.began))
	}
	return passed, nil
}

// keep has limits kept for a while.
func (l *limits) keep(t *testing.T, while time.Duration) (failures []error) {
	t.Helper()
	l.began = time.Now()
	ctx, cancel := context.WithTimeout(t.Context(), while)
	defer cancel()
	err := cache.KeepLimits(ctx, l, func(err error) { failures = append(failures, err) })
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("KeepLimits = %v, want the end of its context", err)
	}
	return failures
}

func TestLimitsPassAtTheirTimes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var l limits
		want := []time.Duration{250 * time.Millisecond, 3700 * time.Millisecond, 3700 * time.Millisecond, time.Minute}
		for _, in := range want {
			l.ahead = append(l.ahead, time.Now().Add(in))
		}
		if failures := l.keep(t, 2*time.Minute); failures != nil {
			t.Errorf("failed: %v", failures)
		}
		if !slices.Equal(l.passed, want) {
			t.Errorf("passed after %v, want %v", l.passed, want)
		}
	})
}

func TestManyLimitsThatPassTogetherDoNotWaitForEachOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limits{ahead: slices.Repeat([]time.Time{time.Now().Add(time.Second)}, 1234)}
		l.keep(t, 1500*time.Millisecond)
		if len(l.passed) != 1234 || l.passed[1233] != time.Second {
			t.Errorf("%d passed, want 1234 in the second", len(l.passed))
		}
	})
}

func TestNothingAheadCostsOneLookEachSecond(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limits{ahead: []time.Time{time.Now().Add(time.Hour)}}
		l.keep(t, time.Minute)
		if n := len(l.asked); n > 61 {
			t.Errorf("asked %d times in a minute, want one each second", n)
		}
	})
}

func TestLimitsThatCouldNotBePassedAreTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := limits{ahead: []time.Time{time.Now()}, failed: errors.New("store away")}
		failures := l.keep(t, time.Minute)
		if len(failures) != 1 || len(l.passed) != 1 {
			t.Errorf("failures %v and %d passed, want one of each", failures, len(l.passed))
		}
	})
}
