package sources_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/sourcetest"
)

// termedSite says on which terms a site offers what is on it; everything may be read.
type termedSite struct {
	terms sources.SiteTerms
	err   error
	asked int
}

func (s *termedSite) Allowed(context.Context, string) (bool, time.Duration, error) {
	return true, 0, nil
}

func (s *termedSite) Terms(ctx context.Context, _ string, before func(context.Context) error) (sources.SiteTerms, error) {
	s.asked++
	if err := before(ctx); err != nil {
		return sources.SiteTerms{}, err
	}
	return s.terms, s.err
}

func denies(path string, usage newswire.Usage) func(string) newswire.Usage {
	return func(address string) newswire.Usage {
		if strings.Contains(address, path) {
			return usage
		}
		return ""
	}
}

const usageFeed = `<rss version="2.0"><channel><title>P</title><link>/</link>
<item><guid>1</guid><title>One</title><link>/news/1</link><description>One.</description></item>
<item><guid>2</guid><title>Two</title><link>/open/2</link><description>Two.</description></item></channel></rss>`

// usages are what machines may do with the articles of a source, by guid.
func (d *harness) usages(source string) map[string]newswire.Usage {
	found := map[string]newswire.Usage{}
	for _, a := range d.articles(newswire.SourceTopic(source)) {
		found[a.GUID] = a.Rights.Usage
	}
	return found
}

