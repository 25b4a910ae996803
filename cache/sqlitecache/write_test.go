package sqlitecache

import (
	"context"
	"database/sql/driver"
	"errors"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/newswire/newswire/cache/cachetest"
)

// writers are writes that wait at the same time, and another handle on their file, as another process has.
type writers struct {
	t      *testing.T
	store  *Store
	other  *Store
	faults *cachetest.Faults
}

// inQueue runs a test in a bubble, where it can be known that every write waits.
func inQueue(t *testing.T, test func(t *testing.T, w *writers)) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "newswire.db")
	synctest.Test(t, func(t *testing.T) {
		w := &writers{t: t, faults: &cachetest.Faults{}}
		w.store = w.open(path, func(c driver.Connector) driver.Connector { return faultyConnector{hastyConnector{c}, w.faults} })
		w.other = w.open(path, func(c driver.Connector) driver.Connector { return hastyConnector{c} })
		test(t, w)
	})
}

func (w *writers) open(path string, wrap func(driver.Connector) driver.Connector) *Store {
	w.t.Helper()
	s, err := open(w.t.Context(), path, Options{}, wrap)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(func() {
		if err := s.Close(); err != nil {
			w.t.Error(err)
		}
	})
	return s
}

// together has the writes wait until each of them does, and then lets them go on. It returns the result of each, after
// whose return nothing may be missing from the file.
func (w *writers) together(ctx context.Context, writes ...func(*tx) error) []error {
	w.t.Helper()
	w.store.writing <- struct{}{}
	errs := make([]error, len(writes))
	var wg sync.WaitGroup
	for i, do := range writes {
		wg.Go(func() { errs[i] = w.store.write(ctx, do) })
		synctest.Wait() // so that they wait in this order
	}
	<-w.store.writing
	wg.Wait()
	return errs
}

// add is a write that adds a source.
func add(source string) func(*tx) error {
	return func(t *tx) error { return t.exec(`INSERT INTO sources (source, due) VALUES (?, 1)`, source) }
}

// has says whether another process finds a source in the file.
func (w *writers) has(source string) bool {
	w.t.Helper()
	due, err := w.other.Due(w.t.Context())
	if err != nil {
		w.t.Fatal(err)
	}
	_, there := due[source]
	return there
}

func TestWritesThatWaitShareATransaction(t *testing.T) {
	inQueue(t, func(t *testing.T, w *writers) {
		early := false
		errs := w.together(t.Context(), add("a"), add("b"), func(tx *tx) error {
			early = w.has("a") || w.has("b")
			return add("c")(tx)
		})
		if err := errors.Join(errs...); err != nil || !w.has("a") || !w.has("b") || !w.has("c") {
			t.Errorf("errors %v, and a, b and c are there: %v, %v, %v", err, w.has("a"), w.has("b"), w.has("c"))
		}
		if early {
			t.Error("an earlier write was committed before the last was done")
		}
	})
}

func TestAWriteThatFailsHarmsNobodyItSharedWith(t *testing.T) {
	inQueue(t, func(t *testing.T, w *writers) {
		wrong := errors.New("wrong")
		errs := w.together(t.Context(), add("a"), func(tx *tx) error { return errors.Join(add("b")(tx), wrong) }, add("c"))
		if errs[0] != nil || !errors.Is(errs[1], wrong) || errs[2] != nil {
			t.Errorf("errors %v, want one of the second alone", errs)
		}
		if !w.has("a") || w.has("b") || !w.has("c") {
			t.Errorf("a, b and c are there: %v, %v, %v; want the first and the last", w.has("a"), w.has("b"), w.has("c"))
		}
	})
}

func TestAWriterWhoGivesUpWaitingWritesNothing(t *testing.T) {
	inQueue(t, func(t *testing.T, w *writers) {
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		w.store.writing <- struct{}{}
		err := w.store.write(ctx, add("a"))
		<-w.store.writing
		if !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("error %v, want that of the context", err)
		}
		if errs := w.together(t.Context(), add("b")); errs[0] != nil || w.has("a") || !w.has("b") {
			t.Errorf("error %v, and a and b are there: %v, %v; want b alone", errs[0], w.has("a"), w.has("b"))
		}
	})
}

func TestWhateverFailsAWriteThatSucceededIsThere(t *testing.T) {
	for _, when := range []cachetest.When{cachetest.Before, cachetest.After, cachetest.Crash} {
		t.Run(when.String(), func(t *testing.T) {
			inQueue(t, func(t *testing.T, w *writers) {
				for n, struck := 1, true; struck; n++ {
					names := []string{fmt.Sprint("a", n), fmt.Sprint("b", n), fmt.Sprint("c", n)}
					w.faults.Arm(n, when)
					errs := w.together(t.Context(), add(names[0]), add(names[1]), add(names[2]))
					struck = w.faults.Disarm()
					for i, err := range errs {
						if err == nil && !w.has(names[i]) {
							t.Errorf("struck at command %d: %s was written and is not there", n, names[i])
						}
						if err != nil && !(struck && errors.Is(err, cachetest.ErrInjected)) {
							t.Errorf("struck at command %d: %v", n, err)
						}
					}
					if err := w.store.write(t.Context(), add(fmt.Sprint("d", n))); err != nil {
						t.Errorf("struck at command %d, then: %v", n, err)
					}
				}
			})
		})
	}
}
