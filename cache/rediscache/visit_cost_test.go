package rediscache

import (
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/rediscache/redistest"
)

// visitWithoutDocument does what a visit that is answered 304 does in the store.
func visitWithoutDocument(t testing.TB, s *Store, lease cache.Lease) {
	t.Helper()
	ctx, due := t.Context(), lease.At.Add(time.Hour)
	turn, err := s.Enter(ctx, "a.example", time.Minute, cache.Postponement{Lease: lease, Until: due})
	if err != nil || turn.Key == "" {
		t.Fatalf("Enter = %+v, %v, want a turn", turn, err)
	}
	visit := newswire.Visit{Source: lease.Source, At: lease.At, State: newswire.State{Source: lease.Source, Due: due}}
	if err := s.Record(ctx, lease, visit, turn); err != nil {
		t.Fatal(err)
	}
}

func TestAVisitWithoutADocumentTakesTwoTrips(t *testing.T) {
	s := open(t, redistest.Start(t, redistest.Options{}).URL())
	lease := claim(t, s, "a")
	visitWithoutDocument(t, s, lease) // The server has met the scripts now.
	var sent counting
	s.client.AddHook(&sent)
	visitWithoutDocument(t, s, lease)
	if n := sent.pipelines.Load(); n != 2 {
		t.Errorf("%d pipelines, want one before the request and one after it", n)
	}
	due, err := s.Due(t.Context())
	if want := lease.At.Add(time.Hour); err != nil || !due["a"].Equal(want) {
		t.Errorf("due at %v, %v, want %v", due["a"], err, want)
	}
}

// mostAllocations is how many objects a visit without a document may make here, its state as JSON among them.
const mostAllocations = 90

func TestAVisitWithoutADocumentMakesFewObjects(t *testing.T) {
	s := open(t, redistest.Start(t, redistest.Options{}).URL())
	lease := claim(t, s, "a")
	if n := testing.AllocsPerRun(200, func() { visitWithoutDocument(t, s, lease) }); n > mostAllocations {
		t.Errorf("%.0f objects, want at most %d", n, mostAllocations)
	} else {
		t.Logf("%.0f objects", n)
	}
}

// A visit without a document finishes what an earlier one left pending, and has its state and note kept.
func TestAVisitWithoutADocumentFinishesAnEarlierOne(t *testing.T) {
	s := open(t, redistest.Start(t, redistest.Options{}).URL())
	ctx, lease := t.Context(), claim(t, s, "a")
	call, err := s.recording(ctx, lease, new(visitOf(lease, firstArticles("a", 2))), nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.run(ctx, call); err != nil { // and then it crashed
		t.Fatal(err)
	}
	note := newswire.Note{At: lease.At, Outcome: "failed"}
	visit := newswire.Visit{Source: "a", At: lease.At, Note: &note, State: newswire.State{Source: "a", Confirmed: 7, Due: lease.At.Add(time.Hour)}}
	if err := s.Record(ctx, lease, visit); err != nil {
		t.Fatal(err)
	}
	if found := listed(t, s, newswire.All); len(found) != 2 {
		t.Errorf("%d articles are listed, want 2", len(found))
	}
	if changes, err := s.Changes(ctx, "", 10); err != nil || len(changes) != 2 {
		t.Errorf("changes %v, %v, want 2", changes, err)
	}
	if notes, err := s.Notes(ctx, "a"); err != nil || len(notes) != 1 || notes[0].Outcome != note.Outcome {
		t.Errorf("notes %v, %v, want one", notes, err)
	}
	if states, err := s.States(ctx, "a"); err != nil || states["a"].Confirmed != 7 {
		t.Errorf("states %v, %v, want that of the later visit", states, err)
	}
}
