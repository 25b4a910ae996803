package console_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication/admin"
	"github.com/newswire/newswire/syndication/console"
	"github.com/newswire/newswire/syndication/internal/webtest"
)

const token = "the-admin-token"

// shelf is a store and a desk with one article that is held.
type shelf struct {
	console.Store
	sources []console.Source
	notes   []newswire.Note

	revisions []newswire.Article // of the article that is held
	changes   []newswire.Change
	away      error
	visited   []string
	released  []string
	paused    []string
	dropped   []string
}

func (s *shelf) Site() newswire.Site {
	return newswire.Site{Title: "Wire", URL: "https://wire.example"}
}

func (s *shelf) Sources(context.Context) ([]console.Source, error) { return s.sources, s.away }

func (s *shelf) Release(_ context.Context, id string) error {
	s.released = append(s.released, id)
	return nil
}

func (s *shelf) Notes(context.Context, string) ([]newswire.Note, error) { return s.notes, nil }

func (s *shelf) Latest(_ context.Context, limit int) ([]newswire.Change, error) {
	return s.changes[:min(limit, len(s.changes))], s.away
}

func (s *shelf) Partners(context.Context) ([]console.Partner, error) { return nil, nil }

func (s *shelf) Replay(_ context.Context, id string) error {
	s.visited = append(s.visited, id)
	return nil
}

func (s *shelf) Visit(_ context.Context, id string) error {
	s.visited = append(s.visited, id)
	return nil
}

func (s *shelf) Pause(_ context.Context, id, reason string) error {
	if id != "a" {
		return console.RefusalError("It is visited no more anyway.")
	}
	s.paused = append(s.paused, id+": "+reason)
	return nil
}

func (s *shelf) Resume(_ context.Context, id string) error {
	s.paused = append(s.paused, id)
	return nil
}

func (s *shelf) Drop(_ context.Context, id, reason string) error {
	s.dropped = append(s.dropped, id+": "+reason)
	return nil
}

func (s *shelf) Withdraw(context.Context, string, string) error { return newswire.ErrNotFound }

func (s *shelf) CountSubscriptions(context.Context, cache.SubscriptionQuery) (int, error) {
	return 0, nil
}

func (s *shelf) Topics(context.Context, newswire.Kind, newswire.Cursor, int) ([]cache.Listing, newswire.Cursor, error) {
	return []cache.Listing{{Topic: newswire.HeldTopic("a")}}, "", nil
}

func (s *shelf) Articles(_ context.Context, q cache.Query) (cache.Page, error) {
	if q.Topic != newswire.HeldTopic("a") {
		return cache.Page{}, nil
	}
	return cache.Page{Articles: []newswire.Article{*held(), {ID: "a-2", Source: "a", Title: "Dropped", Held: newswire.DroppedByRule}}}, nil
}

func (s *shelf) Article(_ context.Context, id string) (newswire.Article, error) {
	if id != "a-1" {
		return newswire.Article{}, newswire.ErrNotFound
	}
	return *held(), nil
}

func (s *shelf) Revisions(context.Context, string) ([]newswire.Article, error) {
	return s.revisions, nil
}

func held() *newswire.Article {
	return &newswire.Article{
		ID: "a-1", Source: "a", Title: "Casino <b>", Content: "<p>Spin <em>now</em></p><script>alert(1)</script>", Held: "it looks injected",
	}
}

// browser is a person at a browser, before the console.
type browser struct {
	*http.Client
	t    *testing.T
	base string
	log  *bytes.Buffer
}

func newBrowser(t *testing.T, s *shelf, o console.Options) *browser {
	b := &browser{t: t, log: &bytes.Buffer{}}
	o.Addr, o.Log = "127.0.0.1:8081", slog.New(slog.NewTextHandler(b.log, nil))
	server := httptest.NewServer(admin.New(admin.Options{Console: console.New(s, s, o)}))
	t.Cleanup(server.Close)
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	b.base, b.Client = server.URL+"/console", server.Client()
	b.Jar = jar
	return b
}

