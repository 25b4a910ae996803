package fetch_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/google/go-cmp/cmp"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zstd"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/fetch"
	"github.com/newswire/newswire/sources/sourcetest"
)

const feed = `<rss version="2.0"><channel><title>T</title></channel></rss>`

var loopback = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}

func newClient(t *testing.T, o fetch.Options) *fetch.Client {
	t.Helper()
	o.AllowPrivate = loopback
	c := fetch.NewClient(o)
	t.Cleanup(c.Close)
	return c
}

func get(t *testing.T, c *fetch.Client, r fetch.Request) *fetch.Answer {
	t.Helper()
	a, err := c.Get(t.Context(), r)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func TestGetIsConditionalWithBothValidatorsVerbatim(t *testing.T) {
	pub := sourcetest.NewPublisher(t, feed)
	pub.SetHeader("ETag", `W/"odd \ one"`)
	pub.SetHeader("Last-Modified", "yesterday, I think")
	c := newClient(t, fetch.Options{UserAgent: "newswire/test (+https://wire.example.org)"})

	first := get(t, c, fetch.Request{URL: pub.URL()})
	if first.Status != 200 || string(first.Body) != feed {
		t.Fatalf("first answer: %d %q, want 200 and the feed", first.Status, first.Body)
	}
	if h := pub.LastRequest().Header; h.Get("If-None-Match") != "" || h.Get("If-Modified-Since") != "" || h.Get("A-IM") != "" {
		t.Errorf("a first visit was conditional: %v", h)
	}
	second := get(t, c, fetch.Request{URL: pub.URL(), Validators: first.Validators, ValidFor: first.URL})
	if second.Status != 304 || second.Body != nil {
		t.Errorf("second answer: %d with %d bytes, want 304 with none", second.Status, len(second.Body))
	}
	h := pub.LastRequest().Header
	want := map[string]string{
		"If-None-Match": `W/"odd \ one"`, "If-Modified-Since": "yesterday, I think", "A-Im": "feed",
		"User-Agent": "newswire/test (+https://wire.example.org)", "Cookie": "", "Referer": "", "Cache-Control": "", "Pragma": "",
	}
	for k, v := range want {
		if got := h.Get(k); got != v {
			t.Errorf("%s: %q, want %q", k, got, v)
		}
	}
}

func TestValidatorsGoOnlyToTheAddressThatGaveThem(t *testing.T) {
	old, current := sourcetest.NewPublisher(t, feed), sourcetest.NewPublisher(t, feed)
	old.Answer(sourcetest.Redirect(302, current.URL()))
	c := newClient(t, fetch.Options{})
	v := newswire.Validators{ETag: `"x"`}

	get(t, c, fetch.Request{URL: old.URL(), Validators: v, ValidFor: current.URL()})
	if got := old.LastRequest().Header.Get("If-None-Match"); got != "" {
		t.Errorf("the redirecting address got %q", got)
	}
	if got := current.LastRequest().Header.Get("If-None-Match"); got != `"x"` {
		t.Errorf("the address that gave the ETag got %q back", got)
	}
	get(t, c, fetch.Request{URL: old.URL(), Validators: v, ValidFor: old.URL()})
	if got := current.LastRequest().Header.Get("If-None-Match"); got != "" {
		t.Errorf("an address that never gave a validator got %q", got)
	}
}

func TestRedirects(t *testing.T) {
	target := sourcetest.NewPublisher(t, feed)
	hop := func(code int) http.Handler { return sourcetest.Redirect(code, target.URL()) }
	tests := []struct {
		name   string
		answer http.Handler
		status int
		moved  bool
		err    error
	}{
		{"301 is followed and noted", hop(301), 200, true, nil},
		{"308 is followed and noted", hop(308), 200, true, nil},
		{"302 is followed and forgotten", hop(302), 200, false, nil},
		{"303 is followed and forgotten", hop(303), 200, false, nil},
		{"307 is followed and forgotten", hop(307), 200, false, nil},
		{"a redirect with Retry-After is not followed", sourcetest.Redirect(302, target.URL(), "Retry-After", "60"), 302, false, nil},
		{"no Location", sourcetest.Status(302), 0, false, fetch.ErrRedirects},
		{"to a file", sourcetest.Redirect(302, "file:///etc/passwd"), 0, false, fetch.ErrRedirects},
		{"to itself", sourcetest.Redirect(302, sourcetest.FeedPath), 0, false, fetch.ErrRedirects},
		{"300 is an answer", sourcetest.Status(300), 300, false, nil},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			pub := sourcetest.NewPublisher(t, feed)
			pub.Answer(tt.answer)
			a, err := newClient(t, fetch.Options{}).Get(t.Context(), fetch.Request{URL: pub.URL()})
			if !errors.Is(err, tt.err) {
				t.Fatalf("error %v, want %v", err, tt.err)
			}
			if tt.err != nil {
				if n := len(pub.Requests()); n > 6 {
					t.Errorf("%d requests, want at most 6", n)
				}
				return
			}
			if a.Status != tt.status || (a.MovedTo != "") != tt.moved {
				t.Errorf("status %d, moved to %q; want %d, moved: %v", a.Status, a.MovedTo, tt.status, tt.moved)
			}
		})
	}
}

