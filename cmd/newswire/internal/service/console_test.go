package service

import (
	"fmt"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/newswire/newswire/sources/sourcetest"
)

// operator is a person who has logged in to the console of a service.
type operator struct {
	http.Client
	t    *testing.T
	base string
	seen strings.Builder // all pages
}

func (o *operator) read(response *http.Response, err error) string {
	o.t.Helper()
	if err != nil {
		o.t.Fatal(err)
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		o.t.Fatal(err)
	}
	if response.StatusCode != http.StatusOK {
		o.t.Errorf("%s: %s", response.Request.URL, response.Status)
	}
	o.seen.Write(body)
	return string(body)
}

func (o *operator) open(path string) string {
	o.t.Helper()
	return o.read(o.Get(o.base + path))
}

// send fills in the form of a page that leads to an action, and returns the page that follows.
func (o *operator) send(page, action, reason string) string {
	o.t.Helper()
	form := url.Values{"reason": {reason}}
	for _, m := range regexp.MustCompile(`type="hidden" name="(csrf|id)" value="([^"]+)"`).FindAllStringSubmatch(page, -1) {
		form.Set(m[1], m[2])
	}
	return o.read(o.PostForm(o.base+action, form))
}

var articleLink = regexp.MustCompile(`/console(/article\?id=[^"]+)"[^>]*>Title of`)

func (o *operator) article(page string) string {
	o.t.Helper()
	m := articleLink.FindStringSubmatch(page)
	if m == nil {
		o.t.Fatalf("no article on\n%s", page)
	}
	return o.open(m[1])
}

func TestAnOperatorReleasesAndWithdrawsByTheConsole(t *testing.T) {
	const token, password = "planted-admin-token", "planted-password"
	t.Setenv("NEWSWIRE_TEST_ADMIN", token)
	t.Setenv("NEWSWIRE_TEST_PASSWORD", password)
	publisher := sourcetest.NewPublisher(t, item("one"))
	publisher.SetHeader("Set-Cookie", "session=planted-cookie")
	r := start(t, "sqlite:"+t.TempDir()+"/wire.db", fmt.Sprintf(`
  - {id: daily, name: The Daily, url: "%s?key=planted-key", access: {user: desk, password_env: NEWSWIRE_TEST_PASSWORD}}
rules: [{when: 'title matches "one"', do: hold}]
admin_token_env: NEWSWIRE_TEST_ADMIN
`, publisher.URL()))
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	o := &operator{t: t, base: r.admin + "/console", Client: http.Client{Jar: jar}}
	o.read(o.PostForm(o.base+"/login", url.Values{"token": {token}}))
	until(t, r, "a held article", func() bool { return strings.Contains(o.open(""), "1 held") })
	if page := o.open("/sources") + o.open("/sources/daily"); !strings.Contains(page, "The Daily") || !strings.Contains(page, "well") || !strings.Contains(page, "a rule holds it") {
		t.Errorf("the pages of sources have %s", page)
	}
	visible := func() bool { return strings.Contains(get(t, r.public+"/feeds/all.atom"), "Title of one") }
	if visible() {
		t.Error("what is held is in the feed")
	}
	released := o.send(o.article(o.open("/held")), "/release", "")
	until(t, r, "the released article", visible)
	id := regexp.MustCompile(`name="id" value="([^"]+)"`).FindStringSubmatch(released)
	if id == nil || !strings.Contains(released, "Readers see it.") {
		t.Fatalf("after the release the page of the article is %s", released)
	}
	if page := o.send(o.article(o.open("/sources/daily")), "/withdraw", "its author asks for that"); !strings.Contains(page, "its author asks for that") {
		t.Errorf("after it was withdrawn the page of the article is %s", page)
	}
	until(t, r, "410", func() bool {
		response, err := http.Get(r.public + "/articles/" + id[1])
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		return response.StatusCode == http.StatusGone && !visible()
	})
	if page := o.open("/sources/daily"); !strings.Contains(page, "HTTP 200") || !strings.Contains(page, "<dt>ETag</dt>") || !strings.Contains(page, "1 article in 30 days") {
		t.Errorf("the page of the source says of its visits %s", page)
	}
	if page := o.open("/changes?source=daily&live=1"); !strings.Contains(page, ">removed<") || !strings.Contains(page, ">changed<") {
		t.Errorf("the change log is shown as %s", page)
	}
	for _, secret := range []string{token, password, "planted-key", "planted-cookie"} {
		if strings.Contains(o.seen.String(), secret) || strings.Contains(r.log.String(), secret) {
			t.Errorf("%s is on a page, or in the log", secret)
		}
	}
}

