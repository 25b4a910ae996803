// Package cache is where sources and syndication meet: the store contract, and nothing that depends on a database.
//
// [Store] is made of narrow interfaces; take the part you need. Two drivers implement it, sqlitecache (one file, the
// default) and rediscache (Redis or Valkey: single, Sentinel or Cluster), and cachetest.Run is the contract as a test
// that both pass.
//
// The contract in one paragraph. A source belongs to one worker at a time: [Schedule.Claim] hands out leases with
// fencing tokens, and what a worker writes under a lease that a later worker has taken over fails with
// [newswire.ErrFenced]. A visit is recorded whole or repeated: articles, then indexes, then the change record, then the
// mark on the article that this revision is in the log, and only then the source's state and its next due time. Every
// write but the last is idempotent, and a Record begins by finishing what an earlier one left unmarked, so a crash after
// any single command loses nothing and doubles nothing. Everything that reacts to change follows the change log.
//
// The store's clock decides what is due and when a lease or a turn ends; on Redis that is the server's TIME.
//
// The package refuses to judge: what is new, changed, due or allowed is decided by its callers.
package cache

import (
	"context"
	"time"

	"github.com/newswire/newswire"
)

// Store is everything a driver provides. All methods may be called by many goroutines and processes at once. Errors
// wrap the sentinels of package newswire where they are documented; any other error means that the store could not be
// reached or is damaged, and the call may be repeated.
type Store interface {
	Articles
	Archives
	History
	Visits
	Limits
	Changes
	Schedule
	Domains
	Tombstones
	Audience
	Quotas
	Usage
	Processes
	Subscriptions

	// Ping says whether the store answers.
	Ping(ctx context.Context) error

	// Close frees what Open took. The store must not be used afterwards.
	Close() error
}

// Articles reads what readers see.
type Articles interface {
	// Article returns one article, also one that is not [newswire.Article.Public]. ErrNotFound; ErrWithdrawn when a
	// tombstone stands in its place.
	Article(ctx context.Context, id string) (newswire.Article, error)

	// Articles returns a page of a topic, newest first by Listed and, among equals, by descending ID. Paging by the
	// returned cursor neither skips nor repeats an article that was listed when paging began and still is. A topic
	// that never listed an article is an empty page. Pages share memory with each other: change nothing in an article but its own
	// fields. ErrCursor.
	Articles(ctx context.Context, q Query) (Page, error)

	// Topics returns the topics of a kind that list at least one article, in order of Topic, at most limit after the
	// cursor, and the cursor to continue from, which is empty at the end. Every topic of the kind is a cursor, whether or not it
	// lists something: what follows it comes next. A call costs the same wherever it begins. ErrCursor.
	Topics(ctx context.Context, kind newswire.Kind, after newswire.Cursor, limit int) ([]Listing, newswire.Cursor, error)
}

// Query asks for a page of a topic.
type Query struct {
	Topic newswire.Topic
	After newswire.Cursor // empty: from the newest
	Limit int             // at most this many; must be positive
}

// Page is a part of a listing.
type Page struct {
	Articles []newswire.Article
	Next     newswire.Cursor // the page after this one; empty at the end
	// Changed is when the topic last changed by the change log's time, withdrawals included; zero if it never did.
	// It is never before the At of the last change that touches the topic.
	Changed time.Time
}

// Listing is a topic as a directory shows it.
type Listing struct {
	Topic    newswire.Topic
	Name     string // of an author: as last recorded, in capitals throughout only if it never was otherwise; empty for other kinds
	Articles int
	Changed  time.Time // as in Page
}

// RevisionsKept is how many earlier revisions of an article are kept, besides its first.
const RevisionsKept = 10

// History is what articles were before they were corrected.
type History interface {
	// Revisions returns the earlier revisions of an article, oldest first, each as it was when Record replaced it by one
	// with another Offer: the first of them, and the last RevisionsKept. So what is kept are the publisher's words, and not
	// each change of the operator's about them. None are left of an article that was withdrawn or dropped. ErrNotFound;
	// ErrWithdrawn.
	Revisions(ctx context.Context, id string) ([]newswire.Article, error)
}

