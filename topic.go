package newswire

import (
	"fmt"
	"strings"
)

// Topic names a listing of articles, and with it a feed: "all", "category/ID", "author/ID" or "source/ID". What is held
// is listed under "held/SOURCE", what waits for its time or is past it under "unlisted/SOURCE", and what is by an author whose
// id was another once under "former/ID". These are no feeds: [ParseTopic] does not know them.
type Topic string

// Kind is a topic's first word.
type Kind string

// The kinds of topic.
const (
	KindAll      Kind = "all"
	KindCategory Kind = "category"
	KindAuthor   Kind = "author"
	KindSource   Kind = "source"
	KindHeld     Kind = "held"     // for the operator alone
	KindUnlisted Kind = "unlisted" // for the operator alone
	KindSearch   Kind = "search"   // what a reader looks for; the store has no such listing
	KindFormer   Kind = "former"   // so that an address which was published leads on
)

// All is the topic that lists every article.
const All Topic = "all"

// Search is the topic of every feed of what a reader looks for, which its Query says.
const Search Topic = "search"

// CategoryTopic lists one of the operator's categories.
func CategoryTopic(id string) Topic { return Topic(string(KindCategory) + "/" + id) }

// AuthorTopic lists one author, by [Person] ID.
func AuthorTopic(id string) Topic { return Topic(string(KindAuthor) + "/" + id) }

// SourceTopic lists one source.
func SourceTopic(id string) Topic { return Topic(string(KindSource) + "/" + id) }

// HeldTopic lists a source's articles that are held.
func HeldTopic(source string) Topic { return Topic(string(KindHeld) + "/" + source) }

// UnlistedTopic lists a source's articles that wait for the time from which they may be shown, and those that may be shown no
// more.
func UnlistedTopic(source string) Topic { return Topic(string(KindUnlisted) + "/" + source) }

// Public says whether it is the listing of a feed, or leads to one.
func (t Topic) Public() bool {
	kind := t.Kind()
	return kind != KindHeld && kind != KindUnlisted
}

// FormerTopic lists the articles of an author by an ID that the author had, and has no more.
func FormerTopic(id string) Topic { return Topic(string(KindFormer) + "/" + id) }

// ParseTopic reads a topic as it stands in a feed's address. The error wraps [ErrNotFound].
func ParseTopic(s string) (Topic, error) {
	kind, id, ok := strings.Cut(s, "/")
	switch Kind(kind) {
	case KindAll:
		if !ok {
			return All, nil
		}
	case KindCategory, KindAuthor, KindSource:
		if ok && ValidID(id) {
			return Topic(s), nil
		}
	}
	return "", fmt.Errorf("topic %q: %w", s, ErrNotFound)
}

// Kind is the topic's first word.
func (t Topic) Kind() Kind {
	kind, _, _ := strings.Cut(string(t), "/")
	return Kind(kind)
}

// ID is what follows the kind; empty for [All].
func (t Topic) ID() string {
	_, id, _ := strings.Cut(string(t), "/")
	return id
}

// ValidID says whether an ID may stand in an address: 1 to 128 lower-case ASCII letters, digits, dashes, dots and
// underscores, the first a letter or digit.
func ValidID(id string) bool {
	if id == "" || len(id) > 128 {
		return false
	}
	for i := range len(id) {
		c := id[i]
		switch {
		case c >= 'a' && c <= 'z', c >= '0' && c <= '9':
		case i > 0 && (c == '-' || c == '.' || c == '_'):
		default:
			return false
		}
	}
	return true
}
