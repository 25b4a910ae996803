package robots_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/fetch"
	"github.com/newswire/newswire/sources/robots"
)

const agent = "newswire/1.0 (+https://wire.example.org/about/fetcher)"

// scripted answers what the test says, in virtual time.
type scripted func(r fetch.Request) (*fetch.Answer, error)

func (s scripted) Get(_ context.Context, r fetch.Request) (*fetch.Answer, error) { return s(r) }

// file is a publisher whose robots.txt is that text.
func file(text string) scripted {
	return func(r fetch.Request) (*fetch.Answer, error) {
		return &fetch.Answer{Status: http.StatusOK, URL: r.URL, Body: []byte(text)}, nil
	}
}

func TestRulesAreReadByRFC9309(t *testing.T) {
	const all = "User-agent: *\n"
	for _, tt := range []struct {
		name, file, path string
		want             bool
	}{
		{"an empty file", "", "/a", true},
		{"nothing disallowed", all + "Disallow:", "/a", true},
		{"everything disallowed", all + "Disallow: /", "/a", false},
		{"everything disallowed by a wildcard", all + "Disallow: *", "/a", false},
		{"the file itself", all + "Disallow: /", "/robots.txt", true},
		{"the front page by no path", all + "Disallow: /", "", false},
		{"a prefix", all + "Disallow: /news", "/newsroom/1", false},
		{"another path", all + "Disallow: /news", "/old/news", true},
		{"case counts in paths", all + "Disallow: /News", "/news", true},
		{"case does not count in keys and names", "USER-AGENT: NewsWire\nDISALLOW: /", "/a", false},
		{"the longer rule wins, allowing", all + "Disallow: /a\nAllow: /a/b", "/a/b/c", true},
		{"the longer rule wins, disallowing", all + "Allow: /a\nDisallow: /a/b", "/a/b/c", false},
		{"among equals allow wins", all + "Disallow: /a\nAllow: /a", "/a", true},
		{"octets are counted, not their escapes", all + "Disallow: /%61%62\nAllow: /abc", "/abcd", true},
		{"a wildcard", all + "Disallow: /*.pdf", "/a/b.pdf?x", false},
		{"a wildcard begins at the beginning", all + "Disallow: /x*.pdf", "/a/x.pdf", true},
		{"a leading wildcard", all + "Disallow: *.pdf", "/a/b.pdf", false},
		{"an end", all + "Disallow: /*.pdf$", "/a.pdf?x", true},
		{"at the end", all + "Disallow: /*.pdf$", "/a.pdf", false},
		{"the whole path", all + "Disallow: /a$", "/a/b", true},
		{"a dollar in the middle is one", all + "Disallow: /a$b", "/a$b", false},
		{"a point is no pattern", all + "Disallow: /a.b*", "/axb", true},
		{"a wildcard does not match half an octet", all + "Disallow: /*2f", "/a%62f", true},
		{"a query", all + "Disallow: /*?print=", "/a?print=1", false},
		{"a query that is not there", all + "Disallow: /*?print=", "/a", true},
		{"an escaped letter is that letter", all + "Disallow: /%7Ejoe", "/~joe/x", false},
		{"a letter is that escaped letter", all + "Disallow: /~joe", "/%7ejoe/x", false},
		{"an escaped slash is no slash", all + "Disallow: /a%2Fb", "/a/b", true},
		{"an escaped slash is an escaped slash", all + "Disallow: /a%2Fb", "/a%2fb", false},
		{"Chinese, written out", all + "Disallow: /新闻", "/%E6%96%B0%E9%97%BB/1", false},
		{"Chinese, escaped", all + "Disallow: /%e6%96%b0", "/新闻/1", false},
		{"a path without its slash", all + "Disallow: private", "/private/1", false},
		{"our group before all others", all + "Disallow: /\nUser-agent: newswire\nAllow: /", "/a", true},
		{"our group without rules", all + "Disallow: /\n\nUser-agent: newswire\nDisallow:\n", "/a", true},
		{"our group with a version", "User-agent: newswire/1.0\nDisallow: /", "/a", false},
		{"a group of a shorter name", "User-agent: news\nDisallow: /", "/a", true},
		{"a group of a longer name", "User-agent: newswire-images\nDisallow: /", "/a", true},
		{"groups of one name are one", "User-agent: newswire\nDisallow: /a\nUser-agent: x\nDisallow: /\nUser-agent: newswire\nDisallow: /b", "/b", false},
		{"a group of several", "User-agent: x\nUser-agent: newswire\n\nDisallow: /a", "/a", false},
		{"a rule before any group", "Disallow: /\n" + all + "Disallow: /b", "/a", true},
		{"lines that are no rules", all + "Noindex: /\n???\nCrawl-delay: soon\nSitemap: https://x.example/s.xml\nDisallow: /a", "/a", false},
		{"a record of others between visitors", "User-agent: newswire\nSitemap: https://x.example/s.xml\nUser-agent: y\nDisallow: /a", "/a", false},
		{"comments", "#!\n" + all + "Disallow: /a # not /b\n#Disallow: /c", "/a", false},
		{"ends of lines of all kinds", "\uFEFFUser-agent: *\rDisallow: /a\r\nDisallow: /b\n", "/b", false},
		{"spaces around", "  User-agent :  *  \n\tDisallow :\t/a  ", "/a", false},
		{"an HTML page", "<!DOCTYPE html><html><body>User-agent: *<br>Disallow: /</body></html>", "/a", true},
	} {
		c := robots.NewCache(file(tt.file))
		got, _, err := c.Allowed(t.Context(), agent, "https://news.example.com"+tt.path)
		if got != tt.want || err != nil {
			t.Errorf("%s: Allowed(%q) = %v, %v; want %v by\n%s", tt.name, tt.path, got, err, tt.want, tt.file)
		}
	}
}

