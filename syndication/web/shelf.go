package web

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/newswire/newswire"
)

// shelf keeps what was rendered, within a bound of bytes. What was used longest ago goes first.
type shelf struct {
	limit    int64                       // bytes
	evicted  func(n int)                 // told how many went; may be nil
	mu       sync.RWMutex                // guards what follows, and the fields of resources that say so
	sections map[newswire.Topic]*section // those with at least one resource
	bytes    int64                       // charged to all resources
	variants int                         // resources that are variants
}

// mostVariants is how many variants of feeds are kept: few readers ask for each, and one who tries them all must not drive
// the plain feeds off the shelf.
const mostVariants = 1024

// resource is one address that can be asked for: a topic in one format, or a page.
type resource struct {
	topic   newswire.Topic
	name    string
	variant bool
	kept    bool
	section *section

	revision atomic.Pointer[revision] // the last good one; nil before the first
	current  atomic.Int64             // Unix nanoseconds at which the revision was last served and known to be up to date
	retry    atomic.Int64             // Unix nanoseconds before which it is not rendered again, after an error

	shelved bool  // guarded by shelf.mu
	charged int64 // bytes; guarded by shelf.mu

	renewing atomic.Bool // it is in the queue of [Server.renew]

	written written // for [Server.keep] alone
}

// revision is a document, and how new it is.
type revision struct {
	*document
	asOf
}

// asOf is how new something is that was made of what the store said.
type asOf struct {
	mark int64 // the last mark when the store was asked: everything marked until then is contained
	read int64 // Unix nanoseconds at which the store was asked
}

// get returns a target's resource, shelving an empty one if there is none.
func (s *shelf) get(want *target) *resource {
	topic, name := want.topic, want.name
	s.mu.RLock()
	if at := s.sections[topic]; at != nil {
		if res := at.resources[name]; res != nil {
			s.mu.RUnlock()
			return res
		}
	}
	s.mu.RUnlock()

	s.mu.Lock()
	defer s.mu.Unlock()
	at := s.sections[topic]
	if at == nil {
		at = &section{resources: map[string]*resource{}}
		if s.sections == nil {
			s.sections = map[newswire.Topic]*section{}
		}
		s.sections[topic] = at
	}
	res := at.resources[name]
	if res == nil {
		res = &resource{topic: topic, name: name, variant: want.variant, kept: want.kept, section: at, shelved: true}
		at.resources[name] = res
		if want.variant {
			s.variants++
		}
	}
	return res
}

// note has a topic's revisions become stale that were begun before some news.
func (s *shelf) note(topic newswire.Topic, n news) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if at := s.sections[topic]; at != nil {
		at.note(n)
	}
}

// charge counts what a resource takes by now, and makes room.
func (s *shelf) charge(res *resource) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rev := res.revision.Load()
	if !res.shelved || rev == nil {
		return // it went while it was being rendered: whoever asked has it, nobody keeps it
	}
	size := rev.size.Load()
	s.bytes += size - res.charged
	res.charged = size
	if s.variants > mostVariants {
		s.makeRoom(func(res *resource) bool { return res.variant }, func() bool { return s.variants > mostVariants/8*7 })
	}
	if s.bytes > s.limit {
		s.makeRoom(func(res *resource) bool { return res.charged > 0 }, func() bool { return s.bytes > s.limit/8*7 })
	}
}

// kept is the resources that belong into a snapshot.
func (s *shelf) kept() []*resource {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var kept []*resource
	for _, at := range s.sections {
		for _, res := range at.resources {
			if res.kept {
				kept = append(kept, res)
			}
		}
	}
	return kept
}

// drop takes a resource off the shelf.
func (s *shelf) drop(res *resource) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(res)
}

// size is how many bytes are kept.
func (s *shelf) size() int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.bytes
}

// makeRoom takes resources of a kind off the shelf while there are too many. Callers let it go on to seven eighths of their
// limit, so that the sorting is paid for by many renderings.
func (s *shelf) makeRoom(kind func(*resource) bool, tooMany func() bool) {
	var all []*resource
	for _, at := range s.sections {
		for _, res := range at.resources {
			if kind(res) {
				all = append(all, res)
			}
		}
	}
	used := make(map[*resource]int64, len(all)) // as it was when sorting began: readers go on
	for _, res := range all {
		used[res] = res.current.Load()
	}
	slices.SortFunc(all, func(a, b *resource) int { return cmp.Compare(used[a], used[b]) })
	n := 0
	for _, res := range all {
		if !tooMany() {
			break
		}
		s.remove(res)
		n++
	}
	if s.evicted != nil {
		s.evicted(n)
	}
}

func (s *shelf) remove(res *resource) {
	if !res.shelved {
		return
	}
	res.shelved = false
	s.bytes -= res.charged
	if res.variant {
		s.variants--
	}
	delete(res.section.resources, res.name)
	if len(res.section.resources) == 0 {
		delete(s.sections, res.topic)
	}
}
