package newswire

import "time"

// Source is one address that an operator has us visit, with what the operator says of it.
type Source struct {
	ID       string         // lower-case letters, digits and dashes; part of feed addresses and article IDs
	Name     string         // for people; the publisher's own title where empty
	URL      string         // the feed's address
	Site     string         // the publisher's site, where the feed does not say
	Schedule string         // robfig/cron spec in standard form, CRON_TZ= allowed
	Pinned   bool           // the schedule is this source's own: it is kept to, however seldom the source changes
	Timezone *time.Location // of dates without a zone; UTC where nil

	Page     *Page // the address is a page that lists articles; nil for a feed or a news sitemap
	FullText bool  // the feed has excerpts: the text is read from each article's own page

	Categories []string // operator's category IDs that every article gets
	Block      []string // words that no article of it is about: links under them are removed, articles under them held
	Rights     Rights   // what holds where the publisher says nothing; Policy always holds
	NoCredit   bool     // leave out the visible credit line
	Retention  Retention

	Withdrawals Trust // of the publisher's own withdrawals; TrustUsual where empty
}

// Trust says which of a publisher's own withdrawals are followed: tombstones in its document, and 410 Gone for an
// article's own page. A source can withdraw its own articles alone.
type Trust string

// The degrees of trust.
const (
	TrustUsual Trust = "trust"  // all but a great many at once, which look like a mistake
	TrustAll   Trust = "all"    // a great many at once, too
	TrustNone  Trust = "ignore" // none
)

// Page says, in CSS selectors, where things stand on the pages of a publisher without a feed. "a@href" takes an attribute
// instead of the text.
type Page struct {
	Item      string // on the list: each element that stands for one article
	Link      string // inside of an item: the link to the article; the first link where empty
	Title     string // on the article's page, or inside of an item; likewise the next three
	Author    string
	Published string
	Content   string
	Remove    []string // taken off a page before anything else is looked for
}

// Publisher is the publisher of an article, in the words of the feed it came from: the content of an atom:source
// (RFC 4287 §4.2.11) and of an RSS source element.
type Publisher struct {
	ID       string    `json:"id,omitempty"` // the feed's atom:id, else its address
	Title    string    `json:"title,omitempty"`
	Subtitle string    `json:"subtitle,omitempty"`
	URL      string    `json:"url,omitempty"`      // the site, rel=alternate
	FeedURL  string    `json:"feed_url,omitempty"` // the feed, rel=self; the address visited where it names none
	Updated  time.Time `json:"updated,omitzero"`   // as the feed said
	Rights   string    `json:"rights,omitempty"`
	Icon     string    `json:"icon,omitempty"`
	Logo     string    `json:"logo,omitempty"`
	Language string    `json:"language,omitempty"` // BCP 47
	Authors  []Person  `json:"authors,omitempty"`
	Terms    []Term    `json:"terms,omitempty"`
}

// Policy says how much of an article may be republished.
type Policy string

// The policies, from most to least.
const (
	PolicyFull    Policy = "full"    // the whole text
	PolicyExcerpt Policy = "excerpt" // the publisher's summary, or the first few hundred characters
	PolicyTitle   Policy = "title"   // title and link only
)

// Rights are the terms an article is under.
type Rights struct {
	Policy    Policy `json:"policy"`
	License   string `json:"license,omitempty"`   // address of the licence (RFC 4946)
	Statement string `json:"statement,omitempty"` // plain text: "© 2026 the author"
	Contact   string `json:"contact,omitempty"`   // where complaints go: an e-mail or web address
	Partners  Policy `json:"partners,omitempty"`  // how much of it partners may be given; as Policy where empty
	Usage     Usage  `json:"usage,omitempty"`     // what machines may do with it

	// Of a source: how long after an article's date it is shown here at the earliest, and how long after it at the latest. 0
	// is no limit.
	Embargo time.Duration `json:"embargo,omitempty"`
	Expires time.Duration `json:"expires,omitempty"`

	// Of an article: what these and its publisher make of its date. They are no content: [Article.Digest] leaves them out.
	Since time.Time `json:"since,omitzero"` // the date that they count from; frozen. Zero where there is no limit
	From  time.Time `json:"from,omitzero"`  // no reader sees the article before; zero: at once
	Until time.Time `json:"until,omitzero"` // no reader sees it from then on; zero: for ever
}

// Phase is where an article stands among the limits of its [Rights].
type Phase string

// The phases, in their order.
const (
	Waiting Phase = "waiting" // it is before From
	Open    Phase = ""        // it may be shown
	Expired Phase = "expired" // it is at Until, or after it
)

// PhaseAt is the phase at a time.
func (r *Rights) PhaseAt(now time.Time) Phase {
	switch {
	case r.Over(now):
		return Expired
	case now.Before(r.From):
		return Waiting
	}
	return Open
}

// Over says whether the time is at the end of the rights, or after it. A caller that has no time (zero) is told that it is, if
// there is an end.
func (r *Rights) Over(now time.Time) bool {
	return !r.Until.IsZero() && (now.IsZero() || !now.Before(r.Until))
}

// Category is one of the operator's categories.
type Category struct {
	ID    string
	Title string
	Match []string // publishers' terms that assign it, compared without case
}

// Author is one of the operator's known authors: one person under several names at several publishers.
type Author struct {
	ID      string
	Name    string
	Aliases []Alias
}

// Alias is a name that an author goes by, at one source or, where Source is empty, at all.
type Alias struct {
	Source string
	Name   string
}

// Retention bounds what is kept of a source. Zero means no bound.
type Retention struct {
	Age      time.Duration `json:"age,omitempty"`      // since the publisher last offered the article, not since its date
	Articles int           `json:"articles,omitempty"` // per source; what the publisher still offers is kept all the same
}
