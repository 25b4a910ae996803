package console_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/console"
	"github.com/newswire/newswire/syndication/internal/webtest"
)

// site is a finder that knows one site.
type site struct{ wait time.Duration }

func (s *site) Find(ctx context.Context, address string) (console.Found, error) {
	if s.wait > 0 {
		select {
		case <-time.After(s.wait):
		case <-ctx.Done():
			return console.Found{}, ctx.Err()
		}
	}
	if address != "news.example" {
		return console.Found{}, console.RefusalError("It does not answer <here>. Is the address right?")
	}
	articles := []newswire.Article{{ID: "1", Title: "Rain & <wind>", URL: "https://news.example/1", Content: "<p>It <script>rains</script>.</p>", Rights: newswire.Rights{Policy: newswire.PolicyTitle}}}
	for range 20 {
		articles = append(articles, newswire.Article{Title: "More", Authors: []newswire.Person{{Name: "Ann"}}})
	}
	return console.Found{Address: "https://news.example/", Offers: []console.Offer{
		{Name: "List 1", URL: "https://news.example/", How: "by .item", YAML: "  - id: news\n    page: {item: \".item\"}\n", Articles: articles},
		{Name: "List 2", Trouble: "It is a source already: news."},
	}}, nil
}

func TestASourceIsFoundAndShown(t *testing.T) {
	s := &shelf{}
	b := newBrowser(t, s, console.Options{Token: token, Finder: &site{}})
	if code, body := b.get("/add"); code != http.StatusOK || !strings.Contains(body, `type="password"`) {
		t.Errorf("before login: %d %s; want the page to log in", code, body)
	}
	b.login(token)
	csrf := b.csrf("/add")
	code, body := b.ask(http.MethodPost, "/add", url.Values{"csrf": {csrf}, "address": {" news.example "}}, nil)
	for _, want := range []string{
		"Without a feed:", "by .item · 21 articles", "  - id: news\n    page: {item: &#34;.item&#34;}", "Rain &amp; &lt;wind&gt;", "It is a source already: news.",
		`value="news.example"`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("%d: the page lacks %q:\n%s", code, want, body)
		}
	}
	if strings.Contains(body, "rains") {
		t.Error("the page has text that the rights keep back")
	}
	if n := strings.Count(body, `class="offered"`); n != 5 {
		t.Errorf("%d articles are shown; want 5", n)
	}
	if !strings.Contains(b.log.String(), `action="look for a source" which=https://news.example/`) {
		t.Errorf("the log does not say who looked: %s", b.log)
	}
	for _, tt := range []struct {
		name, csrf, address, want string
		code                      int
	}{
		{"nothing", csrf, " ", "Give the address", http.StatusConflict},
		{"too long", csrf, strings.Repeat("x", 3000), "too long", http.StatusConflict},
		{"another site", csrf, "other.example", "It does not answer &lt;here&gt;. Is the address right?", http.StatusConflict},
		{"no form of ours", "0", "news.example", "This did not come from a page of the console", http.StatusForbidden},
	} {
		if code, body := b.ask(http.MethodPost, "/add", url.Values{"csrf": {tt.csrf}, "address": {tt.address}}, nil); code != tt.code || !strings.Contains(body, tt.want) {
			t.Errorf("%s: %d %s; want %d and %q", tt.name, code, body, tt.code, tt.want)
		}
	}
}

func TestASessionLooksForOneSiteAtATimeAndNotForLong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{}
		h := console.New(s, s, console.Options{Addr: "127.0.0.1:8081", Finder: &site{wait: time.Hour}})
		page := httptest.NewRecorder()
		h.ServeHTTP(page, httptest.NewRequest(http.MethodGet, "http://127.0.0.1/console/add", nil))
		form := url.Values{"csrf": {csrfField.FindStringSubmatch(page.Body.String())[1]}, "address": {"news.example"}}
		look := func() *httptest.ResponseRecorder {
			r := httptest.NewRequest(http.MethodPost, "http://127.0.0.1/console/add", strings.NewReader(form.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			return w
		}
		first := make(chan *httptest.ResponseRecorder, 1)
		go func() { first <- look() }()
		synctest.Wait()
		if second := look(); second.Code != http.StatusConflict || !strings.Contains(second.Body.String(), "Wait until that is done") {
			t.Errorf("a second look: %d %s; want to be told to wait", second.Code, second.Body)
		}
		start := time.Now()
		if w := <-first; w.Code != http.StatusConflict || !strings.Contains(w.Body.String(), "did not answer all") {
			t.Errorf("a slow site: %d %s; want to be told what to do", w.Code, w.Body)
		}
		if took := time.Since(start); took > time.Minute {
			t.Errorf("it took %v", took)
		}
		form.Set("address", "")
		if w := look(); !strings.Contains(w.Body.String(), "Give the address") {
			t.Errorf("after both: %d %s; want to be let look again", w.Code, w.Body)
		}
	})
}

func TestThePageThatAddsASourceIsAccessible(t *testing.T) {
	s := &shelf{}
	h := console.New(s, s, console.Options{Addr: "127.0.0.1:8081", Finder: &site{}})
	answered := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path != "/console/added" {
			h.ServeHTTP(w, r)
			return
		}
		page := httptest.NewRecorder()
		h.ServeHTTP(page, httptest.NewRequest(http.MethodGet, "http://127.0.0.1/console/add", nil))
		form := url.Values{"csrf": {csrfField.FindStringSubmatch(page.Body.String())[1]}, "address": {"news.example"}}
		post := httptest.NewRequest(http.MethodPost, "http://127.0.0.1/console/add", strings.NewReader(form.Encode()))
		post.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		h.ServeHTTP(w, post)
	})
	webtest.Accessible(t, answered, "/console/add", "/console/added")
}
