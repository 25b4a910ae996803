package cache_test

import (
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/newswire/newswire/cache"
)

// TestAQuotaIsNeverExceeded spends at random times: within any period no more is given than twice the quota (all that was
// there, and what came back meanwhile), over a long time no more than its rate, and a caller that waits for Next gets a unit.
func TestAQuotaIsNeverExceeded(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		q := cache.Quota{
			Units:  rapid.IntRange(1, 1000).Draw(t, "units"),
			Period: time.Duration(rapid.IntRange(1, 100_000).Draw(t, "period")) * time.Millisecond,
		}
		const begin = int64(1_790_000_000_000_000)
		now, full, given := begin, int64(0), int64(0)
		for range rapid.IntRange(1, 50).Draw(t, "calls") {
			now += rapid.Int64Range(0, q.Period.Microseconds()).Draw(t, "pause")
			n := rapid.IntRange(0, 2*q.Units).Draw(t, "n")
			var s cache.Spent
			full, s = q.Spend(full, now, n)
			given += int64(s.Units)
			if most := int64(q.Units) + (now-begin)*int64(q.Units)/q.Period.Microseconds(); given > most {
				t.Fatalf("%d units of %v given in %d µs, want at most %d", given, q, now-begin, most)
			}
			if s.Units < n && s.Left > 0 || s.Units > n || s.Left < 0 || s.Left > q.Units || s.Full < 0 || s.Full > q.Period {
				t.Fatalf("Spend(%d) = %+v of %v", n, s, q)
			}
			if s.Left == 0 {
				if _, later := q.Spend(full, now+s.Next.Microseconds(), 1); later.Units != 1 {
					t.Fatalf("after %v there is none yet of %v: %+v", s.Next, q, later)
				}
			}
		}
		if _, s := q.Spend(full, now+q.Period.Microseconds(), q.Units); s.Units != q.Units {
			t.Fatalf("after a whole period %d of %v", s.Units, q)
		}
	})
}
