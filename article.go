package newswire

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"hash"
	"net/url"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/go-json-experiment/json"
	v1 "github.com/go-json-experiment/json/v1"
)

// Article is one piece that a publisher offered, cleaned, classified and attributed. It becomes an entry in Atom and
// an item in RSS and JSON Feed. Everything a feed says of it is a pure function of these fields.
//
// All strings are valid UTF-8; all times are UTC, whole milliseconds, and zero where nothing was said.
type Article struct {
	ID       string `json:"id"`       // ours: [ArticleID] of Source and GUID; safe in a URL and a file name
	Source   string `json:"source"`   // ID of the [Source] that offered it
	Revision int    `json:"revision"` // 1 when first recorded, one more for each change of content

	GUID      string `json:"guid"`                // the publisher's guid or atom:id, unchanged
	PermaLink bool   `json:"permalink,omitempty"` // RSS: the guid is also the article's address
	AtomID    string `json:"atom_id"`             // GUID where no other source can have given it, else a tag: URI with the source in it

	URL     string `json:"url,omitempty"`     // the publisher's page, absolute
	Title   string `json:"title,omitempty"`   // plain text, one line
	Summary string `json:"summary,omitempty"` // clean HTML: the publisher's own abstract
	Content string `json:"content,omitempty"` // clean HTML: the whole text, where the publisher gave it

	Authors      []Person `json:"authors,omitempty"`
	Contributors []Person `json:"contributors,omitempty"`

	Published time.Time `json:"published,omitzero"` // as the publisher said; frozen when first recorded
	Updated   time.Time `json:"updated,omitzero"`   // as the publisher said, of the article or of the document that brought its correction; moves only with the content
	FirstSeen time.Time `json:"first_seen"`         // when we first met it; without a date of its own, the date of the document that first offered it; frozen
	Listed    time.Time `json:"listed"`             // its place in listings, newest first; frozen

	Language   string      `json:"language,omitempty"`   // BCP 47
	Categories []string    `json:"categories,omitempty"` // IDs of the operator's categories, sorted
	Terms      []Term      `json:"terms,omitempty"`      // the publisher's own categories, tags and keywords
	Enclosures []Enclosure `json:"enclosures,omitempty"`
	Image      *Image      `json:"image,omitempty"`    // the lead picture
	Comments   string      `json:"comments,omitempty"` // address of a page for comments
	Links      []Link      `json:"links,omitempty"`    // via and related links that the publisher gave

	Offer     string     `json:"offer,omitempty"`     // digest of what the publisher offered, before it was read any further: equal offers make equal articles
	Rights    Rights     `json:"rights"`              // what holds: the publisher's words, and the operator's where there are none
	Stated    Rights     `json:"stated,omitzero"`     // the publisher's words alone
	Publisher Publisher  `json:"publisher"`           // the feed it came from, as that described itself then
	Upstream  *Publisher `json:"upstream,omitempty"`  // where the publisher took it from: an atom:source that was already there
	NoCredit  bool       `json:"no_credit,omitempty"` // the operator switched the visible credit line off

	// The store decides this by its own clock, when it records the article and whenever a limit of its rights passes.
	Phase Phase `json:"phase,omitempty"`

	// For the operator alone; no feed says any of it.
	Removed  []Removal `json:"removed,omitempty"`  // what cleaning took out of the text as no part of the article
	Held     string    `json:"held,omitempty"`     // why it looks injected into the publisher's pages, or that a rule holds or drops it; empty for all others
	Released bool      `json:"released,omitempty"` // the operator has read what is Held and wants it published
	Ruled    *Ruled    `json:"ruled,omitempty"`    // the operator's rules that applied; nil for none
}

// Ruled is what an operator's rules have made of an article. What they have changed stands in the article itself.
type Ruled struct {
	Rules    []AppliedRule `json:"rules"`              // in the order in which they applied
	Held     *string       `json:"held,omitempty"`     // what Article.Held was before them; nil where they left it
	Language *string       `json:"language,omitempty"` // likewise
}

// AppliedRule is a rule as it was when it applied.
type AppliedRule struct {
	Name string   `json:"name"`           // "rule 3"
	Line int      `json:"line,omitempty"` // in the config
	When string   `json:"when"`           // the beginning of its expression
	Do   []string `json:"do"`
}

// String names the rule and what it did.
func (r AppliedRule) String() string {
	return fmt.Sprintf("%s (line %d): %s: %s", r.Name, r.Line, r.When, strings.Join(r.Do, ", "))
}

// What Article.Held says where a rule has decided. Both are held; what is dropped waits for no review.
const (
	HeldByRule    = "a rule holds it"
	DroppedByRule = "a rule drops it"
)

