// Package push is what is known of the hubs of sources: subscriptions from the first request to the last, and whether a hub
// tells what is new.
//
//	s := push.Of(&state.Push, now, jitter)
//	s.Name(websub.Discover(answer.Header, answer.URL, said)) // after a visit
//	request := s.Request()                                   // what the hub is to be asked now, to be stored before it is sent
//	s.Verify(token, verification)                            // and what it says in turn
//
// Everything is in [newswire.State]: the holder of the source's lease changes it. The package asks no hub and reads no document.
package push

import (
	"cmp"
	"crypto/subtle"
	"net/url"
	"slices"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/websub"
)

const (
	// leaseAsked is the lease that a hub is asked for, and that is presumed where it does not say what it grants.
	leaseAsked = 10 * 24 * time.Hour

	// maxLease is the longest lease that is believed: no hub is left unasked for longer.
	maxLease = 14 * 24 * time.Hour

	// A hub that does not verify is asked again after askAgain, doubled each time, at most maxAskAgain. One that denied, or
	// that was silent, after askAgainLater, doubled each time, at most maxAskAgainLater.
	askAgain         = 15 * time.Minute
	maxAskAgain      = 24 * time.Hour
	askAgainLater    = 24 * time.Hour
	maxAskAgainLater = 7 * 24 * time.Hour

	// soonestAsk is the least time between two requests to a hub for one source, however short the lease is.
	soonestAsk = time.Minute

	// slack is how late a hub may be with what a visit has found already.
	slack = 15 * time.Minute

	// repeats is how long a hub may ask again whether it was meant to do what we asked for: it may have missed our answer.
	repeats = 2 * time.Minute

	// leaveTries is how often a hub is told that a subscription ends. Then that is left to the end of its lease.
	leaveTries = 3
	leaveAgain = time.Hour

	// maxLeft bounds the hubs that are still to be told so.
	maxLeft = 4
)

// Subscription is what is remembered of a source's subscription, at a time. Its methods change that.
type Subscription struct {
	*newswire.Push
	at     time.Time
	jitter func(time.Duration) time.Duration
}

// Of is the subscription of a source. Jitter picks a time in [0, d).
func Of(p *newswire.Push, at time.Time, jitter func(d time.Duration) time.Duration) *Subscription {
	return &Subscription{Push: p, at: at, jitter: jitter}
}

// doubled is a pause that was doubled n times, of which up to a half is left to chance.
func (s *Subscription) doubled(pause, most time.Duration, n int) time.Duration {
	d := min(pause<<min(n, 16), most)
	return d/2 + s.jitter(d/2)
}

// in is a time from now on, as the due index keeps it: what comes due by the index is due then.
func (s *Subscription) in(d time.Duration) time.Time { return s.at.Add(d).Truncate(time.Millisecond) }

// Name has the subscription be one at the hub that the feed names now; empty for none. One at another hub ends.
func (s *Subscription) Name(hub, topic string) {
	if s.Hub == hub && s.Topic == topic {
		return
	}
	s.Leave()
	if hub != "" {
		s.Hub, s.Topic, s.Token, s.Next = hub, topic, websub.NewSecret(), s.in(0)
	}
}

// Leave ends the subscription: its hub is to be told.
func (s *Subscription) Leave() {
	left := s.Left
	if s.Token != "" && !s.Asked.IsZero() {
		left = append(slices.Clone(left), newswire.LeftHub{Hub: s.Hub, Topic: s.Topic, Token: s.Token, Next: s.in(0)})
		left = left[max(0, len(left)-maxLeft):]
	}
	*s.Push = newswire.Push{Left: left}
}

// Request is what a hub is to be asked.
type Request struct {
	Hub, Topic, Token string
	Secret            string // empty to unsubscribe
}

// Form is the request as it is posted; site is the address of the service.
func (r *Request) Form(site, source string) url.Values {
	callback := websub.Callback(site, source, r.Token)
	if r.Secret == "" {
		return websub.Unsubscribe(r.Topic, callback)
	}
	return websub.Subscribe(r.Topic, callback, leaseAsked, r.Secret)
}