// ask returns the status code and the body of an answer.
func (b *browser) ask(method, path string, form url.Values, adjust func(*http.Request)) (int, string) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(b.t.Context(), method, b.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		b.t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	if adjust != nil {
		adjust(r)
	}
	response, err := b.Do(r)
	if err != nil {
		b.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		b.t.Fatal(err)
	}
	return response.StatusCode, string(body)
}

func (b *browser) get(path string) (int, string) { return b.ask(http.MethodGet, path, nil, nil) }

func (b *browser) login(t string) (int, string) {
	return b.ask(http.MethodPost, "/login", url.Values{"token": {t}}, nil)
}

var csrfField = regexp.MustCompile(`name="csrf" value="([0-9a-f]+)"`)

func (b *browser) csrf(path string) string {
	b.t.Helper()
	_, body := b.get(path)
	m := csrfField.FindStringSubmatch(body)
	if m == nil {
		b.t.Fatalf("no form on %s:\n%s", path, body)
	}
	return m[1]
}

func TestNothingIsShownBeforeLogin(t *testing.T) {
	b := newBrowser(t, &shelf{}, console.Options{Token: token})
	for _, path := range []string{"", "/sources", "/sources/a", "/held", "/article?id=a-1"} {
		if code, body := b.get(path); code != 200 || !strings.Contains(body, `type="password"`) || strings.Contains(body, "Casino") {
			t.Errorf("GET %s = %d %s; want the page to log in", path, code, body)
		}
	}
	if code, body := b.login(token); code != 200 || !strings.Contains(body, "<h1 dir=\"auto\">Overview</h1>") {
		t.Errorf("logged in: %d %s; want the overview", code, body)
	}
	cookies := b.Jar.Cookies(&url.URL{Scheme: "http", Host: strings.Split(b.base, "/")[2], Path: "/"})
	if len(cookies) != 0 {
		t.Errorf("the cookie goes beyond the console: %v", cookies)
	}
	b.ask(http.MethodPost, "/logout", url.Values{"csrf": {b.csrf("/article?id=a-1")}}, nil)
	if _, body := b.get(""); !strings.Contains(body, `type="password"`) {
		t.Errorf("after logout the console shows %s", body)
	}
	for _, want := range []string{"action=login ", "action=logout "} {
		if !strings.Contains(b.log.String(), want) {
			t.Errorf("the log lacks %s: %s", want, b.log)
		}
	}
	if strings.Contains(b.log.String(), token) {
		t.Errorf("the log has the token: %s", b.log)
	}
}

func TestWrongTokensAreSlowedByAddress(t *testing.T) {
	b := newBrowser(t, &shelf{}, console.Options{Token: token})
	for range 5 {
		if code, _ := b.login("wrong"); code != http.StatusUnauthorized {
			t.Fatalf("a wrong token: %d; want 401", code)
		}
	}
	if code, _ := b.login("wrong"); code != http.StatusTooManyRequests {
		t.Errorf("the sixth wrong token: %d; want 429", code)
	}
	if code, _ := b.login(token); code != http.StatusTooManyRequests {
		t.Errorf("the right token after them: %d; want 429, or it could be guessed", code)
	}
}

func TestSessionsEndAndAttemptsComeBack(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &shelf{}
		h := console.New(s, s, console.Options{Addr: "127.0.0.1:8081", Token: token})
		ask := func(method, path, given string, cookie *http.Cookie) *http.Response {
			r := httptest.NewRequest(method, "/console"+path, strings.NewReader(url.Values{"token": {given}}.Encode()))
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			if cookie != nil {
				r.AddCookie(cookie)
			}
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			return w.Result()
		}
		for range 6 {
			ask(http.MethodPost, "/login", "wrong", nil)
		}
		time.Sleep(31 * time.Second)
		in := ask(http.MethodPost, "/login", token, nil)
		if in.StatusCode != http.StatusSeeOther || len(in.Cookies()) != 1 {
			t.Fatalf("half a minute after wrong tokens: %d; want to be logged in", in.StatusCode)
		}
		c := in.Cookies()[0]
		if !c.HttpOnly || c.SameSite != http.SameSiteStrictMode || c.Path != "/console" || c.Secure {
			t.Errorf("the cookie is %v", c)
		}
		time.Sleep(12*time.Hour - time.Second)
		if got := ask(http.MethodGet, "/held", "", c); got.StatusCode != http.StatusOK {
			t.Errorf("before 12 hours: %d; want 200", got.StatusCode)
		}
		time.Sleep(time.Second)
		if got := ask(http.MethodGet, "/held", "", c); got.StatusCode != http.StatusSeeOther {
			t.Errorf("after 12 hours: %d; want to be led to the login", got.StatusCode)
		}
	})
}

