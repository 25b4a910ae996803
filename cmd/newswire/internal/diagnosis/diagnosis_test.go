package diagnosis_test

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/newswire/newswire/cmd/newswire/internal/config"
	"github.com/newswire/newswire/cmd/newswire/internal/diagnosis"
	"github.com/newswire/newswire/cmd/newswire/internal/service"
	"github.com/newswire/newswire/sources/sourcetest"
)

// fault is what is wrong with a publisher, and how it is to be named.
type fault struct {
	name   string
	feed   string                                                   // that the publisher serves
	script func(t *testing.T, p *sourcetest.Publisher) (url string) // changes the publisher; empty: its feed's address
	keys   string                                                   // of the source, besides id and url
	fetch  string                                                   // of the config
	kind   string
	cause  string // a part of it
	next   string // likewise
}

// ago is a date for RSS.
func ago(d time.Duration) string { return time.Now().Add(-d).UTC().Format(time.RFC1123Z) }

const day = 24 * time.Hour

func item(n int, date string) string {
	return fmt.Sprintf("<item><guid>tag:%d</guid><link>https://news.example/%d</link><title>Item %d</title><description>The harbour opens, part %d.</description><pubDate>%s</pubDate></item>",
		n, n, n, n, date)
}

func channel(parts ...string) string {
	return `<rss version="2.0" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"><channel><title>News</title><link>https://news.example/</link><description>d</description>` +
		strings.Join(parts, "\n") + "</channel></rss>"
}

func good() string { return channel(item(1, ago(time.Hour)), item(2, ago(2*time.Hour))) }

// answers has a publisher answer every request in one way.
func answers(h http.Handler) func(*testing.T, *sourcetest.Publisher) string {
	return func(_ *testing.T, p *sourcetest.Publisher) string {
		p.Answer(h)
		return ""
	}
}

// leads is an address that has no publisher of ours.
func leads(url string) func(*testing.T, *sourcetest.Publisher) string {
	return func(*testing.T, *sourcetest.Publisher) string { return url }
}

func status(code int, header ...string) func(*testing.T, *sourcetest.Publisher) string {
	return answers(sourcetest.Status(code, header...))
}

func document(mediaType, body string) func(*testing.T, *sourcetest.Publisher) string {
	return answers(sourcetest.Document(mediaType, body))
}

// unreachable are faults for which there is no answer.
func unreachable() []fault {
	return []fault{
		{name: "no such host", script: leads("http://nowhere.invalid/feed"), kind: "DNS", cause: "nowhere.invalid", next: "spelling of the host"},
		{name: "nothing listens", script: closedPort, kind: "refused", cause: "refused", next: "port"},
		{name: "an unknown authority", script: tlsServer, kind: "TLS", cause: "unknown authority", next: "ca_file"},
		{name: "https to a plain port", script: func(_ *testing.T, p *sourcetest.Publisher) string {
			return strings.Replace(p.URL(), "http:", "https:", 1)
		}, kind: "scheme", cause: "plain HTTP", next: "scheme"},
		{
			name: "no answer in time", script: func(_ *testing.T, p *sourcetest.Publisher) string { p.Answer(p.Hang()); return "" },
			fetch: ", timeout: 1s", kind: "timeout", cause: "no answer in time", next: "fetch.timeout",
		},
		{name: "a private address", script: leads("http://10.9.8.7/feed"), kind: "private address", cause: "private", next: "allow_private"},
		{name: "too large", feed: channel(strings.Repeat(" ", 20_000)), fetch: ", max_bytes: 2KB", kind: "oversize", cause: "large", next: "max_bytes"},
		{name: "redirects in a circle", script: func(_ *testing.T, p *sourcetest.Publisher) string {
			p.Answer(sourcetest.Redirect(302, p.URL()))
			return ""
		}, kind: "redirects", cause: "circle", next: "browser"},
		{
			name: "the connection is cut", script: answers(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })),
			kind: "unreachable", cause: "EOF", next: "try again",
		},
	}
}

func closedPort(t *testing.T, _ *sourcetest.Publisher) string {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return "http://" + l.Addr().String() + "/feed"
}

func tlsServer(t *testing.T, p *sourcetest.Publisher) string {
	s := httptest.NewTLSServer(p.Feed())
	t.Cleanup(s.Close)
	return s.URL
}

// refusals are answers without a document.
func refusals() []fault {
	return []fault{
		{name: "401", script: status(401), kind: "needs access", cause: "401", next: "password_env"},
		{name: "401 for a token", script: status(401, "WWW-Authenticate", "Bearer"), kind: "needs access", cause: "401", next: "bearer_env"},
		{name: "403", script: status(403), kind: "forbidden", cause: "403", next: "User-Agent"},
		{name: "a challenge", script: status(403, "Cf-Mitigated", "challenge"), kind: "forbidden", cause: "403", next: "Cloudflare"},
		{name: "404", script: status(404), kind: "not found", cause: "404", next: "newswire add"},
		{name: "410", script: status(410), kind: "gone", cause: "410", next: "remove the source"},
		{name: "418", script: status(418), kind: "status", cause: "418", next: "browser"},
		{name: "429", script: status(429), kind: "too many requests", cause: "429", next: "longer schedule"},
		{name: "500", script: status(500), kind: "server error", cause: "500", next: "try again later"},
		{name: "503", script: status(503, "Retry-After", "600"), kind: "server error", cause: "503", next: "try again later"},
	}
}

