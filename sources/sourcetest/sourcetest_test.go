package sourcetest_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire/sources/sourcetest"
)

const feed = `<rss version="2.0"><channel><title>A</title></channel></rss>`

func TestPublisherServesItsFeedWithValidators(t *testing.T) {
	pub := sourcetest.NewPublisher(t, feed)
	resp, body := get(t, pub.URL(), nil)
	if resp.StatusCode != http.StatusOK || body != feed {
		t.Errorf("GET = %d %q; want 200 %q", resp.StatusCode, body, feed)
	}
	if got := resp.Header.Get("Content-Type"); got != "application/rss+xml" {
		t.Errorf("Content-Type = %q; want application/rss+xml", got)
	}
	if got := resp.Header.Get("Last-Modified"); got != "Thu, 01 Jan 2026 00:00:00 GMT" {
		t.Errorf("Last-Modified = %q", got)
	}
	if !resp.Uncompressed {
		t.Error("the answer to a client that takes gzip is not compressed")
	}
}

func TestMediaTypeFollowsTheFeed(t *testing.T) {
	for body, want := range map[string]string{
		feed:                           "application/rss+xml",
		`<?xml version="1.0"?><feed/>`: "application/atom+xml",
		` {"version": "https://jsonfeed.org/version/1.1"}`: "application/feed+json",
	} {
		resp, _ := get(t, sourcetest.NewPublisher(t, body).URL(), nil)
		if got := resp.Header.Get("Content-Type"); got != want {
			t.Errorf("Content-Type of %q = %q; want %q", body, got, want)
		}
	}
}

func TestEitherValidatorGetsA304UntilTheFeedChanges(t *testing.T) {
	for header, validator := range map[string]string{"If-None-Match": "ETag", "If-Modified-Since": "Last-Modified"} {
		t.Run(header, func(t *testing.T) {
			pub := sourcetest.NewPublisher(t, feed)
			first, _ := get(t, pub.URL(), nil)
			kept := http.Header{header: {first.Header.Get(validator)}}
			if resp, body := get(t, pub.URL(), kept); resp.StatusCode != http.StatusNotModified || body != "" {
				t.Errorf("GET with %v = %d %q; want 304 without a body", kept, resp.StatusCode, body)
			}
			pub.Publish(feed + "<!-- news -->")
			if resp, _ := get(t, pub.URL(), kept); resp.StatusCode != http.StatusOK {
				t.Errorf("GET with %v after Publish = %d; want 200", kept, resp.StatusCode)
			}
		})
	}
}

func TestSetHeaderReplacesAndTakesAway(t *testing.T) {
	pub := sourcetest.NewPublisher(t, feed)
	pub.SetHeader("etag", `W/"odd`)
	pub.SetHeader("Last-Modified", "yesterday")
	pub.SetHeader("Cache-Control", "max-age=1800")
	resp, _ := get(t, pub.URL(), nil)
	got := []string{resp.Header.Get("ETag"), resp.Header.Get("Last-Modified"), resp.Header.Get("Cache-Control")}
	if diff := cmp.Diff([]string{`W/"odd`, "yesterday", "max-age=1800"}, got); diff != "" {
		t.Errorf("headers (-want +got):\n%s", diff)
	}

	odd := http.Header{"If-None-Match": {`W/"odd`}}
	if resp, _ := get(t, pub.URL(), odd); resp.StatusCode != http.StatusNotModified || resp.Header.Get("Cache-Control") != "max-age=1800" {
		t.Errorf("GET with %v = %d %v; want 304 with the headers set", odd, resp.StatusCode, resp.Header)
	}
	odd.Set("If-None-Match", `W/"odd"`)
	if resp, _ := get(t, pub.URL(), odd); resp.StatusCode != http.StatusOK {
		t.Errorf("GET with %v = %d; want 200, for the ETag is another", odd, resp.StatusCode)
	}

	pub.SetHeader("ETag", "")
	pub.SetHeader("Last-Modified", "")
	pub.SetHeader("Content-Type", "")
	resp, _ = get(t, pub.URL(), nil)
	for _, key := range []string{"Etag", "Last-Modified", "Content-Type"} {
		if values, there := resp.Header[key]; there {
			t.Errorf("%s = %q; want none", key, values)
		}
	}
}

