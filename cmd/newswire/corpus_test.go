package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mmcdole/gofeed/atom"
	"github.com/mmcdole/gofeed/rss"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/rediscache/redistest"
	"github.com/newswire/newswire/cmd/newswire/internal/config"
	"github.com/newswire/newswire/cmd/newswire/internal/service"
	"github.com/newswire/newswire/cmd/newswire/internal/stores"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/sourcetest"
	"github.com/newswire/newswire/syndication/web"
)

// shared is the folder of real publishers' feeds and of validators. It is no part of this repository: without it, what
// needs it is left out.
func shared(t *testing.T, path ...string) string {
	t.Helper()
	dir := os.Getenv("NEWSWIRE_SHARED")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared")
	}
	p := filepath.Join(append([]string{dir}, path...)...)
	if _, err := os.Stat(p); err != nil {
		t.Skipf("left out: %s is neither in $NEWSWIRE_SHARED nor beside the repository", filepath.Join(path...))
	}
	return p
}

// corpus is every real feed behind one publisher on loopback, and a config that aggregates them.
type corpus struct {
	publisher *sourcetest.Publisher
	config    string
	ids       []string // of the sources
}

const corpusSite = "https://wire.example.org"

func newCorpus(t *testing.T) *corpus {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(shared(t, "corpus", "feeds"), "*.*"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no feeds: %v", err)
	}
	c := &corpus{publisher: sourcetest.NewPublisher(t, "")}
	var y strings.Builder
	fmt.Fprintf(&y, "site: {title: Corpus, url: %q}\nfetch: {allow_private: [127.0.0.0/8], domain_interval: 0s}\n", corpusSite)
	y.WriteString("defaults: {rights: {policy: full}}\nsources:\n")
	c.config = y.String()
	for _, f := range files {
		body, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		c.add(filepath.Base(f), body)
	}
	return c
}

