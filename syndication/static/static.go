// Package static writes a site as files, for hosts that run nothing: what a handler answers to a visitor who begins at the
// front page and follows every link that stays on the site.
//
//	report, err := static.Build(ctx, server, static.Options{Dir: "public", Site: "https://wire.example.org"})
//
// A file has the bytes of the answer. A page at /category/trade is category/trade.html, which such hosts answer with at its
// address; beside the files is one of header fields in the form that they read (_headers). Only what has changed is written,
// and what is no longer there is removed; files of others in the folder are left alone.
//
// The package refuses what no file can answer: addresses with a query, and redirects. It knows no address by itself.
package static

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"runtime"
	"slices"
	"strings"
	"sync"

	"golang.org/x/sync/errgroup"
)

// Options say what is written where.
type Options struct {
	Dir   string   // made if it is not there
	Site  string   // address of the site, without a slash at the end
	Start []string // paths that are asked for although no page links to them; "/" is always one
}

// Report is what a build came to.
type Report struct {
	Files   int // of the site as it is now
	Written int // of them: new or changed
	Removed int // that an earlier build wrote, and are no longer of the site
	Queries int // addresses that were left out, for they have a query
}

// ErrForeign says that a file is in the way that no build has written.
var ErrForeign = errors.New("a file is in the way that no build has written")

// Build writes what the handler answers. An answer of 5xx ends it, and then nothing is removed; an address that leads
// nowhere is left out.
func Build(ctx context.Context, handler http.Handler, o Options) (Report, error) {
	if err := os.MkdirAll(o.Dir, 0o755); err != nil {
		return Report{}, err
	}
	root, err := os.OpenRoot(o.Dir)
	if err != nil {
		return Report{}, err
	}
	defer root.Close()
	b := &build{handler: handler, site: o.Site, folder: folder{root: root}, headers: headers{}, known: map[string]bool{}}
	if err := b.folder.open(); err != nil {
		return Report{}, err
	}
	if err := b.crawl(ctx, append([]string{"/", missing}, o.Start...)); err != nil {
		return Report{}, err
	}
	if err := b.folder.put("_headers", b.headers.file()); err != nil {
		return Report{}, err
	}
	if err := b.folder.close(); err != nil {
		return Report{}, err
	}
	r := b.folder.report
	r.Queries = b.queries
	return r, nil
}

// missing is what hosts answer with where there is nothing; so it is written although there is nothing.
const missing = "/404.html"

// build is a build that is under way.
type build struct {
	handler http.Handler
	site    string

	mu      sync.Mutex // guards what follows
	folder  folder
	headers headers
	known   map[string]bool // addresses that were asked for, or are to be
	queries int
	next    []string // addresses to ask for
}

// crawl asks for what it is given and for all that this leads to, a generation of links at a time.
func (b *build) crawl(ctx context.Context, paths []string) error {
	for _, p := range paths {
		b.want(p)
	}
	for len(b.next) > 0 {
		paths, b.next = b.next, nil
		g, ctx := errgroup.WithContext(ctx)
		g.SetLimit(runtime.GOMAXPROCS(0))
		for _, p := range paths {
			g.Go(func() error { return b.visit(ctx, p) })
		}
		if err := g.Wait(); err != nil {
			return err
		}
		slices.Sort(b.next)
	}
	return nil
}

// want has an address of the site asked for, once. The caller has the lock, or is alone.
func (b *build) want(address string) {
	address, _, _ = strings.Cut(address, "#")
	if b.known[address] {
		return
	}
	b.known[address] = true
	switch u, err := url.Parse(address); {
	case err != nil || u.Host != "" || u.RawPath != "": // no path of ours is written so
	case u.RawQuery != "" || u.ForceQuery:
		b.queries++
	default:
		b.next = append(b.next, address)
	}
}

// visit writes what is at a path, and finds what that leads to.
func (b *build) visit(ctx context.Context, path string) error {
	a, err := ask(ctx, b.handler, path)
	if err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	if a.code >= http.StatusInternalServerError {
		return fmt.Errorf("%s is answered by %d %s: %s", path, a.code, http.StatusText(a.code), strings.TrimSpace(firstLine(a.body.String())))
	}
	if a.code != http.StatusOK && path != missing {
		return nil
	}
	name := fileName(path, a.isHTML())
	links := linksOf(a, b.site)
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, l := range links {
		b.want(l)
	}
	b.headers.add(path, a)
	return b.folder.put(name, a.body.Bytes())
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// fileName is the file that hosts answer with at a path.
func fileName(path string, page bool) string {
	name := strings.TrimPrefix(path, "/")
	switch {
	case name == "":
		return "index.html"
	case page && !strings.HasSuffix(name, ".html"):
		return name + ".html"
	}
	return name
}