// documents are documents that cannot be read, or that nothing comes of.
func documents() []fault {
	list := func(t *testing.T, p *sourcetest.Publisher) string {
		p.Handle("/list", sourcetest.Document("text/html", `<ul><li><a href="/1">One</a></li><li><a href="/2">Two</a></li></ul>`))
		for i, byline := range []string{`<i class="by">Ann</i>`, ""} {
			p.Handle(fmt.Sprint("/", i+1), sourcetest.Document("text/html", "<h1>It is "+fmt.Sprint(i+1)+`</h1><time datetime="2026-11-20T08:00:00Z"></time>`+byline+
				`<div class="text"><p>`+strings.Repeat("It is about the harbour. ", 20)+"</p></div>"))
		}
		return p.Site() + "/list"
	}
	robots := func(path string) func(*testing.T, *sourcetest.Publisher) string {
		return func(t *testing.T, p *sourcetest.Publisher) string {
			p.Handle("/robots.txt", sourcetest.Document("text/plain", "User-agent: *\nDisallow: "+path+"\n"))
			return list(t, p)
		}
	}
	return []fault{
		{
			name: "a page that links to a feed", script: document("text/html", `<html><head><title>T</title><link rel="alternate" type="application/rss+xml" href="/rss"></head></html>`),
			kind: "HTML", cause: "HTML page", next: "/rss as its url",
		},
		{name: "a page without a feed", script: document("text/html", "<html><head><title>T</title></head></html>"), kind: "HTML", cause: "HTML page", next: "newswire add"},
		{name: "nothing", script: document("application/rss+xml", ""), kind: "empty", cause: "empty", next: "url"},
		{name: "another kind of document", script: document("application/json", `{"a":1}`), kind: "not a feed", cause: "not a feed", next: "newswire add"},
		{name: "no articles", feed: channel(), kind: "empty", cause: "no articles", next: "newswire add"},
		{name: "robots.txt forbids the list", script: robots("/list"), keys: `, page: {item: li}`, kind: "robots.txt", cause: "robots.txt", next: "leave"},
		{name: "robots.txt forbids the articles", script: func(_ *testing.T, p *sourcetest.Publisher) string {
			p.Handle("/robots.txt", sourcetest.Document("text/plain", "User-agent: *\nDisallow: /articles\n"))
			p.Publish(channel(`<item><guid>1</guid><title>One</title><link>` + p.Site() + "/articles/1</link><pubDate>" + ago(time.Hour) + "</pubDate></item>"))
			return ""
		}, keys: ", full_text: true", kind: "robots.txt", cause: "pages of 1 articles", next: "full_text"},
		{name: "the item selector finds nothing", script: list, keys: `, page: {item: dl}`, kind: "selector", cause: `"dl" matches nothing`, next: "preview"},
		{name: "a selector finds nothing", script: list, keys: `, page: {item: li, author: .name}`, kind: "selector", cause: "author finds nothing", next: "change the selector"},
		{name: "a selector finds some", script: list, keys: `, page: {item: li, author: .by}`, kind: "selector", cause: "1 of 2 articles", next: "commas"},
	}
}

