package delivery

import "github.com/newswire/newswire/cache"

// slots bound the deliveries under way. Subscribers that failed the last time, or were slow, may fill a slot until the
// timeout again, so all of these have half of the slots at most: however many they are, the others are not delayed.
//
// One that turns out to be slow while it is told counts with the slow ones from then on, and as no more than half of the
// slots together: so the first time, too, they do not keep the others waiting. In all no more than twice the slots are
// under way.
type slots struct {
	limit            int
	perGroup         int
	prompt, doubtful int
	groups           map[string]int
}

func newSlots(o *Options) *slots {
	return &slots{limit: o.Concurrency, perGroup: o.PerGroup, groups: map[string]int{}}
}

func (s *slots) half() int { return max(1, s.limit/2) }

// free is how many more may be under way.
func (s *slots) free() int {
	return max(0, min(s.limit-s.prompt-min(s.doubtful, s.half()), 2*s.limit-s.prompt-s.doubtful))
}

// claiming says which subscriptions there are slots for.
func (s *slots) claiming() cache.Claiming {
	free := s.free()
	return cache.Claiming{
		Limit: free, Doubtful: max(0, min(free, s.half()-s.doubtful)), PerGroup: s.perGroup, Busy: s.groups,
	}
}

func (s *slots) acquire(f *flight) {
	if f.doubtful {
		s.doubtful++
	} else {
		s.prompt++
	}
	s.groups[f.claim.Group]++
}

// delay counts a delivery with the slow ones.
func (s *slots) delay(f *flight) {
	if !f.doubtful {
		f.doubtful = true
		s.prompt--
		s.doubtful++
	}
}

func (s *slots) release(f *flight) {
	if f.doubtful {
		s.doubtful--
	} else {
		s.prompt--
	}
	if s.groups[f.claim.Group]--; s.groups[f.claim.Group] == 0 {
		delete(s.groups, f.claim.Group)
	}
}
