package config

import (
	"testing"
	"time"
)

func TestEmbargoAndExpiry(t *testing.T) {
	conf, err := Parse("newswire.yaml", []byte(`
defaults: {rights: {embargo: 30m, expires: 720h}}
sources:
  - {id: a, url: 'https://a.example/feed'}
  - {id: b, url: 'https://b.example/feed', rights: {embargo: 0s, expires: 24h}}
`))
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range [][2]time.Duration{{30 * time.Minute, 720 * time.Hour}, {0, 24 * time.Hour}} {
		if r := conf.Sources[i].Rights; r.Embargo != want[0] || r.Expires != want[1] {
			t.Errorf("source %s: embargo %v and expires %v, want %v", conf.Sources[i].ID, r.Embargo, r.Expires, want)
		}
	}
	source := func(rights string) string {
		return "sources:\n  - id: a\n    url: https://a.example/feed\n    rights: {" + rights + "}"
	}
	testMistakes(t, []mistake{
		{"a negative embargo", source("embargo: -1h"), "4: rights.embargo must not be negative; 0 is none"},
		{"an end before the beginning", source("embargo: 2h, expires: 1h"), "4: rights.expires is 1h0m0s and rights.embargo 2h0m0s: no article would ever be shown"},
		{"a beginning that the defaults end", "defaults: {rights: {expires: 1h}}\n" + source("embargo: 1h"), "5: rights.expires is 1h0m0s"},
		{"hundred years", source("expires: 876000h"), "4: rights.expires is more than ten years"},
		{"no duration", source("expires: soon"), "4: want a duration"},
	})
}
