package sources

import (
	"time"

	"github.com/newswire/newswire"
)

// limit gives an article the limits that the operator's rights, and the publisher's words, make of its date. That is the one
// its publisher gave first, or else the one by which it was first listed; since is that date where limits were counted from it
// before. It is frozen, so that a publisher which dates its articles anew moves no limit.
//
// An article that waits is listed by the time at which it opens: by its date it would come below what readers have seen by
// then, and below the end of a full feed.
func (s *scheduled) limit(a *newswire.Article, since time.Time) {
	counted := !since.IsZero()
	switch {
	case counted:
	case !a.Published.IsZero():
		since = a.Published
	default:
		since = a.Listed
	}
	from, until := a.Stated.From, a.Stated.Until
	if embargo := s.Rights.Embargo; embargo > 0 {
		from = later(from, since.Add(embargo))
	}
	if end := since.Add(s.Rights.Expires); s.Rights.Expires > 0 && (until.IsZero() || end.Before(until)) {
		until = end
	}
	if !from.IsZero() || !until.IsZero() {
		a.Rights.Since, a.Rights.From, a.Rights.Until = since, from, until
		counted = true
	}
	if counted {
		a.Listed = later(earlier(since, a.FirstSeen), from)
	}
}

// sameLimits says whether two rights have the same limits.
func sameLimits(a, b *newswire.Rights) bool {
	return a.Since.Equal(b.Since) && a.From.Equal(b.From) && a.Until.Equal(b.Until)
}

// statedLimits tells the limits that a publisher states from others. It is empty where it states none.
func statedLimits(r *newswire.Rights) string {
	if r.From.IsZero() && r.Until.IsZero() {
		return ""
	}
	return "\x00" + r.From.Format(time.RFC3339Nano) + "/" + r.Until.Format(time.RFC3339Nano)
}
