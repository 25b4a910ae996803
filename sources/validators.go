package sources

import (
	"net/http"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/fetch"
)

// A publisher that says for so long that its document has not changed is asked for the document itself once: some servers
// have validators that never change. Without an ETag it is the date of a file, which is wrong more often.
const (
	believedETag = 35 * 24 * time.Hour
	believedDate = 7 * 24 * time.Hour
)

// maxSkew is how far ahead of our clock a publisher's may be.
const maxSkew = time.Minute

// validators are those by which the document is asked for; none if it is needed although it has not changed.
func (v *visiting) validators() newswire.Validators {
	state, limit := &v.record.State, believedETag
	if state.Validators.ETag == "" {
		limit = believedDate
	}
	if v.reread || !state.Delivered.IsZero() && v.trip.Now().Sub(state.Delivered) >= limit {
		return newswire.Validators{}
	}
	return state.Validators
}

// notice finds out about a Last-Modified that stays while the document changes. It is seen only when the document was not
// asked for by it.
func (v *visiting) notice(answer *fetch.Answer, body string) {
	state, date := &v.record.State, answer.Validators.LastModified
	if date == state.Stuck {
		return
	}
	state.Stuck = ""
	unasked := v.sent == (newswire.Validators{}) && !v.reread && answer.URL == state.URL
	if unasked && date != "" && date == state.Validators.LastModified && state.Body != "" && body != state.Body {
		state.Stuck = date
	}
}

// credited are the validators of an answer that can be believed. A Last-Modified beside an ETag goes back as it came: the ETag
// decides (RFC 9110 §13.2.2). Alone it is left out when it is known to stay as it is, and when it lies ahead: what the
// publisher changes before that date would be no change to its server.
func credited(answer *fetch.Answer, v *newswire.Visit) newswire.Validators {
	given := answer.Validators
	if given.ETag != "" || given.LastModified == "" {
		return given
	}
	now := v.At
	if date, err := http.ParseTime(answer.Header.Get("Date")); err == nil && date.After(now) {
		now = date
	}
	if given.LastModified == v.State.Stuck || lastModified(answer.Header).After(now.Add(maxSkew)) {
		given.LastModified = ""
	}
	return given
}
