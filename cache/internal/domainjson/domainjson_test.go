package domainjson_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache/internal/domainjson"
)

func TestADomainIsReadAsItWasWritten(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 6e6, time.UTC)
	for _, tt := range []struct {
		name string
		d    newswire.Domain
	}{
		{"nothing", newswire.Domain{}},
		{"free from a time on", newswire.Domain{Free: at}},
		{"closed", newswire.Domain{Free: at, ClosedUntil: at.Add(time.Hour)}},
		{"free after it was closed", newswire.Domain{Free: at.Add(time.Hour), ClosedUntil: at}},
		{"why it was closed", newswire.Domain{Free: at, ClosedWhy: "429 Too Many Requests"}},
		{"offences", newswire.Domain{Free: at, Offences: 1}},
		{"the time of an offence", newswire.Domain{Free: at, Offended: at}},
		{"a refusal", newswire.Domain{Free: at, Refusals: []time.Time{at}}},
	} {
		state, err := domainjson.Encode(&tt.d)
		if err != nil {
			t.Fatalf("%s: %v", tt.name, err)
		}
		got, err := domainjson.Decode(state, tt.d.Open())
		if diff := cmp.Diff(tt.d, got); diff != "" || err != nil {
			t.Errorf("%s, stored as %q: %v %s", tt.name, state, err, diff)
		}
	}
}

func TestADomainThatWasStoredAtLengthIsRead(t *testing.T) {
	at := time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)
	got, err := domainjson.Decode(`{"free":"2026-01-02T03:04:05Z"}`, at)
	if diff := cmp.Diff(newswire.Domain{Free: at}, got); diff != "" || err != nil {
		t.Error(err, diff)
	}
	if got, err := domainjson.Decode("", at); err != nil || !cmp.Equal(got, newswire.Domain{}) {
		t.Errorf("a domain at which no turn ended: %+v, %v", got, err)
	}
}
