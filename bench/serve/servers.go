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
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/internal/heap"
	"github.com/newswire/newswire/syndication/web"
)

const feedPath = "/feeds/category/trade.atom"

// heapLimit is what the heap of newswire serve has of 512 MiB: newswire_memory_heap_limit_bytes.
const heapLimit = 385 << 20

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
	defer heap.Keep(heapLimit).Stop()
	d, all := directory(), newStore()
	s := web.New(all, func() *web.Directory { return d }, web.Options{Registerer: prometheus.NewRegistry()})
	go func() { _ = s.Run(ctx) }()
	return listen(ctx, withPartners(ctx, s, all, d.Site))
}

// directory has one category.
func directory() *web.Directory {
	return &web.Directory{
		Site:       newswire.Site{Title: "The Wire", URL: "https://wire.example.org", Language: "en"},
		Categories: []newswire.Category{{ID: "trade", Title: "Trade"}},
	}
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
// but how to tell the cases apart.
func serveBare(ctx context.Context, dir string) error {
	type answers struct{ plain, gzipped, notModified, part *stored }
	byPath := map[string]*answers{}
	for _, c := range cases {
		a, err := load(filepath.Join(dir, c.name))
		if err != nil {
			return err
		}
		of := byPath[c.path]
		if of == nil {
			of = new(answers)
			byPath[c.path] = of
		}
		switch {
		case c.notModified():
			of.notModified = &a
		case c.code == http.StatusIMUsed:
			of.part = &a
		case a.header.Get("Content-Encoding") == "":
			of.plain = &a
		default:
			of.gzipped = &a
		}
	}
	return listen(ctx, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		of := byPath[r.URL.Path]
		a := of.plain
		if r.Header.Get("Accept-Encoding") == "gzip" {
			a = of.gzipped
		}
		if tag := r.Header.Get("If-None-Match"); tag != "" {
			if a = of.notModified; tag != a.header.Get("ETag") && r.Header.Get("A-Im") == "feed" {
				a = of.part
			}
		}
		a.ServeHTTP(w, r)
	}))
}

// stored is an answer as newswire gave it.
type stored struct {
	asked  []string // fields of the request
	code   int
	header http.Header
	body   []byte
}

// ServeHTTP answers the same as newswire did.
func (a *stored) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	h := w.Header()
	for name, values := range a.header {
		h[name] = values
	}
	w.WriteHeader(a.code)
	_, _ = w.Write(a.body)
}

// get asks once, with some fields, and says whatever is answered.
func get(ctx context.Context, address string, fields ...string) (a stored, err error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return a, err
	}
	for _, f := range fields {
		name, value, _ := strings.Cut(f, ": ")
		req.Header.Set(name, value)
	}
	if req.Header.Get("Accept-Encoding") == "" {
		req.Header["Accept-Encoding"] = nil // or the transport would ask for gzip
	}
	resp, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		return a, err
	}
	defer resp.Body.Close()
	if a.body, err = io.ReadAll(resp.Body); err != nil {
		return a, err
	}
	if resp.StatusCode >= http.StatusBadRequest {
		return a, fmt.Errorf("GET %s: %w: %s", address, errAnswer, resp.Status)
	}
	resp.Header.Del("Date")
	a.asked, a.code, a.header = fields, resp.StatusCode, resp.Header
	return a, nil
}

// save and load keep an answer in two files: the status and the fields, and the body.
func (a *stored) save(path string) error {
	var head strings.Builder
	fmt.Fprintln(&head, a.code)
	if err := a.header.Write(&head); err != nil {
		return err
	}
	return errors.Join(os.WriteFile(path+".head", []byte(head.String()), 0o600), os.WriteFile(path+".body", a.body, 0o600))
}

func load(path string) (a stored, err error) {
	head, err := os.ReadFile(path + ".head")
	if err != nil {
		return a, err
	}
	code, fields, _ := strings.Cut(string(head), "\n")
	if a.code, err = strconv.Atoi(code); err != nil {
		return a, err
	}
	a.header = http.Header{}
	for line := range strings.Lines(fields) {
		if name, value, ok := strings.Cut(strings.TrimSpace(line), ": "); ok {
			a.header.Add(name, value)
		}
	}
	a.body, err = os.ReadFile(path + ".body")
	return a, err
}
