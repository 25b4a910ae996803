// Package opml reads and writes lists of feeds as OPML 2.0, the form in which people carry their subscriptions from one
// program to another. The format is described at http://opml.org/spec2.opml.
//
//	outlines, err := opml.Decode(body)
//	body := opml.Encode("The Wire", outlines)
//
// A list is flat: an [Outline] is a feed, and its Path names the groups that it stands in. The package reads what other
// programs write rather than what the format asks for, judges no address, and refuses a document that is something else
// or has no end of outlines.
package opml

import (
	"errors"
	"fmt"
	"html"
	"strings"

	"github.com/newswire/newswire/sources/clean"
	"github.com/newswire/newswire/sources/internal/charset"
	"github.com/newswire/newswire/sources/internal/markup"
)

// Why a document was refused; wrapped with what was found.
var (
	// ErrNotOPML says that the document is something else.
	ErrNotOPML = errors.New("not OPML")

	// ErrTooLarge says that the document is larger than a list of subscriptions can be.
	ErrTooLarge = errors.New("too many outlines")
)

// The bounds. The largest lists that people are known to keep have some thousand feeds in two levels of groups.
const (
	maxFeeds = 20_000
	maxDepth = 32   // of outlines; deeper groups are left out of a Path
	maxText  = 1000 // bytes of a title
)

// Outline is one feed in a list.
type Outline struct {
	Title    string   // one line of plain text; empty where nothing was said
	FeedURL  string   // as written, trimmed; never empty
	HomePage string   // likewise; may be empty
	Path     []string // titles of the groups it stands in, outermost first; nil at the top
}

// List is what a document has.
type List struct {
	Feeds   []Outline // in their order
	LeftOut int       // outlines that are neither feeds nor groups of something: links, notes, empty groups
}

// Decode is the feeds of [Read].
func Decode(body []byte) ([]Outline, error) {
	list, err := Read(body)
	return list.Feeds, err
}

// Read reads a document in any encoding, well-formed or not. A document that was cut off gives those outlines that are
// whole. Errors wrap [ErrNotOPML] or [ErrTooLarge].
func Read(body []byte) (List, error) {
	r := new(reader)
	root := ""
	text, _ := charset.Decode(body, "")
	for t := range markup.Tokens(text) {
		if root == "" && t.Kind == markup.Start {
			root = t.Name
			if !roots[root] {
				return List{}, fmt.Errorf("%w: a document that begins with <%.60s>", ErrNotOPML, root)
			}
		}
		switch {
		case t.Name != "outline":
		case t.Kind == markup.Start:
			if err := r.start(outline(t.Attrs)); err != nil {
				return List{}, err
			}
		case t.Kind == markup.End && len(r.open) > 0:
			r.end()
		}
	}
	if root == "" {
		return List{}, fmt.Errorf("%w: a document without elements", ErrNotOPML)
	}
	for len(r.open) > 0 {
		r.end()
	}
	return r.list, nil
}

// reader reads outlines one after the other.
type reader struct {
	list List
	open []group
}

// group is an open outline.
type group struct {
	title string // empty for feeds, and for groups without one
	feed  bool
	holds bool // other outlines
}

func (r *reader) start(o Outline) error {
	if n := len(r.open); n > 0 {
		r.open[n-1].holds = true
	}
	if o.FeedURL == "" {
		r.open = append(r.open, group{title: o.Title})
		return nil
	}
	if len(r.list.Feeds) == maxFeeds {
		return fmt.Errorf("%w: more than %d", ErrTooLarge, maxFeeds)
	}
	o.Path = path(r.open)
	r.list.Feeds = append(r.list.Feeds, o)
	r.open = append(r.open, group{feed: true}) // a feed that holds others is no group
	return nil
}

func (r *reader) end() {
	last := len(r.open) - 1
	if g := r.open[last]; !g.feed && !g.holds {
		r.list.LeftOut++
	}
	r.open = r.open[:last]
}

// roots are the elements that a document begins with. Some old programs write outlines with nothing around them.
var roots = map[string]bool{"opml": true, "body": true, "outline": true}

// outline reads what an outline says of itself. Programs disagree on where the title goes and how xmlUrl is written;
// some old ones have url in its place.
func outline(attrs map[string]string) Outline {
	o := Outline{
		Title:    line(attrs["text"]),
		FeedURL:  strings.TrimSpace(attrs["xmlurl"]),
		HomePage: strings.TrimSpace(attrs["htmlurl"]),
	}
	if o.Title == "" {
		o.Title = line(attrs["title"])
	}
	if kind := strings.ToLower(attrs["type"]); o.FeedURL == "" && (kind == "rss" || kind == "atom") {
		o.FeedURL = strings.TrimSpace(attrs["url"])
	}
	return o
}

// line makes one line of plain text of a title. The format calls it text, but programs show it as HTML, so careful ones
// escape it twice.
func line(s string) string {
	s = strings.Join(strings.Fields(clean.Legal(html.UnescapeString(s))), " ")
	if len(s) > maxText {
		s = strings.TrimSpace(clean.Legal(s[:maxText])) // Legal drops a character that was cut in two
	}
	return s
}

// path is the titles of the groups among the open outlines.
func path(open []group) []string {
	var titles []string
	for _, g := range open[:min(len(open), maxDepth)] {
		if g.title != "" {
			titles = append(titles, g.title)
		}
	}
	return titles
}

// Encode writes a list of feeds, in its order, under a title. Neighbours whose Paths begin alike share their groups.
// Outlines without a FeedURL are left out.
func Encode(title string, outlines []Outline) []byte {
	e := &encoder{}
	e.b.WriteString("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<opml version=\"2.0\">\n")
	e.b.WriteString("  <head>\n    <title>" + escape(title) + "</title>\n  </head>\n  <body>\n")
	for _, o := range outlines {
		if o.FeedURL != "" {
			e.enter(o.Path)
			e.feed(o)
		}
	}
	e.enter(nil)
	e.b.WriteString("  </body>\n</opml>\n")
	return []byte(e.b.String())
}

// encoder writes outlines one after the other, and remembers which groups are open.
type encoder struct {
	b    strings.Builder
	open []string
}

// enter closes the groups that path is not in, and opens those that it is in.
func (e *encoder) enter(path []string) {
	shared := 0
	for shared < len(path) && shared < len(e.open) && path[shared] == e.open[shared] {
		shared++
	}
	for len(e.open) > shared {
		e.open = e.open[:len(e.open)-1]
		e.line("</outline>")
	}
	for _, title := range path[shared:] {
		e.line(`<outline text="` + escape(shown(title)) + `">`)
		e.open = append(e.open, title)
	}
}

// feed writes a feed's outline; "rss" is the type of every kind of feed.
func (e *encoder) feed(o Outline) {
	title := escape(shown(o.Title))
	attrs := []string{`text="` + title + `"`, `title="` + title + `"`, `type="rss"`, `xmlUrl="` + escape(o.FeedURL) + `"`}
	if o.HomePage != "" {
		attrs = append(attrs, `htmlUrl="`+escape(o.HomePage)+`"`)
	}
	e.line("<outline " + strings.Join(attrs, " ") + "/>")
}

func (e *encoder) line(s string) {
	e.b.WriteString(strings.Repeat("  ", len(e.open)+2) + s + "\n")
}

// shown is a title that comes out as it is where it is shown as HTML, and where it is not, in all but rare cases.
func shown(title string) string {
	if html.UnescapeString(title) != title {
		return html.EscapeString(title)
	}
	return title
}

// escape makes text of a value that may stand in an attribute.
func escape(s string) string { return html.EscapeString(clean.Legal(s)) }
