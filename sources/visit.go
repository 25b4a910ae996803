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
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/internal/tracing"
	"github.com/newswire/newswire/sources/fetch"
	"github.com/newswire/newswire/sources/internal/aipref"
	"github.com/newswire/newswire/sources/pace"
	"github.com/newswire/newswire/sources/websub"
)

// pipeline is part of the digest of a document: raise it when parsing or cleaning changes, and every document is parsed
// again when its publisher next sends it.
const pipeline = "7"

// visiting is a visit to one source that is under way. Its methods are the steps of the pipeline, in their order: fetch,
// accept, read (decode and parse), process (clean, classify, compare), reclassify, sweep, finish (record). Each adds to what
// the store will get, and to what people will see.
type visiting struct {
	store  Store
	jitter func(time.Duration) time.Duration
	setup  *Setup
	tracer *tracing.Tracer
	source *scheduled
	claim  *pace.Claim
	trip   *pace.Trip // by which everything is fetched
	robots *askedRobots

	answer   *fetch.Answer           // nil where there was none
	record   newswire.Visit          // for the store
	result   Result                  // for people
	reread   bool                    // the last document was read by other settings: it is needed again
	changed  bool                    // the operator has changed these settings since; a newer program may have other digests
	lookedUp map[string]*cache.Known // what the store has said of articles, by ID; nil for one that it does not know
	foreign  bool                    // the document is of another feed than the one that is known
	said     *websub.Said            // what a whole document says of its hub; nil without one
	pushed   bool                    // the document came from a hub
	sent     newswire.Validators
	matched  matches // which of the operator's selectors found something
}

// visit makes the visit of a trip that has departed.
func (a *Aggregator) visit(store Store, setup *Setup, claim *pace.Claim, trip *pace.Trip) *visiting {
	s, state := setup.Catalog.source(claim.Source), &claim.State
	reread := state.Body != "" && state.Reading != s.digests().read
	return &visiting{
		store: store, jitter: a.options.Jitter, tracer: a.options.Tracer,
		setup: setup, source: s, claim: claim, trip: trip,
		robots: askRobots(setup.route(s.ID).Robots, setup.DomainInterval),
		record: newswire.Visit{Source: s.ID, State: *state},
		result: Result{Source: s.ID},
		reread: reread, changed: reread && state.Reading != "",
	}
}

// run visits the source and records the result, with which the trip ends. The error is of the store, or says that ctx ended
// or that the lease was lost; what a publisher did wrong is in the result.
func (v *visiting) run(ctx context.Context) (Result, error) {
	started := time.Now()
	answer, err := v.fetch(ctx)
	v.answer = answer
	if ctx.Err() != nil {
		return Result{}, ctx.Err() // the service is stopping: neither a failure nor a success of the publisher's
	}
	v.record.At, v.result.Duration = v.trip.Now(), time.Since(started)
	if err == nil {
		err = v.accept(ctx, answer)
	}
	if err != nil {
		err = v.failed(answer, err)
	}
	for _, step := range []func(context.Context) error{v.reclassify, v.sweep, v.finish} {
		if err == nil {
			err = step(ctx)
		}
	}
	if err != nil {
		return Result{}, err
	}
	return v.result, nil
}

// fetch asks for the document: if it has changed, unless the settings have. Then it is needed also if it has not.
func (v *visiting) fetch(ctx context.Context) (*fetch.Answer, error) {
	state := &v.record.State
	request := fetch.Request{URL: address(v.source, state)}
	v.sent = v.validators()
	request.Validators, request.ValidFor, request.Known = v.sent, state.URL, v.isLast
	if v.setup.Subscribers != nil {
		request.Subscribers = v.setup.Subscribers(v.source.Source)
	}
	if v.source.Page != nil {
		if err := v.robots.list(ctx, request.URL); err != nil {
			return nil, err
		}
		request.Allow = v.robots.allow
	}
	return v.trip.Get(ctx, request)
}