// Request is the request that is due, as it is noted before it is sent, or nil: verification may come before the answer.
func (s *Subscription) Request() *Request {
	for i := range s.Left {
		if l := &s.Left[i]; !l.Next.After(s.at) {
			l.Tries++
			l.Next = s.in(leaveAgain)
			r := &Request{Hub: l.Hub, Topic: l.Topic, Token: l.Token}
			if l.Tries > leaveTries {
				s.Left = slices.Delete(slices.Clone(s.Left), i, i+1)
				return s.Request()
			}
			return r
		}
	}
	if s.Hub == "" || s.Next.IsZero() || s.Next.After(s.at) {
		return nil
	}
	// A request that was not verified may be yet: it keeps its secret.
	s.Proposed = cmp.Or(s.Proposed, websub.NewSecret())
	s.Asked = s.at
	s.Next = s.in(s.patience())
	s.Failures++
	return &Request{Hub: s.Hub, Topic: s.Topic, Token: s.Token, Secret: s.Proposed}
}

// patience is how long the hub has to verify before it is asked again: within a lease, so that several requests fit.
func (s *Subscription) patience() time.Duration {
	pause := s.doubled(askAgain, maxAskAgain, s.Failures)
	if left := s.Until.Sub(s.at); s.Secret != "" && left > 0 {
		pause = min(pause, left/4)
	}
	return max(pause, soonestAsk)
}

// Lapse ends a subscription whose lease has ended.
func (s *Subscription) Lapse() (lapsed bool) {
	if s.Secret == "" || s.Until.After(s.at) {
		return false
	}
	s.Error = "its lease ended on " + s.Until.UTC().Format(time.DateTime) + ", and the hub has not verified another"
	s.end()
	return true
}

// end ends the subscription here. What is still under way is believed all the same.
func (s *Subscription) end() {
	s.Former, s.Secret = cmp.Or(s.Secret, s.Former), ""
	s.Since, s.Until, s.Suspected = time.Time{}, time.Time{}, time.Time{}
}

// Failed notes that a request came to nothing, and says whether that is of interest still: not where it was verified, or
// left, in the meantime.
func (s *Subscription) Failed(r *Request, why string) bool {
	if i := s.left(r.Token); i >= 0 {
		return true
	}
	if !s.Is(r.Token) || s.Proposed == "" {
		return false
	}
	s.Error = why
	return true
}

// PutOff notes that a request could not be sent yet, which is no failure. The result is as that of Failed.
func (s *Subscription) PutOff(r *Request, until time.Time) bool {
	next := until.Add(s.jitter(soonestAsk)).Truncate(time.Millisecond)
	if i := s.left(r.Token); i >= 0 {
		s.Left = slices.Clone(s.Left)
		s.Left[i].Tries, s.Left[i].Next = s.Left[i].Tries-1, next
		return true
	}
	if !s.Is(r.Token) || s.Proposed == "" {
		return false
	}
	s.Failures, s.Next = max(s.Failures-1, 0), next
	return true
}

// Intended says whether a hub was meant to do what it asks about.
func (s *Subscription) Intended(token string, v websub.Verification) bool {
	if v.Mode == websub.ModeUnsubscribe {
		i := s.left(token)
		return i >= 0 && s.Left[i].Topic == v.Topic && s.Left[i].Tries > 0
	}
	return s.Is(token) && v.Topic == s.Topic && (s.Proposed != "" || s.isRepeated())
}

// isRepeated says whether a hub that asks once more may not have got our answer.
func (s *Subscription) isRepeated() bool { return s.Secret != "" && s.at.Sub(s.Verified) < repeats }

