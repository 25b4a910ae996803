package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime/pprof"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication/web"
)

const feedPath = "/feeds/category/trade.atom"

// listen serves on a free port of loopback until ctx ends, and says on stdout which it is.
func listen(ctx context.Context, h http.Handler) error {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println(l.Addr())
	srv := web.NewHTTPServer("", h, slog.New(slog.DiscardHandler))
	context.AfterFunc(ctx, func() { srv.Close() })
	if err := srv.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// serveNewswire is the public handler as newswire serve has it, metrics and all, over a store with one category.
func serveNewswire(ctx context.Context, profile string) error {
	stop, err := startProfile(profile)
	if err != nil {
		return err
	}
	defer stop()
	d := &web.Directory{
		Site:       newswire.Site{Title: "The Wire", URL: "https://wire.example.org", Language: "en"},
		Categories: []newswire.Category{{ID: "trade", Title: "Trade"}},
	}
	s := web.New(store{articles()}, func() *web.Directory { return d }, web.Options{Registerer: prometheus.NewRegistry()})
	go func() { _ = s.Run(ctx) }()
	return listen(ctx, withPartners(ctx, s, d.Site))
}

// startProfile writes a CPU profile to a file, if one is named, until it is stopped.
func startProfile(file string) (stop func(), err error) {
	if file == "" {
		return func() {}, nil
	}
	f, err := os.Create(file)
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return func() {
		pprof.StopCPUProfile()
		_ = f.Close()
	}, nil
}

// store never changes.
type store struct{ articles []newswire.Article }

func (s store) Article(context.Context, string) (newswire.Article, error) {
	return newswire.Article{}, newswire.ErrNotFound
}

func (s store) Revisions(context.Context, string) ([]newswire.Article, error) { return nil, nil }

func (s store) Articles(context.Context, cache.Query) (cache.Page, error) {
	return cache.Page{Articles: s.articles, Changed: s.articles[0].Listed}, nil
}

func (s store) Archive(context.Context, cache.Closing) (int, bool, error) {
	return 0, false, nil
}

func (s store) Newest(context.Context, newswire.Topic, string) (int, error) { return 0, nil }

func (s store) Archived(context.Context, newswire.Topic, int) (cache.ArchivePage, error) {
	return cache.ArchivePage{}, newswire.ErrNotFound
}

func (s store) Tombstones(context.Context, newswire.Topic, int) ([]newswire.Tombstone, error) {
	return nil, nil
}

func (s store) Topics(context.Context, newswire.Kind, newswire.Cursor, int) ([]cache.Listing, newswire.Cursor, error) {
	return nil, "", nil
}

func (s store) Changes(context.Context, newswire.Cursor, int) ([]newswire.Change, error) {
	return nil, nil
}

func (s store) Head(context.Context) (newswire.Cursor, error) { return "1", nil }

func (store) Await(ctx context.Context, _ newswire.Cursor) error {
	<-ctx.Done()
	return ctx.Err()
}

func (s store) Tombstone(context.Context, string) (newswire.Tombstone, error) {
	return newswire.Tombstone{}, newswire.ErrNotFound
}

func (s store) Spend(_ context.Context, _ string, _ cache.Quota, n int) (cache.Spent, error) {
	return cache.Spent{Units: n, Left: 1000}, nil
}

func (s store) AddUsage(context.Context, time.Time, map[string]cache.Used) error { return nil }

func (s store) Usage(context.Context, string, time.Time) ([]cache.DayUsage, error) { return nil, nil }

func (s store) Count(context.Context, time.Time, map[newswire.Topic]int) error { return nil }

// articles are fifty that make a feed of some 150 KB.
func articles() []newswire.Article {
	list := make([]newswire.Article, 50)
	day := time.Date(2026, time.November, 2, 12, 0, 0, 0, time.UTC)
	words := strings.Fields("harbour tide moon market ship price night morning city street people water report council vote rain " +
		"storm bridge river canal engine paper letter field stone glass winter summer")
	for i := range list {
		guid := fmt.Sprintf("https://news.example.com/2026/%d", i)
		at := day.Add(-time.Duration(i) * time.Hour)
		var text strings.Builder
		for p := range 12 {
			text.WriteString("<p>")
			for w := range 20 {
				fmt.Fprintf(&text, "%s ", words[(i*131+p*17+w*w*7+p*w)%len(words)])
			}
			text.WriteString("</p>")
		}
		list[i] = newswire.Article{
			ID: newswire.ArticleID("news", guid), Source: "news", Revision: 1, GUID: guid, AtomID: guid, URL: guid,
			Title: fmt.Sprintf("Report %d from the harbour", i), Content: text.String(),
			Authors:   []newswire.Person{{ID: "ada", Name: "Ada Marsh", URL: "https://news.example.com/ada"}},
			Published: at, FirstSeen: at, Listed: at, Categories: []string{"trade"},
			Rights:    newswire.Rights{Policy: newswire.PolicyFull, Statement: "© 2026 Ada Marsh"},
			Publisher: newswire.Publisher{ID: "https://news.example.com/feed", Title: "The News", URL: "https://news.example.com/", FeedURL: "https://news.example.com/feed"},
		}
	}
	return list
}

// serveBare writes the answers that were stored in a folder, with the fields that newswire gave them, and knows nothing
// but how to tell the three cases apart.
func serveBare(ctx context.Context, dir string) error {
	plain, err := load(filepath.Join(dir, "plain"))
	if err != nil {
		return err
	}
	gzipped, err := load(filepath.Join(dir, "gzip"))
	if err != nil {
		return err
	}
	return listen(ctx, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := plain
		if r.Header.Get("Accept-Encoding") == "gzip" {
			a = gzipped
		}
		h := w.Header()
		if r.Header.Get("If-None-Match") == a.etag {
			for name, values := range a.header {
				if !strings.HasPrefix(name, "Content-") {
					h[name] = values
				}
			}
			w.WriteHeader(http.StatusNotModified)
			return
		}
		for name, values := range a.header {
			h[name] = values
		}
		_, _ = w.Write(a.body)
	}))
}

// stored is an answer as newswire gave it.
type stored struct {
	header http.Header
	etag   string
	body   []byte
}

func get(ctx context.Context, address, coding string) (a stored, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return a, err
	}
	req.Header.Set("Accept-Encoding", coding)
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return a, err
	}
	defer resp.Body.Close()
	if a.body, err = io.ReadAll(resp.Body); err != nil {
		return a, err
	}
	if resp.StatusCode != http.StatusOK {
		return a, fmt.Errorf("GET %s: %w: %s", address, errAnswer, resp.Status)
	}
	resp.Header.Del("Date")
	a.header, a.etag = resp.Header, resp.Header.Get("ETag")
	return a, nil
}

// save and load keep an answer in two files: the fields, and the body.
func (a *stored) save(path string) error {
	var fields strings.Builder
	if err := a.header.Write(&fields); err != nil {
		return err
	}
	return errors.Join(os.WriteFile(path+".fields", []byte(fields.String()), 0o600), os.WriteFile(path+".body", a.body, 0o600))
}

func load(path string) (a stored, err error) {
	fields, err := os.ReadFile(path + ".fields")
	if err != nil {
		return a, err
	}
	a.header = http.Header{}
	for line := range strings.Lines(string(fields)) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ": "); ok {
			a.header.Set(name, value)
		}
	}
	a.etag = a.header.Get("ETag")
	a.body, err = os.ReadFile(path + ".body")
	return a, err
}
