package partner_test

import (
	"strings"
	"testing"
	"time"

	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication/partner"
)

func TestKeysAreFoundByTheirDigest(t *testing.T) {
	first, second, other := partner.NewKey(), partner.NewKey(), partner.NewKey()
	if first == second || len(strings.TrimPrefix(first, "nwk_")) != 43 {
		t.Errorf("keys %s and %s; want 256 bits each, and different ones", first, second)
	}
	now := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	roster := partner.NewRoster([]partner.Partner{
		{ID: "none"},
		{ID: "acme", Keys: []partner.Key{
			{Digest: partner.DigestOf(first)},
			{Digest: partner.DigestOf(second), Until: now.Add(time.Hour)},
		}},
	})
	for _, tt := range []struct {
		name, key string
		at        time.Time
		want      bool
	}{
		{"the key", first, now, true},
		{"the one before it, in the overlap", second, now, true},
		{"the one before it, after the overlap", second, now.Add(time.Hour), false},
		{"another", other, now, false},
		{"none", "", now, false},
		{"a part of it", first[:40], now, false},
	} {
		p, ok := roster.Find(partner.DigestOf(tt.key), tt.at)
		if ok != tt.want || ok && p.ID != "acme" {
			t.Errorf("%s: %v, %v; want %v", tt.name, p, ok, tt.want)
		}
	}
	if _, ok := roster.Find(partner.Digest{}, now); ok {
		t.Error("the zero digest is a key")
	}
	if _, ok := (*partner.Roster)(nil).Find(partner.DigestOf(first), now); ok {
		t.Error("a roster that is not there knows a key")
	}
}

func TestRates(t *testing.T) {
	for text, want := range map[string]cache.Quota{
		"600/m": {Units: 600, Period: time.Minute}, "1/s": {Units: 1, Period: time.Second},
		"5000/h": {Units: 5000, Period: time.Hour}, "10/d": {Units: 10, Period: 24 * time.Hour},
	} {
		got, err := partner.ParseRate(text)
		if err != nil || got != want || partner.FormatRate(got) != text {
			t.Errorf("ParseRate(%q) = %v, %v; want %v", text, got, err, want)
		}
	}
	for _, text := range []string{"", "600", "/m", "600/", "0/m", "-1/m", "600/w", "1e3/m", "1000001/s", "600/m/s"} {
		if got, err := partner.ParseRate(text); err == nil {
			t.Errorf("ParseRate(%q) = %v, want an error", text, got)
		}
	}
}
