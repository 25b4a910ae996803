package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/fetch"
	"github.com/newswire/newswire/syndication"
	"github.com/newswire/newswire/syndication/atom"
	"github.com/newswire/newswire/syndication/jsonfeed"
	"github.com/newswire/newswire/syndication/rss"
)

// cases are the files of a folder as publishers: each is the feed of a source of its own.
type cases struct {
	files map[string]string // path by source
	ids   []string
}

// add takes in every file below a folder.
func (c *cases) add(t *testing.T, dir string) {
	t.Helper()
	before := len(c.ids)
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && d.Type().IsRegular() {
			id := fmt.Sprintf("n%d", len(c.ids))
			c.files[id] = path
			c.ids = append(c.ids, id)
		}
		return err
	})
	if err != nil || len(c.ids) == before {
		t.Fatalf("no files in %s: %v", dir, err)
	}
}

// Get answers with the file that an address stands for.
func (c *cases) Get(_ context.Context, r fetch.Request) (*fetch.Answer, error) {
	id := strings.TrimSuffix(strings.TrimPrefix(r.URL, "http://"), ".example/feed")
	body, err := os.ReadFile(c.files[id])
	if err != nil {
		return nil, err
	}
	header := http.Header{"Content-Type": {"application/xml"}}
	if strings.HasSuffix(c.files[id], ".json") {
		header.Set("Content-Type", "application/feed+json")
	}
	return &fetch.Answer{Status: http.StatusOK, URL: r.URL, Header: header, Body: body}, nil
}

// TestHostileDocumentsAreRepublishedValid takes in every file of gofeed's own tests and of the W3C validator's, most of
// which are broken on purpose, and republishes what is in them in all three formats.
func TestHostileDocumentsAreRepublishedValid(t *testing.T) {
	validate := shared(t, "tools", "validate.py")
	validator, gofeed := os.Getenv("FEEDVALIDATOR"), os.Getenv("GOFEED")
	if validator == "" || gofeed == "" {
		t.Skip("left out: set FEEDVALIDATOR and GOFEED to checkouts of the W3C feed validator and of gofeed")
	}
	c := &cases{files: map[string]string{}}
	c.add(t, filepath.Join(gofeed, "testdata"))
	c.add(t, filepath.Join(validator, "testcases"))
	var list []newswire.Source
	for _, id := range c.ids {
		list = append(list, newswire.Source{
			ID: id, Name: "Publisher " + id, URL: "http://" + id + ".example/feed", Schedule: "@every 1h",
			Rights: newswire.Rights{Policy: newswire.PolicyFull},
		})
	}
	catalog, err := sources.NewCatalog(list, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	store := open(t, "sqlite:"+filepath.Join(t.TempDir(), "wire.db"))
	defer store.Close()
	results := make(chan sources.Result, len(list))
	a := sources.NewAggregator(store, sources.Setup{Catalog: catalog, Fetcher: c}, sources.Options{
		VisitTimeout: 10 * time.Second, Report: func(r sources.Result) { results <- r },
	})
	if err := a.Round(t.Context()); err != nil {
		t.Fatal(err)
	}
	close(results)
	outcomes := map[sources.Outcome]int{}
	for r := range results {
		outcomes[r.Outcome]++
		if r.Outcome == sources.Failed && !strings.Contains(r.Error, "not a feed") {
			t.Errorf("%s: %s", c.files[r.Source], r.Error)
		}
	}
	articles := everything(t, store)
	t.Logf("%d documents: %v, %d articles", len(list), outcomes, len(articles))
	validateAll(t, validate, c, articles)
}

// everything is all articles of a store.
func everything(t *testing.T, store cache.Store) []newswire.Article {
	t.Helper()
	var all []newswire.Article
	for q := (cache.Query{Topic: newswire.All, Limit: 500}); ; {
		page, err := store.Articles(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page.Articles...)
		if q.After = page.Next; q.After == "" {
			return all
		}
	}
}

// feedsOf cuts articles into feeds of 50. Test documents share their ids, which a feed may list once: all but the first
// get an id of their own.
func feedsOf(articles []newswire.Article) [][]newswire.Article {
	listed := map[string]bool{}
	for i := range articles {
		a := &articles[i]
		if listed[a.AtomID] {
			a.AtomID = "tag:wire.example.org,2026:" + a.ID
		}
		listed[a.AtomID] = true
	}
	return slices.Collect(slices.Chunk(articles, 50))
}

// validateAll republishes articles and has the W3C feed validator, the grammar of RFC 4287 and the JSON Feed schema look
// at every feed.
func validateAll(t *testing.T, validate string, c *cases, articles []newswire.Article) {
	t.Helper()
	dir := t.TempDir()
	site := newswire.Site{Title: "Hostile", URL: corpusSite, Contact: "desk@example.org", Language: "en"}
	var files []string
	from := map[string][]newswire.Article{}
	for i, list := range feedsOf(articles) {
		f := syndication.Build(site, newswire.All, "Hostile", "", list)
		for extension, encode := range map[string]func(*newswire.Feed) ([]byte, error){"atom": atom.Encode, "rss": rss.Encode, "json": jsonfeed.Encode} {
			body, err := encode(&f)
			if err != nil {
				t.Errorf("feed %d as %s: %v", i, extension, err)
				continue
			}
			file := filepath.Join(dir, fmt.Sprintf("%d.%s", i, extension))
			if err := os.WriteFile(file, body, 0o600); err != nil {
				t.Fatal(err)
			}
			files = append(files, file)
			from[file] = list
		}
	}
	slices.Sort(files)
	looked := 0
	for batch := range slices.Chunk(files, 30) {
		out, err := exec.CommandContext(t.Context(), "/usr/bin/python3", append([]string{validate, "--json"}, batch...)...).Output()
		if err != nil && len(out) == 0 {
			t.Fatalf("%s: %v", validate, err)
		}
		var reports []struct {
			Feed   string
			Events [][2]string
		}
		if err := json.Unmarshal(out, &reports); err != nil {
			t.Fatal(err)
		}
		looked += len(reports)
		for _, r := range reports {
			for _, e := range r.Events {
				if e[0] == "ERROR" {
					t.Errorf("%s: %s; %s", filepath.Base(r.Feed), e[1], culprit(c, r.Feed, e[1], from[r.Feed]))
				}
			}
		}
	}
	if looked != len(files) {
		t.Errorf("%d of %d feeds were looked at", looked, len(files))
	}
	t.Logf("%d feeds looked at", looked)
}

// culprit is the file whose article the line of an error belongs to: the last whose id stands above it.
func culprit(c *cases, feed, event string, articles []newswire.Article) string {
	body, err := os.ReadFile(feed)
	var line int
	if _, scanErr := fmt.Sscanf(event[max(0, strings.Index(event, "line ")):], "line %d", &line); err != nil || scanErr != nil {
		return "an unknown article"
	}
	lines := bytes.SplitAfter(body, []byte("\n"))
	above := bytes.Join(lines[:min(line, len(lines))], nil)
	items := bytes.Count(above, []byte("<entry")) + bytes.Count(above, []byte("<item>"))
	if items < 1 || items > len(articles) {
		return "the feed itself"
	}
	a := articles[items-1]
	return fmt.Sprintf("%s: %.300s", c.files[a.Source], lines[line-1])
}
