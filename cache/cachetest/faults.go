package cachetest

import (
	"errors"
	"sync"
)

// ErrInjected is what a command fails with when a fault strikes.
var ErrInjected = errors.New("injected fault")

// When says where a fault strikes.
type When int

// The places.
const (
	Before When = iota // the command is not executed; later ones are
	After              // the command is executed and its reply lost; later ones are executed
	Crash              // neither the command nor any later one is executed, as when the process dies
)

func (w When) String() string {
	return [...]string{"before", "after", "crash"}[w]
}

// Faults makes the n-th command that a store sends to its database fail. A driver's tests wrap every command in Do, and
// every batch of commands that is sent at once but not executed as one in Pipeline. The zero value lets everything pass.
type Faults struct {
	mu       sync.Mutex // guards what follows
	armed    bool
	when     When
	left     int // commands that pass before the fault strikes
	stricken bool
}

// Arm makes the n-th command from now, counted from 1, fail.
func (f *Faults) Arm(n int, when When) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.armed, f.when, f.left, f.stricken = true, when, n-1, false
}

// Disarm lets everything pass again, and says whether the fault struck.
func (f *Faults) Disarm() bool {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.armed = false
	return f.stricken
}

// Do runs one command, or fails with ErrInjected before or after it.
func (f *Faults) Do(command func() error) error {
	return f.Pipeline(1, func(int) error { return command() })
}

// Pipeline runs a batch of n commands that may be cut anywhere. The callback executes the first k of them; it is not
// called at all when that is none. Where the fault strikes, what the callback returns is lost too: a client that was told by
// the server that it does not know a script would send that again, and would not notice the fault.
func (f *Faults) Pipeline(n int, run func(k int) error) (err error) {
	k, fails := f.take(n)
	if k > 0 {
		err = run(k)
	}
	if fails {
		return ErrInjected
	}
	return err
}

// take says how many of the next n commands are to be executed, and whether the fault strikes among them.
func (f *Faults) take(n int) (k int, fails bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	switch {
	case !f.armed:
		return n, false
	case f.stricken:
		if f.when == Crash {
			return 0, true
		}
		return n, false
	case f.left >= n:
		f.left -= n
		return n, false
	}
	f.stricken = true
	k = f.left
	if f.when == After {
		k++
	}
	return k, true
}
