package clean

import (
	"context"
	"fmt"
	"net/url"
	"slices"

	"github.com/newswire/newswire"
)

// About is what is known of an article besides its text. All of it may be empty; what is not known is no evidence. It
// serves for all texts of the article, one after the other.
type About struct {
	URL       string // of the article: where a fragment by itself leads into; the base where it is empty
	Title     string
	Language  string // BCP 47, of the article or its publisher
	Publisher string // what the publisher says of itself: its title, its subtitle, its subjects
	Sites     Sites  // the publisher's own; where there are none, the text's base counts
	Block     *Terms // what the operator says that no article is about; nil for nothing

	folded string   // Title
	titled []string // words in it that are known for injections
	says   string   // Publisher, made comparable and no longer than maxPublisher
	alien  map[string]bool
	read   bool // these are filled in
}

// Sites are registrable domains that belong to a publisher.
type Sites map[string]bool

// SitesOf are the sites of addresses that are a publisher's own: its site, its feed.
func SitesOf(addresses ...string) Sites {
	sites := Sites{}
	for _, address := range addresses {
		if domain := registrable(host(address)); domain != "" {
			sites[domain] = true
		}
	}
	return sites
}

// Result is an article that was cleaned, and what was found on the way.
type Result struct {
	HTML      string             // as [HTML] gives it, without what does not belong to the article
	Removed   []newswire.Removal // what did not, in the order in which it was found
	Statement string             // the platform's notices: whose the views and the rights are; plain text
	Contact   string             // where its notices send complaints: an e-mail or web address
	Suspicion string             // why the whole looks injected into the publisher's pages; empty when it does not
}

// The reasons for which something is removed from an article.
const (
	Hidden      = "hidden"          // readers of the publisher's page do not see it
	Injected    = "injected links"  // links to other sites that have nothing to do with the article
	Related     = "related reading" // the platform's list of its other articles
	Notices     = "notices"         // the platform's notices; they become Statement and Contact
	Annotations = "annotations"     // an editor's mark, or a place where something stood
)

const (
	maxRemovals  = 20  // that are kept of one article
	maxExcerpt   = 300 // characters of a removal that are kept
	maxStatement = 600 // characters of a statement
)

// Article cleans an article's text as [HTML] does, and takes out what is not the article's own: what the publisher's page
// hides, links that were injected at its end, the platform's list of related articles, its notices and its editors'
// marks. What may be the author's is left: lists of links, references, footnotes. What was cleaned comes out
// unchanged when it is cleaned again. Costs and errors are those of [HTML].
func Article(ctx context.Context, fragment string, base *url.URL, about *About) (Result, error) {
	r := newFindings(about, base)
	c := newCleaning(base, r)
	defer c.free()
	var err error
	if r.HTML, err = c.run(ctx, fragment); err != nil {
		return Result{}, fmt.Errorf("clean: %w", err)
	}
	r.Suspicion = r.suspicion()
	return r.Result, nil
}

// findings is what is learned of an article while it is cleaned.
type findings struct {
	Result
	about       *About
	own         Sites
	anchors     int    // links met on the way
	weight      int    // letters met on the way
	linked      int    // those of them in links
	hiddenLinks int    // links to other sites in what was hidden
	lines       []line // of what is left
	words       *vocabulary
}

func newFindings(about *About, base *url.URL) *findings {
	r := &findings{about: about, own: about.Sites}
	if base != nil && len(r.own) == 0 {
		r.own = Sites{registrable(base.Hostname()): true}
	}
	return r
}

// weigh counts the letters of a text that is met on the way. A text that is walked over again counts again, in links and
// outside of them.
func (r *findings) weigh(text string, inLink bool) {
	n := letters(text)
	r.weight += n
	if inLink {
		r.linked += n
	}
}

// remove notes that something was removed.
func (r *findings) remove(reason, text string) {
	text = cut(text, maxExcerpt)
	removal := newswire.Removal{Reason: reason, Text: text}
	if text != "" && len(r.Removed) < maxRemovals && !slices.Contains(r.Removed, removal) {
		r.Removed = append(r.Removed, removal)
	}
}

// cut is the beginning of a text, at most n characters.
func cut(text string, n int) string {
	for i := range text {
		if n--; n < 0 {
			return text[:i] + "…"
		}
	}
	return text
}
