package pictures_test

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/newswire/newswire/syndication/pictures"
)

const png = "\x89PNG\r\n\x1a\nthe rest of a picture"

// publisher answers with a picture under every address, and proxy asks it, by a clock that the test moves.
type publisher struct {
	*httptest.Server
	proxy *pictures.Proxy
	asked atomic.Int64
	now   atomic.Int64
	serve func(w http.ResponseWriter, r *http.Request)
}

func newPublisher(t *testing.T, o pictures.Options) *publisher {
	t.Helper()
	p := &publisher{serve: func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(png)) }}
	p.Server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		p.asked.Add(1)
		p.serve(w, r)
	}))
	t.Cleanup(p.Server.Close)
	start := time.Date(2026, 11, 2, 9, 0, 0, 0, time.UTC)
	o.AllowPrivate = []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}
	o.Now = func() time.Time { return start.Add(time.Duration(p.now.Load())) }
	p.proxy = pictures.New(o)
	t.Cleanup(p.proxy.Close)
	return p
}

func TestPictureIsFetchedOnce(t *testing.T) {
	p := newPublisher(t, pictures.Options{})
	var g sync.WaitGroup
	for range 20 {
		g.Go(func() {
			got, err := p.proxy.Get(t.Context(), p.URL+"/a.png")
			if err != nil || got.MediaType != "image/png" || string(got.Body) != png {
				t.Errorf("Get = %s, %q, %v", got.MediaType, got.Body, err)
			}
		})
	}
	g.Wait()
	if n := p.asked.Load(); n != 1 {
		t.Errorf("the publisher was asked %d times for one picture", n)
	}
}

func TestNothingOfTheReaderIsSent(t *testing.T) {
	p := newPublisher(t, pictures.Options{UserAgent: "newswire/1 (+https://wire.example.org/about/fetcher)"})
	p.serve = func(w http.ResponseWriter, r *http.Request) {
		for _, name := range []string{"Cookie", "Referer", "X-Forwarded-For", "Authorization"} {
			if r.Header.Get(name) != "" {
				t.Errorf("%s: %s was sent", name, r.Header.Get(name))
			}
		}
		if !strings.HasPrefix(r.Header.Get("User-Agent"), "newswire/1 ") {
			t.Errorf("User-Agent %q", r.Header.Get("User-Agent"))
		}
		if r.URL.Path != "/end" {
			http.SetCookie(w, &http.Cookie{Name: "who", Value: "x"})
			http.Redirect(w, r, "/end", http.StatusFound)
			return
		}
		_, _ = w.Write([]byte(png))
	}
	if _, err := p.proxy.Get(t.Context(), p.URL+"/start"); err != nil {
		t.Error(err)
	}
}

// answers are what publishers answer with, and what becomes of it.
var answers = []struct {
	name string
	code int
	body string
	want string // media type; empty where there is no picture to be had
}{
	{"a photograph", 200, "\xff\xd8\xff\xe0 and so on", "image/jpeg"},
	{"an old picture", 200, "GIF89a and so on", "image/gif"},
	{"a newer one", 200, "RIFF\x10\x00\x00\x00WEBPVP8 and so on", "image/webp"},
	{"the newest", 200, "\x00\x00\x00\x1cftypavif and so on", "image/avif"},
	{"an icon", 200, "\x00\x00\x01\x00\x01\x00", "image/x-icon"},
	{"a drawing that can have scripts", 200, `<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>`, ""},
	{"a page", 200, "<!DOCTYPE html><script>alert(1)</script>", ""},
	{"nothing", 200, "", ""},
	{"a picture that is not there", 404, png, ""},
	{"a file that is too large", 200, png + strings.Repeat("x", 1000), ""},
}