func TestAPermanentMoveEndsAtTheFirstTemporaryHop(t *testing.T) {
	pub := sourcetest.NewPublisher(t, feed)
	pub.Handle("/old", sourcetest.Redirect(301, "/newer"))
	pub.Handle("/newer", sourcetest.Redirect(302, sourcetest.FeedPath))
	a := get(t, newClient(t, fetch.Options{}), fetch.Request{URL: pub.Site() + "/old"})
	if want := pub.Site() + "/newer"; a.MovedTo != want || a.URL != pub.URL() {
		t.Errorf("moved to %q, answered by %q; want %q and %q", a.MovedTo, a.URL, want, pub.URL())
	}
}

func TestCredentialsStayWithTheirOrigin(t *testing.T) {
	pub, other := sourcetest.NewPublisher(t, feed), sourcetest.NewPublisher(t, feed)
	withUser := strings.Replace(pub.Site(), "http://", "http://me:secret@", 1)
	pub.Handle("/away", sourcetest.Redirect(302, strings.Replace(other.URL(), "http://", "http://evil:evil@", 1)))
	c := newClient(t, fetch.Options{})

	a := get(t, c, fetch.Request{URL: withUser + sourcetest.FeedPath})
	if user, password, _ := (&http.Request{Header: pub.LastRequest().Header}).BasicAuth(); user != "me" || password != "secret" {
		t.Errorf("the origin got %q:%q", user, password)
	}
	if strings.Contains(a.URL, "secret") {
		t.Errorf("the answer's address has the password: %s", a.URL)
	}
	get(t, c, fetch.Request{URL: withUser + "/away"})
	if got := other.LastRequest().Header.Get("Authorization"); got != "" {
		t.Errorf("another origin got %q", got)
	}
}

func TestErrorsNameNoSecrets(t *testing.T) {
	c := fetch.NewClient(fetch.Options{Timeout: time.Second})
	_, err := c.Get(t.Context(), fetch.Request{URL: "http://me:secret@127.0.0.1:1/feed?key=alsosecret#x"})
	if err == nil || strings.Contains(err.Error(), "secret") {
		t.Errorf("error %v: want one without secrets", err)
	}
}

