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
	// Archive takes a step towards a closing: it closes some pages, of which the oldest articles go first, and returns the
	// number of the newest page that stands, 0 if there is none, and whether there is more to do. A step takes a bounded
	// time, however long the archive is. What is free in the last page is taken by those of the Size/2 articles before the
	// cursor that are in no page, the oldest first, so that a trickle of articles does not make a page of each.
	//
	// While the settings are not those under which pages were closed last, a step retires some pages, and no page counts as
	// one that stands. When all are retired, the settings are the new ones.
	//
	// The pages are the same in every store that was given the same. A step may be repeated, by several processes too, and
	// steps may end at any point: what is closed stays so. ErrCursor.
	Archive(ctx context.Context, c Closing) (newest int, more bool, err error)

	// Newest returns the number of the newest page that stands under settings, as Archive would return it; 0 if there is none. It
	// closes nothing, and takes a bounded time.
	Newest(ctx context.Context, topic newswire.Topic, settings string) (number int, err error)

	// Archived returns a page of a topic's archive. ErrNotFound for a number that was never given.
	Archived(ctx context.Context, topic newswire.Topic, number int) (ArchivePage, error)
}

// Closing is what pages of an archive are to be closed.
type Closing struct {
	Topic    newswire.Topic
	Settings string          // names everything besides the articles that pages are published with
	After    newswire.Cursor // of what is listed after it, a [Page]'s Next, every article comes into a page; empty: of everything
	Size     int             // articles to a page; positive
}

// Close takes steps of [Archives.Archive] until there is no more to do, and returns the number of the newest page.
func Close(ctx context.Context, store interface {
	Archive(ctx context.Context, c Closing) (newest int, more bool, err error)
}, c Closing,
) (newest int, err error) {
	for more := true; more && err == nil; {
		newest, more, err = store.Archive(ctx, c)
	}
	return newest, err
}

// ArchivePage is a page of an archive, or the place where one was.
type ArchivePage struct {
	Articles []newswire.Article // newest first, as in a listing; none if the page was retired
	Settings string             // under which pages are closed; the earlier ones until all pages of these are retired
	Older    int                // number of the next older page that stands; 0 if there is none
}

// Version tells one state of an article from another by everything that may be published of it: where versions are equal,
// so is the article to the letter, but for the times at which its publisher's feeds were last updated
// ([newswire.Publisher.Updated]), which a visit moves without a change record. How it was offered is no part of it.
func (k Known) Version() string {
	at := func(t time.Time) string { return strconv.FormatInt(t.UnixMilli(), 36) }
	return newswire.Hash(k.Digest, strconv.Itoa(k.Revision), at(k.Published), at(k.Updated), at(k.FirstSeen), at(k.Listed))[:16]
}
