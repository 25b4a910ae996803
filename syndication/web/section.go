package web

import (
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/singleflight"
)

// section is the resources that a change of one topic makes stale.
type section struct {
	stale     atomic.Int64            // the last mark
	reading   atomic.Pointer[reading] // the last; nil if it is not kept
	reads     singleflight.Group      // one reading at a time
	resources map[string]*resource    // by name; guarded by shelf.mu

	mu   sync.Mutex // guards news
	news []news     // the latest, in the order of their marks
}

// news is what one poll of the change log said of a topic.
type news struct {
	mark  int64 // the last that it made
	after int64 // Unix nanoseconds: what was committed until then was heard of before
}

// mostNews is how many a section remembers; earlier ones count as one.
const mostNews = 8

// note makes what was begun before some news stale.
func (at *section) note(n news) {
	at.mu.Lock()
	defer at.mu.Unlock()
	switch last := len(at.news) - 1; {
	case last >= 0 && at.news[last].after == n.after:
		at.news[last].mark = n.mark
	case last+1 == mostNews:
		at.news[1].after = min(at.news[0].after, at.news[1].after)
		at.news = append(slices.Delete(at.news, 0, 1), n)
	default:
		at.news = append(at.news, n)
	}
	raise(&at.stale, n.mark)
}

// completeUntil is the time, in Unix nanoseconds, until which what has a mark contains everything that was committed. It is
// far away when nothing was heard of since the mark.
func (at *section) completeUntil(mark int64) int64 {
	at.mu.Lock()
	defer at.mu.Unlock()
	until := int64(math.MaxInt64)
	for _, n := range at.news {
		if n.mark > mark {
			until = min(until, n.after)
		}
	}
	return until
}
