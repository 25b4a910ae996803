package hostile

import (
	"fmt"
	"time"
)

const (
	small  = 12_000 // bytes; an input is grown from here
	growth = 10     // so many times
	steep  = 30     // times the cost; what grows with the square of the length costs a hundred times as much

	// cheap is so little that its growth says nothing: of what grows with the square it is passed at once.
	cheap = 25 * time.Millisecond
	tries = 4 // for a garbage collection may fall into one of them
)

// Grow says what is wrong with how the cost of reading an input grows with its length; nil when nothing is.
func (i Input) Grow(read func(string)) error {
	if raced {
		read(i.Make(small / growth))
		return nil
	}
	before, after := i.Make(small), i.Make(small*growth)
	var first, then time.Duration
	for range tries {
		first, then = max(cost(func() { read(before) }), time.Microsecond), cost(func() { read(after) })
		if then < cheap || then < steep*first {
			return nil
		}
	}
	return fmt.Errorf("%s: ten times the length costs %.0f times as much (%v, %v)", i.Name, float64(then)/float64(first), first, then)
}
