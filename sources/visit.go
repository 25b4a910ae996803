package sources

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/fetch"
)

// pipeline is part of the digest of a document: raise it when parsing or cleaning changes, and every document is taken
// in anew when its publisher next sends it.
const pipeline = "5"

// Outcome is how a visit ended, in a word.
type Outcome string

// The outcomes.
const (
	Changed     Outcome = "changed"      // new or changed articles were recorded
	Unchanged   Outcome = "unchanged"    // a document was there and held nothing new
	NotModified Outcome = "not modified" // 304
	Failed      Outcome = "failed"       // no document, or none that could be read
	PutOff      Outcome = "put off"      // the address leads to a domain that may not be visited now
	NotDue      Outcome = "not due"      // nobody was visited: it is too soon
	Stopped     Outcome = "stopped"      // the publisher said 410 Gone; it is visited no more
)

// Result is what a visit came to, for logs and for people.
type Result struct {
	Source    string        `json:"source"`
	Outcome   Outcome       `json:"outcome"`
	Status    int           `json:"status,omitempty"`    // HTTP; 0 where there was no answer
	Offered   int           `json:"offered,omitempty"`   // articles in the document
	New       int           `json:"new,omitempty"`       // recorded for the first time
	Edited    int           `json:"edited,omitempty"`    // recorded as a new revision
	Held      int           `json:"held,omitempty"`      // of those: not published, for they look injected
	Withdrawn int           `json:"withdrawn,omitempty"` // by the publisher's own word
	Doubted   int           `json:"doubted,omitempty"`   // so many at once that they were not withdrawn
	Dropped   int           `json:"dropped,omitempty"`   // by retention
	Repairs   []string      `json:"repairs,omitempty"`   // what had to be mended in the document
	Error     string        `json:"error,omitempty"`
	Due       time.Time     `json:"due,omitzero"`       // of the next visit; zero when there is none
	Why       string        `json:"why,omitempty"`      // why it is due then
	Duration  time.Duration `json:"duration,omitempty"` // of the visit
}

// visit visits one source under a lease, on a trip that has begun at its domain, and records the result, with which the
// trip ends. The error is of the store, or says that ctx ended or that the lease was lost; what a publisher did wrong is in
// the result.
func (a *Aggregator) visit(ctx context.Context, setup *Setup, lease *claimed, s *scheduled, t *trip) (Result, error) {
	began := time.Now()
	onTrip := *setup
	onTrip.Fetcher = t // whatever is fetched in the visit goes by its turns
	state := &lease.state
	request := fetch.Request{URL: address(s, state), Validators: state.Validators, ValidFor: state.URL}
	if setup.Subscribers != nil {
		request.Subscribers = setup.Subscribers(s.ID)
	}
	answer, err := t.Get(ctx, request)
	if ctx.Err() != nil {
		return Result{}, ctx.Err() // the service is stopping: neither a failure nor a success of the publisher's
	}
	v := newswire.Visit{Source: s.ID, At: t.now(), State: *state}
	r := Result{Source: s.ID, Duration: time.Since(began)}
	if err == nil {
		err = a.take(ctx, &onTrip, s, answer, &v, &r)
	}
	var busy *busyError
	switch {
	case storeError(err):
		return Result{}, err
	case errors.As(err, &busy):
		putOff(s, busy, &v, &r)
	case err != nil:
		a.fail(s, answer, err, t, &v, &r)
	}
	if err := a.reclassify(ctx, setup.Catalog, s, &v); err != nil {
		return Result{}, err
	}
	if r.Dropped, err = a.sweep(ctx, lease.Lease, s, &v); err != nil {
		return Result{}, err
	}
	if err := a.store.Record(ctx, lease.Lease, v, t.leaving()...); err != nil {
		return Result{}, err
	}
	t.left()
	if r.Why = v.State.Why; r.Outcome != Stopped {
		r.Due = v.State.Due
	}
	return r, nil
}

// remembered is a source's state, begun anew in what an operator's change of address makes void.
func remembered(state newswire.State, s *scheduled) newswire.State {
	if state.Configured != "" && state.Configured != s.URL {
		state.Moved, state.Cadence, state.Body, state.Feed = newswire.Move{}, newswire.Cadence{}, "", ""
		state.Due, state.NotBefore, state.Wish = time.Time{}, time.Time{}, ""
		state.Health.Stopped, state.Health.Failures = "", 0
	}
	state.Source, state.Configured, state.Schedule, state.Retired = s.ID, s.URL, s.Schedule, time.Time{}
	return state
}

