package newswire

import "time"

// Validators are what a publisher handed us to ask "has this changed?" with (RFC 9110 §8.8): opaque bytes, echoed
// verbatim, both of them.
type Validators struct {
	ETag         string `json:"etag,omitempty"`
	LastModified string `json:"last_modified,omitempty"`
}

// State is what is remembered of a source from one visit to the next.
type State struct {
	Source     string     `json:"source"`
	Configured string     `json:"configured,omitempty"` // the operator's address at the last visit
	URL        string     `json:"url,omitempty"`        // the address that answered; validators hold for it alone
	Validators Validators `json:"validators,omitzero"`
	Body       string     `json:"body,omitempty"`     // digest of the last document taken in
	Sent       Sent       `json:"sent,omitzero"`      // how that document came; where Body is empty, it says nothing
	Document   time.Time  `json:"document,omitzero"`  // date of that document
	Delivered  time.Time  `json:"delivered,omitzero"` // when the publisher last sent a whole document
	Stuck      string     `json:"stuck,omitempty"`    // a Last-Modified that has stayed while the document changed
	Reading    string     `json:"reading,omitempty"`  // digest of the operator's settings that the last document was read by
	Settings   string     `json:"settings,omitempty"` // digest of the operator's settings that stored articles were classified by
	Schedule   string     `json:"schedule,omitempty"` // the spec that Due was computed from

	Due       time.Time `json:"due,omitzero"`        // when the next visit is due
	Why       string    `json:"why,omitempty"`       // why Due is when it is: "schedule @every 1h"
	NotBefore time.Time `json:"not_before,omitzero"` // the publisher's own wish: no visit before, not for an operator either
	Wish      string    `json:"wish,omitempty"`      // the words behind NotBefore: "max-age of 1800 s"

	Usage   Usage  `json:"usage,omitempty"`   // what robots.txt said last that machines may do with the document
	License string `json:"license,omitempty"` // the licence for machines that it named

	Feed    string            `json:"feed,omitempty"`   // what the last document called itself: an atom:id, or nothing
	Rhythm  time.Duration     `json:"rhythm,omitempty"` // between two changes, smoothed; 0 before the second
	Cadence Cadence           `json:"cadence,omitzero"`
	Moved   Move              `json:"moved,omitzero"`
	Paused  Pause             `json:"paused,omitzero"`
	Push    Push              `json:"push,omitzero"`
	Unread  []Unread          `json:"unread,omitempty"`
	Shared  map[string]string `json:"shared,omitempty"`  // guids that several articles were given, hashed: what tells these apart, "address" or "date"
	Churned time.Time         `json:"churned,omitzero"`  // the last visit that found articles whose guids had changed
	Doubted bool              `json:"doubted,omitempty"` // the last document withdrew so many articles that the operator is asked first
	Retired time.Time         `json:"retired,omitzero"`  // when the source was found to be in the config no more
	Kept    Retention         `json:"kept,omitzero"`     // by what the source was last swept
	Swept   time.Time         `json:"swept,omitzero"`    // when that was; zero: more may be beyond it since
	Health  Health            `json:"health,omitzero"`

	Days      Days `json:"days,omitempty"`      // what came of its visits, by day
	Noted     int  `json:"noted,omitempty"`     // visits that there ever was a Note of
	Confirmed int  `json:"confirmed,omitempty"` // visits since the last of these, that were answered 304
}

// Sent is how a document came over the wire, compressed. It is zero for one that was not compressed.
type Sent struct {
	Digest string `json:"digest,omitempty"` // of what came, with all by which it is read
	Bytes  int    `json:"bytes,omitempty"`  // of the document, inflated
}

// Unread is an article whose own page is still to be read: a page source or a full-text source reads a few in a visit.
type Unread struct {
	Article  Article   `json:"article"`            // as the document offered it, not cleaned
	Base     string    `json:"base,omitempty"`     // of relative addresses in it
	Position int       `json:"position,omitempty"` // in its document
	Dated    time.Time `json:"dated,omitzero"`     // date of its document; zero where that has none
	Tries    int       `json:"tries,omitempty"`    // visits to its page that failed
}

// Cadence is what a publisher's document asks of its visitors. Zero fields ask nothing.
type Cadence struct {
	TTL       time.Duration  `json:"ttl,omitempty"`        // RSS ttl: how long a copy may be kept
	SkipHours []int          `json:"skip_hours,omitempty"` // RSS skipHours: hours of the day, 0 to 23 in GMT, in which not to come; sorted
	SkipDays  []time.Weekday `json:"skip_days,omitempty"`  // RSS skipDays: days of the week in GMT on which not to come; sorted
	Period    time.Duration  `json:"period,omitempty"`     // sy:updatePeriod divided by sy:updateFrequency: the time between two updates
	Base      time.Time      `json:"base,omitzero"`        // sy:updateBase: when updates count from
}

// Move is a permanent redirect (301, 308) that is being watched until it is believed.
type Move struct {
	To        string    `json:"to,omitempty"`
	Foreign   bool      `json:"foreign,omitempty"` // another feed is there than the one that moved: it is never believed
	Sightings int       `json:"sightings,omitempty"`
	Since     time.Time `json:"since,omitzero"` // of the first sighting
	Last      time.Time `json:"last,omitzero"`  // of the latest sighting
}

// Pause is the operator's word that a source is not visited for now.
type Pause struct {
	Since  time.Time `json:"since,omitzero"` // zero: it is visited
	Reason string    `json:"reason,omitempty"`
}

// On says whether the source is paused.
func (p Pause) On() bool { return !p.Since.IsZero() }

// String says since when, and why.
func (p Pause) String() string {
	text := "paused since " + p.Since.UTC().Format("2006-01-02 15:04 UTC")
	if p.Reason != "" {
		text += ": " + p.Reason
	}
	return text
}

// Health is how a source fares.
type Health struct {
	LastVisit   time.Time `json:"last_visit,omitzero"`
	LastSuccess time.Time `json:"last_success,omitzero"` // a 200, 226 or 304 that could be read
	LastChange  time.Time `json:"last_change,omitzero"`  // a visit that brought a new or changed article
	Status      int       `json:"status,omitempty"`      // HTTP status of the last answer; 0 when there was none
	Failures    int       `json:"failures,omitempty"`    // in a row
	Error       string    `json:"error,omitempty"`       // of the last visit, without secrets
	Stopped     string    `json:"stopped,omitempty"`     // why the source is visited no more: "410 Gone on 2026-11-01"
	Offered     int       `json:"offered,omitempty"`     // articles in the last document
	Undated     int       `json:"undated,omitempty"`     // of these, without a date
	Newest      time.Time `json:"newest,omitzero"`       // the newest date among them
	Unmatched   []string  `json:"unmatched,omitempty"`   // the operator's selectors that found nothing on pages of articles, by name
}

// Visit is the result of one visit, as it is recorded.
type Visit struct {
	Source   string
	At       time.Time // when the answer was there
	Articles []Article // the new and the changed ones, whole, with their new Revision
	Offered  []string  // IDs of all articles in the document; nil when there was no whole document (304, 226, failure)
	Note     *Note     // for operators: the State.Noted-th of the source; nil where the visit is counted only
	State    State     // to be remembered; State.Due is the next due time, zero to stop visiting
}