func TestUsageIsTheStrictestOfWhatIsStated(t *testing.T) {
	tests := []struct {
		name, header string
		robots       sources.SiteTerms
		operator     newswire.Usage
		want         map[string]newswire.Usage
	}{
		{"nothing is stated", "", sources.SiteTerms{}, "", map[string]newswire.Usage{"1": "", "2": ""}},
		{"in the field", "train-ai=n, search=y", sources.SiteTerms{}, "", map[string]newswire.Usage{"1": "search=y, train-ai=n", "2": "search=y, train-ai=n"}},
		{"for the feed in robots.txt", "", sources.SiteTerms{Usage: denies("/feed", "train-ai=n")}, "", map[string]newswire.Usage{"1": "train-ai=n", "2": "train-ai=n"}},
		{"for an article in robots.txt", "train-ai=y", sources.SiteTerms{Usage: denies("/news/", "train-ai=n")}, "", map[string]newswire.Usage{"1": "train-ai=n", "2": "train-ai=y"}},
		{"the operator denies too", "search=y", sources.SiteTerms{}, "search=n, train-ai=n", map[string]newswire.Usage{"1": "search=n, train-ai=n", "2": "search=n, train-ai=n"}},
		{"the operator allows nothing", "search=n", sources.SiteTerms{}, "search=y, train-ai=y", map[string]newswire.Usage{"1": "search=n", "2": "search=n"}},
	}
	for _, tt := range tests {
		d := newHarness(t)
		pub := sourcetest.NewPublisher(t, usageFeed)
		if tt.header != "" {
			pub.SetHeader("Content-Usage", tt.header)
		}
		if tt.robots.Usage != nil {
			d.robots = &termedSite{terms: tt.robots}
		}
		d.visit(nil, newswire.Source{ID: "p", URL: pub.URL(), Rights: newswire.Rights{Usage: tt.operator}})
		if diff := cmp.Diff(tt.want, d.usages("p")); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestUsageThatIsStatedLaterIsARevision(t *testing.T) {
	d := newHarness(t)
	pub := sourcetest.NewPublisher(t, usageFeed)
	source := newswire.Source{ID: "p", URL: pub.URL()}
	d.visit(nil, source)
	before := d.articles(newswire.SourceTopic("p"))
	pub.SetHeader("Content-Usage", "train-ai=n")
	pub.SetHeader("Etag", `"2"`)
	if r := d.visit(nil, source)["p"]; r.Edited != 2 {
		t.Fatalf("the visit after the statement: %+v; want 2 edited", r)
	}
	for i, a := range d.articles(newswire.SourceTopic("p")) {
		if a.Rights.Usage != "train-ai=n" || a.Stated.Usage != "train-ai=n" || a.Revision != 2 || !a.Listed.Equal(before[i].Listed) {
			t.Errorf("article %s: usage %q, revision %d", a.GUID, a.Rights.Usage, a.Revision)
		}
	}
}

func TestTermsThatCannotBeAskedForStay(t *testing.T) {
	d := newHarness(t)
	pub := sourcetest.NewPublisher(t, usageFeed)
	s := &termedSite{terms: sources.SiteTerms{Usage: denies("/", "train-ai=n"), License: "/rsl.xml"}}
	d.robots = s
	source := newswire.Source{ID: "p", URL: pub.URL()}
	d.visit(nil, source)
	s.err = errors.New("away")
	pub.Publish(strings.Replace(usageFeed, "One.", "One more.", 1))
	if r := d.visit(nil, source)["p"]; r.Edited != 1 || r.Error != "" {
		t.Fatalf("the visit while robots.txt is away: %+v; want one edited", r)
	}
	for _, a := range d.articles(newswire.SourceTopic("p")) {
		if a.Rights.Usage != "train-ai=n" || a.Rights.License != pub.Site()+"/rsl.xml" {
			t.Errorf("article %s is under %+v", a.GUID, a.Rights)
		}
	}
	if s.asked != 2 {
		t.Errorf("terms were asked for %d times in two visits with a document", s.asked)
	}
	d.visit(nil, source)
	if s.asked != 2 {
		t.Error("terms are asked for though the document has not changed")
	}
}

func TestAnArticlesPageStatesItsTerms(t *testing.T) {
	d := newHarness(t)
	pub := sourcetest.NewPublisher(t, usageFeed)
	page := func(rest string) string {
		return `<!DOCTYPE html><title>A</title><link rel=license href=/terms>` + rest + `<article><p>` + strings.Repeat("The tide turns. ", 20) + `</p></article>`
	}
	pub.Handle("/news/1", sourcetest.Document("text/html", page(""), "Content-Usage", "train-ai=n"))
	pub.Handle("/open/2", sourcetest.Document("text/html", page(`<link rel=license href=https://creativecommons.org/licenses/by/4.0/>`)))
	d.robots = &termedSite{terms: sources.SiteTerms{Usage: denies("/open/", "search=n"), License: "/rsl.xml"}}
	d.visit(nil, newswire.Source{ID: "p", URL: pub.URL(), FullText: true})
	if diff := cmp.Diff(map[string]newswire.Usage{"1": "train-ai=n", "2": "search=n"}, d.usages("p")); diff != "" {
		t.Errorf("usage (-want +got):\n%s", diff)
	}
	for _, a := range d.articles(newswire.SourceTopic("p")) {
		if a.Rights.License != pub.Site()+"/terms" {
			t.Errorf("article %s is under %s; its page names another", a.GUID, a.Rights.License)
		}
		if want := "https://creativecommons.org/licenses/by/4.0/"; a.GUID == "2" && (len(a.Links) != 1 || a.Links[0].URL != want || a.Links[0].Rel != "license") {
			t.Errorf("article 2 has the links %v; want the other licence", a.Links)
		}
	}
}

func TestLicencesOfAFeedAreThoseOfItsArticles(t *testing.T) {
	const by, sa, own = "https://creativecommons.org/licenses/by/4.0/", "https://creativecommons.org/licenses/by-sa/4.0/", "https://p.example/terms"
	d := newHarness(t)
	pub := sourcetest.NewPublisher(t, `<feed xmlns="http://www.w3.org/2005/Atom"><id>urn:f</id><title>F</title><updated>2026-01-01T00:00:00Z</updated>
<link rel="license" href="`+by+`"/><link rel="license" href="`+sa+`"/>
<entry><id>urn:1</id><title>One</title><updated>2026-01-01T00:00:00Z</updated><content>One.</content></entry>
<entry><id>urn:2</id><title>Two</title><updated>2026-01-01T00:00:00Z</updated><content>Two.</content><link rel="license" href="`+own+`"/></entry></feed>`)
	d.visit(nil, newswire.Source{ID: "p", URL: pub.URL(), Rights: newswire.Rights{License: "https://operator.example/loose"}})
	got := map[string][]string{}
	for _, a := range d.articles(newswire.SourceTopic("p")) {
		got[a.GUID] = append(got[a.GUID], a.Rights.License)
		for _, l := range a.Links {
			got[a.GUID] = append(got[a.GUID], l.URL)
		}
	}
	if diff := cmp.Diff(map[string][]string{"urn:1": {by, sa}, "urn:2": {own}}, got); diff != "" {
		t.Errorf("licences (-want +got):\n%s", diff)
	}
}
