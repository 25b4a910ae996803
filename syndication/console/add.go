package console

import (
	"context"
	"crypto/sha256"
	"errors"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication"
)

// Finder finds what can be a source at the address of a site.
type Finder interface {
	// Find looks for the feeds of a site, and proposes selectors for a page without one. Nothing is stored. The error may be
	// a [RefusalError], which says what to do.
	Find(ctx context.Context, address string) (Found, error)
}

// Found is what can be a source at an address, the likeliest first.
type Found struct {
	Address string  // without what may be secret
	Offers  []Offer // feeds, or if there are none, ways to read the page
	Feeds   bool    // they are feeds
}

// Offer is one thing that can be a source.
type Offer struct {
	Name     string
	URL      string // without what may be secret
	How      string // it was found
	YAML     string // to paste under sources
	Trouble  string // why it cannot be a source as it is
	Articles []newswire.Article
	Total    int // of articles
}

const (
	// findTimeout is how long one look-up may take. It ends before the listener gives up the answer.
	findTimeout = 50 * time.Second

	// offeredArticles is how many articles of an offer are shown.
	offeredArticles = 5

	maxAddress = 2000
)

// lookups lets each session look for one site at a time: a look-up asks a stranger for a dozen documents.
type lookups struct {
	mu   sync.Mutex // guards busy
	busy map[[sha256.Size]byte]bool
}

// begin says whether a session may begin a look-up, which it ends by end.
func (l *lookups) begin(s session) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.busy[s.digest] {
		return false
	}
	if l.busy == nil {
		l.busy = map[[sha256.Size]byte]bool{}
	}
	l.busy[s.digest] = true
	return true
}

func (l *lookups) end(s session) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.busy, s.digest)
}

// addData is the page that adds a source: at first a form alone.
type addData struct {
	Address string // as it was given
	Problem string
	Found   *Found
}

func (c *console) showAdd(*http.Request) (page, title string, data any, err error) {
	return "add", "Add a source", addData{}, nil
}

// add looks for a site, and shows what can be a source there.
func (c *console) add(w http.ResponseWriter, r *http.Request, s session) error {
	d := addData{Address: strings.TrimSpace(r.PostFormValue("address"))}
	code := http.StatusOK
	found, err := c.find(r.Context(), s, d.Address)
	var refusal RefusalError
	switch {
	case errors.As(err, &refusal):
		d.Problem, code = string(refusal), http.StatusConflict
	case err != nil:
		return err
	default:
		c.audit(r, s, "look for a source", found.Address)
		d.Found = &found
	}
	c.show(w, code, "add", view{Title: "Add a source", CSRF: c.gate.csrf(s), Session: s.cookie, Data: d})
	return nil
}

// find is Finder.Find for a session, bounded in time.
func (c *console) find(ctx context.Context, s session, address string) (Found, error) {
	switch {
	case address == "":
		return Found{}, RefusalError("Give the address of a site, of one of its pages, or of a feed.")
	case len(address) > maxAddress:
		return Found{}, RefusalError("This is too long for an address.")
	case !c.lookups.begin(s):
		return Found{}, RefusalError("You are just looking for another site. Wait until that is done, and try again.")
	}
	defer c.lookups.end(s)
	within, cancel := context.WithTimeout(ctx, findTimeout)
	defer cancel()
	found, err := c.finder.Find(within, address)
	if err != nil && ctx.Err() == nil && within.Err() != nil {
		return found, RefusalError("The site did not answer all that was asked within a minute. Give the address of its feed, or of the page " +
			"that lists its articles, or use newswire add, which takes its time.")
	}
	for i := range found.Offers {
		o := &found.Offers[i]
		o.Total = len(o.Articles)
		feed := syndication.Build(c.desk.Site(), newswire.All, o.Name, "", o.Articles[:min(len(o.Articles), offeredArticles)])
		o.Articles = feed.Articles
	}
	return found, err
}
