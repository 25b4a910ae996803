package syndication_test

import (
	"encoding/json"
	"encoding/xml"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/feedtest"
)

// offered is an article as a source of a site offers it, with the id that sources give it: the guid where own is set,
// else a tag: URI with the source in it.
type offered struct {
	source, site, guid, url string
	own                     bool
	met                     int // minutes after the first
}

func (o offered) article() newswire.Article {
	a := newswire.Article{
		ID: newswire.ArticleID(o.source, o.guid), Source: o.source, GUID: o.guid, AtomID: o.guid, URL: o.url, Title: "By " + o.source,
		FirstSeen: time.Date(2026, 3, 1, 0, o.met, 0, 0, time.UTC),
	}
	if !o.own {
		a.AtomID = "tag:" + o.site + ",2026:" + o.source + "/" + o.guid
	}
	return a
}

const harbourPage = "https://harbour.example.com/2026/tides"

var sameTests = []struct {
	name string
	list []offered // newest first
	want []string  // sources of what is listed
}{
	{"a newer article has another site's address as its guid", []offered{
		{"gulls", "gulls.example.net", harbourPage, "https://gulls.example.net/1", false, 1},
		{"harbour", "harbour.example.com", harbourPage, harbourPage, true, 0},
	}, []string{"gulls", "harbour"}},
	{"two feeds of one host count alike", []offered{
		{"a", "host.example.com", "post-1", "https://host.example.com/a/1", false, 1},
		{"b", "host.example.com", "post-1", "https://host.example.com/b/1", false, 0},
	}, []string{"a", "b"}},
	{"two feeds of one host offer one article", []offered{
		{"a", "host.example.com", "post-1", "https://host.example.com/1", false, 1},
		{"b", "host.example.com", "post-1", "http://www.host.example.com/1/#top", false, 0},
	}, []string{"b"}},
	{"two feeds of one publisher offer one article, and the first that was met is listed", []offered{
		{"finance", "harbour.example.com", harbourPage, harbourPage, true, 1},
		{"harbour", "harbour.example.com", harbourPage, harbourPage, true, 0},
	}, []string{"harbour"}},
	{"a copy that was met first hides nothing of the article's own source", []offered{
		{"planet", "planet.example.net", harbourPage, harbourPage, false, 0},
		{"harbour", "harbour.example.com", harbourPage, harbourPage, true, 1},
	}, []string{"harbour"}},
	{"two sites use one guid that is an address of neither", []offered{
		{"a", "a.example.com", "urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66", "https://elsewhere.example.org/1", false, 1},
		{"b", "b.example.com", "urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66", "https://elsewhere.example.org/1", false, 0},
	}, []string{"a", "b"}},
	{"two sites use one guid that either may give", []offered{
		{"a", "a.example.com", "urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66", "https://elsewhere.example.org/1", true, 1},
		{"b", "b.example.com", "urn:uuid:6e8bc430-9c3a-11d9-9669-0800200c9a66", "https://elsewhere.example.org/1", true, 0},
	}, []string{"a", "b"}},
	{"one publisher gives one id to two pages", []offered{
		{"finance", "harbour.example.com", "https://harbour.example.com/?p=1", "https://harbour.example.com/b", true, 1},
		{"harbour", "harbour.example.com", "https://harbour.example.com/?p=1", "https://harbour.example.com/a", true, 0},
	}, []string{"finance", "harbour"}},
	{"neither has an address", []offered{
		{"a", "host.example.com", "post-1", "", false, 1},
		{"b", "host.example.com", "post-1", "", false, 0},
	}, []string{"a", "b"}},
}

func TestArticlesOfTwoSourcesAreOneOnlyWhereThatIsProved(t *testing.T) {
	for _, tt := range sameTests {
		t.Run(tt.name, func(t *testing.T) {
			var articles []newswire.Article
			for _, o := range tt.list {
				articles = append(articles, o.article())
			}
			feed := build(articles...)
			var got []string
			for _, a := range feed.Articles {
				got = append(got, a.Source)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Build listed articles of other sources (-want +got):\n%s", diff)
			}
			for _, f := range formats {
				if ids := idsIn(t, f, &feed); len(slices.Compact(slices.Sorted(slices.Values(ids)))) != len(tt.want) {
					t.Errorf("the %s feed has the ids %q, want %d different ones", f.name, ids, len(tt.want))
				}
			}
		})
	}
}

