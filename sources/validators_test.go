package sources_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/sourcetest"
)

const dayAndMore = 25 * time.Hour

func TestALastModifiedThatStaysIsNotBelievedForEver(t *testing.T) {
	h, pub := newHarness(t), sourcetest.NewPublisher(t, rss("1 One"))
	pub.SetHeader("Cache-Control", "")
	pub.SetHeader("ETag", "")
	pub.SetHeader("Last-Modified", "Mon, 02 Mar 2026 10:00:00 GMT")
	s := newswire.Source{ID: "pub", URL: pub.URL()}
	h.visit(nil, s)
	publish := func(items ...string) {
		pub.Publish(rss(items...))
		pub.SetHeader("Last-Modified", "Mon, 02 Mar 2026 10:00:00 GMT") // as before
	}
	publish("2 Two", "1 One")
	for range 6 {
		h.advance(dayAndMore)
		wantOutcome(t, h.visit(nil, s)["pub"], sources.NotModified, 0, 0)
	}
	h.advance(dayAndMore)
	wantOutcome(t, h.visit(nil, s)["pub"], sources.Changed, 1, 0)

	publish("3 Three", "2 Two", "1 One") // it is known now that the date says nothing
	wantOutcome(t, h.visit(nil, s)["pub"], sources.Changed, 1, 0)
	wantOutcome(t, h.visit(nil, s)["pub"], sources.Unchanged, 0, 0)
	pub.SetHeader("Last-Modified", "Tue, 03 Mar 2026 10:00:00 GMT") // one that moves may be believed again
	wantOutcome(t, h.visit(nil, s)["pub"], sources.Unchanged, 0, 0)
	wantOutcome(t, h.visit(nil, s)["pub"], sources.NotModified, 0, 0)
}

func TestADocumentThatReallyStaysIsSentOnceAWeek(t *testing.T) {
	h, pub := newHarness(t), sourcetest.NewPublisher(t, rss("1 One"))
	pub.SetHeader("Cache-Control", "")
	pub.SetHeader("ETag", "")
	pub.SetHeader("Last-Modified", "Mon, 02 Mar 2026 10:00:00 GMT")
	s := newswire.Source{ID: "pub", URL: pub.URL()}
	whole := 0
	for range 28 {
		if r := h.visit(nil, s)["pub"]; r.Status == http.StatusOK {
			whole++
		}
		h.advance(dayAndMore)
	}
	if whole != 4 {
		t.Errorf("the document was sent %d times in four weeks, want four", whole)
	}
}

func TestALastModifiedThatLiesAheadIsNotBelieved(t *testing.T) {
	for name, tt := range map[string]struct {
		etag string
		want string
	}{"alone": {"", ""}, "beside an ETag": {`"1"`, "Fri, 01 Jan 2100 00:00:00 GMT"}} {
		t.Run(name, func(t *testing.T) {
			h, pub := newHarness(t), sourcetest.NewPublisher(t, rss("1 One"))
			pub.SetHeader("Cache-Control", "")
			pub.SetHeader("ETag", tt.etag)
			pub.SetHeader("Last-Modified", "Fri, 01 Jan 2100 00:00:00 GMT")
			s := newswire.Source{ID: "pub", URL: pub.URL()}
			h.visit(nil, s)
			h.visit(nil, s)
			if got := pub.LastRequest().Header.Get("If-Modified-Since"); got != tt.want {
				t.Errorf("If-Modified-Since: %q, want %q", got, tt.want)
			}
		})
	}
}