// odd are documents of which articles come, and something is odd.
func odd() []fault {
	moved := func(_ *testing.T, p *sourcetest.Publisher) string {
		p.Handle("/new", p.Feed())
		p.Answer(sourcetest.Redirect(301, p.Site()+"/new"))
		return ""
	}
	undated := strings.ReplaceAll(good(), "pubDate", "x")
	twice := channel(item(1, ago(time.Hour)), strings.Replace(item(1, ago(2*time.Hour)), "tag:1", "tag:9", 1))
	return []fault{
		{name: "moved for good", script: moved, feed: good(), kind: "redirect", cause: "/new", next: "write the new address"},
		{
			name: "moved by its own word", feed: channel("<itunes:new-feed-url>https://pod.example/new</itunes:new-feed-url>", item(1, ago(time.Hour))),
			kind: "moved", cause: "https://pod.example/new", next: "as its url",
		},
		{name: "not well-formed", feed: "Notice: undefined index" + good(), kind: "mended", cause: "before the document", next: "publisher"},
		{name: "cut off", feed: good()[:strings.LastIndex(good(), "<pubDate>")], kind: "cut off", cause: "cut off after 1", next: "try again"},
		{name: "no dates", feed: undated, kind: "no dates", cause: "none of its articles has a date", next: "publisher"},
		{name: "a date that is none", feed: channel(item(1, "next Tuesday or so")), kind: "dates", cause: "next Tuesday", next: "RFC 822"},
		{name: "dates without a zone", feed: channel(item(1, time.Now().Add(-3*time.Hour).UTC().Format("2006-01-02 15:04"))), kind: "dates without zone", cause: "1 articles", next: "timezone"},
		{name: "dates in the future", feed: channel(item(1, ago(-100*day))), kind: "dates ahead", cause: "day ahead", next: "timezone"},
		{name: "silent for its cadence", feed: channel(item(1, ago(40*day)), item(2, ago(41*day)), item(3, ago(42*day))), kind: "stale", cause: "every 24 hours", next: "another feed"},
		{name: "silent for years", feed: channel(item(1, "Mon, 03 May 2010 10:00:00 GMT")), kind: "stale", cause: "2010-05-03", next: "another feed"},
		{name: "one guid for two", feed: strings.ReplaceAll(good(), "tag:2", "tag:1"), kind: "duplicates", cause: "guid", next: "guid of its own"},
		{name: "one address for two", feed: twice, kind: "duplicates", cause: "1 articles have the address", next: "publisher"},
		{name: "no guids", feed: strings.NewReplacer("<guid>", "<x>", "</guid>", "</x>").Replace(good()), kind: "no guids", cause: "addresses", next: "publisher"},
		{name: "excerpts", feed: good(), keys: ", rights: {policy: full}", kind: "excerpts only", cause: "the longest summary has", next: "full_text: true"},
		{name: "a ttl beyond the schedule", feed: channel("<ttl>600</ttl>", item(1, ago(time.Hour))), kind: "schedule", cause: "ttl of 600", next: "schedule that fits"},
		{name: "hours to skip", feed: channel("<skipDays><day>Monday</day><day>Tuesday</day><day>Wednesday</day><day>Thursday</day><day>Friday</day><day>Saturday</day></skipDays>"+
			"<skipHours><hour>1</hour></skipHours><ttl>700</ttl>", item(1, ago(time.Hour))), kind: "schedule", cause: "fewer visits", next: "schedule that fits"},
		{
			name: "a charset that lies", script: document("application/rss+xml; charset=us-ascii", "<?xml version=\"1.0\" encoding=\"shift_jis\"?>"+strings.Replace(good(), "harbour", "Hafen für Züge – 港", 1)),
			kind: "charset", cause: "charset", next: "declares",
		},
		{
			name: "articles that look injected", feed: channel(item(1, ago(time.Hour)), strings.Replace(item(2, ago(time.Hour)), "Item 2", "Viagra, cialis and online casino", 1)),
			kind: "held", cause: "1 articles would be held", next: "preview",
		},
	}
}

func TestEveryFaultIsNamedWithItsCauseAndTheNextStep(t *testing.T) {
	faults := slices.Concat(unreachable(), refusals(), documents(), odd())
	for _, f := range faults {
		t.Run(f.name, func(t *testing.T) {
			p := sourcetest.NewPublisher(t, f.feed)
			url := ""
			if f.script != nil {
				url = f.script(t, p)
			}
			if url == "" {
				url = p.URL()
			}
			got := diagnose(t, fmt.Sprintf("fetch: {allow_private: [127.0.0.0/8], domain_interval: 0s%s}\nsources:\n  - {id: news, url: %q, schedule: '@every 1h'%s}\n", f.fetch, url, f.keys))
			if !slices.ContainsFunc(got, func(g diagnosis.Finding) bool {
				return g.Source == "news" && g.Kind == f.kind && strings.Contains(g.Cause, f.cause) && strings.Contains(g.Next, f.next)
			}) {
				t.Errorf("found %+v; want %s: %s; %s", got, f.kind, f.cause, f.next)
			}
		})
	}
	t.Logf("%d faults", len(faults))
}

func TestTheDocumentationKnowsEveryKindOfFinding(t *testing.T) {
	page, err := os.ReadFile("../../../../docs/check.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range slices.Concat(unreachable(), refusals(), documents(), odd()) {
		if !strings.Contains(string(page), "`"+f.kind+"`") {
			t.Errorf("docs/check.md has no line for %q", f.kind)
		}
	}
}

func TestNothingIsFoundOfASourceThatIsWell(t *testing.T) {
	short := strings.NewReplacer("<description>The", "<content:encoded>The", "</description><pub", "</content:encoded><pub").Replace(good())
	url := sourcetest.NewPublisher(t, short).URL()
	if got := diagnose(t, fmt.Sprintf("fetch: {allow_private: [127.0.0.0/8]}\nsources:\n  - {id: news, url: %q, rights: {policy: full}}\n", url)); len(got) > 0 {
		t.Errorf("found %+v", got)
	}
}

// diagnose visits the sources of a config.
func diagnose(t *testing.T, rest string) []diagnosis.Finding {
	t.Helper()
	conf, err := config.Parse("newswire.yaml", []byte("site: {title: The Wire, url: \"https://wire.example.org\"}\n"+rest))
	if err != nil {
		t.Fatal(err)
	}
	setup, err := service.NewSetup(conf, "test")
	if err != nil {
		t.Fatal(err)
	}
	visited := 0
	findings, err := diagnosis.Run(t.Context(), conf, setup, func(string) { visited++ })
	if err != nil || visited != len(conf.Sources) {
		t.Fatalf("%d visited, %v", visited, err)
	}
	return findings
}
