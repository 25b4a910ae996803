package sources_test

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/sourcetest"
)

// closedPaths are what a robots.txt disallows; an empty one cannot be asked.
type closedPaths []string

func (c closedPaths) Allowed(_ context.Context, address string) (bool, time.Duration, error) {
	if len(c) == 0 {
		return false, 0, errors.New("robots.txt cannot be reached")
	}
	u, err := url.Parse(address)
	return !slices.Contains(c, u.Path), 0, err
}

func TestRobotsBindTheListOfAPageSource(t *testing.T) {
	tests := []struct {
		name     string
		robots   sources.Robots
		requests int
		want     string // in the error; empty for a visit that brings the article
	}{
		{"all may be read", closedPaths{"/nothing"}, 3, ""},
		{"the list is disallowed", closedPaths{"/list"}, 0, "robots.txt does not let us read"},
		{"the list leads to what is disallowed", closedPaths{"/feed"}, 1, "robots.txt does not let us read"},
		{"robots.txt cannot be asked", closedPaths{}, 0, "robots.txt cannot be reached"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h, pub := newHarness(t), sourcetest.NewPublisher(t, `<html><body><ul><li><a href="/1">Paperclips</a></li></ul></body></html>`)
			h.robots = tt.robots
			pub.Handle("/list", sourcetest.Redirect(302, sourcetest.FeedPath))
			pub.Handle("/1", sourcetest.Document("text/html", "<html><body><article><h1>Paperclips</h1><p>The whole text of it.</p></article></body></html>"))
			s := newswire.Source{ID: "pub", URL: pub.Site() + "/list", Page: &newswire.Page{Item: "li"}}
			r := h.visit(nil, s)["pub"]
			if n := len(pub.Requests()); n != tt.requests {
				t.Errorf("%d requests, want %d", n, tt.requests)
			}
			if tt.want == "" {
				wantOutcome(t, r, sources.Changed, 1, 0)
				return
			}
			wantOutcome(t, r, sources.Failed, 0, 0)
			if standing := h.standing(s); !strings.Contains(standing.Error, tt.want) {
				t.Errorf("standing %+v, want it to say that %q", standing, tt.want)
			}
		})
	}
}