// accept goes on with what the publisher answered. An error that is not the store's says why there is no document.
func (v *visiting) accept(ctx context.Context, answer *fetch.Answer) (err error) {
	v.result.Status, v.record.State.Health.Status = answer.Status, answer.Status
	switch answer.Status {
	case http.StatusNotModified:
		err = v.notModified(ctx, answer)
	case http.StatusOK, http.StatusIMUsed:
		err = v.document(ctx, answer)
	default:
		err = statusError(answer)
	}
	if err == nil {
		v.succeed(answer)
	}
	return err
}

// notModified goes on after a 304.
func (v *visiting) notModified(ctx context.Context, answer *fetch.Answer) error {
	state := &v.record.State
	if answer.URL != state.URL || v.sent == (newswire.Validators{}) {
		return errors.New("the publisher answers 304 Not Modified to a question that was not asked")
	}
	v.result.Outcome = NotModified
	// A 304 may bring newer validators (RFC 9110 §15.4.5); what it leaves out still holds.
	newer := credited(answer, &v.record)
	state.Validators.ETag = cmp.Or(newer.ETag, state.Validators.ETag)
	state.Validators.LastModified = cmp.Or(newer.LastModified, state.Validators.LastModified)
	if state.Delivered.IsZero() {
		state.Delivered = v.record.At // before a program that noted it
	}
	return v.unread(ctx)
}

// document goes on with a document, if it is not the last one once more.
func (v *visiting) document(ctx context.Context, answer *fetch.Answer) error {
	state, partial := &v.record.State, answer.Status == http.StatusIMUsed
	body := state.Body
	if !answer.Same {
		body = digestOf(v.source, answer)
	}
	if body == state.Body && !partial {
		v.result.Offered = state.Health.Offered
		if err := v.unread(ctx); err != nil {
			return err
		}
	} else if err := v.read(ctx, answer); err != nil {
		return err
	}
	v.result.Outcome = Unchanged
	v.notice(answer, body)
	if !partial {
		state.Reading, state.Delivered = v.source.digests().read, v.record.At
	}
	if !partial && v.result.Doubted == 0 {
		state.Body = body
		if !answer.Same {
			state.Sent = sentBy(v.source, answer)
		}
	}
	// An answer without validators takes none away: to ask by the old ones costs nothing. A document that is in doubt is
	// asked for once more.
	if v.result.Doubted == 0 && (answer.URL != state.URL || answer.Validators != (newswire.Validators{})) {
		state.Validators, state.URL = credited(answer, &v.record), answer.URL
	}
	return nil
}

// isLast says whether an answer brings the last document once more, by the bytes on the wire.
func (v *visiting) isLast(answer *fetch.Answer) bool {
	state := &v.record.State
	if state.Body == "" || answer.Status != http.StatusOK {
		return false
	}
	if answer.Sent.Coded {
		return wireDigest(v.source, answer) == state.Sent.Digest
	}
	return digestOf(v.source, answer) == state.Body
}

// digestOf identifies a document, with all by which it is read.
func digestOf(s *scheduled, answer *fetch.Answer) string {
	sum := answer.Sent.Sum
	if answer.Sent.Coded || answer.Sent.Bytes == 0 {
		sum = sha256.Sum256(answer.Body)
	}
	return digestBy(s, answer, sum)
}

// digestBy identifies what has a SHA-256, with all by which it is read.
func digestBy(s *scheduled, answer *fetch.Answer, sum [sha256.Size]byte) string {
	parts := []string{pipeline, s.digests().read, answer.URL, string(sum[:])}
	if usage := aipref.Usage(answer.Header); usage != "" {
		parts = append(parts, string(usage))
	}
	return newswire.Hash(parts...)
}

// sentBy is how the document of an answer came.
func sentBy(s *scheduled, answer *fetch.Answer) newswire.Sent {
	if !answer.Sent.Coded {
		return newswire.Sent{}
	}
	return newswire.Sent{Digest: wireDigest(s, answer), Bytes: len(answer.Body)}
}

// wireDigest identifies what was sent compressed, by its bytes and the coding that they are in.
func wireDigest(s *scheduled, answer *fetch.Answer) string {
	return newswire.Hash(digestBy(s, answer, answer.Sent.Sum), answer.Header.Get("Content-Encoding"))[:26]
}