func compressed(t *testing.T, encoding string, body []byte) []byte {
	t.Helper()
	var b bytes.Buffer
	var w interface {
		Write(p []byte) (int, error)
		Close() error
	}
	switch encoding {
	case "gzip":
		w = gzip.NewWriter(&b)
	case "zlib":
		w = zlib.NewWriter(&b)
	case "deflate":
		w, _ = flate.NewWriter(&b, 6)
	case "br":
		w = brotli.NewWriter(&b)
	case "zstd":
		w, _ = zstd.NewWriter(&b)
	default:
		return body
	}
	if _, err := w.Write(body); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestBodiesAreInflatedAndBounded(t *testing.T) {
	const limit = 100_000
	exact, over := bytes.Repeat([]byte("x"), limit), bytes.Repeat([]byte("x"), limit+1)
	bomb := make([]byte, 4<<20)
	tests := []struct {
		name   string
		header string // Content-Encoding
		body   []byte // on the wire
		want   []byte
		err    error
	}{
		{"plain, exactly the limit", "", exact, exact, nil},
		{"plain, one byte over", "", over, nil, fetch.ErrTooLarge},
		{"gzip", "gzip", compressed(t, "gzip", exact), exact, nil},
		{"gzip, one byte over", "gzip", compressed(t, "gzip", over), nil, fetch.ErrTooLarge},
		{"x-gzip in capitals", "X-GZIP", compressed(t, "gzip", []byte(feed)), []byte(feed), nil},
		{"plain labelled gzip", "gzip", []byte(feed), []byte(feed), nil},
		{"a gzip file", "", compressed(t, "gzip", exact), exact, nil},
		{"a gzip file, one byte over", "", compressed(t, "gzip", over), nil, fetch.ErrTooLarge},
		{"a gzip file sent in gzip", "gzip", compressed(t, "gzip", compressed(t, "gzip", []byte(feed))), []byte(feed), nil},
		{"deflate as zlib", "deflate", compressed(t, "zlib", []byte(feed)), []byte(feed), nil},
		{"deflate bare", "deflate", compressed(t, "deflate", []byte(feed)), []byte(feed), nil},
		{"br", "br", compressed(t, "br", []byte(feed)), []byte(feed), nil},
		{"zstd", "zstd", compressed(t, "zstd", []byte(feed)), []byte(feed), nil},
		{"gzip in gzip", "gzip, gzip", compressed(t, "gzip", compressed(t, "gzip", []byte(feed))), []byte(feed), nil},
		{"gzip bomb", "gzip", compressed(t, "gzip", bomb), nil, fetch.ErrTooLarge},
		{"a bomb that is a file", "", compressed(t, "gzip", bomb), nil, fetch.ErrTooLarge},
		{"br bomb", "br", compressed(t, "br", bomb), nil, fetch.ErrTooLarge},
		{"zstd bomb", "zstd", compressed(t, "zstd", bomb), nil, fetch.ErrTooLarge},
		{"bomb in a bomb", "gzip, gzip", compressed(t, "gzip", compressed(t, "gzip", bomb)), nil, fetch.ErrTooLarge},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			pub := sourcetest.NewPublisher(t, feed)
			pub.Answer(sourcetest.Document("application/rss+xml", string(tt.body), "Content-Encoding", tt.header))
			a, err := newClient(t, fetch.Options{MaxBytes: limit}).Get(t.Context(), fetch.Request{URL: pub.URL()})
			if !errors.Is(err, tt.err) {
				t.Fatalf("error %v, want %v", err, tt.err)
			}
			if err == nil && !bytes.Equal(a.Body, tt.want) {
				t.Errorf("body of %d bytes, want %d", len(a.Body), len(tt.want))
			}
		})
	}
}

func TestUnknownEncodingsAreAnError(t *testing.T) {
	for _, encoding := range []string{"compress", "gzip, gzip, gzip"} {
		pub := sourcetest.NewPublisher(t, feed)
		pub.Answer(sourcetest.Document("application/rss+xml", feed, "Content-Encoding", encoding))
		if _, err := newClient(t, fetch.Options{}).Get(t.Context(), fetch.Request{URL: pub.URL()}); err == nil {
			t.Errorf("Content-Encoding: %s was accepted", encoding)
		}
	}
}