// Verify notes what was intended.
func (s *Subscription) Verify(token string, v websub.Verification) {
	switch {
	case v.Mode == websub.ModeUnsubscribe:
		i := s.left(token)
		s.Left = slices.Delete(slices.Clone(s.Left), i, i+1)
	case s.Proposed != "":
		s.granted(v.Lease)
	}
}

// granted notes that the hub has verified the request.
func (s *Subscription) granted(lease time.Duration) {
	if lease <= 0 {
		lease = leaseAsked
	}
	lease = min(lease, maxLease)
	if !s.Active(s.at) || !s.Silent.IsZero() {
		s.Since, s.Told = s.at, time.Time{}
	}
	s.Former, s.Secret, s.Proposed = s.Secret, s.Proposed, ""
	s.Verified, s.Until = s.at, s.at.Add(lease)
	s.Failures, s.Error, s.Suspected, s.Silent = 0, "", time.Time{}, time.Time{}
	s.Next = s.in(max(lease/2+s.jitter(lease/6), soonestAsk))
}

// Deny notes that the hub ends, or does not begin, a subscription. It says whether there is one that it can mean.
func (s *Subscription) Deny(token string, d websub.Denial) bool {
	if i := s.left(token); i >= 0 && s.Left[i].Topic == d.Topic {
		s.Left = slices.Delete(slices.Clone(s.Left), i, i+1)
		return true
	}
	if !s.Is(token) || d.Topic != s.Topic || s.Secret == "" && s.Proposed == "" {
		return false
	}
	s.end()
	s.Proposed = ""
	s.Error = "the hub denied it"
	if d.Reason != "" {
		s.Error += ": " + d.Reason
	}
	s.Next = s.in(s.doubled(askAgainLater, maxAskAgainLater, s.Failures))
	s.Failures++
	return true
}

// Heard notes that the hub has sent something, signed. A hub that does so has verified.
func (s *Subscription) Heard(signature string, body []byte) {
	if s.Proposed != "" && websub.Signed(signature, body, s.Proposed) {
		s.granted(0)
	}
	s.Told, s.Suspected = s.at, time.Time{}
	if !s.Silent.IsZero() && s.Active(s.at) {
		s.Silent, s.Error = time.Time{}, ""
	}
	if s.Active(s.at) {
		s.Silences = 0
	}
}

// Judge judges the hub by a visit: found says that there were articles that no one had told of, before is the visit before
// it. A hub that is late is waited for.
func (s *Subscription) Judge(found bool, before time.Time) {
	if !s.Active(s.at) || !s.Silent.IsZero() {
		return
	}
	switch heard := s.Told.After(s.at.Add(-slack)); {
	case !s.Suspected.IsZero():
		if s.at.Sub(s.Suspected) >= slack {
			s.silent()
		}
	case found && !heard && s.Since.Before(before):
		s.Suspected = s.at
	}
}

// wasSilent is what an operator is told of such a hub.
const wasSilent = "hub was silent, polling again"

// silent notes that the hub does not tell what is new: the source is visited as without it. It is asked again later.
func (s *Subscription) silent() {
	s.Error = wasSilent
	s.Silent, s.Suspected = s.at, time.Time{}
	s.Next = s.in(s.doubled(askAgainLater, maxAskAgainLater, s.Silences))
	s.Silences++
}

// Is says whether a token is that of the subscription's callback.
func (s *Subscription) Is(token string) bool { return s.Token != "" && equal(s.Token, token) }

// Leaving says whether a token is that of a subscription that is to end.
func (s *Subscription) Leaving(token string) bool { return s.left(token) >= 0 }

// equal compares secrets in constant time.
func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// left is the index of a subscription that is to end, or -1.
func (s *Subscription) left(token string) int {
	return slices.IndexFunc(s.Left, func(l newswire.LeftHub) bool { return equal(l.Token, token) })
}

// Secrets are those that a delivery may be signed with.
func (s *Subscription) Secrets() []string {
	return slices.DeleteFunc([]string{s.Secret, s.Proposed, s.Former}, func(secret string) bool { return secret == "" })
}