// take takes in what a publisher answered. An error that is not the store's says why there is nothing to take.
func (a *Aggregator) take(ctx context.Context, setup *Setup, s *scheduled, answer *fetch.Answer, v *newswire.Visit, r *Result) error {
	r.Status, v.State.Health.Status = answer.Status, answer.Status
	state := &v.State
	same := true // is it the feed that we know?
	switch answer.Status {
	case http.StatusNotModified:
		if answer.URL != state.URL || state.Validators == (newswire.Validators{}) {
			return errors.New("the publisher answers 304 Not Modified to a question that was not asked")
		}
		r.Outcome = NotModified
		// A 304 may bring newer validators (RFC 9110 §15.4.5); what it leaves out still holds.
		state.Validators.ETag = cmp.Or(answer.Validators.ETag, state.Validators.ETag)
		state.Validators.LastModified = cmp.Or(answer.Validators.LastModified, state.Validators.LastModified)
		if err := a.readOn(ctx, setup, s, v, r); err != nil {
			return err
		}
	case http.StatusOK, http.StatusIMUsed:
		partial := answer.Status == http.StatusIMUsed
		sum := sha256.Sum256(answer.Body)
		body := newswire.Hash(pipeline, s.timezone(), newswire.Hash(s.Block...), string(s.Withdrawals), answer.URL, string(sum[:]))
		if body == state.Body && !partial {
			r.Offered = state.Health.Offered
			if err := a.readOn(ctx, setup, s, v, r); err != nil {
				return err
			}
		} else {
			var err error
			if same, err = a.read(ctx, setup, s, answer, partial, v, r); err != nil {
				return err
			}
			if !partial && r.Doubted == 0 {
				state.Body = body
			}
		}
		r.Outcome = Unchanged
		// An answer without validators takes none away: to ask by the old ones costs nobody anything. What is in doubt is
		// asked for once more.
		if r.Doubted == 0 && (answer.URL != state.URL || answer.Validators != (newswire.Validators{})) {
			state.Validators, state.URL = answer.Validators, answer.URL
		}
	default:
		return statusError(answer.Status)
	}
	if !believed(state.Moved) {
		state.Moved = sighted(state.Moved, answer.MovedTo, same, v.At)
	}
	h := &state.Health
	h.LastVisit, h.LastSuccess, h.Failures, h.Error, h.Stopped = v.At, v.At, 0, "", ""
	if r.Doubted > 0 {
		h.Error = doubtful(r.Doubted)
		r.Error = h.Error
	}
	if r.New+r.Edited+r.Withdrawn > 0 {
		if !h.LastChange.IsZero() {
			state.Rhythm = rhythm(state.Rhythm, v.At.Sub(h.LastChange))
		}
		r.Outcome, h.LastChange = Changed, v.At
	}
	appoint(state, afterSuccess(v.At, s, answer.Header, state))
	return nil
}

// appoint makes an appointment the source's, to the millisecond, as the due index keeps it: where the two differ somebody has
// moved the source.
func appoint(state *newswire.State, a appointment) {
	state.Due, state.Why, state.NotBefore, state.Wish = a.due.Truncate(time.Millisecond), a.why, a.notBefore, a.wished
}

// read takes in a document: parse, and what settle does with each article. It says whether the document is of the feed
// that is known: by its id, by an article that was met before, or because nothing is known yet.
func (a *Aggregator) read(ctx context.Context, setup *Setup, s *scheduled, answer *fetch.Answer, partial bool, v *newswire.Visit, r *Result) (same bool, err error) {
	d, err := document(s, answer, v.State.Shared)
	if err != nil {
		return false, err
	}
	d.License = cmp.Or(d.License, license(answer))
	publisher := attribute(d.Publisher, s)
	publisher.Updated = credible(publisher.Updated, v.At)
	gone, err := a.withdrawals(ctx, s, d.Deleted, v, r)
	if err != nil {
		return false, err
	}
	isGone := func(u newswire.Unread) bool { return gone[u.Article.ID] }
	list := slices.DeleteFunc(offers(s, d, publisher), isGone)
	v.State.Unread = slices.DeleteFunc(v.State.Unread, isGone)
	r.Offered, r.Repairs = len(list), d.Repairs
	v.State.Cadence = d.Cadence
	if partial { // RFC 3229: what a 226 leaves out is still there
		v.State.Shared = joined(v.State.Shared, d.Shared)
	} else {
		v.State.Shared, v.State.Health.Offered = d.Shared, len(list)
		v.Offered = make([]string, len(list))
		for i := range list {
			v.Offered[i] = list[i].Article.ID
		}
	}
	dated := documentDate(publisher.Updated, answer.Header, v.State.Document, v.At)
	if v.State.Document = dated; dated.IsZero() {
		v.State.Document = v.At
	}
	met, err := a.settle(ctx, setup, s, waiting(list, dated, v.State.Unread), v, r)
	same = met > 0 || v.State.Body == "" || d.Publisher.ID != "" && d.Publisher.ID == v.State.Feed
	v.State.Feed = d.Publisher.ID
	return same, err
}

