package websub

import "sync"

// slots bound how many are at work, in all and of one source.
type slots struct {
	most, mostOfOne int

	mu  sync.Mutex // guards all and of
	all int
	of  map[string]int
}

func newSlots(most, mostOfOne int) *slots {
	return &slots{most: most, mostOfOne: mostOfOne, of: map[string]int{}}
}

// acquire says whether there was a slot.
func (s *slots) acquire(source string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == s.most || s.of[source] == s.mostOfOne {
		return false
	}
	s.all++
	s.of[source]++
	return true
}

func (s *slots) release(source string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all--
	if s.of[source]--; s.of[source] == 0 {
		delete(s.of, source)
	}
}
