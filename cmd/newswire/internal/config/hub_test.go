package config

import (
	"strings"
	"testing"
	"time"
)

var hubSettings = []struct {
	yaml string
	want Hub
}{
	{"", Hub{Lease: 240 * time.Hour, MaxLease: 720 * time.Hour, PerHost: 100}},
	{"hub: off", Hub{Off: true}},
	{"hub: 'off'", Hub{Off: true}},
	{"hub:", Hub{Lease: 240 * time.Hour, MaxLease: 720 * time.Hour, PerHost: 100}},
	{"hub: {lease: 24h, max_lease: 48h, per_host: 7}", Hub{Lease: 24 * time.Hour, MaxLease: 48 * time.Hour, PerHost: 7}},
	{"hub: {max_lease: 1h}", Hub{Lease: time.Hour, MaxLease: time.Hour, PerHost: 100}},
}

func TestHubIsOnUnlessItIsOff(t *testing.T) {
	for _, tt := range hubSettings {
		c, err := Parse("newswire.yaml", []byte("listen: :8080\n"+tt.yaml+"\n"))
		if err != nil {
			t.Errorf("%q: %v", tt.yaml, err)
		} else if c.Hub != tt.want {
			t.Errorf("%q: %+v; want %+v", tt.yaml, c.Hub, tt.want)
		}
	}
}

var hubMistakes = []struct{ yaml, want string }{
	{"hub: never", `want off, or a mapping such as {lease: 240h}`},
	{"hub: true", `want off, or a mapping such as {lease: 240h}`},
	{"hub: [1]", `want off, or a mapping such as {lease: 240h}`},
	{"hub: {leas: 3h}", `unknown key "leas"; did you mean "lease"?`},
	{"hub: {lease: soon}", `want a duration such as`},
	{"hub: {lease: 1m}", `hub.lease is 5m0s or more`},
	{"hub: {lease: 800h}", `hub.lease is longer than hub.max_lease, which is 720h0m0s`},
	{"hub: {max_lease: 1s}", `hub.max_lease is from 5m0s`},
	{"hub: {max_lease: 100000h}", `hub.max_lease is from 5m0s`},
	{"hub: {per_host: 0}", `hub.per_host is 1 or more`},
	{"hub: {per_host: many}", `want a whole number, got "many"`},
}

func TestMistakesInTheHubAreNamedWithTheirLine(t *testing.T) {
	for _, tt := range hubMistakes {
		_, err := Parse("newswire.yaml", []byte("listen: :8080\n"+tt.yaml+"\n"))
		if err == nil || !strings.HasPrefix(err.Error(), "newswire.yaml:2: ") || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%q: %v; want line 2 and %s", tt.yaml, err, tt.want)
		}
	}
}