func TestChangesNeedAFormOfTheConsole(t *testing.T) {
	s := &shelf{}
	b := newBrowser(t, s, console.Options{Token: token})
	b.login(token)
	csrf := b.csrf("/article?id=a-1")
	set := func(name, value string) func(*http.Request) {
		return func(r *http.Request) { r.Header.Set(name, value) }
	}
	for _, tt := range []struct {
		name, csrf string
		adjust     func(*http.Request)
	}{
		{"no CSRF token", "", nil},
		{"another CSRF token", strings.Repeat("0", len(csrf)), nil},
		{"another origin", csrf, set("Origin", "https://evil.example")},
		{"another site", csrf, set("Sec-Fetch-Site", "cross-site")},
		{"a neighbour of the site", csrf, set("Sec-Fetch-Site", "same-site")},
		{"no session", csrf, func(r *http.Request) { r.Header.Del("Cookie"); r.Header.Set("Cookie", "newswire_console=00") }},
	} {
		for _, action := range []string{"/replay", "/visit", "/pause", "/resume", "/release", "/drop", "/withdraw", "/logout"} {
			b := *b
			if tt.name == "no session" {
				b.Client = &http.Client{}
			}
			form := url.Values{"id": {"a-1"}, "reason": {"spam"}, "csrf": {tt.csrf}}
			if code, _ := b.ask(http.MethodPost, action, form, tt.adjust); code != http.StatusForbidden {
				t.Errorf("%s with %s: %d; want 403", action, tt.name, code)
			}
		}
	}
	if code, _ := b.get("/release?id=a-1&csrf=" + csrf); code == http.StatusOK {
		t.Errorf("a GET releases: %d", code)
	}
	if len(s.visited)+len(s.paused)+len(s.released)+len(s.dropped) != 0 {
		t.Errorf("changed: %v %v", s.released, s.dropped)
	}
	same := set("Sec-Fetch-Site", "same-origin")
	b.ask(http.MethodPost, "/release", url.Values{"id": {"a-1"}, "csrf": {csrf}}, same)
	b.ask(http.MethodPost, "/drop", url.Values{"id": {"a-1"}, "reason": {" not\nours "}, "csrf": {csrf}}, same)
	if code, _ := b.ask(http.MethodPost, "/drop", url.Values{"id": {"a-1"}, "reason": {" "}, "csrf": {csrf}}, same); code != http.StatusConflict {
		t.Errorf("dropped without a reason: %d; want 409", code)
	}
	if len(s.released) != 1 || len(s.dropped) != 1 || s.dropped[0] != "a-1: not ours" {
		t.Errorf("released %v, dropped %v; want one each", s.released, s.dropped)
	}
	for _, want := range []string{"action=release which=a-1", "action=drop which=a-1", `action="change refused"`} {
		if !strings.Contains(b.log.String(), want) {
			t.Errorf("the log lacks %s:\n%s", want, b.log)
		}
	}
}

func TestWithoutATokenTheConsoleIsForLoopbackHosts(t *testing.T) {
	b := newBrowser(t, &shelf{}, console.Options{})
	if code, body := b.get(""); code != http.StatusOK || !strings.Contains(body, "Overview") {
		t.Errorf("on loopback: %d %s", code, body)
	}
	for _, path := range []string{"", "/login", "/style.css"} {
		if code, _ := b.ask(http.MethodGet, path, nil, func(r *http.Request) { r.Host = "evil.example" }); code != http.StatusForbidden {
			t.Errorf("GET %s of a foreign host: %d; want 403", path, code)
		}
	}
	w := httptest.NewRecorder()
	s := &shelf{}
	console.New(s, s, console.Options{Addr: ":8081"}).ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://127.0.0.1/console", nil))
	if w.Code != http.StatusForbidden {
		t.Errorf("beyond loopback without a token: %d; want 403", w.Code)
	}
}

