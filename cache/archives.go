package cache

import (
	"context"
	"strconv"
	"time"

	"github.com/newswire/newswire"
)

// Archives keeps the archive of each topic: pages that never change once they are there, as RFC 5005 §4 wants it of
// what is published from them.
//
// A page is a set of articles, each in one version, under a number of the topic: 1, 2, 3, and so on, none of which is
// ever given twice. It is closed from its first moment: no article joins it later. It is retired, as a whole and for
// good, as soon as one of its articles gets another [Known.Version] or leaves the topic. The others of its articles are
// then in no page, and the next call of Archive gives them new ones. So no article is ever in two pages that stand.
type Archives interface {
	// Archive closes pages until every article of the topic that is listed after the cursor, which is a [Page]'s Next, is
	// in one, and returns the number of the newest page that stands; 0 if there is none. The oldest articles go first,
	// size to a page, which must be positive. What is free in the last page is taken by those of the size/2 articles
	// before the cursor that are in no page, the oldest first, so that a trickle of articles does not make a page of each.
	//
	// The settings name everything besides the articles that pages are published with. When they are not those of the
	// last call, all pages are retired first.
	//
	// The result is the same in every store that was given the same. It may be repeated, and cut short: what is
	// closed stays so. ErrCursor.
	Archive(ctx context.Context, topic newswire.Topic, settings string, after newswire.Cursor, size int) (newest int, err error)

	// Archived returns a page of a topic's archive. ErrNotFound for a number that was never given.
	Archived(ctx context.Context, topic newswire.Topic, number int) (ArchivePage, error)
}

// ArchivePage is a page of an archive, or the place where one was.
type ArchivePage struct {
	Articles []newswire.Article // newest first, as in a listing; none if the page was retired
	Settings string             // as they were said last
	Older    int                // number of the next older page that stands; 0 if there is none
}

// Version tells one state of an article from another by everything that may be published of it: where versions are equal,
// so is the article to the letter, but for the times at which its publisher's feeds were last updated
// ([newswire.Publisher.Updated]), which a visit moves without a change record. How it was offered is no part of it.
func (k Known) Version() string {
	at := func(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 36) }
	return newswire.Hash(k.Digest, strconv.Itoa(k.Revision), at(k.Published), at(k.Updated), at(k.FirstSeen), at(k.Listed))[:16]
}