func TestOnlyPicturesPass(t *testing.T) {
	for _, tt := range answers {
		t.Run(tt.name, func(t *testing.T) {
			p := newPublisher(t, pictures.Options{MaxBytes: 100})
			p.serve = func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "image/png") // which does not count
				w.WriteHeader(tt.code)
				_, _ = w.Write([]byte(tt.body))
			}
			got, err := p.proxy.Get(t.Context(), p.URL)
			if got.MediaType != tt.want || errors.Is(err, pictures.ErrNone) != (tt.want == "") {
				t.Errorf("Get = %q, %v; want %q", got.MediaType, err, tt.want)
			}
			if _, err = p.proxy.Get(t.Context(), p.URL); p.asked.Load() != 1 {
				t.Errorf("asked %d times, %v", p.asked.Load(), err)
			}
		})
	}
}

func TestPrivateAddressesAreRefused(t *testing.T) {
	p := newPublisher(t, pictures.Options{})
	guarded := pictures.New(pictures.Options{})
	defer guarded.Close()
	for _, address := range []string{p.URL, "file:///etc/passwd", "gopher://127.0.0.1/", "http://user:secret@127.0.0.1/", "http://[::1]/", ":", ""} {
		if got, err := guarded.Get(t.Context(), address); !errors.Is(err, pictures.ErrNone) {
			t.Errorf("Get(%q) = %v, %v", address, got, err)
		}
	}
	if n := p.asked.Load(); n != 0 {
		t.Errorf("a private address was asked %d times", n)
	}
	p.serve = func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://169.254.169.254/", http.StatusFound)
	}
	if _, err := p.proxy.Get(t.Context(), p.URL); !errors.Is(err, pictures.ErrNone) {
		t.Errorf("a redirect to metadata: %v", err)
	}
}

func TestPictureIsAskedForAgainWithItsValidators(t *testing.T) {
	p := newPublisher(t, pictures.Options{Fresh: time.Hour})
	p.serve = func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `W/"1"`)
		if r.Header.Get("If-None-Match") == `W/"1"` {
			w.WriteHeader(http.StatusNotModified)
			return
		}
		_, _ = w.Write([]byte(png))
	}
	get := func(times int64) {
		t.Helper()
		got, err := p.proxy.Get(t.Context(), p.URL)
		if err != nil || string(got.Body) != png || p.asked.Load() != times {
			t.Errorf("%q, %v; asked %d times, want %d", got.Body, err, p.asked.Load(), times)
		}
	}
	get(1)
	get(1)
	p.now.Store(int64(2 * time.Hour))
	get(2)
	get(2)
	p.now.Store(int64(4 * time.Hour))
	p.serve = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }
	get(3) // the publisher is away: what is here stays
	get(3)
}

func TestWhatIsKeptIsBounded(t *testing.T) {
	p := newPublisher(t, pictures.Options{CacheBytes: 10 << 10})
	get := func(path string) {
		t.Helper()
		if _, err := p.proxy.Get(t.Context(), p.URL+path); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 50 {
		get("/" + strings.Repeat("a", i))
	}
	get("/" + strings.Repeat("a", 49))
	if n := p.asked.Load(); n != 50 {
		t.Errorf("the last one was not kept: %d requests", n)
	}
	get("/")
	if n := p.asked.Load(); n != 51 {
		t.Errorf("the first of fifty was kept within ten: %d requests", n)
	}
}

func TestFewRequestsGoToOneHostAtATime(t *testing.T) {
	p := newPublisher(t, pictures.Options{})
	var now, most atomic.Int64
	p.serve = func(w http.ResponseWriter, _ *http.Request) {
		if n := now.Add(1); n > most.Load() {
			most.Store(n)
		}
		time.Sleep(5 * time.Millisecond)
		now.Add(-1)
		_, _ = w.Write([]byte(png))
	}
	var g sync.WaitGroup
	for i := range 12 {
		g.Go(func() { _, _ = p.proxy.Get(t.Context(), p.URL+"/"+strings.Repeat("a", i)) })
	}
	g.Wait()
	if most.Load() > 2 {
		t.Errorf("%d requests to one host at a time", most.Load())
	}
}
