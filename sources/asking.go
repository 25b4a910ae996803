package sources

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"
	"unicode"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/fetch"
	"github.com/newswire/newswire/sources/pace"
	"github.com/newswire/newswire/sources/push"
)

// Push has sources subscribe to the hubs that their feeds name.
type Push struct {
	Site   string      // the address of the service: hubs reach the handler of package websub below it
	Poster pace.Poster // asks hubs
}

// leaveHub ends the subscription of a source.
func leaveHub(state *newswire.State, at time.Time) { push.Of(&state.Push, at, nil).Leave() }

// scheduleVisit has a source come due for its next visit, or for its hub before that.
func (s *Setup) scheduleVisit(state *newswire.State, at time.Time) {
	if s.Push == nil { // another process may see to it
		state.Due, state.Push.Visit = at.Truncate(time.Millisecond), time.Time{}
		return
	}
	state.ScheduleVisit(at)
}

// subscriptionOf is the subscription of a state, at a time.
func (a *Aggregator) subscriptionOf(state *newswire.State, at time.Time) *push.Subscription {
	return push.Of(&state.Push, at, a.options.Jitter)
}

// hasHubDue says whether a source was claimed for a hub that is to be asked something.
func hasHubDue(setup *Setup, claim *pace.Claim) bool {
	due := claim.State.Push.Due()
	return setup.Push != nil && !due.IsZero() && !due.After(claim.Now())
}

// visitDue is when a claimed source is to be visited. One that was moved since it was recorded is to be visited then.
func visitDue(claim *pace.Claim) time.Time {
	if claim.Due.Equal(taken) || claim.Due.Equal(claim.State.Due) {
		return claim.State.NextVisit()
	}
	return claim.Due
}

// askHub asks a hub what it is due to be asked, in place of a visit. The request is noted first: a process that is killed
// then does not ask twice, and each process that the hub may ask back knows of it.
func (w *worker) askHub(ctx context.Context, setup *Setup, claim *pace.Claim) error {
	state, at, visit := claim.State, claim.Now(), visitDue(claim)
	s := w.subscriptionOf(&state, at)
	if s.Lapse() {
		w.log.WarnContext(ctx, "push ended: polling again", "source", claim.Source, "hub", fetch.Redact(s.Hub), "why", s.Error)
		visit = earlier(visit, later(at, state.NotBefore))
	}
	r := s.Request()
	setup.scheduleVisit(&state, visit)
	if err := w.store.Record(ctx, claim.Lease, newswire.Visit{Source: claim.Source, At: at, State: state}); err != nil || r == nil {
		return err
	}
	err := w.ask(ctx, setup, claim, r)
	if err == nil || ctx.Err() != nil {
		return ctx.Err()
	}
	var busy *pace.BusyError
	isBusy := errors.As(err, &busy)
	if !isBusy {
		w.log.InfoContext(ctx, "hub not asked with success", "source", claim.Source, "hub", fetch.Redact(r.Hub), "error", err)
	}
	note := func(s *push.Subscription) bool {
		if isBusy {
			return s.PutOff(r, busy.Until)
		}
		return s.Failed(r, err.Error())
	}
	noted := w.amend(ctx, claim.Source, note)
	if errors.Is(noted, ErrVisited) || errors.Is(noted, newswire.ErrNotFound) { // then it is not known why
		return nil
	}
	return noted
}

// ask sends a request to a hub, under the turn at its domain.
func (w *worker) ask(ctx context.Context, setup *Setup, claim *pace.Claim, r *push.Request) error {
	trip := w.domains.SetOut(&pace.Departure{Claim: claim, Pause: setup.DomainInterval})
	answer, err := trip.Post(ctx, setup.poster(claim.Source), fetch.Request{URL: r.Hub}, r.Form(setup.Push.Site, claim.Source))
	if err = errors.Join(err, trip.End(ctx)); err != nil {
		return err
	}
	if answer.Status/100 != 2 {
		return fmt.Errorf("the hub answers %d %s: %s", answer.Status, http.StatusText(answer.Status), says(answer.Body, r))
	}
	return nil
}

