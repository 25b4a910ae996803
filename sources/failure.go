package sources

import (
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/newswire/newswire/sources/fetch"
	"github.com/newswire/newswire/sources/pace"
)

// errStore marks an error as the store's: then the visit is not recorded, and counts as no failure of the publisher's.
var errStore = errors.New("store")

// failed gives a visit that brought nothing its outcome, by the reason. It returns the error where that is the store's.
func (v *visiting) failed(answer *fetch.Answer, err error) error {
	var busy *pace.BusyError
	switch {
	case errors.Is(err, errStore):
		return err
	case errors.As(err, &busy):
		v.putOff(busy)
	default:
		v.fail(answer, err)
	}
	return nil
}

// fail records that there was no document, and why. What is stored of the source stays as it is.
func (v *visiting) fail(answer *fetch.Answer, err error) {
	v.result.Outcome, v.result.Error = Failed, err.Error()
	at, state := v.record.At, &v.record.State
	h := &state.Health
	h.LastVisit, h.Error, h.Status = at, err.Error(), 0
	h.Failures++
	if answer != nil {
		h.Status = answer.Status
	}
	if h.Status == http.StatusGone {
		v.stop()
		return
	}
	state.Moved = disappointed(state.Moved, h.Status, h.Failures)
	next := v.source.plan.AfterFailure(pace.Failure{At: at, Answer: answer, State: state, Jitter: v.jitter})
	if answer != nil {
		if closed := v.trip.Closed(answer.URL, at); closed != nil {
			next.Delay(closed)
		}
	}
	next.StoreIn(state)
}

// stop records that the publisher took its document down for good. The source is not visited any more: its next due times
// are for ageOut.
func (v *visiting) stop() {
	v.result.Outcome = Stopped
	at, h := v.record.At, &v.record.State.Health
	h.Stopped = "410 Gone on " + at.Format(time.DateOnly)
	v.record.Offered = []string{}
	pace.Due{At: at.Add(retirement), Why: h.Stopped}.StoreIn(&v.record.State)
}

// putOff records that the visit ended before a domain that may not be visited now. That is no failure.
func (v *visiting) putOff(busy *pace.BusyError) {
	v.result.Outcome = PutOff
	state := &v.record.State
	state.Health.LastVisit = v.record.At
	v.source.plan.AfterBusy(v.record.At, busy, state).StoreIn(state)
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
