package cachetest

import (
	"errors"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFaultStrikesTheNthCommand(t *testing.T) {
	for _, tt := range []struct {
		name     string
		n        int
		when     When
		executed []int // of four commands
		failed   []int
	}{
		{"before the first", 1, Before, []int{2, 3, 4}, []int{1}},
		{"before the third", 3, Before, []int{1, 2, 4}, []int{3}},
		{"after the third", 3, After, []int{1, 2, 3, 4}, []int{3}},
		{"crash at the third", 3, Crash, []int{1, 2}, []int{3, 4}},
		{"beyond the last", 5, Crash, []int{1, 2, 3, 4}, nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var f Faults
			var executed, failed []int
			f.Arm(tt.n, tt.when)
			for i := 1; i <= 4; i++ {
				err := f.Do(func() error { executed = append(executed, i); return nil })
				if errors.Is(err, ErrInjected) {
					failed = append(failed, i)
				}
			}
			if diff := cmp.Diff(tt.executed, executed); diff != "" {
				t.Errorf("executed (-want +got):\n%s", diff)
			}
			if diff := cmp.Diff(tt.failed, failed); diff != "" {
				t.Errorf("failed (-want +got):\n%s", diff)
			}
			if got, want := f.Disarm(), len(tt.failed) > 0; got != want {
				t.Errorf("Disarm() = %v, want %v", got, want)
			}
			if err := f.Do(func() error { return nil }); err != nil {
				t.Errorf("Do after Disarm = %v, want nil", err)
			}
		})
	}
}

func TestFaultCutsAPipeline(t *testing.T) {
	for _, tt := range []struct {
		n    int
		when When
		want int // commands executed of a pipeline of three, after one single command
	}{
		{1, Before, 3}, {2, Before, 0}, {3, Before, 1}, {4, Before, 2}, {4, After, 3}, {2, Crash, 0}, {5, Before, 3},
	} {
		var f Faults
		f.Arm(tt.n, tt.when)
		_ = f.Do(func() error { return nil })
		got := 0
		err := f.Pipeline(3, func(k int) error { got = k; return nil })
		if got != tt.want {
			t.Errorf("Arm(%d, %v): pipeline executed %d commands, want %d", tt.n, tt.when, got, tt.want)
		}
		if fails := tt.n > 1 && tt.n < 5; fails != errors.Is(err, ErrInjected) {
			t.Errorf("Arm(%d, %v): pipeline error = %v", tt.n, tt.when, err)
		}
	}
}

// A reply that is lost says nothing, also where it is an error.
func TestAFaultHidesTheReply(t *testing.T) {
	reply := errors.New("no such script")
	for _, tt := range []struct {
		n    int
		want error
	}{{1, ErrInjected}, {2, reply}} {
		var f Faults
		f.Arm(tt.n, After)
		if err := f.Do(func() error { return reply }); !errors.Is(err, tt.want) {
			t.Errorf("a fault after command %d: the first fails with %v, want %v", tt.n, err, tt.want)
		}
	}
}
