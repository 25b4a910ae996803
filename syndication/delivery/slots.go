package delivery

import "github.com/newswire/newswire/cache"

// slots bound the deliveries under way. Subscribers that failed the last time, or were slow, may fill a slot until the
// timeout again, so all of these have slots of their own, half as many as the others: however many they are, the others are
// not delayed.
//
// One that turns out to be slow while it is told counts with the slow ones from then on, also where these have no slot free:
// so the first time, too, they do not keep the others waiting. In all no more than twice the slots are under way.
type slots struct {
	limit            int
	perGroup         int
	prompt, doubtful int
	groups           map[string]int
}

func newSlots(o *Options) *slots {
	return &slots{limit: o.Concurrency, perGroup: o.PerGroup, groups: map[string]int{}}
}

// free are how many more may be under way, of the one kind and of the other.
func (s *slots) free() (prompt, doubtful int) {
	all := 2*s.limit - s.prompt - s.doubtful
	prompt = max(0, min(s.limit-s.prompt, all))
	return prompt, max(0, min(max(1, s.limit/2)-s.doubtful, all-prompt))
}

// some says whether there is a slot free.
func (s *slots) some() bool {
	prompt, doubtful := s.free()
	return prompt+doubtful > 0
}

// claiming says which subscriptions there are slots for.
func (s *slots) claiming() cache.Claiming {
	prompt, doubtful := s.free()
	return cache.Claiming{Limit: prompt, Doubtful: doubtful, PerGroup: s.perGroup, Busy: s.groups}
}

func (s *slots) acquire(a *attempt) {
	if a.doubtful {
		s.doubtful++
	} else {
		s.prompt++
	}
	s.groups[a.claim.Group]++
}

// delay counts a delivery with the slow ones.
func (s *slots) delay(a *attempt) {
	if !a.doubtful {
		a.doubtful = true
		s.prompt--
		s.doubtful++
	}
}

func (s *slots) release(a *attempt) {
	if a.doubtful {
		s.doubtful--
	} else {
		s.prompt--
	}
	if s.groups[a.claim.Group]--; s.groups[a.claim.Group] == 0 {
		delete(s.groups, a.claim.Group)
	}
}
