package sources_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/sourcetest"
)

func TestOperatorsAreToldWhatCameOfEachVisit(t *testing.T) {
	h := newHarness(t)
	pub := sourcetest.NewPublisher(t, rss("1 One", "2 Two"))
	pub.SetHeader("Set-Cookie", "session=planted")
	pub.SetHeader("Vary", strings.Repeat("é", 300))
	visit := func() {
		h.advance(2 * time.Hour)
		h.visit(nil, newswire.Source{ID: "a", URL: pub.URL() + "?key=planted"})
	}
	for range 3 {
		visit()
	}
	pub.AnswerOnce(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusTeapot) }))
	visit()
	visit()
	notes, err := h.store.Notes(t.Context(), "a")
	if err != nil || len(notes) != 2 {
		t.Fatalf("%d notes, %v; want one of the document and one of the failure", len(notes), err)
	}
	failure, first := notes[0], notes[1]
	if failure.Status != http.StatusTeapot || failure.Outcome != "failed" || failure.Confirmed != 2 || failure.Error == "" {
		t.Errorf("the failure is noted as %+v", failure)
	}
	if first.Status != http.StatusOK || first.New != 2 || first.Offered != 2 || first.Bytes == 0 || first.At.IsZero() || first.URL != pub.URL()+"?…" {
		t.Errorf("the document is noted as %+v", first)
	}
	fields := map[string]string{}
	for _, f := range first.Header {
		fields[f.Name] = f.Value
		if len(f.Value) > 210 || strings.Contains(f.Value, "planted") {
			t.Errorf("%s: %s", f.Name, f.Value)
		}
	}
	if fields["ETag"] == "" || fields["Content-Type"] == "" || fields["Set-Cookie"] != "" {
		t.Errorf("the header is noted as %v", fields)
	}
	states, err := h.store.States(t.Context(), "a")
	if err != nil || states["a"].Confirmed != 1 {
		t.Errorf("%d visits confirmed since the failure, %v; want 1", states["a"].Confirmed, err)
	}
	var total newswire.Day
	for _, day := range states["a"].Days.Last(h.now().Add(time.Hour)) { // midnight may have passed
		total.Visits += day.Visits
		total.Failures += day.Failures
		total.Articles += day.Articles
	}
	if diff := cmp.Diff(newswire.Day{Visits: 5, Failures: 1, Articles: 2}, total); diff != "" {
		t.Errorf("the days count (-want +got)\n%s", diff)
	}
}
