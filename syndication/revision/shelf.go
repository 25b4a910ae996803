package revision

import (
	"cmp"
	"hash/maphash"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/newswire/newswire"
)

// shelf has the revisions in memory, within a bound of bytes. What was used longest ago goes first.
type shelf struct {
	limit    int64                          // bytes
	evicted  func(n int)                    // told how many went
	mu       sync.RWMutex                   // guards what follows, and the fields of resources that say so
	topics   map[newswire.Topic]*topicState // those with at least one resource
	bytes    int64                          // charged to all resources
	variants int                            // resources that are variants
}

// mostVariants is how many variants are shelved: few readers ask for each, and one that tries them all must not drive the
// plain feeds off the shelf.
const mostVariants = 1024

// resource is one address that can be asked for: a topic in one format, or a page.
type resource struct {
	topic   *topicState
	name    string
	archive bool
	variant bool
	persist bool
	stale   *atomic.Int64 // the last mark that concerns it; one of its topic's

	revision atomic.Pointer[revision] // the last good one; nil before the first
	current  atomic.Int64             // Unix nanoseconds at which the revision was last served and known to be up to date
	retry    atomic.Int64             // Unix nanoseconds before which it is not rendered again, after an error

	shelved bool  // guarded by shelf.mu
	charged int64 // bytes; guarded by shelf.mu

	renewing atomic.Bool // it is in Engine.renewals

	written written // for [Engine.persist] alone
}

// archivePath stands between a topic and the number of an archive's page in names that outlive the process.
const archivePath = "/archive/"

// label is what a topic, or its archive, is called in the log and in names of files.
func label(topic newswire.Topic, archive bool) newswire.Topic {
	if archive {
		return topic + archivePath
	}
	return topic
}

func (t *Target) label() string { return string(label(t.Topic, t.Archive)) + " " + t.Name }

func (r *resource) label() newswire.Topic { return label(r.topic.topic, r.archive) }

// revision is a representation, and how new it is.
type revision struct {
	*representation
	asOf
}

// asOf is how new something is that was made of what the store said.
type asOf struct {
	mark int64 // the last mark when the store was asked: everything marked until then is contained
	read int64 // Unix nanoseconds at which the store was asked
}

// get returns a target's resource, shelving an empty one if there is none.
func (s *shelf) get(want *Target) *resource {
	s.mu.RLock()
	if topic := s.topics[want.Topic]; topic != nil {
		if res := topic.resources[want.Name]; res != nil {
			s.mu.RUnlock()
			return res
		}
	}
	s.mu.RUnlock()

	s.mu.Lock()
	defer s.mu.Unlock()
	topic := s.topics[want.Topic]
	if topic == nil {
		topic = newTopicState(want.Topic)
		if s.topics == nil {
			s.topics = map[newswire.Topic]*topicState{}
		}
		s.topics[want.Topic] = topic
	}
	res := topic.resources[want.Name]
	if res == nil {
		res = topic.newResource(want)
		topic.resources[want.Name] = res
		if want.Variant {
			s.variants++
		}
	}
	return res
}

// mark has a topic's revisions become stale that were begun before some news.
func (s *shelf) mark(topic newswire.Topic, n news, revised bool) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if state := s.topics[topic]; state != nil {
		state.mark(n, revised)
	}
}

// charge counts what a resource takes by now, and makes room.
func (s *shelf) charge(res *resource) {
	s.mu.Lock()
	defer s.mu.Unlock()
	rev := res.revision.Load()
	if !res.shelved || rev == nil {
		return // it went while it was being rendered: the readers that asked have it, and it is not shelved again
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

// persistent is the resources that belong into a snapshot.
func (s *shelf) persistent() []*resource {
	return s.matching(func(res *resource) bool { return res.persist })
}

// matching is the resources of a kind.
func (s *shelf) matching(kind func(*resource) bool) []*resource {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.all(kind)
}

// all is the resources of a kind. The caller holds the lock.
func (s *shelf) all(kind func(*resource) bool) []*resource {
	var all []*resource
	for _, topic := range s.topics {
		for _, res := range topic.resources {
			if kind(res) {
				all = append(all, res)
			}
		}
	}
	return all
}

// drop takes a resource off the shelf.
func (s *shelf) drop(res *resource) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.remove(res)
}

// size is how many bytes are charged.
func (s *shelf) size() int64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.bytes
}

// makeRoom takes resources of a kind off the shelf while there are too many. Callers let it go on to seven eighths of their
// limit, so that the sorting is paid for by many renderings.
func (s *shelf) makeRoom(kind func(*resource) bool, tooMany func() bool) {
	all := s.all(kind)
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
	s.evicted(n)
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
	delete(res.topic.resources, res.name)
	if len(res.topic.resources) == 0 {
		delete(s.topics, res.topic.topic)
	}
}

// asked remembers which variants were asked for lately, so that one that is asked for once is neither shelved nor persisted:
// a reader comes back, and one that tries what there might be does not.
type asked struct {
	seed   maphash.Seed
	recent [8192]atomic.Uint64 // hashes of labels, each at the index that it says, until another one replaces it
}

// again says whether a label was asked for before, and remembers it.
func (a *asked) again(label string) bool {
	hash := maphash.String(a.seed, label)
	return a.recent[hash%uint64(len(a.recent))].Swap(hash) == hash
}

// once says whether a target of which there was no revision is only to be answered. Pages of archives are no more than there
// are.
func (e *Engine) once(t *Target, before *representation) bool {
	return t.Variant && !t.Archive && before == nil && !e.asked.again(t.label())
}
