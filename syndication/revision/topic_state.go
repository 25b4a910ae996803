package revision

import (
	"math"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sync/singleflight"

	"github.com/newswire/newswire"
)

// topicState is what the engine knows of a topic of which it has resources.
type topicState struct {
	topic     newswire.Topic
	stale     atomic.Int64              // the last mark of all
	revised   atomic.Int64              // the last mark of a change to an article that was there before: what archives go by
	page      atomic.Pointer[TopicPage] // the last; nil if it is not kept
	pages     singleflight.Group        // one gathering at a time
	noted     atomic.Pointer[string]    // by [Draft.Note]; nil for nothing
	resources map[string]*resource      // by name; guarded by shelf.mu

	mu   sync.Mutex // guards news
	news []news     // the latest, in the order of their marks
}

func newTopicState(topic newswire.Topic) *topicState {
	return &topicState{topic: topic, resources: map[string]*resource{}}
}

func (s *topicState) newResource(want *Target) *resource {
	res := &resource{
		topic: s, name: want.Name, archive: want.Archive, variant: want.Variant, persist: want.Persist,
		stale: &s.stale, shelved: true,
	}
	if want.Archive {
		res.stale = &s.revised
	}
	return res
}

// news is what one poll of the change log said of a topic.
type news struct {
	mark  int64 // the last that it made
	after int64 // Unix nanoseconds: what was committed until then was heard of before
}

// mostNews is how many a topic remembers; earlier ones count as one.
const mostNews = 8

// mark makes what was begun before some news stale; of the archive, if an article was revised or removed.
func (s *topicState) mark(n news, revised bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	switch last := len(s.news) - 1; {
	case last >= 0 && s.news[last].after == n.after:
		s.news[last].mark = n.mark
	case last+1 == mostNews:
		s.news[1].after = min(s.news[0].after, s.news[1].after)
		s.news = append(slices.Delete(s.news, 0, 1), n)
	default:
		s.news = append(s.news, n)
	}
	raise(&s.stale, n.mark)
	if revised {
		raise(&s.revised, n.mark)
	}
}

// completeUntil is the time, in Unix nanoseconds, until which what has a mark contains everything that was committed. It is
// far away when nothing was heard of since the mark.
func (s *topicState) completeUntil(mark int64) int64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	until := int64(math.MaxInt64)
	for _, n := range s.news {
		if n.mark > mark {
			until = min(until, n.after)
		}
	}
	return until
}