// Visits is the aggregator's side: what is known, and what a visit brought.
type Visits interface {
	// States returns what is remembered of the sources. One that was never recorded is absent.
	States(ctx context.Context, sources ...string) (map[string]newswire.State, error)

	// Known returns what the store remembers of those article IDs, all of one source. One that it never met, or that
	// retention has dropped, is absent; a withdrawn one is there with Withdrawn set.
	Known(ctx context.Context, source string, ids []string) (map[string]Known, error)

	// Record records a visit whole or repeated, and ends the lease by moving the source to visit.State.Due (zero takes
	// it out of the index). Articles that are withdrawn are skipped without error. An article with the revision that
	// the store already holds is written again in place, and logged only if its revision is not marked as logged; where
	// it holds another revision of another Offer, that one is kept for Revisions.
	// When visit.Offered is not nil, articles of the source that are missing from it count as no longer offered from
	// now on, and those in it as offered. ErrFenced, and then nothing of the visit is kept.
	//
	// The phase of an article is that of its rights by the store's clock, and not what the visit says. A revision that is not at its
	// time is not logged as a Put: where its article was listed before, that is logged as a Remove.
	//
	// visit.Note is kept for Notes in the place of the one that was numbered [newswire.NotesKept] before it.
	//
	// It also ends the turns that the visit took, as Leave does, but passes over one that was given to another in the
	// meantime. After an error they may not have ended.
	Record(ctx context.Context, lease Lease, visit newswire.Visit, turns ...Turn) error

	// Notes returns the notes that were recorded with the last visits to a source, newest first by At: those of the last
	// NotesKept that visit.Note and visit.State.Noted gave a number.
	Notes(ctx context.Context, source string) ([]newswire.Note, error)

	// Sweep drops the source's articles that the publisher stopped offering more than keep.Age ago, then the oldest by
	// Listed among those no longer offered until at most keep.Articles remain, each with a change record. It returns
	// how many went. Call it under the lease, before Record. ErrFenced.
	Sweep(ctx context.Context, lease Lease, keep newswire.Retention) (int, error)

	// Forget ends what is remembered of a source besides its articles and tombstones, and takes it out of the due index.
	// A later lease of the source has a larger token than each earlier one. ErrFenced.
	Forget(ctx context.Context, lease Lease) error
}

// Known is what the store remembers of an article besides its text: enough to tell whether an offered one is new,
// changed, the same, or withdrawn.
type Known struct {
	Revision  int
	Digest    string // of the recorded revision, as Article.Digest gave it
	Offer     string // Article.Offer as last recorded
	Published time.Time
	Updated   time.Time
	FirstSeen time.Time
	Listed    time.Time
	Since     time.Time // of its rights
	Withdrawn bool      // all other fields are zero
}

// Changes is the change log: append-only, ordered, trimmed by age.
type Changes interface {
	// Changes returns at most limit records after the cursor, oldest first; none when there is nothing newer. A reader
	// that continues after the last record's Cursor misses nothing: no record ever appears before one that was already
	// returned. ErrGone when records after the cursor were trimmed. ErrReplaced when the cursor is of another store, or of this
	// one before it was emptied; ErrCursor when it is no cursor.
	Changes(ctx context.Context, after newswire.Cursor, limit int) ([]newswire.Change, error)

	// Latest returns the newest records, at most limit, the newest first. It is for people: what follows the log reads Changes.
	Latest(ctx context.Context, limit int) ([]newswire.Change, error)

	// Head is the cursor of the newest record, after which a follower reads only what is new. It is empty only for a
	// log that never had a record.
	Head(ctx context.Context) (newswire.Cursor, error)

	// Beginning is the cursor before the oldest record, after which a follower reads all that there is. It is empty where
	// none was ever trimmed.
	Beginning(ctx context.Context) (newswire.Cursor, error)

	// Await returns nil when there may be records after the cursor: at once when this process appended one, and on Redis
	// when another did. A record that another process wrote to an SQLite file is only found by asking for it, so a reader
	// asks now and then too. An error when ctx ends, or when this is not to be learned now.
	Await(ctx context.Context, after newswire.Cursor) error

	// TrimChanges drops the records from before a time.
	TrimChanges(ctx context.Context, before time.Time) error
}

