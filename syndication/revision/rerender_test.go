package revision_test

import (
	"bytes"
	stdgzip "compress/gzip"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/klauspost/compress/gzip"
	"pgregory.net/rapid"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/feedtest"
	"github.com/newswire/newswire/syndication/internal/webtest"
	"github.com/newswire/newswire/syndication/web"
)

// longRead is an article of the length that a publisher's have.
func longRead(n int) newswire.Article {
	a := webtest.Article(fmt.Sprintf("https://news.example.com/2026/%d", n), webtest.At("00:00:00.000").Add(time.Duration(n)*time.Second))
	a.Rights = newswire.Rights{Policy: newswire.PolicyFull, Statement: "© 2026 金江", License: "https://creativecommons.org/licenses/by/4.0/"}
	a.Title = fmt.Sprintf("Report %d from the harbour & beyond", n)
	rng := rand.New(rand.NewPCG(uint64(n), 7))
	a.Summary, a.Content = feedtest.Paragraphs(rng, 1), feedtest.Paragraphs(rng, 12)
	return a
}

// fetched is a feed as a server has it: the answers' bodies and tags in every coding.
func fetched(t rapid.TB, s http.Handler, path string) map[string]string {
	got := map[string]string{}
	for _, coding := range []string{"identity", "gzip", "zstd", "br"} {
		r := httptest.NewRequest(http.MethodGet, path, nil)
		r.Header.Set("Accept-Encoding", coding)
		w := httptest.NewRecorder()
		s.ServeHTTP(w, r)
		if w.Code != http.StatusOK {
			t.Fatalf("GET %s = %d", path, w.Code)
		}
		got[coding], got[coding+" tag"] = w.Body.String(), w.Header().Get("ETag")
	}
	return got
}

// TestWhatWasTakenOverIsAsIfMadeFromNothing lets one server live through a random history, and compares it at each step with
// one that has just started.
func TestWhatWasTakenOverIsAsIfMadeFromNothing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := &history{T: t, store: webtest.NewShop(), when: webtest.At("08:00:00.000")}
		h.config.Store(webtest.Directory())
		o := web.Options{Limit: 12}
		lives := web.New(h.store, h.config.Load, o)
		for n := range rapid.IntRange(1, 14).Draw(t, "articles to begin with") {
			h.store.Put(longRead(n), h.when)
		}
		path := rapid.SampledFrom([]string{
			"/feeds/all.atom", "/feeds/category/finance.rss", "/feeds/source/dsb.json", "/feeds/all.rss?content=excerpt",
		}).Draw(t, "path")
		fetched(t, lives, path)
		for step := range rapid.IntRange(1, 4).Draw(t, "steps") {
			h.step(step)
			lives.Invalidate()
			fresh := web.New(h.store, h.config.Load, o)
			got, want := fetched(t, lives, path), fetched(t, fresh, path)
			for form := range want {
				if got[form] != want[form] {
					t.Fatalf("step %d: %s is not as it is from a new server", step, form)
				}
			}
			if plain := unzip(t, got["gzip"]); plain != got["identity"] {
				t.Fatalf("step %d: gzip holds something else", step)
			}
		}
	})
}

// history is a random one, of a store and a configuration.
type history struct {
	*rapid.T
	store  *webtest.Shop
	config atomic.Pointer[web.Directory]
	when   time.Time
}

func (h *history) pick() newswire.Article {
	return h.store.Stock[rapid.IntRange(0, len(h.store.Stock)-1).Draw(h.T, "which")]
}

func (h *history) step(n int) {
	h.when = h.when.Add(time.Minute)
	switch what := rapid.SampledFrom([]string{"arrival", "edit", "trifle", "same guid", "unlisted", "withdrawal", "reordering", "config"}).Draw(h.T, "what"); {
	case what == "arrival":
		h.store.Put(longRead(100+n), h.when)
	case what == "config":
		d := webtest.Directory()
		d.Site.Language = rapid.SampledFrom([]string{"en", "zh-Hant"}).Draw(h.T, "language")
		d.Site.URL = rapid.SampledFrom([]string{"https://wire.example.org", "https://other.example.org"}).Draw(h.T, "address")
		h.config.Store(d)
	case len(h.store.Stock) == 0:
	case what == "withdrawal":
		h.store.Withdraw(h.pick().ID, h.when)
	default:
		a := h.pick()
		switch what {
		case "edit":
			a.Revision++
			a.Content += "<p>Corrected.</p>"
		case "trifle": // what is no part of the text, and no revision
			a.Publisher.Title += "!"
			a.NoCredit = !a.NoCredit
		case "same guid": // two publishers number alike
			a.ID, a.AtomID = a.ID+"x", a.AtomID+"x"
		case "unlisted":
			a.Categories = nil
		case "reordering":
			a.Listed = a.Listed.Add(time.Duration(rapid.IntRange(-30, 30).Draw(h.T, "by")) * time.Second)
		}
		h.store.Put(a, h.when)
	}
}

