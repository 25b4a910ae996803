package sources

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
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
		putOff(v, busy)
	default:
		v.fail(answer, redirected(v.source.URL, answer, err))
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
	leaveHub(&v.record.State, at)
	pace.Due{At: at.Add(retirement), Why: h.Stopped}.StoreIn(&v.record.State)
}

// putOff records that the visit ended before a domain that may not be visited now. That is no failure.
func putOff(v *visiting, busy *pace.BusyError) {
	v.result.Outcome = PutOff
	state := &v.record.State
	state.Health.LastVisit = v.record.At
	v.source.plan.AfterBusy(v.record.At, busy, state).StoreIn(state)
}

// redirected names the site that an answer comes from, if a redirect led to another one.
func redirected(from string, answer *fetch.Answer, err error) error {
	if answer == nil || pace.DomainOf(answer.URL) == pace.DomainOf(from) {
		return err
	}
	return fmt.Errorf("redirected to %s: %w", fetch.Redact(answer.URL), err)
}

// statusError says what an answer without a document means and what to do about it.
func statusError(answer *fetch.Answer) error {
	status, h := answer.Status, answer.Header
	says := fmt.Sprintf("the publisher answers %d %s", status, http.StatusText(status))
	switch {
	case h.Get("Cf-Mitigated") != "":
		return fmt.Errorf("%s: Cloudflare wants a browser to solve a challenge; ask the publisher to let this User-Agent through, "+
			"or for another address of the feed", says)
	case status == http.StatusGone:
		return fmt.Errorf("%s: the feed was taken down for good; remove the source or give its new address", says)
	case status == http.StatusNotFound:
		return fmt.Errorf("%s: check the source's url", says)
	case status == http.StatusUnauthorized, status == http.StatusForbidden, status == http.StatusProxyAuthRequired:
		return fmt.Errorf("%s: %s", says, refusal(answer))
	case status == http.StatusTooManyRequests:
		return fmt.Errorf("%s: its whole domain is left alone for a while", says)
	case status == http.StatusBadRequest && speaksTLS(answer.URL):
		return fmt.Errorf("%s: perhaps the port is one for TLS; write https:// for http:// in the url", says)
	case status >= 300 && status < 400:
		return fmt.Errorf("the publisher redirects (%d) and asks to come back later", status)
	case status >= 500:
		return fmt.Errorf("%s: its server is in trouble", says)
	default:
		return fmt.Errorf("%s instead of a feed", says)
	}
}

// refusal says what to do about a 401, a 403 or a 407.
func refusal(answer *fetch.Answer) string {
	unauthorized := answer.Status == http.StatusUnauthorized
	switch {
	case answer.Status == http.StatusProxyAuthRequired:
		return "the proxy wants credentials; write them into its address (http://user:password@…), and that into proxy_env or proxy_file"
	case answer.Shown == fetch.ShownWithheld:
		return "the source's credentials are for the origin of its url alone, and this is another one; if they are meant for it, write " +
			origin(answer.URL) + " into the url"
	case answer.Shown == fetch.ShownSent && unauthorized:
		return "it does not accept the credentials; check what the source's access names, and whether it has expired" + wanted(answer)
	case answer.Shown == fetch.ShownSent:
		return "the credentials are not enough for it; ask the publisher what they are good for"
	case unauthorized:
		return "it wants credentials; give them to the source as access: {user: …, password_env: …}" + wanted(answer)
	}
	return "it wants credentials (access), or does not want us; ask the publisher to let this User-Agent through"
}

// wanted says by which scheme a publisher wants credentials, if not by the usual one.
func wanted(answer *fetch.Answer) string {
	scheme, _, _ := strings.Cut(answer.Header.Get("WWW-Authenticate"), " ")
	switch {
	case scheme == "", strings.EqualFold(scheme, "Basic"):
		return ""
	case strings.EqualFold(scheme, "Bearer"):
		return "; it asks for a token: access: {bearer_env: …}"
	}
	return fmt.Sprintf("; but it asks for %.20s, and we can do Basic, Bearer, headers and cookies", scheme)
}

// speaksTLS says whether a plain address may lead to a port for TLS: to any but the usual one.
func speaksTLS(address string) bool {
	u, err := url.Parse(address)
	return err == nil && u.Scheme == "http" && u.Port() != "" && u.Port() != "80"
}