// Removal is a part of a text that was not the article's own.
type Removal struct {
	Reason string `json:"reason"` // a few words that are the same for all of the kind: "hidden", "related reading"
	Text   string `json:"text"`   // plain text: its beginning, at most a few hundred characters
}

// Person is an author or a contributor. ID is ours and stable: the operator's author, or one derived from the source
// and the name; it names the topic author/ID.
type Person struct {
	ID    string `json:"id,omitempty"`
	Name  string `json:"name,omitempty"`
	Email string `json:"email,omitempty"`
	URL   string `json:"url,omitempty"`

	With   string `json:"with,omitempty"`   // IDs, with spaces between, of others for whom the one name stands: the operator says so
	Former string `json:"former,omitempty"` // IDs, with spaces between, that an author of this name has had: they lead to ID
}

// Term is a category in the publisher's own words (RFC 4287 §4.2.2).
type Term struct {
	Term   string `json:"term"`
	Scheme string `json:"scheme,omitempty"` // an IRI, or an RSS domain
	Label  string `json:"label,omitempty"`
}

// Enclosure is a file that belongs to an article: a recording, a film, a document.
type Enclosure struct {
	URL      string        `json:"url"`
	Type     string        `json:"type,omitempty"`   // media type
	Length   int64         `json:"length,omitempty"` // bytes; 0 when unknown
	Title    string        `json:"title,omitempty"`
	Duration time.Duration `json:"duration,omitempty"` // playing time; 0 when unknown
}

// Image is a picture with its credit.
type Image struct {
	URL    string `json:"url"`
	Type   string `json:"type,omitempty"` // media type
	Width  int    `json:"width,omitempty"`
	Height int    `json:"height,omitempty"`
	Title  string `json:"title,omitempty"`
	Credit string `json:"credit,omitempty"`
}

// Link is a typed link (RFC 8288) from an article to something that is not its own page.
type Link struct {
	Rel   string `json:"rel"` // via, related, license, …
	URL   string `json:"url"`
	Type  string `json:"type,omitempty"`
	Title string `json:"title,omitempty"`
}

// AuthorityOf is the host that gives guids like this one, in lower case: of an http, https or ftp address its host, of a tag:
// URI (RFC 4151) its authority. It is empty for every other guid.
func AuthorityOf(guid string) string {
	scheme, rest, _ := strings.Cut(guid, ":")
	switch strings.ToLower(scheme) {
	case "http", "https", "ftp":
		u, err := url.Parse(guid)
		if err != nil {
			return ""
		}
		return strings.ToLower(u.Hostname())
	case "tag":
		authority, _, _ := strings.Cut(rest, ",")
		return strings.ToLower(authority[strings.LastIndexByte(authority, '@')+1:])
	}
	return ""
}

// ArticleID derives an article's ID from its source and the publisher's guid: the source's ID, a dash, and 80 bits of
// the guid's SHA-256 in lower-case base32. A publisher can only ever collide with itself.
func ArticleID(source, guid string) string {
	return source + "-" + Hash(guid)[:16]
}

// SourceOf is the source that an article's ID names.
func SourceOf(articleID string) string {
	if i := strings.LastIndexByte(articleID, '-'); i >= 0 {
		return articleID[:i]
	}
	return articleID
}

// Hash is SHA-256 of the parts, each ended by a NUL, in lower-case base32 without padding: 52 characters that are safe
// in URLs and file names.
func Hash(parts ...string) string {
	var memory [512]byte // most are short, and take none from the heap
	line := memory[:0]
	for _, p := range parts {
		if len(line)+len(p) >= len(memory) {
			return base32Lower.EncodeToString(sumOf(parts))
		}
		line = append(append(line, p...), 0)
	}
	sum := sha256.Sum256(line)
	return base32Lower.EncodeToString(sum[:])
}

// sumOf is the SHA-256 of long parts, which need not be there once more to be hashed.
func sumOf(parts []string) []byte {
	const most = 512
	h := sha256.New()
	piece := make([]byte, 0, most+1)
	for _, p := range parts {
		for ; len(p) > most; p = p[most:] {
			h.Write(append(piece, p[:most]...))
		}
		h.Write(append(append(piece, p...), 0))
	}
	return h.Sum(nil)
}

var base32Lower = base32.NewEncoding("abcdefghijklmnopqrstuvwxyz234567").WithPadding(base32.NoPadding)

// Public says whether readers may see the article. One that is held, waits for its time or is past it is stored, so that
// it is known when its publisher offers it again, and listed for the operator alone.
func (a *Article) Public() bool { return !a.UnderReview() && a.Phase == Open }