// Schedule is the due index with leases.
type Schedule interface {
	// Due returns the whole index, by source. A leased source is there with the time at which it comes due again. With names,
	// only those are looked up.
	Due(ctx context.Context, only ...string) (map[string]time.Time, error)

	// Reschedule moves a source from one due time to another, if it is still there: a source that was claimed in the
	// meantime stays as it is, without error. A zero from adds a source that is absent; a zero to takes it out.
	// Times are kept in whole milliseconds.
	Reschedule(ctx context.Context, source string, from, to time.Time) error

	// Claim takes at most n due sources, the longest due first, and moves each forward by the lease, atomically. With
	// names, only those are taken. A crashed worker's source comes due again by itself when its lease ends. From the
	// moment Claim returns a lease, every write under an earlier lease of that source fails with ErrFenced.
	Claim(ctx context.Context, n int, lease time.Duration, only ...string) ([]Lease, error)

	// Next says what comes due next.
	Next(ctx context.Context) (Upcoming, error)

	// Align notes with which catalog the index of that name is in line. Where the index has another name by now, nothing is
	// noted.
	Align(ctx context.Context, index, catalog string) error

	// Postpone moves a claimed source's due time, typically to the next scheduled visit just before the request goes
	// out, so that a crash in the middle of it does not visit the publisher again too soon. ErrFenced.
	Postpone(ctx context.Context, lease Lease, until time.Time) error
}

// Upcoming is what the due index says of itself.
type Upcoming struct {
	Any bool          // whether there is a source in the index
	In  time.Duration // until one comes due, by the store's clock; nothing or less when one is due already
	At  time.Time     // now, by the store's clock

	// Index names the index. It is another name than before when the index was emptied by other means than Reschedule,
	// Record and Forget, or belongs to another store: then the sources are to be put into it again. It is empty only where
	// no source was ever put in or claimed.
	Index string

	// Catalog is what Align noted last of the index. It is empty where that was nothing, and while no source is in the index.
	Catalog string
}

// Lease is the right to visit one source and record the result.
type Lease struct {
	Source string
	Token  int64     // fencing token; a later lease of the source has a larger one
	Due    time.Time // when the source was due
	At     time.Time // when it was claimed, by the store's clock
	Until  time.Time // when it comes due again if no visit is recorded
}

// Postponement moves a claimed source's due time, as Schedule.Postpone does.
type Postponement struct {
	Lease Lease
	Until time.Time
}

// Domains keeps visits to one registrable domain apart, among all processes that share the store.
type Domains interface {
	// Enter takes the turn at a domain, for at most the lease: a crashed visitor's turn ends by itself. The turn is not
	// given, and its Key is empty, while another visitor has it and before the domain's Open.
	//
	// With the turn it makes the postponements, so that a visitor who sets out has both in one step. Where the turn is
	// not given the sources come due when their leases end. ErrFenced, and then the turn is not taken either.
	Enter(ctx context.Context, domain string, lease time.Duration, postpone ...Postponement) (Turn, error)

	// Extend has a turn that lasts end by itself after the lease from now on, for a visit that takes longer: a lease is to be
	// short, since no visitor enters until that of a crashed one has ended. ErrFenced when the turn was left, or another
	// one was given.
	Extend(ctx context.Context, turn Turn, lease time.Duration) error

	// Leave ends a turn and stores what it says is to be remembered of the domain. It may be repeated. ErrFenced when
	// another turn was given in the meantime, and then nothing is stored.
	Leave(ctx context.Context, turn Turn) error

	// Domains returns what is remembered of the domains. One at which no turn was ever ended by Leave is absent.
	Domains(ctx context.Context, domains ...string) (map[string]newswire.Domain, error)
}

// Turn is the right to send requests to a domain, one at a time, or the answer that another visitor has it.
type Turn struct {
	Domain     string
	Key        string          // names the turn; empty when it was not given
	At         time.Time       // of the asking, by the store's clock
	Until      time.Time       // when it ends by itself; of a turn that was not given, when asking again may help
	Remembered newswire.Domain // as the last visitor left it; what this one changes in it is stored on leaving
}

// Tombstones withdraw articles for good.
type Tombstones interface {
	// Withdraw puts a tombstone in the article's place: the text goes, every listing drops it, and the change log says
	// so. The store fills in AtomID, Source, Topics and At. A second Withdraw keeps the first tombstone and finishes
	// what a crash may have left. ErrNotFound for an article that is not there.
	Withdraw(ctx context.Context, articleID, reason string) (newswire.Tombstone, error)

	// Tombstone returns the tombstone of an article. ErrNotFound.
	Tombstone(ctx context.Context, articleID string) (newswire.Tombstone, error)

	// Tombstones returns those of a topic, which listed the articles when they were withdrawn: newest first by At and,
	// among equals, by descending Article; at most limit, which must be positive. Their order and their number are the
	// same in every store that has the same tombstones.
	Tombstones(ctx context.Context, topic newswire.Topic, limit int) ([]newswire.Tombstone, error)
}
