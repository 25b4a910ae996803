package syndication_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"os"
	"os/exec"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/feedtest"
)

// reader is a program that people read feeds with, or the library that is most of one, as the distribution has it. Its
// script in testdata/readers prints what it found.
type reader struct {
	name    string
	command []string
	probe   []string // succeeds where the reader is installed
	dates   bool     // it can tell dates
}

var readers = []reader{
	{
		name:    "feedparser",
		command: []string{"/usr/bin/python3", "testdata/readers/read_feedparser.py"},
		probe:   []string{"/usr/bin/python3", "-c", "import feedparser"},
		dates:   true,
	},
	{
		name:    "SimplePie",
		command: []string{"php", "testdata/readers/read_simplepie.php"},
		probe:   []string{"php", "-r", `exit((int) !(@include "simplepie/autoloader.php"));`},
	},
}

// found is what a reader found in an item.
type found struct {
	said
	Rights string
}

// read has the reader read a feed. It skips the test where the reader is not installed, unless the gate wants it.
func (r reader) read(t *testing.T, body []byte) []found {
	t.Helper()
	if err := exec.CommandContext(t.Context(), r.probe[0], r.probe[1:]...).Run(); err != nil {
		if os.Getenv("NEWSWIRE_REQUIRE_READERS") != "" {
			t.Fatalf("%s is not installed (%v); tools/needs does that", r.name, err)
		}
		t.Skipf("left out: %s is not installed; tools/needs does that", r.name)
	}
	command := exec.CommandContext(t.Context(), r.command[0], r.command[1:]...)
	var complaint bytes.Buffer
	command.Stdin, command.Stderr = bytes.NewReader(body), &complaint
	out, err := command.Output()
	if err != nil {
		t.Fatalf("%s: %v: %s\n%s", r.name, err, complaint.Bytes(), body)
	}
	var items []found
	if err := json.Unmarshal(out, &items); err != nil {
		t.Fatalf("%s printed %q: %v", r.name, out, err)
	}
	return items
}

// wanted is what a reader should find of an article in a format.
func (r reader) wanted(f format, a newswire.Article) found {
	w := found{f.want(a), cmp.Or(a.Rights.Statement, a.Publisher.Rights)}
	if !r.dates {
		w.Published, w.Updated = time.Time{}, time.Time{}
	}
	w.Published = w.Published.Truncate(time.Second)
	w.Updated = cmp.Or(w.Updated.Truncate(time.Second), w.Published) // feedparser takes the one for the other where there is one alone
	if up := a.Upstream; up != nil && f.name == "atom" {             // RSS has a place for one source, and the publisher's is it
		w.Source, w.SourceFeed = up.Title, up.FeedURL
	}
	return w
}

func TestOtherReadersFindThePublisherTheAuthorsAndTheTerms(t *testing.T) {
	upstream := feedtest.Rich()
	upstream.GUID, upstream.AtomID = "https://harbour.example.com/2026/from", "https://harbour.example.com/2026/from"
	upstream.Upstream = &newswire.Publisher{
		ID: "https://moon.example.org/feed", Title: "Moon & Tide", URL: "https://moon.example.org/", FeedURL: "https://moon.example.org/feed",
		Updated: upstream.Updated,
	}
	articles := []newswire.Article{feedtest.Rich(), upstream}
	for _, a := range feedtest.Scripts() {
		a.URL = "https://harbour.example.com/" + a.ID
		articles = append(articles, a)
	}
	feed := newswire.Feed{Site: feedtest.Site, Topic: newswire.All, Title: "All", Articles: articles}
	for _, r := range readers {
		for _, f := range formats[:2] { // neither reads JSON Feed
			t.Run(r.name+" reads "+f.name, func(t *testing.T) {
				body, err := f.encode(&feed)
				if err != nil {
					t.Fatal(err)
				}
				var want []found
				for _, a := range articles {
					want = append(want, r.wanted(f, a))
				}
				got := r.read(t, body)
				if diff := gocmp.Diff(want, got, gocmp.AllowUnexported(found{}), cmpopts.EquateEmpty()); diff != "" {
					t.Errorf("%s reads something else (-said +read):\n%s", r.name, diff)
				}
			})
		}
	}
}
