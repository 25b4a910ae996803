// Package parse reads what a publisher said from a publisher's bytes: RSS 0.9x, 1.0 and 2.0, Atom 0.3 and 1.0, JSON
// Feed 1.x.
//
//	doc, err := parse.Parse(ctx, body, parse.Options{URL: address, ContentType: header})
//
// A document goes through stages, it is decoded to UTF-8 (package charset) and cut
// into tokens by a scanner that no fault stops (package xmlscan). Then it is rewritten as the plain, well-formed and
// namespace-canonical document that its publisher meant (canonical.go), parsed by gofeed, and translated to the
// vocabulary of package newswire (rss.go, atom.go, jsonfeed.go). The type of an Atom title is applied before gofeed reads
// it. What else gofeed would lose or change, such as a base or an id, goes beside it, and so do the texts (beside.go).
//
// The package refuses to judge content: the HTML that it returns is as the publisher sent it, to be cleaned by package
// clean; and it invents nothing: a missing title, author or date stays missing.
package parse

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/internal/charset"
	"github.com/newswire/newswire/sources/parse/date"
)

// ErrNotFeed says that the document is none of the formats that this package reads. It is wrapped with what was found.
var ErrNotFeed = errors.New("not a feed")

// Options say what is known of a document from outside it. The zero value works.
type Options struct {
	URL         string         // the document's address after redirects: the base of relative addresses
	ContentType string         // of the HTTP answer, for its charset (RFC 7303); may be empty
	Timezone    *time.Location // of dates without a zone; UTC where nil
	MaxItems    int            // items beyond these are left out; default 2000

	// Shared is that of the feed's document before: articles that are told apart there stay so.
	Shared map[string]string
}

// Document is one feed document.
type Document struct {
	Format    string // "rss 2.0", "atom 1.0", "json feed 1.1", …
	Publisher newswire.Publisher
	License   string           // address of the licence that the feed as a whole is under (RFC 4946, Creative Commons)
	Licenses  []string         // addresses of the others, where a reader has the choice
	Usage     newswire.Usage   // what machines may do with it: left to the caller, for no document says so
	Cadence   newswire.Cadence // how often the publisher asks to be visited
	Hub       string           // address of the WebSub hub
	Self      string           // what a page calls itself at the hub; of a feed it is Publisher.FeedURL
	Items     []Item           // in the document's order; GUIDs and AtomIDs are not empty and not repeated
	Deleted   []Deletion       // what the publisher has withdrawn; GUIDs are not empty and not repeated
	Repairs   []string         // what had to be mended, for the operator

	// Shared says of guids that were given to more than one article by what these are told apart: their "address",
	// their "date" or their "title"; and of addresses that stand for a missing guid, which item has them. Its keys are
	// hashes of the guids. It is for Options, when the next document is read.
	Shared map[string]string
}

// Item is what the document said of one article. ID, Source, Publisher, Revision, FirstSeen, Listed and Categories are
// left to the caller, and so are the IDs of people.
//
// Title is plain text; Summary and Content are HTML as the publisher sent it, to be cleaned.
type Item struct {
	newswire.Article
	Base string // of relative addresses inside Summary and Content (xml:base, RFC 3986); absolute, or empty if unknown
}

// defaultMaxItems is several times what the largest real feeds carry.
const defaultMaxItems = 2000

// maxRepairs bounds Document.Repairs: a document that is wrong everywhere need not say so everywhere.
const maxRepairs = 20

// Parse reads one feed document. It never panics, and its time and memory are bounded by the length of the body. The
// error wraps [ErrNotFeed] and says what was found instead, or is that of the context.
func Parse(ctx context.Context, body []byte, o Options) (*Document, error) {
	if o.MaxItems <= 0 {
		o.MaxItems = defaultMaxItems
	}
	if o.Timezone == nil {
		o.Timezone = time.UTC
	}
	r := &documentReader{Options: o, base: baseOf(o.URL)}
	text, notes := charset.Decode(body, o.ContentType)
	for _, note := range notes {
		r.repaired("%s", note)
	}
	doc, err := r.parse(ctx, text)
	if err != nil {
		return nil, fmt.Errorf("parse: %w", err)
	}
	r.identify(doc)
	r.undelete(doc)
	doc.Repairs = r.repairs
	return doc, nil
}

// parse hands the text to the reader of its format.
func (r *documentReader) parse(ctx context.Context, text string) (*Document, error) {
	switch start := strings.TrimLeft(text, " \t\r\n"); {
	case start == "":
		return nil, fmt.Errorf("%w: the document is empty", ErrNotFeed)
	case start[0] == '{':
		return r.jsonFeed(start)
	default:
		return r.xmlFeed(ctx, text)
	}
}

// documentReader is the state of one call of Parse.
type documentReader struct {
	Options
	base    *url.URL // of the document; nil when it is not known
	repairs []string

	ambiguous bool     // a date that may be of two days was noted
	besides   []beside // of the containers, by their numbers
}

// repaired notes what was mended, once.
func (r *documentReader) repaired(format string, args ...any) {
	note := fmt.Sprintf(format, args...)
	if len(r.repairs) < maxRepairs && !slices.Contains(r.repairs, note) {
		r.repairs = append(r.repairs, note)
	}
}

// date reads the first date that can be read, and leaves a note where there is one that cannot.
func (r *documentReader) date(candidates ...string) time.Time {
	for _, s := range candidates {
		if strings.TrimSpace(s) == "" {
			continue
		}
		t, err := date.Parse(s, r.Timezone)
		switch {
		case errors.Is(err, date.ErrAmbiguous) && r.ambiguous: // the first stands for all
		case err != nil:
			r.repaired("%v", err)
			r.ambiguous = r.ambiguous || errors.Is(err, date.ErrAmbiguous)
		}
		if !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}