func TestWhatIsWrongComesFirst(t *testing.T) {
	s := &shelf{sources: []console.Source{
		{ID: "fine", Name: "Fine", Condition: "well"},
		{ID: "odd", Name: "Odd", Condition: "well", Remarks: []string{"none has a date"}},
		{ID: "bad", Name: "Bad", Condition: "failing", Failures: 2},
		{ID: "worst", Name: "Worst", Condition: "failing", Failures: 9, Error: "404 <gone>"},
	}}
	b := newBrowser(t, s, console.Options{Checks: []admin.Check{
		{Name: "hub", Func: func(context.Context) error { return errors.New("it is silent") }},
		{Name: "feeds", Func: func(context.Context) error { return nil }},
	}})
	order := func(path string, want ...string) {
		t.Helper()
		_, body := b.get(path)
		for _, w := range want {
			before, after, found := strings.Cut(body, w)
			if !found {
				t.Errorf("%q is not on %s, after what precedes it: %s", w, path, before)
				return
			}
			body = after
		}
	}
	order("", "it is silent", "Worst", "404 &lt;gone&gt;", "Bad", "Odd", "1 held", "In all")
	order("/sources", "4 in all", "Worst", "Bad", "Odd", "Fine")
	order("/sources/worst", "Worst", "https://wire.example/feeds/source/worst.atom")
	order("/held", "Casino &lt;b&gt;", "it looks injected")
	order("/article?id=a-1", "it looks injected", "Release", "Spin now")
	if _, body := b.get("/article?id=a-1"); strings.Contains(body, "<script") || strings.Contains(body, "<em>") {
		t.Errorf("the text is not plain: %s", body)
	}
	if _, body := b.get("/held"); strings.Contains(body, "Dropped") {
		t.Errorf("what a rule drops waits for the operator: %s", body)
	}
	for _, path := range []string{"/article?id=none", "/sources/none", "/nothing"} {
		if code, _ := b.get(path); code != http.StatusNotFound {
			t.Errorf("GET %s: %d; want 404", path, code)
		}
	}
	s.away = errors.New("redis://:hunter2@10.0.0.7: refused")
	order("", "it is silent", "the store does not answer")
	if code, body := b.get("/sources"); code != http.StatusServiceUnavailable || strings.Contains(body, "hunter2") {
		t.Errorf("while the store is away: %d %s", code, body)
	}
}

func TestPagesAreAccessible(t *testing.T) {
	s := &shelf{notes: notes(), changes: changes(), revisions: revisions(), sources: []console.Source{
		{ID: "bad", Name: "Bad", Condition: "failing", Failures: 3, Error: "HTTP 404", Why: "schedule", Remarks: []string{"none has a date"}},
		{ID: "rest", Name: "At rest", Condition: "paused", Paused: newswire.Pause{Since: time.Now()}},
		{ID: "a", Name: "Fine", Condition: "well", Days: busy(), Confirmed: 3, URL: "https://example.org/" + strings.Repeat("long/", 40) + "feed.xml"},
	}}
	open := console.New(s, s, console.Options{Addr: "127.0.0.1:8081"})
	locked := console.New(s, s, console.Options{Addr: "127.0.0.1:8081", Token: token})
	pages := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/console/login" {
			locked.ServeHTTP(w, r)
		} else {
			open.ServeHTTP(w, r)
		}
	})
	webtest.Accessible(t, pages, "/console", "/console/sources", "/console/sources/a", "/console/sources/rest", "/console/held", "/console/article?id=a-1",
		"/console/changes", "/console/changes?source=none", "/console/partners", "/console/sources/none", "/console/login")
}
