package cache

import (
	"context"
	"time"
)

// Quotas hand out units at a rate to all processes that share the store, such as requests to a partner.
type Quotas interface {
	// Spend gives at most n units of the quota under a name, as many as there are by the store's clock. After an error
	// they may have been given; what is given is not taken back.
	Spend(ctx context.Context, name string, quota Quota, n int) (Spent, error)
}

// Quota is a rate: so many units in a period. All may be had at once, and then they come back evenly.
type Quota struct {
	Units  int           // positive
	Period time.Duration // at least a millisecond
}

// Spent is what was given of a quota.
type Spent struct {
	Units int           // that were given; 0 when there were none
	Left  int           // that are there still
	Next  time.Duration // until there is one; 0 when there is
	Full  time.Duration // until all are there again
}

// Spend is the arithmetic of [Quotas], the generic cell rate algorithm. What is stored under a name is one time, full: when
// all units are there again; zero for a name that was never used. Times are microseconds. It returns the time to store.
func (q Quota) Spend(full, now int64, n int) (int64, Spent) {
	period, units := q.Period.Microseconds(), int64(q.Units)
	full = min(max(full, now), now+period) // a quota that was made smaller asks for no more than itself
	// A unit takes period/units, which need not be whole; so it is multiplied first.
	there := (now + period - full) * units / period
	given := min(int64(max(n, 0)), there)
	full = min(full+(given*period+units-1)/units, now+period)
	s := Spent{Units: int(given), Left: int((now + period - full) * units / period)}
	s.Full = time.Duration(full-now) * time.Microsecond
	if s.Left == 0 {
		s.Next = time.Duration(max(1, full-now-period+(period+units-1)/units)) * time.Microsecond
	}
	return full, s
}

// Usage is what each partner used on each day.
type Usage interface {
	// AddUsage adds to what partners used on the day of a time, in UTC. It is no repeatable call: after an error, the sums
	// may have been added.
	AddUsage(ctx context.Context, day time.Time, used map[string]Used) error

	// Usage returns what a partner used on each day from that of a time on, oldest first. A day without any is absent;
	// those more than UsageKept ago may be.
	Usage(ctx context.Context, partner string, since time.Time) ([]DayUsage, error)
}

// UsageKept is how long the usage of a day is kept at least.
const UsageKept = 400 * 24 * time.Hour

// Used are sums of what a partner used.
type Used struct {
	Requests int64 // that were answered, refusals included
	Refused  int64 // those of them that were beyond the partner's rate
	Items    int64 // articles and changes in the answers
	Bytes    int64 // of the answers' bodies, as sent
}

// DayUsage is what a partner used on one day.
type DayUsage struct {
	Day time.Time // its beginning, in UTC
	Used
}