func unzip(t rapid.TB, body string) string {
	r, err := stdgzip.NewReader(strings.NewReader(body))
	if err != nil {
		t.Fatalf("gzip: %v", err)
	}
	plain, err := io.ReadAll(r)
	if err != nil {
		t.Fatalf("gzip: %v", err)
	}
	return string(plain)
}

func TestOneArticleIsEncodedForOneThatArrives(t *testing.T) {
	store := webtest.NewShop(webtest.ArticlesFrom(50)...)
	var encoded atomic.Int32
	o := web.Options{Formats: web.Formats()}
	for i := range o.Formats {
		encode := o.Formats[i].Article
		o.Formats[i].Article = func(a *newswire.Article, site newswire.Site) ([]byte, error) {
			encoded.Add(1)
			return encode(a, site)
		}
	}
	config := webtest.Directory()
	s := web.New(store, func() *web.Directory { return config }, o)
	for _, tt := range []struct {
		what   string
		change func()
		want   int32
	}{
		{"nothing was there", func() {}, 50},
		{"one article is new", func() { store.Put(webtest.Article("new", webtest.At("20:00:00.000")), webtest.At("20:00:00.000")) }, 1},
		{"nothing changed", func() {}, 0},
		{"one article is corrected", func() {
			a := webtest.Article("new", webtest.At("20:00:00.000"))
			a.Title = "Corrected"
			store.Put(a, webtest.At("20:01:00.000"))
		}, 1},
		{"one article is withdrawn, and an older one comes back in", func() { store.Withdraw(webtest.Article("new", time.Time{}).ID, webtest.At("20:02:00.000")) }, 1},
		{"what all articles say has changed", func() {
			config = webtest.Directory()
			config.Site.URL = "https://other.example.org"
		}, 50},
	} {
		tt.change()
		s.Invalidate()
		for _, f := range o.Formats {
			encoded.Store(0)
			fetched(t, s, "/feeds/all."+f.Extension)
			if n := encoded.Load(); n != tt.want {
				t.Errorf("%s: %d articles encoded as %s; want %d", tt.what, n, f.Name, tt.want)
			}
		}
	}
}

func TestEveryInflaterReadsWhatIsPutTogether(t *testing.T) {
	var long []newswire.Article
	for n := range 50 {
		long = append(long, longRead(n))
	}
	s := web.New(webtest.NewShop(long...), webtest.Directory, web.Options{})
	for _, path := range []string{"/feeds/all.atom", "/feeds/all.rss", "/feeds/all.json", "/feeds/category/sport.atom", "/category/finance"} {
		got := fetched(t, s, path)
		for name, inflate := range map[string]func(string) ([]byte, error){
			"compress/gzip": func(body string) ([]byte, error) {
				r, err := stdgzip.NewReader(strings.NewReader(body))
				if err != nil {
					return nil, err
				}
				r.Multistream(false)
				return io.ReadAll(r)
			},
			"klauspost": func(body string) ([]byte, error) {
				r, err := gzip.NewReader(strings.NewReader(body))
				if err != nil {
					return nil, err
				}
				return io.ReadAll(r)
			},
			"the command": func(body string) ([]byte, error) {
				if _, err := exec.LookPath("gzip"); err != nil {
					return []byte(got["identity"]), nil // as good as any other
				}
				cmd := exec.CommandContext(t.Context(), "gzip", "-dc")
				cmd.Stdin = strings.NewReader(body)
				return cmd.Output()
			},
		} {
			if plain, err := inflate(got["gzip"]); err != nil || string(plain) != got["identity"] {
				t.Errorf("GET %s: %s reads %d bytes, %v; want the %d of the plain form", path, name, len(plain), err, len(got["identity"]))
			}
		}
		var whole bytes.Buffer
		w := gzip.NewWriter(&whole)
		_, _ = w.Write([]byte(got["identity"]))
		_ = w.Close()
		if n, most := len(got["gzip"]), whole.Len()*104/100+32; n > most {
			t.Errorf("GET %s: %d bytes in gzip; want at most %d, as compressing it whole takes %d", path, n, most, whole.Len())
		}
	}
}