// maxShared bounds what is remembered of shared guids over many partial answers.
const maxShared = 2000

// joined is what two documents have taught of guids that are shared.
func joined(before, now map[string]string) map[string]string {
	if len(before) == 0 || len(before)+len(now) > maxShared {
		return now
	}
	all := maps.Clone(before)
	maps.Copy(all, now)
	return all
}

// waiting joins what a document offers with what waits to be read since earlier ones, and may have left the list meanwhile.
// What is offered again in the same words keeps the date of the document that said them first, and what was tried.
func waiting(list []newswire.Unread, dated time.Time, unread []newswire.Unread) []newswire.Unread {
	place := make(map[string]int, len(list))
	for i := range list {
		list[i].Dated = dated
		place[list[i].Article.ID] = i
	}
	for _, u := range unread {
		i, offered := place[u.Article.ID]
		switch {
		case !offered:
			list = append(list, u)
		case list[i].Article.Offer == u.Article.Offer:
			list[i].Dated, list[i].Tries = u.Dated, u.Tries
		}
	}
	return list
}

// readOn goes on with the articles whose pages are still to be read, when their document has not changed.
func (a *Aggregator) readOn(ctx context.Context, setup *Setup, s *scheduled, v *newswire.Visit, r *Result) error {
	if len(v.State.Unread) == 0 {
		return nil
	}
	_, err := a.settle(ctx, setup, s, v.State.Unread, v, r)
	return err
}

// fail records that there was nothing to take, and why. What is stored of the source stays as it is.
func (a *Aggregator) fail(s *scheduled, answer *fetch.Answer, err error, t *trip, v *newswire.Visit, r *Result) {
	r.Outcome, r.Error = Failed, err.Error()
	state := &v.State
	h := &state.Health
	h.LastVisit, h.Error, h.Status = v.At, err.Error(), 0
	h.Failures++
	if answer != nil {
		h.Status = answer.Status
	}
	if h.Status == http.StatusGone {
		r.Outcome = Stopped
		h.Stopped = "410 Gone on " + v.At.Format(time.DateOnly)
		v.Offered = []string{}
		appoint(state, appointment{due: v.At.Add(retirement), why: h.Stopped}) // not to be visited: see ageOut
		return
	}
	state.Moved = disappointed(state.Moved, h.Status, h.Failures)
	next := afterFailure(v.At, s, answer, h.Failures, state.Cadence, a.options.Jitter)
	if answer != nil {
		if held := t.held(answer.URL, v.At); held != nil {
			next.put(held.until, held.why)
		}
	}
	appoint(state, next)
}

// putOff records that the visit ended before a domain that may not be visited now, which is held against nobody.
func putOff(s *scheduled, busy *busyError, v *newswire.Visit, r *Result) {
	r.Outcome = PutOff
	v.State.Health.LastVisit = v.At
	next := bySchedule(v.At, s)
	next.put(busy.until, busy.why)
	next.skip(s, v.State.Cadence)
	appoint(&v.State, next)
}

// statusError says what an answer without a document means and what to do about it.
func statusError(status int) error {
	text := http.StatusText(status)
	switch {
	case status == http.StatusGone:
		return fmt.Errorf("the publisher answers 410 Gone: the feed was taken down for good; remove the source or give its new address")
	case status == http.StatusNotFound:
		return fmt.Errorf("the publisher answers 404 Not Found: check the source's url")
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		return fmt.Errorf("the publisher answers %d %s: it wants credentials, or does not want us", status, text)
	case status == http.StatusTooManyRequests:
		return fmt.Errorf("the publisher answers 429 Too Many Requests: its whole domain is left alone for a while")
	case status >= 300 && status < 400:
		return fmt.Errorf("the publisher redirects (%d) and asks to come back later", status)
	case status >= 500:
		return fmt.Errorf("the publisher answers %d %s: its server is in trouble", status, text)
	default:
		return fmt.Errorf("the publisher answers %d %s instead of a feed", status, text)
	}
}
