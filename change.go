package newswire

import "time"

// Cursor is a place in a listing or in the change log. It is opaque, printable ASCII, and holds for the store that made
// it. The empty cursor is the beginning.
type Cursor string

// Op is what a change did to an article.
type Op string

// The operations.
const (
	Put    Op = "put"    // the article is new or has a new revision
	Remove Op = "remove" // the article was withdrawn, or dropped by retention
)

// Change is one record of the change log. A crash may repeat a record: a follower tells a repeat by Article, Revision
// and Op being those of the last change that it saw of that article.
type Change struct {
	Cursor   Cursor // of this record; continue after it
	At       time.Time
	Op       Op
	Article  string // its ID
	Revision int
	Topics   []Topic // every listing touched: those it is in and those it left, sorted
}

// Tombstone stands where an article was withdrawn (RFC 6721). It outlives the article, so that one that its publisher
// offers again stays withdrawn.
type Tombstone struct {
	Article string    `json:"article"`
	AtomID  string    `json:"atom_id"`
	Source  string    `json:"source"`
	Reason  string    `json:"reason"` // plain text, for people; public
	At      time.Time `json:"at"`
	Topics  []Topic   `json:"topics"` // where it was listed
}
