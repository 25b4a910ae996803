package delivery

import (
	"fmt"
	"testing"
	"time"
)

func TestBackoffGrowsSpreadAndBounded(t *testing.T) {
	var o Options
	o.defaults()
	for _, tt := range []struct {
		failures    int
		asked       time.Duration
		least, most time.Duration
	}{
		{1, 0, 10 * time.Second, 12500 * time.Millisecond},
		{2, 0, 15 * time.Second, 25 * time.Second},
		{5, 0, 2 * time.Minute, 200 * time.Second},
		{5, time.Hour, time.Hour, time.Hour},
		{5, 48 * time.Hour, 6 * time.Hour, 6 * time.Hour},
		{1000, 0, 4 * time.Hour, 6 * time.Hour},
	} {
		waits := map[time.Duration]bool{}
		for i := range 100 {
			id := fmt.Sprint("s", i)
			wait := o.backoff(id, tt.failures, tt.asked)
			if wait < tt.least || wait > tt.most || wait != o.backoff(id, tt.failures, tt.asked) {
				t.Fatalf("backoff(%s, %d, %v) = %v, want %v to %v, and the same again", id, tt.failures, tt.asked, wait, tt.least, tt.most)
			}
			waits[wait] = true
		}
		if tt.asked == 0 && len(waits) < 40 {
			t.Errorf("after %d failures 100 subscribers have %d backoffs, want them spread", tt.failures, len(waits))
		}
	}
}