// maxReason bounds what is remembered of a hub's reasons.
const maxReason = 200

// says is what a hub says of a request, fit to be shown: on one line, short, and without what is secret in the request.
func says(body []byte, r *push.Request) string {
	text := strings.ToValidUTF8(string(body), "")
	for _, secret := range []string{r.Token, r.Secret} {
		if secret != "" {
			text = strings.ReplaceAll(text, secret, "…")
		}
	}
	words := strings.FieldsFunc(text, func(c rune) bool { return unicode.IsSpace(c) || !unicode.IsPrint(c) })
	runes := []rune(strings.Join(words, " "))
	return string(runes[:min(len(runes), maxReason)])
}

// poster asks the hub of a source, by the source's own proxy where it has one.
func (s *Setup) poster(source string) pace.Poster {
	if own, ok := s.Routes[source].Fetcher.(pace.Poster); ok {
		return own
	}
	return s.Push.Poster
}

// taken is the due time of a source that is being claimed in advance: long ago, by any clock of the store's.
var taken = time.UnixMilli(1).UTC()

// take claims a source that is not due. Its visits go on as they were due ([visitDue]). ErrVisited while it is another's, or is
// put off; [newswire.ErrNotFound] where there is nothing of it.
func (a *Aggregator) take(ctx context.Context, source string) (*pace.Claim, error) {
	states, err := a.store.States(ctx, source)
	if err != nil {
		return nil, err
	}
	state, known := states[source]
	if !known {
		return nil, newswire.ErrNotFound
	}
	// It is moved only from where its last visit left it: then it is no other's.
	if err := a.store.Reschedule(ctx, source, state.Due, taken); err != nil {
		return nil, err
	}
	claims, err := a.claim(ctx, a.store, 1, source)
	if err != nil {
		return nil, err
	}
	if len(claims) == 0 {
		return nil, ErrVisited
	}
	return claims[0], nil
}

// takeSoon claims a source as soon as it is no other's. The error is ErrVisited where that does not happen within a visit's
// time: then it is put off, and visited when it comes due.
func (a *Aggregator) takeSoon(ctx context.Context, source string) (*pace.Claim, error) {
	deadline := time.Now().Add(a.lease())
	for wait := 10 * time.Millisecond; ; wait = min(2*wait, time.Second) {
		claim, err := a.take(ctx, source)
		if !errors.Is(err, ErrVisited) || time.Now().Add(wait).After(deadline) {
			return claim, err
		}
		if err := pace.Sleep(ctx, wait); err != nil {
			return nil, err
		}
	}
}

// amend changes what is remembered of a source's subscription. ErrNotFound where change says that there is nothing to change.
func (a *Aggregator) amend(ctx context.Context, source string, change func(*push.Subscription) bool) error {
	claim, err := a.takeSoon(ctx, source)
	if err != nil {
		return err
	}
	state, at := claim.State, claim.Now()
	s, visit := a.subscriptionOf(&state, at), visitDue(claim)
	active := s.Active(at)
	changed := change(s)
	if active && !s.Active(at) {
		visit = earlier(visit, a.onSchedule(&state, at)) // the hub tells no more
	}
	a.setup.Load().scheduleVisit(&state, visit)
	defer signal(a.ended)
	err = a.store.Record(ctx, claim.Lease, newswire.Visit{Source: source, At: at, State: state})
	if err == nil && !changed {
		return newswire.ErrNotFound
	}
	return err
}

// onSchedule is when a source is visited without push.
func (a *Aggregator) onSchedule(state *newswire.State, at time.Time) time.Time {
	s := a.setup.Load().Catalog.source(state.Source)
	if s == nil {
		return state.NextVisit()
	}
	return later(later(s.plan.Next(state.Health.LastVisit), state.NotBefore), at)
}
