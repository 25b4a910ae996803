package delivery

import (
	"hash/fnv"
	"strconv"
	"time"
)

// backoff is how long a subscription rests after a number of failures in a row, at least for as long as the subscriber
// asked for. Many that failed together do not come back together: each waits a quarter less or more, as its ID says.
func (o *Options) backoff(id string, failures int, asked time.Duration) time.Duration {
	wait := o.MinBackoff
	for n := 1; n < failures && wait < o.MaxBackoff; n++ {
		wait *= 2
	}
	wait = min(wait, o.MaxBackoff)
	h := fnv.New32a()
	_, _ = h.Write([]byte(id + " " + strconv.Itoa(failures))) // never fails
	wait += time.Duration((float64(h.Sum32())/(1<<32) - 0.5) * float64(wait) / 2)
	return min(max(wait, asked, o.MinBackoff), o.MaxBackoff)
}
