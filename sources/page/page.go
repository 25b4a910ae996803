// Package page reads articles from publishers that have web pages and no feed, and the whole text of articles whose feed
// has excerpts.
//
//	items, err := page.List(ctx, body, page.Options{URL: address, ContentType: header}, selectors)
//	item, err := page.Read(ctx, body, page.Options{URL: items[0].URL, ContentType: header}, selectors)
//
// [List] reads a page that lists articles, by the operator's selectors. [Read] reads one article: what a selector names
// is taken from there; what none names is looked for where pages say it for machines, which is JSON-LD (jsonld.go), the
// meta elements of OpenGraph, Dublin Core and others (meta.go), microformats and the time element (microformats.go); and
// the text, where the page does not mark it, is found by go-readability (content.go)
// and freed of what density cannot tell from it (boilerplate.go).
//
// The package refuses to visit anything: it follows no pagination, and leaves robots.txt to package robots. It refuses to judge content: the HTML that it returns is as the publisher sent it, with absolute addresses, to
// be cleaned by package clean. And it invents nothing: a missing title, author or date stays missing.
package page

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"

	"golang.org/x/net/html"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/clean"
	"github.com/newswire/newswire/sources/internal/stable"
	"github.com/newswire/newswire/sources/internal/tree"
	"github.com/newswire/newswire/sources/parse"
)

// Why a page could not be read; wrapped with what was found instead.
var (
	// ErrNotPage says that the document is no HTML page.
	ErrNotPage = errors.New("not a page")

	// ErrNoItems says that the selector for items, or the one for links, matches nothing: the publisher has changed
	// the page, or the selector was never right.
	ErrNoItems = errors.New("no items on the page")

	// ErrTooCostly says that the document is so large that it is no page that a person would read.
	ErrTooCostly = errors.New("too much for a page")
)

// Options say what is known of a page from outside it. The zero value works.
type Options struct {
	URL         string         // the page's address after redirects: the base of relative addresses
	ContentType string         // of the HTTP answer, for its charset; may be empty
	Timezone    *time.Location // of times without a zone; UTC where nil
	MaxItems    int            // of a list: links beyond these are left out; default 200

	Matched func(name string) // called for selectors of articles that find something, by their name in the config; may be nil
}

// defaultMaxItems is several times what list pages show at once.
const defaultMaxItems = 200

// page is the state of one call of List or Read.
type page struct {
	Options
	base *url.URL // of relative addresses: the page's own, or what its base element says; nil when it is not known
	root *html.Node
	meta metadata

	// Of an article alone:
	graph   *graph
	rsl     newswire.Rights // of its document of Really Simple Licensing
	linked  linked
	formats *microformats
}

// maxPage bounds the bytes of a page; the longest that people read have a tenth.
const maxPage = 12 << 20

// open decodes and parses a page.
func open(ctx context.Context, body []byte, o Options) (*page, error) {
	if len(body) > maxPage {
		return nil, fmt.Errorf("page: %w: %d bytes", ErrTooCostly, len(body))
	}
	if o.Timezone == nil {
		o.Timezone = time.UTC
	}
	if o.MaxItems <= 0 {
		o.MaxItems = defaultMaxItems
	}
	text := decode(body, o.ContentType)
	if err := checkKind(text, o.ContentType); err != nil {
		return nil, err
	}
	if tags := tree.CountTags(text); tags > tree.MaxTags {
		return nil, fmt.Errorf("page: %w: %d tags", ErrTooCostly, tags)
	}
	if err := check(ctx); err != nil {
		return nil, err
	}
	p := &page{Options: o, root: parseHTML(text)}
	p.base = baseOf(p.root, o.URL)
	p.meta = metadataOf(p.root)
	return p, nil
}

// check says whether there is time for more. It is asked between the stages of reading, each of which is bounded by the
// length of the page.
func check(ctx context.Context) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("page: %w", err)
	}
	return nil
}

// checkKind refuses what is no page at all, so that an image or a feed does not become an article.
func checkKind(text, contentType string) error {
	kind, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(contentType)), ";")
	start := strings.TrimSpace(text[:min(len(text), 512)])
	switch {
	case strings.TrimSpace(text) == "":
		return fmt.Errorf("page: %w: the document is empty", ErrNotPage)
	case strings.Contains(kind, "html"):
		return nil
	case strings.HasPrefix(start, "{"), strings.HasPrefix(start, "%PDF-"), !strings.Contains(text, "<"),
		strings.HasPrefix(kind, "image/"), strings.HasPrefix(kind, "audio/"), strings.HasPrefix(kind, "video/"):
		return fmt.Errorf("page: %w: %s", ErrNotPage, kind)
	case strings.HasPrefix(start, "<?xml") && !strings.Contains(strings.ToLower(start), "<html") && !strings.Contains(strings.ToLower(start), "<!doctype html"):
		return fmt.Errorf("page: %w: an XML document", ErrNotPage)
	default:
		return nil
	}
}

// baseOf is the base of a page's relative addresses (HTML, "document base URL").
func baseOf(root *html.Node, address string) *url.URL {
	own := webURL(clean.Address(nil, address))
	for n := range root.Descendants() {
		if href := attribute(n, "href"); n.Type == html.ElementNode && n.Data == "base" && href != "" {
			if declared := webURL(clean.Address(own, href)); declared != nil {
				return declared
			}
			break // only the first counts
		}
	}
	return own
}

// webURL parses an address that clean.Address has passed; nil for the empty one.
func webURL(address string) *url.URL {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return nil
	}
	return u
}

// address makes a reference absolute, without what follows readers around; empty where it leads nowhere.
func (p *page) address(ref string) string {
	if isInlined(ref) {
		return ""
	}
	return clean.Untracked(clean.Address(p.base, ref))
}

// isInlined says that a reference is data or a script itself, and often a long one.
func isInlined(ref string) bool {
	scheme, _, ok := strings.Cut(strings.TrimSpace(ref[:min(len(ref), 64)]), ":")
	return ok && (strings.EqualFold(scheme, "data") || strings.EqualFold(scheme, "javascript"))
}

// item begins the item of an article at an address, by which it is known.
func (p *page) item(address string) parse.Item {
	address = stable.Plain(address)
	guid := stable.Address(address)
	it := parse.Item{Article: newswire.Article{GUID: guid, PermaLink: address != "" && guid == address, AtomID: guid, URL: address}}
	if p.base != nil {
		it.Base = p.base.String()
	}
	return it
}
