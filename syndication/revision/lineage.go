package revision

import (
	"hash/maphash"
	"slices"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/parts"
)

// lineage is what a feed's revision remembers of those before it: enough to say what has changed since any of them.
// Revisions are numbered; only those that differ in their bytes count.
type lineage struct {
	number  int       // of this revision
	entries []entry   // in the feed's order
	more    bool      // the topic has, or may have, articles that are older than the last of these
	removed int       // the number of the last revision that lacks, without a tombstone, an article which the one before it had
	past    []edition // the earlier ones, oldest first

	stones    map[uint64]bool // the ids of articles that the feed says were withdrawn
	withdrawn map[uint64]int  // of those, the numbers of the first revisions without the articles
}

// entry is an article in a feed.
type entry struct {
	id     uint64 // a hash of what readers tell it by
	bytes  uint64 // a hash of what the feed says of it
	since  int    // the number of the revision since which it says that
	listed time.Time
}

// edition is an earlier revision.
type edition struct {
	tag    string // as in representation
	number int
}

// editions is how many earlier revisions a feed remembers. It takes some fifty bytes for each.
const editions = 64

// hashes are compared within a process only.
var seed = maphash.MakeSeed()

// newLineage lists what is in a feed.
func newLineage(doc *parts.Document, f *newswire.Feed, more bool) *lineage {
	l := &lineage{number: 1, entries: make([]entry, len(doc.Articles)), more: more, stones: map[uint64]bool{}, withdrawn: map[uint64]int{}}
	for i := range f.Tombstones {
		l.stones[maphash.String(seed, f.Tombstones[i].AtomID)] = true
	}
	for i := range doc.Articles {
		a := &f.Articles[i]
		l.entries[i] = entry{maphash.String(seed, a.AtomID), maphash.Bytes(seed, doc.Article(i)), l.number, a.Listed}
	}
	return l
}

// follow makes it the lineage of the revision after another one, which had a tag.
func (l *lineage) follow(before *lineage, tag string) {
	l.number, l.removed = before.number+1, before.removed
	l.past = append(l.past, before.past[max(0, len(before.past)-editions+1):]...)
	l.past = append(l.past, edition{tag, before.number})
	known := make(map[uint64]entry, len(before.entries))
	for _, e := range before.entries {
		known[e.id] = e
	}
	for i := range l.entries {
		e := &l.entries[i]
		old, ok := known[e.id]
		if e.since = l.number; ok && old.bytes == e.bytes {
			e.since = old.since
		}
		delete(known, e.id)
	}
	for id, number := range before.withdrawn {
		if l.stones[id] {
			l.withdrawn[id] = number
		} else { // its tombstone made room for newer ones
			l.removed = max(l.removed, number)
		}
	}
	for _, e := range known {
		switch {
		case l.stones[e.id]:
			l.withdrawn[e.id] = l.number
		case !l.fellOff(e):
			l.removed = l.number
		}
	}
}

// fellOff says whether an entry that is not there any more only made room for newer ones at the end of a full feed. It is
// then as it always was, and a reader that still has it has nothing wrong.
func (l *lineage) fellOff(e entry) bool {
	return l.more && len(l.entries) > 0 && e.listed.Before(l.entries[len(l.entries)-1].listed)
}

// numberOf is the number of an earlier revision with a tag; 0 where there is none. The last counts: a feed may have been the same
// twice.
func (l *lineage) numberOf(tag string) int {
	for _, e := range slices.Backward(l.past) {
		if e.tag == tag {
			return e.number
		}
	}
	return 0
}

// since returns the positions of the articles that are new or changed since an earlier revision. It reports false when that
// would not say everything, because an article was removed without a tombstone, and when everything has changed.
func (l *lineage) since(number int) (positions []int, ok bool) {
	if l.removed > number {
		return nil, false
	}
	for i, e := range l.entries {
		if e.since > number {
			positions = append(positions, i)
		}
	}
	return positions, len(positions) < len(l.entries)
}

// size is what it takes in memory, roughly, in bytes.
func (l *lineage) size() int64 {
	return int64(len(l.entries))*48 + editions*80 + int64(len(l.stones))*64
}
