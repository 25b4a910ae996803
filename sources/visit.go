package sources

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/sources/clean"
	"github.com/newswire/newswire/sources/fetch"
	"github.com/newswire/newswire/sources/parse"
)

// pipeline is part of the digest of a document: raise it when parsing or cleaning changes, and every document is taken
// in anew when its publisher next sends it.
const pipeline = "1"

// Outcome is how a visit ended, in a word.
type Outcome string

// The outcomes.
const (
	Changed     Outcome = "changed"      // new or changed articles were recorded
	Unchanged   Outcome = "unchanged"    // a document was there and held nothing new
	NotModified Outcome = "not modified" // 304
	Failed      Outcome = "failed"       // no document, or none that could be read
	NotDue      Outcome = "not due"      // nobody was visited: it is too soon
	Stopped     Outcome = "stopped"      // the publisher said 410 Gone; it is visited no more
)

// Result is what a visit came to, for logs and for people.
type Result struct {
	Source   string        `json:"source"`
	Outcome  Outcome       `json:"outcome"`
	Status   int           `json:"status,omitempty"`  // HTTP; 0 where there was no answer
	Offered  int           `json:"offered,omitempty"` // articles in the document
	New      int           `json:"new,omitempty"`     // recorded for the first time
	Edited   int           `json:"edited,omitempty"`  // recorded as a new revision
	Dropped  int           `json:"dropped,omitempty"` // by retention
	Repairs  []string      `json:"repairs,omitempty"` // what had to be mended in the document
	Error    string        `json:"error,omitempty"`
	Due      time.Time     `json:"due,omitzero"`       // of the next visit; zero when there is none
	Why      string        `json:"why,omitempty"`      // why it is due then
	Duration time.Duration `json:"duration,omitempty"` // of the visit
}

// visit visits one source under a lease and records the result. The error is of the store, or says that ctx ended or
// that the lease was lost; what a publisher did wrong is in the result.
func (a *Aggregator) visit(ctx context.Context, setup *Setup, lease cache.Lease, s *scheduled) (_ Result, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("visit %s: %w", s.ID, err)
		}
	}()
	began := time.Now()
	clock := func() time.Time { return lease.At.Add(time.Since(began)).UTC().Truncate(time.Millisecond) } // the store's, as far as we know it
	states, err := a.store.States(ctx, s.ID)
	if err != nil {
		return Result{}, err
	}
	state := remembered(states[s.ID], s)

	// The due time that would follow is stored before the request, so that a crash in the middle of it does not visit
	// the publisher again at once.
	if err := a.store.Postpone(ctx, lease, s.schedule.Next(clock())); err != nil {
		return Result{}, err
	}
	answer, err := setup.Fetcher.Get(ctx, fetch.Request{URL: address(s, &state), Validators: state.Validators, ValidFor: state.URL})
	if ctx.Err() != nil {
		return Result{}, ctx.Err() // the service is stopping: neither a failure nor a success of the publisher's
	}
	v := newswire.Visit{Source: s.ID, At: clock(), State: state}
	r := Result{Source: s.ID, Duration: time.Since(began)}
	if err == nil {
		err = a.take(ctx, setup.Catalog, s, answer, &v, &r)
		if storeError(err) {
			return Result{}, err
		}
	}
	if err != nil {
		a.fail(s, answer, err, &v, &r)
	}
	if err := a.reclassify(ctx, setup.Catalog, s, &v); err != nil {
		return Result{}, err
	}
	if r.Dropped, err = a.store.Sweep(ctx, lease, s.Retention); err != nil {
		return Result{}, err
	}
	if err := a.store.Record(ctx, lease, v); err != nil {
		return Result{}, err
	}
	r.Due, r.Why = v.State.Due, v.State.Why
	return r, nil
}

// remembered is a source's state, begun anew in what an operator's change of address makes void.
func remembered(state newswire.State, s *scheduled) newswire.State {
	if state.Configured != "" && state.Configured != s.URL {
		state.Moved, state.Cadence, state.NotBefore, state.Body = newswire.Move{}, newswire.Cadence{}, time.Time{}, ""
		state.Health.Stopped, state.Health.Failures = "", 0
	}
	state.Source, state.Configured, state.Schedule = s.ID, s.URL, s.Schedule
	return state
}

