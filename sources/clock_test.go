package sources_test

import (
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources"
)

// TestTheStoresClockDecidesWhatIsDue has a process whose clock is wrong: what is new, has another address or is asked for by the
// operator is visited at once all the same, and nothing sooner than its publisher wishes.
func TestTheStoresClockDecidesWhatIsDue(t *testing.T) {
	for name, behind := range map[string]time.Duration{"an hour behind": hour, "an hour ahead": -hour} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "wire.db")
			synctest.Test(t, func(t *testing.T) { liveByAWrongClock(t, path, behind) })
		})
	}
}

func liveByAWrongClock(t *testing.T, path string, behind time.Duration) {
	w := emptyTown()
	for n := range schedules {
		w.documents(n)
	}
	list := map[string]*newswire.Source{}
	for i := range w.list {
		list[w.list[i].ID] = &w.list[i]
	}
	moved, hastened := list["strong-0"], list["none-0"]
	s := &service{town: w, path: path, chance: rand.New(rand.NewPCG(1, 2)), behind: behind}
	began := time.Now()
	const soon = 10 * time.Minute

	s.read(t)
	s.live(t, began.Add(soon), inOrder)
	for _, source := range w.list {
		if n := w.Visits(source.URL); n != 1 {
			t.Errorf("%s, which is new, was visited %d times within %v", source.ID, n, soon)
		}
	}
	s.live(t, began.Add(day/2), inOrder)

	delete(w.expect, moved.URL)
	delete(w.expect, hastened.URL)
	w.sites[hastened.URL].Least = 0
	elsewhere := w.place(moved.ID, 0, "elsewhere.example", feed{}.answer)
	moved.URL = elsewhere.Address
	s.read(t)
	before := w.Visits(hastened.URL)
	store := s.open(t)
	if err := sources.Hasten(t.Context(), store, s.catalog, hastened.ID); err != nil {
		t.Error(err)
	}
	if err := store.Close(); err != nil {
		t.Error(err)
	}
	s.live(t, time.Now().Add(soon), inOrder)
	if n := w.Visits(elsewhere.Address); n != 1 {
		t.Errorf("the new address of a source was visited %d times within %v", n, soon)
	}
	if n := w.Visits(hastened.URL) - before; n != 1 {
		t.Errorf("a source that the operator asked for was visited %d times within %v", n, soon)
	}
	s.live(t, began.Add(2*day), inOrder)

	w.alive(t, time.Since(began))
	for what, cases := range w.Faults() {
		t.Errorf("%d times the service %s, first: %s", len(cases), what, strings.Join(cases[:min(5, len(cases))], "\n\t"))
	}
}

// read has the process take the list of sources as its config.
func (w *service) read(t *testing.T) {
	t.Helper()
	catalog, err := sources.NewCatalog(w.list, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	w.catalog = catalog
}