func TestTheArticleThatWasMetFirstHasTheIDThatItsPublisherGaveTwice(t *testing.T) {
	for _, met := range []int{0, 2} {
		first := offered{"finance", "", "https://harbour.example.com/?p=1", "https://harbour.example.com/b", true, met}
		second := offered{"harbour", "", "https://harbour.example.com/?p=1", "https://harbour.example.com/a", true, 1}
		feed := build(first.article(), second.article())
		want := []string{first.guid, feedtest.Site.URL + "/articles/" + feed.Articles[1].ID}
		if met == 2 {
			want = []string{feedtest.Site.URL + "/articles/" + feed.Articles[0].ID, first.guid}
		}
		if diff := cmp.Diff(want, []string{feed.Articles[0].AtomID, feed.Articles[1].AtomID}); diff != "" {
			t.Errorf("met %d minutes after the start, beside one after 1: ids (-want +got):\n%s", met, diff)
		}
	}
}

// TestNoArticleHidesAnother draws articles of several sources, few of which agree in guid and address, in any order.
func TestNoArticleHidesAnother(t *testing.T) {
	hosts := []string{"harbour.example.com", "gulls.example.net", "planet.example.org"}
	guids := []string{"1", "post-1", harbourPage, "https://gulls.example.net/1", "tag:harbour.example.com,2026:1", "urn:x-a:1", feedtest.Site.URL + "/articles/s0-0"}
	urls := []string{"", harbourPage, harbourPage + "/", "https://gulls.example.net/1", "https://planet.example.org/1?a=1", "mailto:a@example.org"}
	rapid.Check(t, func(t *rapid.T) {
		var articles []newswire.Article
		known := map[string]bool{}
		for range rapid.IntRange(0, 12).Draw(t, "articles") {
			n := rapid.IntRange(0, 4).Draw(t, "source")
			o := offered{
				source: fmt.Sprintf("s%d", n), site: hosts[n%len(hosts)],
				guid: rapid.SampledFrom(guids).Draw(t, "guid"), url: rapid.SampledFrom(urls).Draw(t, "url"),
				own: rapid.Bool().Draw(t, "own"), met: rapid.IntRange(0, 3).Draw(t, "met"),
			}
			if a := o.article(); !known[a.ID] { // a source has one article with a guid
				known[a.ID] = true
				articles = append(articles, a)
			}
		}
		feed := build(articles...)
		checkIDs(t, &feed)
		listed := map[string]newswire.Article{}
		for _, a := range feed.Articles {
			listed[a.ID] = a
		}
		for _, a := range articles {
			if _, ok := listed[a.ID]; !ok && !hasSame(feed.Articles, a) {
				t.Fatalf("%s of %s with guid %q at %q is not listed, and nothing that is the same: %v", a.ID, a.Source, a.GUID, a.URL, listed)
			}
		}
	})
}

// checkIDs fails where two articles of a feed have one id.
func checkIDs(t *rapid.T, feed *newswire.Feed) {
	for _, f := range formats {
		seen := map[string]bool{}
		for _, id := range idsIn(t, f, feed) {
			if id == "" || seen[id] {
				t.Fatalf("the %s feed has the id %q twice, or none", f.name, id)
			}
			seen[id] = true
		}
	}
}

// hasSame says whether a feed lists an article with the guid and the page of another. It does not count where the other's
// source may give the guid, and the listed one's may not.
func hasSame(list []newswire.Article, a newswire.Article) bool {
	own := func(a newswire.Article) bool {
		return a.AtomID == a.GUID || a.AtomID == feedtest.Site.URL+"/articles/"+a.ID
	}
	return slices.ContainsFunc(list, func(b newswire.Article) bool {
		return b.Source != a.Source && b.GUID == a.GUID && a.URL != "" && strings.TrimSuffix(a.URL, "/") == strings.TrimSuffix(b.URL, "/") &&
			(own(b) || !own(a))
	})
}

// idsIn are the ids in a feed, read from its bytes.
func idsIn(t interface{ Fatal(...any) }, f format, feed *newswire.Feed) (ids []string) {
	body, err := f.encode(feed)
	if err != nil {
		t.Fatal(err)
	}
	var rss struct {
		GUID []string `xml:"channel>item>guid"`
	}
	var atom struct {
		Entry []struct {
			ID string `xml:"id"`
		} `xml:"entry"`
	}
	var list struct{ Items []struct{ ID string } }
	switch f.name {
	case "rss":
		err = xml.Unmarshal(body, &rss)
		ids = rss.GUID
	case "atom":
		err = xml.Unmarshal(body, &atom)
		for _, e := range atom.Entry {
			ids = append(ids, e.ID)
		}
	default:
		err = json.Unmarshal(body, &list)
		for _, it := range list.Items {
			ids = append(ids, it.ID)
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	return ids
}