// TestABodySpeaksForItself has labels that name no coding, or another one than that of the body.
func TestABodySpeaksForItself(t *testing.T) {
	tests := []struct{ label, coding string }{
		{"UTF-8", ""},
		{"utf-8", ""},
		{"none", ""},
		{"binary", ""},
		{"aws-chunked", ""},
		{"*", ""},
		{"text/xml", ""},
		{`"gzip"`, "gzip"},
		{"UTF-8", "gzip"},
		{"none", "gzip"},
		{"aws-chunked, gzip", "gzip"},
		{"gzip, aws-chunked", "gzip"},
		{"", "gzip"},
		{"identity", "gzip"},
		{"br", ""},
		{"zstd", ""},
		{"deflate", ""},
		{"gzip", ""},
		{"br", "gzip"},
		{"zstd", "gzip"},
		{"deflate", "gzip"},
	}
	for _, tt := range tests {
		t.Run(tt.label+" for "+tt.coding, func(t *testing.T) {
			body := []byte(feed)
			if tt.coding != "" {
				body = compressed(t, tt.coding, body)
			}
			pub := sourcetest.NewPublisher(t, feed)
			pub.Answer(sourcetest.Document("application/rss+xml", string(body), "Content-Encoding", tt.label))
			answer, err := newClient(t, fetch.Options{}).Get(t.Context(), fetch.Request{URL: pub.URL()})
			if err != nil {
				t.Fatal(err)
			}
			if string(answer.Body) != feed {
				t.Errorf("body %q, want the feed", answer.Body)
			}
		})
	}
	pub := sourcetest.NewPublisher(t, feed)
	pub.Answer(sourcetest.Document("application/rss+xml", string(compressed(t, "br", []byte(feed))), "Content-Encoding", "brotli-or-so"))
	if _, err := newClient(t, fetch.Options{}).Get(t.Context(), fetch.Request{URL: pub.URL()}); err == nil {
		t.Error("bytes under a label that says nothing were accepted")
	}
}

func TestPublishersThatNeverFinishAreGivenUp(t *testing.T) {
	drip := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for r.Context().Err() == nil {
			_, _ = w.Write([]byte(" "))
			w.(http.Flusher).Flush()
			select {
			case <-r.Context().Done():
			case <-time.After(5 * time.Millisecond):
			}
		}
	})
	pub := sourcetest.NewPublisher(t, feed)
	for name, h := range map[string]http.Handler{"silence": pub.Hang(), "a byte at a time": drip} {
		pub.Answer(h)
		_, err := newClient(t, fetch.Options{Timeout: 100 * time.Millisecond}).Get(t.Context(), fetch.Request{URL: pub.URL()})
		if !errors.Is(err, fetch.ErrTimeout) {
			t.Errorf("%s: error %v, want ErrTimeout", name, err)
		}
	}
}

func TestGetEndsWithItsContext(t *testing.T) {
	pub := sourcetest.NewPublisher(t, feed)
	pub.Answer(pub.Hang())
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := newClient(t, fetch.Options{}).Get(ctx, fetch.Request{URL: pub.URL()}); err == nil {
		t.Error("no error from a visit whose context ended")
	}
}

func TestPrivateAddressesAreRefusedBeforeAnyConnection(t *testing.T) {
	pub := sourcetest.NewPublisher(t, feed)
	port := pub.Site()[strings.LastIndexByte(pub.Site(), ':')+1:]
	hosts := []string{
		"127.0.0.1", "localhost", "127.1.2.3", "[::1]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "0.0.0.0", "[::]", "10.0.0.1",
		"172.16.0.1", "192.168.1.1", "169.254.169.254", "[fe80::1]", "[fc00::1]", "100.64.0.1", "[64:ff9b::7f00:1]",
		"[2002:7f00:1::]", "224.0.0.1", "255.255.255.255", "198.18.0.1",
	}
	c := fetch.NewClient(fetch.Options{Timeout: time.Minute}) // nothing allowed
	defer c.Close()
	for _, h := range hosts {
		_, err := c.Get(t.Context(), fetch.Request{URL: fmt.Sprintf("http://%s:%s/feed", h, port)})
		if !errors.Is(err, fetch.ErrPrivate) {
			t.Errorf("%s: error %v, want ErrPrivate", h, err)
		}
	}
	if n := len(pub.Requests()); n != 0 {
		t.Errorf("%d requests got through, want 0", n)
	}
}

