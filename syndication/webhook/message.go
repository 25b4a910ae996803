package webhook

import (
	"bytes"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication"
	"github.com/newswire/newswire/syndication/change"
)

// The types of messages.
const (
	typePut    = "article.put"
	typeRemove = "article.remove"
	typeResync = "resync"
)

// types are those of changes.
var types = map[newswire.Op]string{newswire.Put: typePut, newswire.Remove: typeRemove}

// message is what is sent in one POST.
type message struct {
	id      string
	body    []byte
	changes int
	terms   syndication.Terms // of the articles in it
}

// Message is the body of a message (Standard Webhooks, "Payload structure").
type Message[D any] struct {
	Type      string `json:"type"`      // article.put, article.remove or resync
	Timestamp string `json:"timestamp"` // of the last change in it; of a resync, when it was made
	Data      D      `json:"data"`
}

// Resync is the data of a message that says that changes were missed.
type Resync struct {
	Cursor   newswire.Cursor `json:"cursor"`   // messages go on with the changes after it
	Articles string          `json:"articles"` // where to copy all there is: the API's address
}

// draft is a message of changes in the making.
type draft struct {
	op          newswire.Op
	changes     [][]byte // lines of JSON
	size        int
	first, last newswire.Cursor
	when        time.Time // the last was recorded
	terms       []syndication.Terms
}

// add puts a change at the end. It is false where the change does not belong into this message: it has another type, or makes
// it too large.
func (d *draft) add(r *newswire.Change, w change.Written) bool {
	switch {
	case len(d.changes) == 0:
		d.op, d.first = w.Op, r.Cursor
	case w.Op != d.op, d.size+len(w.Body) > largestBody:
		return false
	}
	d.changes = append(d.changes, bytes.TrimSuffix(w.Body, []byte("\n")))
	d.size += len(w.Body)
	d.last, d.when = r.Cursor, r.At
	if w.Article {
		d.terms = append(d.terms, w.Terms)
	}
	return true
}

// message is the draft, finished.
func (d *draft) message(partner, replay string) (*message, error) {
	data := append(make([]byte, 0, d.size+128), `{"changes":[`...)
	data = append(data, bytes.Join(d.changes, []byte(","))...)
	data = append(data, `],"next":"`...)
	data = append(data, d.last...) // printable ASCII, of a store's making: nothing to escape
	data = append(data, `"}`...)
	body, err := change.Encode(&Message[written]{types[d.op], change.Instant(d.when), data})
	if err != nil {
		return nil, err
	}
	return &message{
		id: messageID(partner, replay, d.first, d.last), body: body, changes: len(d.changes), terms: syndication.CommonTerms(d.terms),
	}, nil
}

// written is JSON that was written before.
type written []byte

// MarshalJSON implements json.Marshaler.
func (w written) MarshalJSON() ([]byte, error) { return w, nil }

// newResync is a message that says to begin again at a cursor.
func newResync(r *request, head newswire.Cursor, at time.Time) (*message, error) {
	body, err := change.Encode(&Message[Resync]{typeResync, change.Instant(at), Resync{
		Cursor: change.Outward(head), Articles: r.settings.Site.URL + "/api/v1/articles",
	}})
	if err != nil {
		return nil, err
	}
	return &message{id: messageID(r.partner.ID, r.at.Replay, typeResync, head), body: body}, nil
}

// messageID names a message: the same one for the same part of the log, whichever process sends it.
func messageID(partner, replay string, first, last newswire.Cursor) string {
	return "msg_" + newswire.Hash("webhook message", partner, replay, string(first), string(last))
}