func TestTheDelayIsThatOfOurGroupAndBounded(t *testing.T) {
	for _, tt := range []struct {
		file string
		want time.Duration
	}{
		{"User-agent: *\nDisallow: /x", 0},
		{"User-agent: *\nCrawl-delay: 2.5", 2500 * time.Millisecond},
		{"User-agent: *\nCrawl-delay: 9\nUser-agent: newswire\nDisallow: /x\nCrawl-delay: 3", 3 * time.Second},
		{"User-agent: *\nCrawl-delay: -1", 0},
		{"User-agent: *\nCrawl-delay: NaN", 0},
		{"User-agent: *\nCrawl-delay: 1e300", time.Hour},
	} {
		allowed, got, err := robots.NewCache(file(tt.file)).Allowed(t.Context(), agent, "https://news.example.com/a")
		if got != tt.want || !allowed || err != nil {
			t.Errorf("%q: Allowed = %v, %v, %v; want true, %v", tt.file, allowed, got, err, tt.want)
		}
	}
}

func TestWhatTheServerAnswersDecides(t *testing.T) {
	for _, tt := range []struct {
		name    string
		answer  http.HandlerFunc
		allowed bool
		err     error
	}{
		{"404", status(http.StatusNotFound), true, nil},
		{"401", status(http.StatusUnauthorized), true, nil},
		{"403", status(http.StatusForbidden), true, nil},
		{"410", status(http.StatusGone), true, nil},
		{"429", status(http.StatusTooManyRequests), false, robots.ErrUnreachable},
		{"500", status(http.StatusInternalServerError), false, robots.ErrUnreachable},
		{"503", status(http.StatusServiceUnavailable), false, robots.ErrUnreachable},
		{"a connection cut off", func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, false, robots.ErrUnreachable},
		{"redirects without end", func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/robots.txt", http.StatusFound) }, true, nil},
		{"a redirect", func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path == "/robots.txt" {
				http.Redirect(w, r, "/elsewhere", http.StatusMovedPermanently)
				return
			}
			_, _ = w.Write([]byte("User-agent: *\nDisallow: /"))
		}, false, nil},
		{"a rule beyond 500 KiB", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("User-agent: *\n" + strings.Repeat("Disallow: /some/long/path/of/no/interest\n", 20_000) + "Disallow: /a"))
		}, true, nil},
		{"more wildcards than anybody means", func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write([]byte("User-agent: *\n" + strings.Repeat("Disallow: /*a*b\n", 5000)))
		}, false, robots.ErrUnreadable},
	} {
		t.Run(tt.name, func(t *testing.T) {
			server := httptest.NewServer(tt.answer)
			defer server.Close()
			allowed, _, err := robots.NewCache(client(t)).Allowed(t.Context(), agent, server.URL+"/a")
			if allowed != tt.allowed || !errors.Is(err, tt.err) || (err == nil) != (tt.err == nil) {
				t.Errorf("Allowed = %v, %v; want %v, %v", allowed, err, tt.allowed, tt.err)
			}
		})
	}
}

func status(code int) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(code) }
}

