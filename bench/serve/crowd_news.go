package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/sqlitecache"
	"github.com/newswire/newswire/syndication/web"
)

// What there is to read. Articles are numbered, and everything about one follows from its number.
const (
	crowdCategories = 40
	crowdSources    = 300
	crowdAuthors    = 3000
	crowdFeeds      = 10_000
	crowdSeeds      = 12_000 // articles that are there from the beginning

	arrivalsASecond = 50
	arrivalsAtOnce  = 5 // of one source, in one visit
)

// crowdArticle is the n-th. A visit's articles are of one source, whose authors write for it alone; sources and their authors
// take turns.
func crowdArticle(n int) newswire.Article {
	visit := n / arrivalsAtOnce
	source := visit * 7919 % crowdSources // a prime, so that neighbours do not follow each other
	desk := (n%arrivalsAtOnce + arrivalsAtOnce*(visit/crowdSources)) % (crowdAuthors / crowdSources)
	author := source + crowdSources*desk
	rng := rand.New(rand.NewPCG(uint64(n), 2))
	guid := fmt.Sprintf("https://news%d.example.com/2026/%d", source, n)
	at := time.Date(2026, time.November, 2, 12, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Second)
	var text strings.Builder
	for range 12 {
		text.WriteString("<p>")
		for range 35 {
			text.WriteString(words[rng.IntN(len(words))] + " ")
		}
		text.WriteString("</p>")
	}
	id := fmt.Sprintf("source-%d", source)
	return newswire.Article{
		ID: newswire.ArticleID(id, guid), Source: id, Revision: 1, GUID: guid, AtomID: guid, URL: guid,
		Title: fmt.Sprintf("Report [%07d] from the harbour", n), Content: text.String(),
		Authors:   []newswire.Person{{ID: fmt.Sprintf("author-%d", author), Name: fmt.Sprintf("Author %d", author)}},
		Published: at, FirstSeen: at, Listed: at, Categories: []string{fmt.Sprintf("category-%d", rng.IntN(crowdCategories))},
		Rights:    newswire.Rights{Policy: newswire.PolicyFull, Statement: "© 2026 its author"},
		Publisher: newswire.Publisher{ID: fmt.Sprintf("https://news%d.example.com/feed", source), Title: fmt.Sprintf("News %d", source), URL: fmt.Sprintf("https://news%d.example.com/", source), FeedURL: fmt.Sprintf("https://news%d.example.com/feed", source)},
		NoCredit:  true, // so that the number of an article is in its title alone
	}
}

var words = strings.Fields("harbour tide moon market ship price night morning city street people water report council vote rain storm bridge " +
	"river canal engine paper letter field stone glass winter summer the a of and to in that is was for on with as at by from not are")

func crowdDirectory() *web.Directory {
	d := &web.Directory{Site: newswire.Site{Title: "The Wire", URL: "https://wire.example.org", Language: "en"}}
	for i := range crowdCategories {
		d.Categories = append(d.Categories, newswire.Category{ID: fmt.Sprintf("category-%d", i), Title: fmt.Sprintf("Category %d", i)})
	}
	for i := range crowdSources {
		d.Sources = append(d.Sources, newswire.Source{ID: fmt.Sprintf("source-%d", i), Name: fmt.Sprintf("News %d", i)})
	}
	return d
}

// crowdPaths are the feeds, those that change most first: they are asked for most, too.
func crowdPaths() []string {
	topics := []newswire.Topic{newswire.All}
	for i := range crowdCategories {
		topics = append(topics, newswire.CategoryTopic(fmt.Sprintf("category-%d", i)))
	}
	for i := range crowdSources {
		topics = append(topics, newswire.SourceTopic(fmt.Sprintf("source-%d", i)))
	}
	for i := range crowdAuthors {
		topics = append(topics, newswire.AuthorTopic(fmt.Sprintf("author-%d", i)))
	}
	var paths []string
	for _, t := range topics {
		for _, f := range web.Formats() {
			paths = append(paths, newswire.FeedPath(t, f.Extension))
		}
	}
	return paths[:crowdFeeds]
}

// seedStore makes the store with the articles that are there from the beginning, and every source due.
func seedStore(ctx context.Context, file string) (err error) {
	store, err := sqlitecache.Open(ctx, file, sqlitecache.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	bySource := map[string][]newswire.Article{}
	for n := range crowdSeeds {
		a := crowdArticle(n)
		bySource[a.Source] = append(bySource[a.Source], a)
	}
	for i := range crowdSources {
		source := fmt.Sprintf("source-%d", i)
		if err := store.Reschedule(ctx, source, time.Time{}, time.UnixMilli(1)); err != nil {
			return err
		}
		if err := visit(ctx, store, source, bySource[source]); err != nil {
			return err
		}
	}
	return nil
}

// visit records what a source offers, and leaves it due.
func visit(ctx context.Context, store cache.Store, source string, articles []newswire.Article) error {
	leases, err := store.Claim(ctx, 1, time.Minute, source)
	if err != nil || len(leases) != 1 {
		return fmt.Errorf("claim %s: %d leases, %w", source, len(leases), err)
	}
	return store.Record(ctx, leases[0], newswire.Visit{
		Source: source, At: leases[0].At, Articles: articles, State: newswire.State{Source: source, Due: time.UnixMilli(1)},
	})
}

// arrival is a visit that was recorded: of the articles from First on, between two times.
type arrival struct {
	First            int
	Began, Committed time.Time
}

// topicOf is what a feed at a path is about.
func topicOf(path string) newswire.Topic {
	name := strings.TrimPrefix(path, "/feeds/")
	return newswire.Topic(name[:strings.LastIndexByte(name, '.')])
}

// recordNews records visits at their rate until ctx ends, from a first article on, and writes down which and when.
func recordNews(ctx context.Context, dir string, first int) (err error) {
	store, err := sqlitecache.Open(ctx, storeFile(dir), sqlitecache.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	diary, err := os.OpenFile(diaryFile(dir), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, diary.Close()) }()
	lines := json.NewEncoder(diary)
	ticker := time.NewTicker(time.Second * arrivalsAtOnce / arrivalsASecond)
	defer ticker.Stop()
	for n := first; ; n += arrivalsAtOnce {
		select {
		case <-ctx.Done():
			return nil
		case <-ticker.C:
		}
		var articles []newswire.Article
		for i := range arrivalsAtOnce {
			articles = append(articles, crowdArticle(n+i))
		}
		// What has begun is finished, so that the diary has all there is.
		began := time.Now()
		if err := visit(context.WithoutCancel(ctx), store, articles[0].Source, articles); err != nil {
			return err
		}
		if err := lines.Encode(arrival{n, began, time.Now()}); err != nil {
			return err
		}
	}
}

func diaryFile(dir string) string { return filepath.Join(dir, "diary") }

// readDiary reads what was recorded, which may be nothing yet.
func readDiary(dir string) (arrivals []arrival, err error) {
	f, err := os.Open(diaryFile(dir))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, nil
	case err != nil:
		return nil, err
	}
	defer f.Close()
	for lines := json.NewDecoder(bufio.NewReader(f)); ; {
		var a arrival
		if err := lines.Decode(&a); errors.Is(err, io.EOF) {
			return arrivals, nil
		} else if err != nil {
			return nil, err
		}
		arrivals = append(arrivals, a)
	}
}
