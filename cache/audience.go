package cache

import (
	"context"
	"time"

	"github.com/newswire/newswire"
)

// Audience is how many read each topic, a day at a time, as the processes that answer readers have counted them. Who reads
// is not in it.
type Audience interface {
	// Count raises the numbers of topics on the day of a time, in UTC, to those given, where these are larger. Of several
	// processes, which may well meet the same readers, the one that met the most is believed, and whoever counted anew
	// after a restart takes nothing back. Days before the one before are forgotten.
	Count(ctx context.Context, day time.Time, readers map[newswire.Topic]int) error

	// Readers returns the number of each topic on the day of a time or on the day before it, whichever is larger. A topic
	// that nobody read on either is absent.
	Readers(ctx context.Context, day time.Time, topics ...newswire.Topic) (map[newswire.Topic]int, error)
}
