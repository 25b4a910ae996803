package fetch_test

import (
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/newswire/newswire/sources/fetch"
	"github.com/newswire/newswire/sources/sourcetest"
)

// bounce redirects a visitor to itself until a cookie comes back.
func bounce(pub *sourcetest.Publisher, value string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if cookie, err := r.Cookie("visitor"); err == nil && cookie.Value == "1" {
			pub.Feed().ServeHTTP(w, r)
			return
		}
		http.SetCookie(w, &http.Cookie{Name: "visitor", Value: value, Path: "/"}) //nolint:gosec // a test's
		http.Redirect(w, r, r.URL.Path, http.StatusFound)
	})
}

func TestACookieOfARedirectComesBackWithinOneGet(t *testing.T) {
	pub := sourcetest.NewPublisher(t, feed)
	pub.Answer(bounce(pub, "1"))
	c := newClient(t, fetch.Options{})
	for i := range 2 {
		if a := get(t, c, fetch.Request{URL: pub.URL()}); string(a.Body) != feed {
			t.Errorf("body %q, want the feed", a.Body)
		}
		requests := pub.Requests()
		if len(requests) != 2*(i+1) {
			t.Fatalf("%d requests in %d visits, want two in each", len(requests), i+1)
		}
		if got := requests[2*i].Header.Get("Cookie"); got != "" {
			t.Errorf("visit %d begins with the cookie %q, want none", i+1, got)
		}
	}
}

func TestACookieGoesToNoOtherSite(t *testing.T) {
	pub, other := sourcetest.NewPublisher(t, feed), sourcetest.NewPublisher(t, feed)
	pub.Answer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Add("Set-Cookie", "a=b; Path=/")
		w.Header().Add("Set-Cookie", "c=d; Path=/; Domain=other.example")
		http.Redirect(w, r, strings.Replace(other.URL(), "127.0.0.1", "localhost", 1), http.StatusFound)
	}))
	get(t, newClient(t, fetch.Options{}), fetch.Request{URL: pub.URL()})
	if got := other.LastRequest().Header.Get("Cookie"); got != "" {
		t.Errorf("another site got the cookie %q", got)
	}
}

func TestTenRedirectsAreFollowedAndNoMore(t *testing.T) {
	pub := sourcetest.NewPublisher(t, feed)
	for i := range 20 {
		pub.Handle(fmt.Sprintf("/%d", i+1), sourcetest.Redirect(302, fmt.Sprintf("/%d", i)))
	}
	pub.Handle("/0", pub.Feed())
	c := newClient(t, fetch.Options{})
	get(t, c, fetch.Request{URL: pub.Site() + "/10"})
	if _, err := c.Get(t.Context(), fetch.Request{URL: pub.Site() + "/11"}); !errors.Is(err, fetch.ErrRedirects) {
		t.Errorf("eleven redirects: error %v, want ErrRedirects", err)
	}
}

func TestACircleEndsWhereItCloses(t *testing.T) {
	pub := sourcetest.NewPublisher(t, feed)
	pub.Handle("/a", sourcetest.Redirect(302, "/b"))
	pub.Handle("/b", sourcetest.Redirect(302, "/a"))
	_, err := newClient(t, fetch.Options{}).Get(t.Context(), fetch.Request{URL: pub.Site() + "/a"})
	if !errors.Is(err, fetch.ErrRedirects) || len(pub.Requests()) != 2 {
		t.Errorf("error %v after %d requests, want ErrRedirects after two", err, len(pub.Requests()))
	}
	pub.Answer(bounce(pub, "another"))
	_, err = newClient(t, fetch.Options{}).Get(t.Context(), fetch.Request{URL: pub.URL()})
	if n := len(pub.Requests()); !errors.Is(err, fetch.ErrRedirects) || n != 4 {
		t.Errorf("a cookie that does not help: error %v after %d requests, want ErrRedirects after two more", err, n-2)
	}
}

func TestErrorsSayWhatToDo(t *testing.T) {
	pub := sourcetest.NewPublisher(t, feed)
	secure := httptest.NewTLSServer(pub.Feed())
	defer secure.Close()
	pub.Handle("/away", sourcetest.Redirect(302, "http://127.0.0.1:1/feed?key=secret"))
	for address, want := range map[string]string{
		strings.Replace(pub.URL(), "http://", "https://", 1): "plain HTTP",
		pub.Site() + "/away": "redirected to http://127.0.0.1:1/feed",
	} {
		_, err := newClient(t, fetch.Options{}).Get(t.Context(), fetch.Request{URL: address})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: error %v, want one that says %q and no secret", address, err, want)
		}
	}
	raw := raw(t, once("\x15\x03\x01\x00\x02\x02\x46"))
	if _, err := newClient(t, fetch.Options{}).Get(t.Context(), fetch.Request{URL: raw}); err == nil || !strings.Contains(err.Error(), "speaks TLS") {
		t.Errorf("a server of TLS, asked in plain HTTP: error %v", err)
	}
}