func TestAnOperatorHasASourceVisitedNow(t *testing.T) {
	publisher := sourcetest.NewPublisher(t, item("one"))
	polite := sourcetest.NewPublisher(t, item("polite"))
	polite.SetHeader("Cache-Control", "max-age=7200")
	r := start(t, "sqlite:"+t.TempDir()+"/wire.db", fmt.Sprintf(`
  - {id: daily, url: %q, schedule: "@every 12h"}
  - {id: polite, url: %q, schedule: "@every 12h"}
`, publisher.URL(), polite.URL()))
	o := &operator{t: t, base: r.admin + "/console"}
	until(t, r, "the first visits", func() bool {
		feed := get(t, r.public+"/feeds/all.atom")
		return strings.Contains(feed, "Title of one") && strings.Contains(feed, "Title of polite")
	})
	publisher.Publish(item("two"))
	o.send(o.open("/sources/daily"), "/visit", "")
	until(t, r, "what another visit finds", func() bool { return strings.Contains(get(t, r.public+"/feeds/all.atom"), "Title of two") })

	form := url.Values{"id": {"polite"}, "csrf": {regexp.MustCompile(`name="csrf" value="([^"]+)"`).FindStringSubmatch(o.open("/sources/polite"))[1]}}
	refused, err := http.PostForm(o.base+"/visit", form)
	if err != nil {
		t.Fatal(err)
	}
	defer refused.Body.Close()
	body, _ := io.ReadAll(refused.Body)
	if refused.StatusCode != http.StatusConflict || !strings.Contains(string(body), "It is not visited before") {
		t.Errorf("sooner than the publisher wishes: %s\n%s", refused.Status, body)
	}
	form.Set("id", "unknown")
	unknown, err := http.PostForm(o.base+"/visit", form)
	if err != nil {
		t.Fatal(err)
	}
	unknown.Body.Close()
	if unknown.StatusCode != http.StatusNotFound {
		t.Errorf("a source that is not there: %s; want 404", unknown.Status)
	}
}

func TestAnOperatorPausesASourceByTheConsole(t *testing.T) {
	publisher := sourcetest.NewPublisher(t, item("one"))
	r := start(t, "sqlite:"+t.TempDir()+"/wire.db", fmt.Sprintf(`
  - {id: daily, url: %q, schedule: "@every 12h"}
`, publisher.URL()))
	o := &operator{t: t, base: r.admin + "/console"}
	until(t, r, "the first visit", func() bool { return strings.Contains(o.open("/sources/daily"), ">well<") })
	page := o.send(o.open("/sources/daily"), "/pause", "its publisher asked")
	if !strings.Contains(page, ">paused<") || !strings.Contains(page, ": its publisher asked") {
		t.Errorf("after the pause the page is %s", page)
	}
	form := url.Values{"id": {"daily"}, "csrf": {regexp.MustCompile(`name="csrf" value="([^"]+)"`).FindStringSubmatch(page)[1]}}
	refused, err := http.PostForm(o.base+"/visit", form)
	if err != nil {
		t.Fatal(err)
	}
	defer refused.Body.Close()
	body, _ := io.ReadAll(refused.Body)
	if refused.StatusCode != http.StatusConflict || !strings.Contains(string(body), "Resume it first") {
		t.Errorf("visited while it is paused: %s\n%s", refused.Status, body)
	}
	if page = o.send(page, "/resume", ""); !strings.Contains(page, ">well<") || !strings.Contains(page, "schedule @every 12h") {
		t.Errorf("after the pause it is %s", page)
	}
}

func TestAnOperatorHasAPartnerToldAgain(t *testing.T) {
	const secret, key = "planted-webhook-secret-of-some-length", "planted-key-in-the-address"
	t.Setenv("NEWSWIRE_TEST_HOOK", secret)
	var told, status atomic.Int64
	status.Store(http.StatusServiceUnavailable)
	hook := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		told.Add(1)
		w.WriteHeader(int(status.Load()))
	}))
	t.Cleanup(hook.Close)
	publisher := sourcetest.NewPublisher(t, item("one"))
	r := start(t, "sqlite:"+t.TempDir()+"/wire.db", fmt.Sprintf(`
  - {id: daily, url: %q}
partners:
  - {id: pull}
  - {id: acme, webhook: {url: "%s/?key=%s", secret_env: NEWSWIRE_TEST_HOOK}}
`, publisher.URL(), hook.URL, key))
	o := &operator{t: t, base: r.admin + "/console"}
	// The article may be there before the webhook begins, which begins at the end of the log: so it is told all.
	until(t, r, "the article and the webhook", func() bool {
		return strings.Contains(r.log.String(), "webhook begins") && strings.Contains(r.log.String(), "new=1")
	})
	o.send(o.open("/partners"), "/replay", "")
	until(t, r, "a failure", func() bool { return strings.Contains(o.open("/partners"), ">failing<") })
	until(t, r, "what the pages say of it", func() bool {
		return strings.Contains(o.open("/partners"), "<h2>pull</h2>") && strings.Contains(o.open(""), "1 of 1 webhooks")
	})
	status.Store(http.StatusNoContent)
	before := told.Load()
	o.send(o.open("/partners"), "/replay", "")
	until(t, r, "a delivery after the replay", func() bool { return told.Load() > before && strings.Contains(o.open("/partners"), ">ok<") })
	for _, planted := range []string{secret, key} {
		if strings.Contains(o.seen.String(), planted) {
			t.Errorf("%s is on a page", planted)
		}
	}
	page := o.open("/partners")
	form := url.Values{"id": {"pull"}, "csrf": {regexp.MustCompile(`name="csrf" value="([^"]+)"`).FindStringSubmatch(page)[1]}}
	none, err := http.PostForm(o.base+"/replay", form)
	if err != nil {
		t.Fatal(err)
	}
	none.Body.Close()
	if none.StatusCode != http.StatusNotFound {
		t.Errorf("a partner without a webhook: %s; want 404", none.Status)
	}
}
