package pace

import "time"

// Clock tells the store's time, as far as it is known: what it was, and how long that is ago. It decides what is due, for the
// clock of a process may be wrong. Where the store took a while to answer, the clock is as much fast.
type Clock struct {
	At    time.Time // by the store's clock
	Asked time.Time // when the store was asked for it, by ours
}

// Now is the store's time, in whole milliseconds.
func (c Clock) Now() time.Time { return c.At.Add(time.Since(c.Asked)).UTC().Truncate(time.Millisecond) }