// read parses a document, and processes what it offers and what it withdraws.
func (v *visiting) read(ctx context.Context, answer *fetch.Answer) error {
	d, err := v.parse(ctx, answer)
	if err != nil {
		return err
	}
	terms := v.robots.siteTerms(ctx, answer.URL, &v.record.State)
	if v.source.readsPages() {
		terms.License = "" // an article's page has its say first
	}
	terms.state(d, answer.URL)
	publisher := attribute(d.Publisher, v.source)
	publisher.Updated = credible(publisher.Updated, v.record.At)
	gone, err := v.withdrawals(ctx, d.Deleted)
	if err != nil {
		return err
	}
	if err := v.recognize(ctx, d); err != nil {
		return err
	}
	isGone := func(u newswire.Unread) bool { return gone[u.Article.ID] }
	list := slices.DeleteFunc(offers(v.source, d, publisher), isGone)
	state := &v.record.State
	state.Unread = slices.DeleteFunc(state.Unread, isGone)
	v.result.Offered, v.result.Repairs = len(list), d.Repairs
	state.Cadence = d.Cadence
	if answer.Status == http.StatusIMUsed { // RFC 3229: what a 226 leaves out is still there
		state.Shared = joined(state.Shared, d.Shared)
	} else {
		state.Shared = d.Shared
		v.said = &websub.Said{Hub: d.Hub, Self: cmp.Or(d.Self, d.Publisher.FeedURL)}
		survey(&state.Health, list, v.source.Page != nil)
		v.record.Offered = make([]string, len(list))
		for i := range list {
			v.record.Offered[i] = list[i].Article.ID
		}
	}
	dated := documentDate(publisher.Updated, answer.Header, state.Document, v.record.At)
	if state.Document = dated; dated.IsZero() {
		state.Document = v.record.At
	}
	met, err := v.process(ctx, withUnread(list, dated, state.Unread))
	// It is the feed that is known by its id, by an article that was met before, or because nothing is known yet.
	v.foreign = met == 0 && state.Body != "" && (d.Publisher.ID == "" || d.Publisher.ID != state.Feed)
	state.Feed = d.Publisher.ID
	return err
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

// withUnread joins what a document offers with the articles of earlier ones whose pages are still to be read, and which may
// have left the list meanwhile. What is offered again in the same words keeps the date of the document that said them first,
// and the number of tries.
func withUnread(list []newswire.Unread, dated time.Time, unread []newswire.Unread) []newswire.Unread {
	index := make(map[string]int, len(list))
	for i := range list {
		list[i].Dated = dated
		index[list[i].Article.ID] = i
	}
	for _, u := range unread {
		i, offered := index[u.Article.ID]
		switch {
		case !offered:
			list = append(list, u)
		case list[i].Article.Offer == u.Article.Offer:
			list[i].Dated, list[i].Tries = u.Dated, u.Tries
		}
	}
	return list
}

// unread goes on with the articles whose pages are still to be read, when their document has not changed.
func (v *visiting) unread(ctx context.Context) error {
	if len(v.record.State.Unread) == 0 {
		return nil
	}
	_, err := v.process(ctx, v.record.State.Unread)
	return err
}

// process brings offers, in the order of their document, through the rest of the pipeline: what the store knows just as it
// is offered goes no further; the others have their pages read where that is the way of the source, are cleaned and
// classified, and those that are new or have changed join the visit. It returns how many of the articles the store has met
// before.
func (v *visiting) process(ctx context.Context, list []newswire.Unread) (met int, err error) {
	known, err := v.known(ctx, list)
	if err != nil {
		return 0, err
	}
	if list, err = v.unknown(ctx, list, known); err != nil {
		return 0, err
	}
	if list, err = v.pages(ctx, list); err != nil {
		return 0, err
	}
	cleaning, cancel := context.WithTimeoutCause(ctx, timeToClean(ctx), errSlow)
	defer cancel()
	_, span := tracing.Start(ctx, "clean and classify")
	defer func() { span.End(err) }()
	span.Count("newswire.articles", len(list))
	c, topics := cleaner{source: v.source}, authorTopics{}
	ahead, empty := 0, 0
	var refused error
	v.record.Articles = slices.Grow(v.record.Articles, len(list))
	var article newswire.Article
	for i := range list {
		article = list[i].Article
		if !believe(&article, v.record.At) {
			ahead++
		}
		if err := c.clean(cleaning, &article, list[i].Base); err != nil {
			if refused = err; cleaning.Err() != nil {
				refused = fmt.Errorf("%w: %w", context.Cause(cleaning), err)
				if v.source.readsPages() {
					v.record.State.Unread = append(v.record.State.Unread, list[i:]...)
				}
				break
			}
			continue
		}
		if isEmpty(&article) {
			empty++
			continue
		}
		v.result.failed(v.setup.Catalog.classify(&article, v.source))
		topics.bound(&article, v.setup.Catalog)
		v.compare(&article, &list[i], known)
	}
	v.result.repaired(ahead, "dates of %d articles lie more than a day ahead: they count as not said")
	v.result.repaired(empty, "%d articles without title, text, address and media were left out")
	v.result.repaired(topics.refused, "%d names beyond the first 500 authors of the document have no feed of their own")
	return len(known), refused
}

// cleaningTime bounds how long the articles of one document may be cleaned. Real documents take a hundredth.
const cleaningTime = 30 * time.Second

// timeToClean is that, or so much less that the visit can still be recorded.
func timeToClean(ctx context.Context) time.Duration {
	const toRecord = 10 * time.Second
	if deadline, ok := ctx.Deadline(); ok {
		return min(cleaningTime, max(time.Until(deadline)-toRecord, toRecord))
	}
	return cleaningTime
}

// errSlow says that the articles of a document took longer.
var errSlow = fmt.Errorf("the articles take more than %v to clean", cleaningTime)

// succeed notes that the publisher answered with a document, or confirmed the last one.
func (v *visiting) succeed(answer *fetch.Answer) {
	at, state, r := v.record.At, &v.record.State, &v.result
	if !believed(state.Moved) {
		state.Moved = sighted(state.Moved, answer.MovedTo, !v.foreign, at)
	}
	h := &state.Health
	v.hear(answer, h.LastVisit)
	h.LastVisit, h.LastSuccess, h.Failures, h.Error, h.Stopped = at, at, 0, "", ""
	if r.Doubted > 0 {
		h.Error = doubtful(r.Doubted)
		r.Error = h.Error
	}
	if r.New+r.Edited+r.Withdrawn > 0 {
		v.news(h.LastChange)
	}
	v.source.plan.AfterSuccess(at, answer.Header, state).StoreIn(state)
}

// finish records the visit, which ends the lease and the trip's turns.
func (v *visiting) finish(ctx context.Context) error {
	v.setup.scheduleVisit(&v.record.State, v.record.State.Due)
	remember(v)
	ctx, span := tracing.Start(ctx, "record")
	span.Count("newswire.articles", len(v.record.Articles))
	if r := &v.result; r.New+r.Edited+r.Withdrawn > 0 {
		v.tracer.Recording(ctx, v.source.ID)
	}
	if v.answer = nil; len(v.record.Articles) == 0 { // so it holds little while the store writes
		v.trip.MakeRoom()
	}
	err := v.trip.Record(func(turns ...cache.Turn) error {
		return v.store.Record(ctx, v.claim.Lease, v.record, turns...)
	})
	span.End(err)
	if v.result.Why = v.record.State.Why; v.result.Outcome != Stopped {
		v.result.Due = v.record.State.NextVisit()
	}
	return err
}

// carry has a source's state go on under the operator's settings of now: without what a change of address makes void.
func carry(state *newswire.State, s *scheduled, at time.Time) {
	if state.Configured != "" && !configuredAs(state.Configured, s.URL) {
		leaveHub(state, at)
		state.Moved, state.Cadence, state.Body, state.Feed = newswire.Move{}, newswire.Cadence{}, "", ""
		state.Due, state.NotBefore, state.Wish = time.Time{}, time.Time{}, ""
		state.Health.Stopped, state.Health.Failures = "", 0
	}
	state.Source, state.Configured, state.Schedule, state.Retired = s.ID, recordable(s.URL), s.Schedule, time.Time{}
}
