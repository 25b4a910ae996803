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

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
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

// round visits all sources that are due, or those that are named, due or not.
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

// TestRealFeedsAreValid runs the W3C feed validator, the grammar of RFC 4287 and the JSON Feed schema over every feed
// made of real ones, over variants of each and over the pages of its archive. There is no error, and no warning but of two
// kinds of a publisher's own words, which are passed on as they are: several articles with one date, and a feed's id
// without a path.
func TestRealFeedsAreValid(t *testing.T) {
	t.Parallel()
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