func TestARedirectToAPrivateAddressIsRefused(t *testing.T) {
	inside := sourcetest.NewPublisher(t, feed)
	pub := sourcetest.NewPublisher(t, feed)
	pub.Answer(sourcetest.Redirect(302, strings.Replace(inside.URL(), "127.0.0.1", "127.0.0.2", 1)))
	c := fetch.NewClient(fetch.Options{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}})
	defer c.Close()
	if _, err := c.Get(t.Context(), fetch.Request{URL: pub.URL()}); !errors.Is(err, fetch.ErrPrivate) {
		t.Errorf("error %v, want ErrPrivate", err)
	}
}

func TestEveryStatusIsAnAnswer(t *testing.T) {
	for _, status := range []int{204, 304, 400, 401, 403, 404, 410, 429, 500, 503} {
		pub := sourcetest.NewPublisher(t, feed)
		pub.Answer(sourcetest.Status(status, "Retry-After", "120"))
		a := get(t, newClient(t, fetch.Options{}), fetch.Request{URL: pub.URL()})
		if a.Status != status || a.Body != nil || a.Header.Get("Retry-After") != "120" {
			t.Errorf("%d came as %d with %d bytes and Retry-After %q", status, a.Status, len(a.Body), a.Header.Get("Retry-After"))
		}
	}
}

func TestRedact(t *testing.T) {
	got := map[string]string{}
	want := map[string]string{
		"https://a.example/feed?token=1#x":   "https://a.example/feed?…",
		"https://user:pass@a.example/feed":   "https://a.example/feed",
		"https://a.example/%E9%87%91?page=2": "https://a.example/%E9%87%91?…",
		"::":                                 "(an address that cannot be read)",
	}
	for in := range want {
		got[in] = fetch.Redact(in)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
}

func TestWhatIsKnownIsNotInflated(t *testing.T) {
	pub := sourcetest.NewPublisher(t, feed)
	c := newClient(t, fetch.Options{})
	var asked []fetch.Sent
	known := func(answer bool) fetch.Request {
		return fetch.Request{URL: pub.URL(), Known: func(a *fetch.Answer) bool {
			if a.Status != 200 || a.URL != pub.URL() || a.Header.Get("Content-Encoding") != "gzip" || a.Body != nil {
				t.Errorf("asked of %d from %s with %v and %d bytes", a.Status, a.URL, a.Header, len(a.Body))
			}
			asked = append(asked, a.Sent)
			return answer
		}}
	}
	fresh, same := get(t, c, known(false)), get(t, c, known(true))
	if fresh.Same || string(fresh.Body) != feed || !same.Same || same.Body != nil {
		t.Errorf("unknown: same %v, %q; known: same %v, %q", fresh.Same, fresh.Body, same.Same, same.Body)
	}
	if len(asked) != 2 || asked[0] != asked[1] || !asked[0].Coded || asked[0].Bytes == 0 || asked[0].Bytes == len(feed) || fresh.Sent != asked[0] {
		t.Errorf("asked of %+v; the answer has %+v", asked, fresh.Sent)
	}
	pub.Answer(sourcetest.Document("text/xml", feed))
	plain := get(t, c, fetch.Request{URL: pub.URL(), Known: func(a *fetch.Answer) bool {
		return !a.Sent.Coded && a.Sent.Sum == sha256.Sum256([]byte(feed)) && a.Sent.Bytes == len(feed)
	}})
	if !plain.Same {
		t.Errorf("of a plain document was sent %+v", plain.Sent)
	}
	if a := get(t, c, fetch.Request{URL: pub.URL()}); a.Same || a.Sent != (fetch.Sent{}) || string(a.Body) != feed {
		t.Errorf("without a Known: same %v, %+v, %q", a.Same, a.Sent, a.Body)
	}
}
