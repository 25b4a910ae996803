package cache

import (
	"context"
	"time"

	"github.com/newswire/newswire"
)

// Audience is how many readers each topic has, a day at a time, as the processes that answer readers have counted them. It
// does not name readers.
type Audience interface {
	// Count raises the numbers of topics on the day of a time, in UTC, to those given, where these are larger. Several
	// processes may meet the same readers: the largest number is believed. So a process that counts from nothing after a
	// restart takes nothing back. Days before the one before are forgotten.
	Count(ctx context.Context, day time.Time, readers map[newswire.Topic]int) error

	// Readers returns the number of each topic on the day of a time or on the day before it, whichever is larger. A topic
	// without readers on both days is absent.
	Readers(ctx context.Context, day time.Time, topics ...newswire.Topic) (map[newswire.Topic]int, error)
}
