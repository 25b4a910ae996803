package syndication_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/mmcdole/gofeed"
	gofeedatom "github.com/mmcdole/gofeed/atom"
	gofeedrss "github.com/mmcdole/gofeed/rss"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/atom"
	"github.com/newswire/newswire/syndication/internal/feedtest"
	"github.com/newswire/newswire/syndication/jsonfeed"
	"github.com/newswire/newswire/syndication/rss"
)

// format is an encoder, and how to find what the foreign parser's common model leaves out.
type format struct {
	name   string
	encode func(*newswire.Feed) ([]byte, error)
	rest   func(t testing.TB, body []byte, original any) []said // of each item, in order
}

var formats = []format{
	{"rss", rss.Encode, rssRest},
	{"atom", atom.Encode, atomRest},
	{"json", jsonfeed.Encode, jsonRest},
}

// said is what a feed says of an article.
type said struct {
	ID, Title, Link    string
	Authors            []string
	Published, Updated time.Time
	Source, SourceFeed string
}

// read parses a feed of ours with gofeed.
func (f format) read(t testing.TB, body []byte) []said {
	t.Helper()
	p := gofeed.NewParser()
	p.KeepOriginalFeed = true
	parsed, err := p.Parse(bytes.NewReader(body))
	if err != nil {
		t.Fatalf("gofeed cannot read the %s feed: %v\n%s", f.name, err, body)
	}
	out := f.rest(t, body, parsed.OriginalFeed())
	if len(out) != len(parsed.Items) {
		t.Fatalf("found %d of %d items", len(out), len(parsed.Items))
	}
	for i, it := range parsed.Items {
		out[i].ID, out[i].Title, out[i].Link = it.GUID, it.Title, it.Link
		for _, a := range it.Authors {
			if len(out[i].Authors) >= len(it.Authors) {
				break
			}
			out[i].Authors = append(out[i].Authors, cmp.Or(a.Name, a.Email))
		}
		if it.PublishedParsed != nil {
			out[i].Published = it.PublishedParsed.UTC()
		}
		if it.UpdatedParsed != nil {
			out[i].Updated = it.UpdatedParsed.UTC()
		}
	}
	return out
}

func rssRest(t testing.TB, _ []byte, original any) []said {
	var out []said
	for _, it := range original.(*gofeedrss.Feed).Items {
		var s said
		if it.Source != nil {
			s.Source, s.SourceFeed = it.Source.Title, it.Source.URL
		}
		if dc := it.DublinCoreExt; dc != nil { // the common model knows the first alone
			s.Authors = dc.Creator
		}
		out = append(out, s)
	}
	return out
}

func atomRest(t testing.TB, _ []byte, original any) []said {
	var out []said
	for _, e := range original.(*gofeedatom.Feed).Entries {
		var s said
		if e.Source != nil {
			s.Source = e.Source.Title
			for _, l := range e.Source.Links {
				if l.Rel == "self" {
					s.SourceFeed = l.Href
				}
			}
		}
		out = append(out, s)
	}
	return out
}

func jsonRest(t testing.TB, body []byte, _ any) []said {
	var doc struct {
		Items []struct {
			Newswire struct {
				Source struct {
					Title   string
					FeedURL string `json:"feed_url"`
				}
			} `json:"_newswire"`
		}
	}
	if err := json.Unmarshal(body, &doc); err != nil {
		t.Fatal(err)
	}
	var out []said
	for _, it := range doc.Items {
		out = append(out, said{Source: it.Newswire.Source.Title, SourceFeed: it.Newswire.Source.FeedURL})
	}
	return out
}

// want is what a format ought to say of an article.
func (f format) want(a newswire.Article) said {
	s := said{
		ID: a.AtomID, Title: a.Title, Link: a.URL,
		Published: a.Published, Updated: a.Updated,
		Source: a.Publisher.Title, SourceFeed: a.Publisher.FeedURL,
	}
	for _, p := range a.Authors {
		s.Authors = append(s.Authors, cmp.Or(p.Name, p.Email, p.URL))
	}
	switch f.name {
	case "rss":
		s.ID = a.GUID
		s.Published = cmp.Or(a.Published, a.Updated).Truncate(time.Second)
	case "atom":
		s.Updated = a.Modified() // both are required there
		if len(s.Authors) == 0 {
			s.Authors = []string{a.Publisher.Title}
		}
	}
	return s
}

func TestAForeignParserFindsWhatThePublisherSaid(t *testing.T) {
	articles := slices.Concat(feedtest.Scripts(), []newswire.Article{feedtest.Rich()})
	for i := range articles {
		articles[i].URL = "https://harbour.example.com/" + articles[i].ID
	}
	byMail := feedtest.Rich()
	byMail.GUID, byMail.AtomID = "harbour:by-mail", "tag:harbour.example.com,2020:by-mail"
	byMail.Authors = byMail.Authors[:1]
	byMail.Title = "R&D at AT&T: 1 < 2"
	articles = append(articles, byMail)

	feed := newswire.Feed{Site: feedtest.Site, Topic: newswire.All, Title: "All", Articles: articles}
	for _, f := range formats {
		t.Run(f.name, func(t *testing.T) {
			body, err := f.encode(&feed)
			if err != nil {
				t.Fatal(err)
			}
			var want []said
			for _, a := range articles {
				want = append(want, f.want(a))
			}
			if diff := gocmp.Diff(want, f.read(t, body)); diff != "" {
				t.Errorf("gofeed reads something else (-said +read):\n%s", diff)
			}
		})
	}
}

func TestEqualFeedsMakeEqualBytes(t *testing.T) {
	for name := range feedtest.Samples() {
		for _, f := range formats {
			one, other := feedtest.Samples()[name], feedtest.Samples()[name]
			a, err := f.encode(&one)
			if err != nil {
				t.Fatal(err)
			}
			b, err := f.encode(&other)
			if err != nil {
				t.Fatal(err)
			}
			if !bytes.Equal(a, b) {
				t.Errorf("%s of %q differs from one time to the next", f.name, name)
			}
			if diff := gocmp.Diff(feedtest.Samples()[name], one); diff != "" {
				t.Errorf("%s changed the feed %q (-before +after):\n%s", f.name, name, diff)
			}
		}
	}
}
