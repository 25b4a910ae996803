package lookup_test

import (
	"errors"
	"net/netip"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cmd/newswire/internal/config"
	"github.com/newswire/newswire/cmd/newswire/internal/lookup"
	"github.com/newswire/newswire/sources/fetch"
	"github.com/newswire/newswire/sources/page"
	"github.com/newswire/newswire/sources/robots"
	"github.com/newswire/newswire/sources/sourcetest"
)

const list = `<main><ul><li><a href="/2026/1">The first note</a><li><a href="/2026/2">The second note</a><li><a href="/2026/3">The third note</a></ul></main>`

func TestAPageIsReadAsPolitelyAsAVisitReadsIt(t *testing.T) {
	publisher := sourcetest.NewPublisher(t, `<rss version="2.0"><channel><title>T</title></channel></rss>`)
	publisher.Handle("/list", sourcetest.Document("text/html", list))
	publisher.Handle("/private", sourcetest.Document("text/html", list))
	publisher.Handle("/bare", sourcetest.Document("text/html", "<p>Nothing.</p>"))
	publisher.Handle("/robots.txt", sourcetest.Document("text/plain", "User-agent: newswire\nDisallow: /private\n"))
	client := fetch.NewClient(fetch.Options{UserAgent: "newswire/test", AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	finder := &lookup.Finder{Fetcher: client, Robots: robots.NewCache(client), UserAgent: "newswire/test"}
	for path, want := range map[string]string{
		"/list": "", "/private": "robots.txt does not let us read the page", "/none": "404 Not Found", "/bare": "nothing on the page looks like a list",
		sourcetest.FeedPath: "it is a feed",
	} {
		answer, err := finder.Page(t.Context(), publisher.Site()+path)
		if err == nil {
			_, err = lookup.Propose(t.Context(), answer)
		}
		if got := errorText(err); want == "" && got != "" || !strings.Contains(got, want) {
			t.Errorf("%s: %q; want %q", path, got, want)
		}
	}
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

func TestWhatIsToBePastedIsUnderstood(t *testing.T) {
	for _, s := range []page.Selectors{
		{Item: "#news li", Link: "@href"},
		{Item: `[class*="Card_item__"]`, Link: `h3 a[href^="/2026/"]@href`, Title: `[class*="Card_item__"] h3`, Published: "@data-time"},
		{Item: "body > table:nth-of-type(2) > tbody > tr", Link: "a@href", Author: ".by: line", Published: "'time'@datetime"},
		{Item: "*", Link: "- a", Title: "? b", Author: "& c", Published: "% d"},
	} {
		entry := lookup.Entry("x", "https://user:secret@news.example/?a=1&b=#c", s)
		if strings.Contains(entry.Text(), "secret") {
			t.Errorf("the entry has a password: %s", entry.Text())
		}
		conf, err := config.Parse("newswire.yaml", []byte("sources:\n"+entry.Text()))
		var problems config.Errors
		if errors.As(err, &problems) && strings.Contains(err.Error(), "selector") {
			continue // it is no selector, and read as what it is
		}
		if err != nil {
			t.Errorf("%s: %v", entry.Text(), err)
			continue
		}
		want := newswire.Page{Item: s.Item, Link: s.Link, Title: s.Title, Author: s.Author, Published: s.Published}
		if d := cmp.Diff(want, *conf.Sources[0].Page); d != "" {
			t.Errorf("%s (-want +got):\n%s", entry.Text(), d)
		}
	}
}