// UnderReview says whether the article is held, and waits for the operator's review.
func (a *Article) UnderReview() bool { return a.Held != "" && !a.Released }

// WhyHeld says why the article is held, with the operator's rules where they decided that.
func (a *Article) WhyHeld() string {
	if a.Ruled == nil || a.Held != HeldByRule && a.Held != DroppedByRule {
		return a.Held
	}
	names := make([]string, len(a.Ruled.Rules))
	for i, r := range a.Ruled.Rules {
		names[i] = r.String()
	}
	return a.Held + ": " + strings.Join(names, "; ")
}

// NextLimit is the time at which the phase that it is in ends; zero if that never does.
func (a *Article) NextLimit() time.Time {
	r := &a.Rights
	switch {
	case a.Phase == Waiting && (r.Until.IsZero() || r.From.Before(r.Until)):
		return r.From
	case a.Phase != Expired:
		return r.Until
	}
	return time.Time{}
}

// Topics are the listings that the article belongs to, sorted, without repeats: all, its source, its categories, its
// authors and the ids that these had; or the one of the source's held articles, or of those that are not at their time.
func (a *Article) Topics() []Topic {
	switch {
	case a.UnderReview():
		return []Topic{HeldTopic(a.Source)}
	case a.Phase != Open:
		return []Topic{UnlistedTopic(a.Source)}
	}
	topics := []Topic{All, SourceTopic(a.Source)}
	for _, c := range a.Categories {
		topics = append(topics, CategoryTopic(c))
	}
	for _, p := range a.Authors {
		if p.ID == "" {
			continue
		}
		topics = append(topics, AuthorTopic(p.ID))
		for id := range strings.FieldsSeq(p.With) {
			topics = append(topics, AuthorTopic(id))
		}
		for id := range strings.FieldsSeq(p.Former) {
			topics = append(topics, FormerTopic(id))
		}
	}
	slices.Sort(topics)
	return slices.Compact(topics)
}

// Modified is when the article last changed by the best word there is: updated, else published, else first seen. It is
// never the time of a visit that found nothing new.
func (a *Article) Modified() time.Time {
	switch {
	case !a.Updated.IsZero():
		return a.Updated
	case !a.Published.IsZero():
		return a.Published
	default:
		return a.FirstSeen
	}
}

// Digest identifies the content: two offers of an article with equal digests are the same revision. Dates are left out,
// for a publisher that re-dates its items on every visit has not changed them; so is what the publisher's feed says of
// itself at the moment, and what we assign: a release lasts as long as the content does. When an article may be shown is
// no content of it either. Of what was removed only the reasons count, for injected links change from visit to visit.
func (a *Article) Digest() string {
	w := digests.Get().(*digest)
	defer w.free()
	d := &w.article
	*d = *a
	d.Revision, d.Offer, d.Released, d.Phase, d.Ruled = 0, "", false, Open, nil
	d.Rights.Since, d.Rights.From, d.Rights.Until = time.Time{}, time.Time{}, time.Time{}
	d.Stated.Since, d.Stated.From, d.Stated.Until = time.Time{}, time.Time{}, time.Time{}
	d.Removed = reasons(a.Removed)
	d.Published, d.Updated, d.FirstSeen, d.Listed = time.Time{}, time.Time{}, time.Time{}, time.Time{}
	d.Publisher.Updated = time.Time{}
	if d.Upstream != nil {
		up := *d.Upstream
		up.Updated = time.Time{}
		d.Upstream = &up
	}
	if err := json.MarshalWrite(w.sum, d, asEver); err != nil {
		panic("newswire: an article of strings, numbers and times does not marshal: " + err.Error())
	}
	var sum [sha256.Size]byte
	return hex.EncodeToString(w.sum.Sum(sum[:0])[:16])
}

// asEver is JSON as encoding/json writes it, byte for byte: digests are stored. This implementation takes half of the time.
var asEver = v1.DefaultOptionsV1()

// digest is what a digest is made with. It is used again: there are as many as articles that are offered.
type digest struct {
	article Article
	sum     hash.Hash
}

var digests = sync.Pool{New: func() any { return &digest{sum: sha256.New()} }}

func (d *digest) free() {
	d.article = Article{}
	d.sum.Reset()
	digests.Put(d)
}

// reasons are the removals' reasons alone, each once.
func reasons(removed []Removal) []Removal {
	var out []Removal
	for _, r := range removed {
		if reason := (Removal{Reason: r.Reason}); !slices.Contains(out, reason) {
			out = append(out, reason)
		}
	}
	return out
}