func TestAnswersAreUsedInOrderAndThenTheFeedAgain(t *testing.T) {
	pub := sourcetest.NewPublisher(t, feed)
	pub.Answer(sourcetest.Status(http.StatusNotFound))
	pub.AnswerOnce(
		sourcetest.Status(http.StatusServiceUnavailable, "Retry-After", "120"),
		sourcetest.Redirect(http.StatusMovedPermanently, "/elsewhere"),
		sourcetest.Document("text/html", "<p>no feed</p>", "Age", "7"),
	)
	type answer struct {
		Status                               int
		RetryAfter, Location, MediaType, Age string
	}
	want := []answer{
		{503, "120", "", "text/plain; charset=utf-8", ""},
		{301, "", "/elsewhere", "", ""},
		{200, "", "", "text/html", "7"},
		{404, "", "", "text/plain; charset=utf-8", ""},
		{404, "", "", "text/plain; charset=utf-8", ""},
	}
	var got []answer
	for range want {
		resp, _ := get(t, pub.URL(), nil)
		h := resp.Header
		got = append(got, answer{resp.StatusCode, h.Get("Retry-After"), h.Get("Location"), h.Get("Content-Type"), h.Get("Age")})
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answers (-want +got):\n%s", diff)
	}

	pub.Answer(nil)
	if resp, body := get(t, pub.URL(), nil); resp.StatusCode != http.StatusOK || body != feed {
		t.Errorf("after Answer(nil): %d %q; want the feed", resp.StatusCode, body)
	}
}

func TestDocumentWithoutAMediaTypeSendsNone(t *testing.T) {
	pub := sourcetest.NewPublisher(t, feed)
	pub.AnswerOnce(sourcetest.Document("", "<html>"))
	resp, _ := get(t, pub.URL(), nil)
	if values, there := resp.Header["Content-Type"]; there {
		t.Errorf("Content-Type = %q; want none", values)
	}
}

func TestHandleServesOtherPaths(t *testing.T) {
	pub := sourcetest.NewPublisher(t, feed)
	if resp, _ := get(t, pub.Site()+"/moved", nil); resp.StatusCode != http.StatusNotFound {
		t.Errorf("GET /moved = %d; want 404 before Handle", resp.StatusCode)
	}
	pub.Handle("GET /moved", pub.Feed())
	if resp, body := get(t, pub.Site()+"/moved", nil); resp.StatusCode != http.StatusOK || body != feed {
		t.Errorf("GET /moved = %d %q; want the feed", resp.StatusCode, body)
	}
}

func TestDelayAndHangEndWithTheClient(t *testing.T) {
	pub := sourcetest.NewPublisher(t, feed)
	for name, h := range map[string]http.Handler{"Hang": pub.Hang(), "Delay": sourcetest.Delay(time.Hour, pub.Feed())} {
		pub.AnswerOnce(h)
		ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
		req, err := http.NewRequestWithContext(ctx, http.MethodGet, pub.URL(), nil)
		if err != nil {
			t.Fatal(err)
		}
		if resp, err := http.DefaultClient.Do(req); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%s: %v, %v; want no answer before the deadline", name, resp, err)
		}
		cancel()
	}
	pub.AnswerOnce(sourcetest.Delay(time.Millisecond, pub.Feed()))
	if _, body := get(t, pub.URL(), nil); body != feed {
		t.Errorf("after a short delay: %q; want the feed", body)
	}
}

func TestRequestsAreRecordedWithCopiesOfTheirHeaders(t *testing.T) {
	pub := sourcetest.NewPublisher(t, feed)
	if got := pub.LastRequest(); got.Method != "" {
		t.Errorf("LastRequest before any = %+v; want the zero Request", got)
	}
	get(t, pub.URL()+"?page=2", http.Header{"User-Agent": {"reader/1"}})
	got := pub.LastRequest()
	if got.Method != "GET" || got.Path != "/feed?page=2" || got.Header.Get("User-Agent") != "reader/1" || got.At.IsZero() {
		t.Errorf("LastRequest = %+v", got)
	}

	var visitors sync.WaitGroup
	for range 20 {
		visitors.Go(func() { get(t, pub.URL(), nil) })
		visitors.Go(func() { pub.Publish(feed); pub.SetHeader("Age", "1"); pub.Requests() })
	}
	visitors.Wait()
	if n := len(pub.Requests()); n != 21 {
		t.Errorf("%d requests recorded; want 21", n)
	}
}

// get follows no redirects.
func get(t *testing.T, url string, header http.Header) (*http.Response, string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
	if err != nil {
		t.Error(err)
		return &http.Response{}, ""
	}
	for k, v := range header {
		req.Header[k] = v
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		t.Error(err)
		return &http.Response{}, ""
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Error(err)
	}
	return resp, string(body)
}