// take takes in what a publisher answered. An error that is not the store's says why there is nothing to take.
func (a *Aggregator) take(ctx context.Context, c *Catalog, s *scheduled, answer *fetch.Answer, v *newswire.Visit, r *Result) error {
	r.Status, v.State.Health.Status = answer.Status, answer.Status
	state := &v.State
	switch answer.Status {
	case http.StatusNotModified:
		r.Outcome = NotModified
		// A 304 may bring newer validators (RFC 9110 §15.4.5); what it leaves out still holds.
		if answer.Validators.ETag != "" {
			state.Validators.ETag = answer.Validators.ETag
		}
		if answer.Validators.LastModified != "" {
			state.Validators.LastModified = answer.Validators.LastModified
		}
	case http.StatusOK, http.StatusIMUsed:
		partial := answer.Status == http.StatusIMUsed
		body := newswire.Hash(pipeline, s.timezone(), answer.URL, string(answer.Body))
		if body == state.Body && !partial {
			r.Outcome, r.Offered = Unchanged, state.Health.Offered
		} else if err := a.read(ctx, c, s, answer, partial, v, r); err != nil {
			return err
		} else if !partial {
			state.Body = body
		}
		state.Validators, state.URL = answer.Validators, answer.URL
	default:
		return statusError(answer.Status)
	}
	if address(s, state) == s.URL {
		state.Moved = sighted(state.Moved, answer.MovedTo, v.At)
	}
	next := afterSuccess(v.At, s, answer.Header, state.Cadence)
	state.Due, state.NotBefore, state.Why = next.due, next.notBefore, next.why
	h := &state.Health
	h.LastVisit, h.LastSuccess, h.Failures, h.Error, h.Stopped = v.At, v.At, 0, "", ""
	if len(v.Articles) > 0 {
		h.LastChange = v.At
	}
	return nil
}

// read brings a document's articles through the pipeline: parse, clean, classify, compare.
func (a *Aggregator) read(ctx context.Context, c *Catalog, s *scheduled, answer *fetch.Answer, partial bool, v *newswire.Visit, r *Result) error {
	document, err := parse.Parse(answer.Body, parse.Options{
		URL: answer.URL, ContentType: answer.Header.Get("Content-Type"), Timezone: s.Timezone,
	})
	if err != nil {
		return err
	}
	publisher := attribute(document.Publisher, s)
	articles := make([]newswire.Article, 0, len(document.Items))
	for i := range document.Items {
		article := document.Items[i].Article
		cleaned(&article, document.Items[i].Base)
		article.ID = newswire.ArticleID(s.ID, article.GUID)
		article.Source, article.Publisher = s.ID, publisher
		article.Language = first(article.Language, publisher.Language)
		article.Stated = newswire.Rights{
			License:   first(article.Rights.License, document.License),
			Statement: first(article.Rights.Statement, publisher.Rights),
		}
		c.classify(&article, s)
		articles = append(articles, article)
	}
	made := documentDate(publisher.Updated, answer.Header, v.State.Document, v.At)
	if err := a.compare(ctx, s, articles, made, v, r); err != nil {
		return err
	}
	v.State.Document = made
	r.Offered, r.Repairs = len(articles), document.Repairs
	r.Outcome = Unchanged
	if r.New+r.Edited > 0 {
		r.Outcome = Changed
	}
	v.State.Cadence = document.Cadence
	if !partial { // RFC 3229: what a 226 leaves out is still there
		v.State.Health.Offered = len(articles)
		v.Offered = make([]string, len(articles))
		for i := range articles {
			v.Offered[i] = articles[i].ID
		}
	}
	return nil
}

// cleaned replaces an article's HTML by what may be republished.
func cleaned(article *newswire.Article, base string) {
	at, err := url.Parse(base)
	if err != nil {
		at = nil
	}
	article.Summary = clean.HTML(article.Summary, at)
	article.Content = clean.HTML(article.Content, at)
}

// fail records that there was nothing to take, and why. What is stored of the source stays as it is.
func (a *Aggregator) fail(s *scheduled, answer *fetch.Answer, err error, v *newswire.Visit, r *Result) {
	r.Outcome, r.Error = Failed, err.Error()
	state := &v.State
	h := &state.Health
	h.LastVisit, h.Error = v.At, err.Error()
	h.Failures++
	if answer == nil {
		h.Status = 0
	}
	if answer != nil && answer.Status == http.StatusGone {
		r.Outcome = Stopped
		h.Stopped = "410 Gone on " + v.At.Format(time.DateOnly)
		state.Due, state.Why = time.Time{}, h.Stopped
		return
	}
	if answer != nil {
		a.hold(s, answer, v.At)
	}
	// What a permanent redirect led to no longer answers: the operator's address may still do.
	state.Moved = newswire.Move{}
	next := afterFailure(v.At, s, answer, h.Failures, state.Cadence, a.options.Jitter)
	state.Due, state.Why = next.due, next.why
	state.NotBefore = next.notBefore
}

// hold keeps every visit away from a domain that says we are too many.
func (a *Aggregator) hold(s *scheduled, answer *fetch.Answer, now time.Time) {
	domain := registrable(s.URL)
	switch answer.Status {
	case http.StatusTooManyRequests:
		until, ok := retryAfter(answer.Header, now)
		if !ok {
			until = now.Add(holdByDefault)
		}
		a.domains.hold(domain, until)
	case http.StatusForbidden:
		if a.domains.refused(domain, now) {
			a.domains.hold(domain, now.Add(holdByDefault))
		}
	}
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