func client(t *testing.T) *fetch.Client {
	t.Helper()
	c := fetch.NewClient(fetch.Options{UserAgent: agent, AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	t.Cleanup(c.Close)
	return c
}

func TestEachOriginIsFetchedOnceForAllWhoAsk(t *testing.T) {
	var fetched atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fetched.Add(1)
		_, _ = w.Write([]byte("User-agent: *\nDisallow: /b"))
	}))
	defer server.Close()
	c := robots.NewCache(client(t))
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for path, want := range map[string]bool{"/a": true, "/b": false} {
				if allowed, _, err := c.Allowed(t.Context(), agent, server.URL+path); allowed != want || err != nil {
					t.Errorf("Allowed(%s) = %v, %v; want %v", path, allowed, err, want)
				}
			}
		})
	}
	wg.Wait()
	if n := fetched.Load(); n != 1 {
		t.Errorf("robots.txt was fetched %d times; want once", n)
	}
}

func TestACopyIsUsedForADayAndLongerWhenThereIsNoNewerOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const address = "https://news.example.com/a"
		fetched, up, body := 0, true, "User-agent: *\nDisallow: /b"
		c := robots.NewCache(scripted(func(r fetch.Request) (*fetch.Answer, error) {
			fetched++
			switch {
			case !up:
				return nil, fetch.ErrTimeout
			case r.Validators.ETag == body:
				return &fetch.Answer{Status: http.StatusNotModified, URL: r.URL}, nil
			default:
				return &fetch.Answer{Status: http.StatusOK, URL: r.URL, Body: []byte(body), Validators: newswire.Validators{ETag: body}}, nil
			}
		}))
		ask := func(step string, want bool, fetches int) {
			t.Helper()
			got, _, err := c.Allowed(t.Context(), agent, address)
			if got != want || fetched != fetches {
				t.Fatalf("%s: Allowed = %v, %v after %d fetches; want %v after %d", step, got, err, fetched, want, fetches)
			}
		}
		ask("at first", true, 1)
		time.Sleep(24*time.Hour - time.Second)
		ask("before a day is over", true, 1)
		time.Sleep(time.Second)
		ask("after a day, unchanged", true, 2)
		up = false
		time.Sleep(24 * time.Hour)
		ask("when it is away", true, 3)
		ask("when it is away, at once", true, 3)
		time.Sleep(10 * time.Minute)
		ask("when it is away, later", true, 4)
		time.Sleep(30 * 24 * time.Hour)
		ask("when it has been away for a month", false, 5)
		up, body = true, "User-agent: *\nDisallow: /"
		time.Sleep(10 * time.Minute)
		ask("when it is back and changed", false, 6)
	})
}

func TestAnAskerWhoLeavesLeavesNothingBehind(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	answered := false
	c := robots.NewCache(scripted(func(r fetch.Request) (*fetch.Answer, error) {
		if !answered {
			answered = true
			cancel()
			return nil, context.Canceled
		}
		return file("")(r)
	}))
	if allowed, _, err := c.Allowed(ctx, agent, "https://news.example.com/a"); allowed || !errors.Is(err, context.Canceled) {
		t.Errorf("Allowed = %v, %v; want false, %v", allowed, err, context.Canceled)
	}
	if allowed, _, err := c.Allowed(t.Context(), agent, "https://news.example.com/a"); !allowed || err != nil {
		t.Errorf("Allowed for the next = %v, %v; want true", allowed, err)
	}
}

func TestWhatIsNoWebAddressIsRefused(t *testing.T) {
	c := robots.NewCache(scripted(func(r fetch.Request) (*fetch.Answer, error) {
		t.Errorf("%q was fetched", r.URL)
		return nil, fetch.ErrTimeout
	}))
	for _, address := range []string{"", "/a", "ftp://x.example/a", "https:///a", "mailto:a@x.example", "https://x.example/" + strings.Repeat("a", 5000)} {
		if allowed, _, err := c.Allowed(t.Context(), agent, address); allowed || err == nil {
			t.Errorf("Allowed(%.40q) = %v, %v; want an error", address, allowed, err)
		}
	}
}

func FuzzAllowed(f *testing.F) {
	f.Add("User-agent: *\nDisallow: /a*b$", "/aXb")
	f.Add("User-agent: newswire\nAllow: /%61%\nDisallow: *", "/%61")
	f.Add("\xff\nUser-agent:*\nDisallow:/\xe4\\Q(*\n", "/\xe4")
	f.Fuzz(func(t *testing.T, text, path string) {
		allowed, delay, err := robots.NewCache(file(text)).Allowed(t.Context(), agent, "https://news.example.com/"+path)
		if delay < 0 || delay > time.Hour || err != nil && allowed {
			t.Errorf("Allowed = %v, %v, %v", allowed, delay, err)
		}
		own := "User-agent: newswire\nDisallow: /\n"
		if allowed, _, _ := robots.NewCache(file(own+text)).Allowed(t.Context(), agent, "https://news.example.com/"); allowed && !strings.Contains(strings.ToLower(text), "allow") {
			t.Errorf("rules after ours undid them")
		}
	})
}
