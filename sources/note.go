package sources

import (
	"cmp"
	"net/http"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/fetch"
)

// Bounds of what is noted of a visit.
const (
	maxNotedValue = 200 // of a header's value, an address or a repair, in bytes
	maxNotedError = 500
	maxNotedKinds = 12 // of repairs, and of what was removed
)

// notedHeaders are what operators are shown of an answer's header. None of them is meant to have a secret.
func notedHeaders() []string {
	return []string{
		"Date", "Age", "ETag", "Last-Modified", "Cache-Control", "Expires", "Vary", "Retry-After",
		"Content-Type", "Content-Encoding", "Content-Length", "IM", "Server", "Via", "Cf-Mitigated",
	}
}

// remember adds the visit to what operators are told of the source: to the counts of its day, and as a note, unless the
// publisher had nothing to say.
func remember(v *visiting) {
	r, state := &v.result, &v.record.State
	if r.Outcome == PutOff {
		return
	}
	day := newswire.Day{Articles: r.New + r.Edited}
	if !v.pushed {
		day.Visits = 1
	}
	if r.Outcome == Failed || r.Outcome == Stopped {
		day.Failures = 1
	}
	state.Days = state.Days.Add(v.record.At, day)
	if r.Outcome == NotModified && r.New+r.Edited+r.Withdrawn+r.Dropped == 0 {
		state.Confirmed++
		return
	}
	v.record.Note = noteOf(v)
	state.Noted++
	state.Confirmed = 0
}

// noteOf is what operators are told of the visit.
func noteOf(v *visiting) *newswire.Note {
	r := &v.result
	n := &newswire.Note{
		At: v.record.At, Took: r.Duration, Outcome: string(r.Outcome), Pushed: r.Pushed, Status: r.Status, Confirmed: v.record.State.Confirmed,
		Offered: r.Offered, New: r.New, Edited: r.Edited, Held: r.Held, Withdrawn: r.Withdrawn, Dropped: r.Dropped,
		Error: noted(r.Error, maxNotedError),
	}
	if a := v.answer; a != nil {
		n.Status, n.URL, n.Bytes, n.Header = a.Status, noted(fetch.Redact(a.URL), maxNotedValue), len(a.Body), notedHeader(a.Header)
		if a.Same {
			n.Bytes = cmp.Or(v.record.State.Sent.Bytes, a.Sent.Bytes)
		}
	}
	for _, repair := range r.Repairs[:min(len(r.Repairs), maxNotedKinds)] {
		n.Repairs = append(n.Repairs, noted(repair, maxNotedValue))
	}
	for i := range v.record.Articles {
		for _, removal := range v.record.Articles[i].Removed {
			if n.Removed == nil {
				n.Removed = map[string]int{}
			}
			if reason := noted(removal.Reason, maxNotedValue); n.Removed[reason] > 0 || len(n.Removed) < maxNotedKinds {
				n.Removed[reason]++
			}
		}
	}
	return n
}

func notedHeader(h http.Header) (fields []newswire.HeaderField) {
	for _, name := range notedHeaders() {
		if value := h.Get(name); value != "" {
			fields = append(fields, newswire.HeaderField{Name: name, Value: noted(value, maxNotedValue)})
		}
	}
	return fields
}

// noted is a text, cut to so many bytes.
func noted(text string, most int) string {
	if len(text) <= most {
		return text
	}
	for most > 0 && text[most]&0xC0 == 0x80 { // in the middle of a character
		most--
	}
	return text[:most] + "…"
}
