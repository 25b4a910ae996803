package push_test

import (
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/push"
	"github.com/newswire/newswire/sources/websub"
)

// A time is an estimate of the store's, too late by as much as the store took to answer. So what a hub sent after it had
// verified can seem to come before.
func TestAHubThatSendsSomethingWorksWhateverTheClocksSay(t *testing.T) {
	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	for name, sent := range map[string]time.Duration{"later": time.Second, "at the same time": 0, "seemingly before": -time.Second} {
		var p newswire.Push
		of := func(at time.Time) *push.Subscription {
			return push.Of(&p, at, func(time.Duration) time.Duration { return 0 })
		}
		of(now).Name("https://hub.example/", "https://publisher.example/feed")
		of(now).Request()
		of(now).Verify(p.Token, websub.Verification{Mode: websub.ModeSubscribe, Topic: p.Topic})
		if p.Works(now) {
			t.Errorf("%s: the hub works before it has sent anything: %+v", name, p)
		}
		of(now.Add(sent)).Heard("", nil)
		if !p.Works(now) {
			t.Errorf("%s: the hub does not work after it has sent something: %+v", name, p)
		}

		until := p.Until
		if !of(until).Lapse() || p.Works(until) {
			t.Errorf("%s: the hub works after its lease: %+v", name, p)
		}
		p.Next = until
		of(until).Request()
		of(until).Verify(p.Token, websub.Verification{Mode: websub.ModeSubscribe, Topic: p.Topic})
		if p.Works(until) {
			t.Errorf("%s: the hub works by what it sent under the subscription before: %+v", name, p)
		}
	}
}
