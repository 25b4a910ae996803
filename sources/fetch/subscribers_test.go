package fetch_test

import (
	"testing"

	"github.com/newswire/newswire/sources/fetch"
	"github.com/newswire/newswire/sources/sourcetest"
)

func TestTheUserAgentSaysHowManyReadWhereThatIsKnown(t *testing.T) {
	pub := sourcetest.NewPublisher(t, feed)
	for _, tt := range []struct {
		name        string
		subscribers int
		want        string
	}{
		{"newswire/1 (+https://wire.example.org)", 0, "newswire/1 (+https://wire.example.org)"},
		{"newswire/1 (+https://wire.example.org)", 12, "newswire/1 (+https://wire.example.org; 12 subscribers)"},
		{"newswire/1", 12, "newswire/1 (12 subscribers)"},
	} {
		get(t, newClient(t, fetch.Options{UserAgent: tt.name}), fetch.Request{URL: pub.URL(), Subscribers: tt.subscribers})
		if got := pub.LastRequest().Header.Get("User-Agent"); got != tt.want {
			t.Errorf("%s for %d subscribers: User-Agent %q, want %q", tt.name, tt.subscribers, got, tt.want)
		}
	}
}