// add has the publisher serve one more feed.
func (c *corpus) add(name string, body []byte) {
	modified := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	c.publisher.Handle("/"+name, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"`+newswire.Hash(string(body))[:16]+`"`)
		http.ServeContent(w, r, name, modified, bytes.NewReader(body))
	}))
	id := strings.NewReplacer("_", "-", ".", "-").Replace(strings.ToLower(name))
	c.ids = append(c.ids, id)
	c.config += fmt.Sprintf("  - {id: %s, url: %q}\n", id, c.publisher.Site()+"/"+name)
}

// round visits all sources, or those that are named whatever their schedule says.
func (c *corpus) round(t *testing.T, store cache.Store, named ...string) map[string]sources.Result {
	t.Helper()
	conf, err := config.Parse("corpus.yaml", []byte(c.config))
	if err != nil {
		t.Fatal(err)
	}
	setup, err := service.NewSetup(conf, versionString())
	if err != nil {
		t.Fatal(err)
	}
	results := make(chan sources.Result, len(c.ids))
	a := sources.NewAggregator(store, setup, sources.Options{Report: func(r sources.Result) { results <- r }})
	if err := a.Round(t.Context(), named...); err != nil {
		t.Fatal(err)
	}
	close(results)
	byID := map[string]sources.Result{}
	for r := range results {
		byID[r.Source] = r
	}
	return byID
}

// feeds renders every feed of a store, by path; of each the variants that queries ask for, where there are any, and the
// pages of its archive as there are in a server with fewer articles to a feed.
func (c *corpus) feeds(t *testing.T, store cache.Store, queries ...string) map[string]string {
	t.Helper()
	if queries == nil {
		queries = []string{""}
	}
	whole, short := c.server(t, store, 1000), c.server(t, store, 20)
	topics := []newswire.Topic{newswire.All}
	for _, id := range c.ids {
		topics = append(topics, newswire.SourceTopic(id))
	}
	bodies := map[string]string{}
	for _, topic := range topics {
		for _, extension := range []string{"atom", "rss", "json"} {
			for _, query := range queries {
				path := newswire.FeedPath(topic, extension) + query
				bodies[path] = ask(t, whole, path)
			}
			current := ask(t, short, newswire.FeedPath(topic, extension))
			address := regexp.QuoteMeta(corpusSite+"/feeds/"+string(topic)) + `/archive/(\d+)\.`
			if newest := regexp.MustCompile(address).FindStringSubmatch(current); newest != nil {
				n, err := strconv.Atoi(newest[1])
				if err != nil {
					t.Fatal(err)
				}
				for ; n >= 0; n-- {
					path := newswire.ArchivePath(topic, strconv.Itoa(n), extension)
					bodies[path] = ask(t, short, path)
				}
			}
		}
	}
	return bodies
}

// server serves a store's feeds, of so many articles.
func (c *corpus) server(t *testing.T, store cache.Store, limit int) *web.Server {
	t.Helper()
	conf, err := config.Parse("corpus.yaml", []byte(c.config))
	if err != nil {
		t.Fatal(err)
	}
	directory := service.NewDirectory(conf, time.Time{})
	return web.New(store, func() *web.Directory { return directory }, web.Options{
		Limit: limit, StoreTimeout: time.Minute, // a machine that is busy is no store that is away
	})
}

// ask returns what a server has at a path.
func ask(t *testing.T, server http.Handler, path string) string {
	t.Helper()
	w := httptest.NewRecorder()
	server.ServeHTTP(w, httptest.NewRequestWithContext(t.Context(), http.MethodGet, path, nil))
	if w.Code != http.StatusOK {
		t.Fatalf("%s answers %d: %s", path, w.Code, w.Body)
	}
	return w.Body.String()
}

func open(t *testing.T, address string) cache.Store {
	t.Helper()
	store, err := stores.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	return store
}

// odd is a feed whose dates and guids say nothing, or too much.
const odd = `<rss version="2.0"><channel><title>Odd</title><link>https://odd.example/</link><description>d</description>
<item><guid>1</guid><title>Dated far ahead</title><pubDate>Tue, 01 Jan 2199 00:00:00 GMT</pubDate></item>
<item><guid>2</guid><title>Updated far ahead</title><pubDate>Mon, 02 Feb 2026 10:00:00 GMT</pubDate><updated xmlns="http://www.w3.org/2005/Atom">2199-01-01T00:00:00Z</updated></item>
<item><guid>3</guid><title>Not dated</title></item>
<item><guid isPermaLink="false">g</guid><link>https://odd.example/4</link><title>One of a guid</title></item>
<item><guid isPermaLink="false">g</guid><link>https://odd.example/5</link><title>Another of the guid</title></item>
<item><guid>h</guid><title>One of a day</title><pubDate>Mon, 02 Feb 2026 10:00:00 GMT</pubDate></item>
<item><guid>h</guid><title>Another of another day</title><pubDate>Tue, 03 Feb 2026 10:00:00 GMT</pubDate></item>
</channel></rss>`

// TestRealFeedsHaveTheSameBytesFromEveryStore takes in every real feed on SQLite, Redis and Redis Cluster. All three
// republish the same bytes, again after a restart, and again after a second round, which finds nothing new; and so does
// a store that is built anew in another order of visits. Where readers ask for feeds between the visits, pages of archives
// close earlier, and are the same where they closed at the same moments.
func TestRealFeedsHaveTheSameBytesFromEveryStore(t *testing.T) {
	c := newCorpus(t)
	c.add("odd.rss", []byte(odd))
	var want map[string]string
	for _, tt := range []struct {
		name    string
		address func(t *testing.T) string
	}{
		{"SQLite", func(t *testing.T) string { return "sqlite:" + filepath.Join(t.TempDir(), "wire.db") }},
		{"Redis", func(t *testing.T) string { return redistest.Start(t, redistest.Options{}).URL() }},
		{"Redis Cluster", func(t *testing.T) string { return redistest.StartCluster(t, redistest.Options{}).URL() }},
	} {
		t.Run(tt.name, func(t *testing.T) {
			address := tt.address(t)
			store := open(t, address)
			total := 0
			for id, r := range c.round(t, store) {
				if r.Outcome != sources.Changed || r.New != r.Offered {
					t.Errorf("%s: %s, %d of %d items taken in: %s", id, r.Outcome, r.New, r.Offered, r.Error)
				}
				total += r.New
			}
			t.Logf("%d items of %d feeds", total, len(c.ids))
			head, err := store.Head(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			first := c.feeds(t, store)
			for id, r := range c.round(t, store, c.ids...) {
				if r.Outcome != sources.NotModified && r.Outcome != sources.NotDue {
					t.Errorf("%s, again: %s", id, r.Outcome)
				}
			}
			if again, err := store.Head(t.Context()); err != nil || again != head {
				t.Errorf("a second round wrote to the change log: %q after %q, %v", again, head, err)
			}
			if err := store.Close(); err != nil {
				t.Fatal(err)
			}
			store = open(t, address)
			defer store.Close()
			if d := cmp.Diff(first, c.feeds(t, store)); d != "" {
				t.Errorf("other bytes after a restart:\n%s", d)
			}
			for path, body := range first {
				if strings.Contains(body, "Jan 2199") || strings.Contains(body, "2199-01-01") {
					t.Errorf("%s believes a date in 2199", path)
				}
			}
			if want == nil {
				want = first
			} else if d := cmp.Diff(want, first); d != "" {
				t.Errorf("other bytes than from SQLite:\n%.4000s", d)
			}
		})
	}
	t.Run("SQLite, visited one after the other from the last to the first", func(t *testing.T) {
		store := open(t, "sqlite:"+filepath.Join(t.TempDir(), "wire.db"))
		defer store.Close()
		for _, id := range slices.Backward(c.ids) {
			c.round(t, store, id)
		}
		if d := cmp.Diff(want, c.feeds(t, store)); d != "" {
			t.Errorf("other bytes than from a round of visits at once:\n%.4000s", d)
		}
	})
	t.Run("SQLite and Redis, with readers who ask between the visits", func(t *testing.T) {
		var got [2]map[string]string
		for i, address := range []string{
			"sqlite:" + filepath.Join(t.TempDir(), "wire.db"), redistest.Start(t, redistest.Options{}).URL(),
		} {
			store := open(t, address)
			defer store.Close()
			short := c.server(t, store, 20)
			for n, id := range c.ids {
				c.round(t, store, id)
				if n%3 == 0 {
					short.Invalidate()
					ask(t, short, newswire.FeedPath(newswire.All, "atom"))
					ask(t, short, newswire.FeedPath(newswire.SourceTopic(id), "rss"))
				}
			}
			got[i] = c.feeds(t, store)
		}
		if d := cmp.Diff(got[0], got[1]); d != "" {
			t.Errorf("other bytes from Redis than from SQLite:\n%.4000s", d)
		}
		for path, body := range want {
			if !strings.Contains(path, "/archive/") && got[0][path] != body {
				t.Errorf("%s has other bytes than without such readers", path)
			}
		}
	})
}

// item is what a reader learns of an article, in whatever format.
type item struct {
	ID, Title, Link   string
	Authors           []string
	Published         time.Time
	Source, SourceURL string
}

// TestRealFeedsSurviveTheRoundTrip parses what we republish with a foreign parser and compares it with what the
// publisher said.
func TestRealFeedsSurviveTheRoundTrip(t *testing.T) {
	c := newCorpus(t)
	store := open(t, "sqlite:"+filepath.Join(t.TempDir(), "wire.db"))
	defer store.Close()
	c.round(t, store)
	bodies := c.feeds(t, store)
	compared := 0
	for _, id := range c.ids {
		page, err := store.Articles(t.Context(), cache.Query{Topic: newswire.SourceTopic(id), Limit: 1000})
		if err != nil {
			t.Fatal(err)
		}
		for _, extension := range []string{"atom", "rss", "json"} {
			want := map[string]item{}
			for i := range page.Articles {
				it := said(&page.Articles[i], extension)
				want[it.ID] = it
			}
			got := read(t, extension, bodies[newswire.FeedPath(newswire.SourceTopic(id), extension)])
			for id, it := range got {
				if w, ok := want[id]; ok && w.Title == "" && extension == "atom" {
					it.Title = "" // RFC 4287 §4.1.2 wants a title of every entry: it is the beginning of the text
					got[id] = it
				}
			}
			if d := cmp.Diff(want, got); d != "" {
				t.Errorf("%s as %s:\n%.3000s", id, extension, d)
			}
			compared += len(got)
		}
	}
	t.Logf("%d items compared", compared)
}

// said is what a format has room for of what the publisher said.
func said(a *newswire.Article, extension string) item {
	it := item{ID: a.AtomID, Title: a.Title, Link: a.URL, Published: a.Published, Source: a.Publisher.Title, SourceURL: a.Publisher.FeedURL}
	if a.Upstream != nil {
		it.Source, it.SourceURL = a.Upstream.Title, a.Upstream.FeedURL
	}
	for _, p := range a.Authors {
		it.Authors = append(it.Authors, p.Name)
	}
	switch extension {
	case "rss":
		it.ID = a.GUID
		it.Published = a.Modified() // RSS has one date
		if !a.Published.IsZero() {
			it.Published = a.Published
		} else if a.Updated.IsZero() {
			it.Published = time.Time{}
		}
		it.Published = it.Published.Truncate(time.Second)
	case "atom":
		// RFC 4287 §4.1.2 wants an author and a title of every entry.
		if len(it.Authors) == 0 {
			for _, p := range a.Publisher.Authors {
				it.Authors = append(it.Authors, p.Name)
			}
		}
		if len(it.Authors) == 0 {
			it.Authors = []string{a.Publisher.Title}
		}
	}
	return it
}

// read reads a feed with gofeed's format parsers, or as plain JSON.
func read(t *testing.T, extension, body string) map[string]item {
	t.Helper()
	items := map[string]item{}
	switch extension {
	case "atom":
		feed, err := (&atom.Parser{}).Parse(strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range feed.Entries {
			it := item{ID: e.ID, Title: e.Title, Source: e.Source.Title}
			if e.PublishedParsed != nil {
				it.Published = e.PublishedParsed.UTC()
			}
			for _, l := range e.Links {
				if l.Rel == "alternate" {
					it.Link = l.Href
				}
			}
			for _, l := range e.Source.Links {
				if l.Rel == "self" {
					it.SourceURL = l.Href
				}
			}
			for _, p := range e.Authors {
				it.Authors = append(it.Authors, p.Name)
			}
			items[it.ID] = it
		}
	case "rss":
		feed, err := (&rss.Parser{}).Parse(strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range feed.Items {
			it := item{ID: e.GUID.Value, Title: e.Title, Link: e.Link, Source: e.Source.Title, SourceURL: e.Source.URL}
			if e.PubDateParsed != nil {
				it.Published = e.PubDateParsed.UTC()
			}
			if _, name, ok := strings.Cut(e.Author, "("); ok { // mail (Name)
				it.Authors = append(it.Authors, strings.TrimSuffix(name, ")"))
			}
			if e.DublinCoreExt != nil {
				it.Authors = append(it.Authors, e.DublinCoreExt.Creator...)
			}
			items[it.ID] = it
		}
	case "json":
		var feed struct {
			Items []struct {
				ID, Title, URL string
				Authors        []struct{ Name string }
				DatePublished  time.Time `json:"date_published"`
				Newswire       struct {
					Source struct {
						Title   string
						FeedURL string `json:"feed_url"`
					}
				} `json:"_newswire"`
			}
		}
		if err := json.Unmarshal([]byte(body), &feed); err != nil {
			t.Fatal(err)
		}
		for _, e := range feed.Items {
			it := item{ID: e.ID, Title: e.Title, Link: e.URL, Published: e.DatePublished.UTC(), Source: e.Newswire.Source.Title, SourceURL: e.Newswire.Source.FeedURL}
			for _, p := range e.Authors {
				it.Authors = append(it.Authors, p.Name)
			}
			items[it.ID] = it
		}
	}
	return items
}

// TestRealFeedsAreValid runs the W3C feed validator, the grammar of RFC 4287 and the JSON Feed schema over every feed
// made of real ones, over variants of each and over the pages of its archive. There is no error, and no warning but of two
// kinds of a publisher's own words, which are passed on as they are: several articles with one date, and a feed's id
// without a path.
func TestRealFeedsAreValid(t *testing.T) {
	validate := shared(t, "tools", "validate.py")
	if os.Getenv("FEEDVALIDATOR") == "" {
		t.Skip("left out: set FEEDVALIDATOR to a checkout of the W3C feed validator")
	}
	c := newCorpus(t)
	store := open(t, "sqlite:"+filepath.Join(t.TempDir(), "wire.db"))
	defer store.Close()
	c.round(t, store)
	own := ownWords(t, store)
	dir := t.TempDir()
	var files []string
	queries := []string{"", "?content=excerpt", "?content=title&limit=5", "?limit=200&not-category=sports"}
	for path, body := range c.feeds(t, store, queries...) {
		path, query, _ := strings.Cut(strings.TrimPrefix(path, "/feeds/"), "?")
		extension := filepath.Ext(path)
		file := filepath.Join(dir, strings.ReplaceAll(strings.TrimSuffix(path, extension), "/", "-")+" "+query+extension)
		if err := os.WriteFile(file, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		files = append(files, file)
	}
	slices.Sort(files)
	out, err := exec.CommandContext(t.Context(), "/usr/bin/python3", append([]string{validate, "--json"}, files...)...).Output()
	if err != nil && len(out) == 0 {
		t.Fatalf("%s: %v", validate, err)
	}
	var reports []struct {
		Feed             string
		Errors, Warnings int
		Events           [][2]string
	}
	if err := json.Unmarshal(out, &reports); err != nil {
		t.Fatal(err)
	}
	counts := map[string]int{}
	for _, r := range reports {
		body, err := os.ReadFile(r.Feed)
		if err != nil {
			t.Fatal(err)
		}
		lines := strings.Split(string(body), "\n")
		for _, e := range r.Events {
			name, _, _ := strings.Cut(e[1], " ")
			counts[name]++
			var line int
			if at := regexp.MustCompile(` line (\d+) `).FindStringSubmatch(e[1]); at != nil {
				line, _ = strconv.Atoi(at[1])
			}
			if e[0] == "ERROR" || line == 0 || !own[name+" "+strings.TrimSpace(lines[line-1])] {
				t.Errorf("%s: %s %s", filepath.Base(r.Feed), e[0], e[1])
			}
		}
	}
	t.Logf("%d feeds valid; the publishers' own words cause %v", len(reports), counts)
	if len(reports) != len(files) {
		t.Errorf("%d of %d feeds were looked at", len(reports), len(files))
	}
}

// ownWords are the warnings that publishers' own words cause, each with the line that it is about.
func ownWords(t *testing.T, store cache.Store) map[string]bool {
	t.Helper()
	page, err := store.Articles(t.Context(), cache.Query{Topic: newswire.All, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	own, dates := map[string]bool{}, map[string]int{}
	for i := range page.Articles {
		a := &page.Articles[i]
		date := a.Modified().Format(time.RFC3339)
		if dates[date]++; dates[date] > 1 {
			own["DuplicateUpdated <updated>"+date+"</updated>"] = true
		}
		if id, err := url.Parse(a.Publisher.ID); err == nil && id.Path == "" {
			own["NonCanonicalURI <id>"+a.Publisher.ID+"</id>"] = true
		}
	}
	return own
}
