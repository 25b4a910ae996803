package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/newswire/newswire"
)

// largestPage is the most bytes of changes in an answer, but for a single change that is longer.
const largestPage = 4 << 20

// instant is a time as answers have it.
func instant(t time.Time) string { return t.UTC().Format(time.RFC3339Nano) }

// event is a change that was written for a client.
type event struct {
	cursor newswire.Cursor
	body   []byte // a line of JSON
}

// changes answers at /changes.
func changes(c *call) error {
	if c.values.after == "" {
		return c.begin()
	}
	if err := plausible("after", c.values.after); err != nil {
		return err
	}
	if c.values.wait > 0 && c.r.Method == "GET" {
		c.longer(c.values.wait + 2*c.api.options.StoreTimeout)
		c.api.metrics.waiting.Inc()
		defer c.api.metrics.waiting.Dec()
	}
	found, next, err := c.await()
	if err != nil {
		return err
	}
	if len(found) == 0 {
		if e := c.api.tail.state.Load(); e.head == inward(next) && e.idle != nil {
			return c.respondTagged(formTypes[c.form], e.idle, e.tag)
		}
	}
	c.items = len(found)
	return c.respond(formTypes[c.form], pageOf(found, next))
}

// begin answers a client that has no cursor yet: with that of the log's end.
func (c *call) begin() error {
	if e := c.api.tail.state.Load(); e.attached && !e.lost {
		return c.respondTagged(formTypes[c.form], e.idle, e.tag)
	}
	ctx, cancel := c.patience()
	defer cancel()
	head, err := c.api.store.Head(ctx)
	if err != nil {
		return fmt.Errorf("head of the change log: %w", err)
	}
	body, tag := idlePage(outward(head))
	return c.respondTagged(formTypes[c.form], body, tag)
}

// await is the next changes for the reader, when there are some or the time to wait is over.
func (c *call) await() (found []event, next newswire.Cursor, err error) {
	next = inward(c.values.after)
	var over <-chan time.Time
	for {
		e := c.api.tail.state.Load() // before reading, so that no news between is slept through
		v := c.viewer()
		if found, next, err = c.api.changesFor(c.r.Context(), &v, next, c.values.limit); err != nil || len(found) > 0 {
			return found, outward(next), err
		}
		if e.lost && over == nil {
			return nil, "", &fault{kind: "unavailable", detail: "Please try again shortly.", cause: errors.New("the change log is not heard")}
		}
		if c.values.wait <= 0 || e.ended || c.r.Method != "GET" {
			return nil, outward(next), nil
		}
		if over == nil {
			timer := time.NewTimer(c.values.wait)
			defer timer.Stop()
			over = timer.C
		}
		select {
		case <-e.wake:
			if !c.identify() {
				return nil, "", c.wrongKey()
			}
		case <-over:
			return nil, outward(next), nil
		case <-c.r.Context().Done():
			return nil, "", c.r.Context().Err()
		}
	}
}

// changesFor returns the changes after a cursor that concern a viewer, written, and where to go on. It passes over those
// that do not, up to the log's end or a bound.
func (a *API) changesFor(ctx context.Context, v *viewer, after newswire.Cursor, limit int) (found []event, next newswire.Cursor, err error) {
	next = after
	var ofStore context.CancelFunc
	for range pages {
		records, ok := a.tail.after(next, limit)
		if !ok {
			if ofStore == nil {
				ctx, ofStore = context.WithTimeout(ctx, a.options.StoreTimeout)
				defer ofStore()
			}
			if records, err = a.stored(ctx, next, limit); err != nil {
				return nil, "", err
			}
		}
		if len(records) == 0 {
			return found, next, nil
		}
		if found, next, err = a.write(ctx, v, records); err != nil || len(found) > 0 {
			return found, next, err
		}
	}
	return found, next, nil
}

// stored reads records that are not in memory.
func (a *API) stored(ctx context.Context, after newswire.Cursor, limit int) ([]*record, error) {
	changes, err := a.store.Changes(ctx, after, limit)
	switch {
	case errors.Is(err, newswire.ErrGone), errors.Is(err, newswire.ErrCursor):
		// The cursor looks like one, see plausible: this store does not have what follows it.
		return nil, fmt.Errorf("%w: %w", newswire.ErrGone, err)
	case err != nil:
		return nil, fmt.Errorf("changes after %s: %w", after, err)
	}
	subjects := make(map[string]*subject, len(changes))
	records := make([]*record, len(changes))
	for i, change := range changes {
		s := subjects[change.Article]
		if s == nil {
			s = newSubject()
			subjects[change.Article] = s
		}
		records[i] = &record{Change: change, subject: s}
	}
	return records, nil
}

// write writes the records that concern a viewer, as many as an answer may hold.
func (a *API) write(ctx context.Context, v *viewer, records []*record) (found []event, next newswire.Cursor, err error) {
	var concern []*record
	for _, r := range records {
		if v.reader.Concerns(r.Topics) {
			concern = append(concern, r)
		}
	}
	next = records[len(records)-1].Cursor
	if len(concern) == 0 {
		return nil, next, nil
	}
	ctx, cancel := context.WithTimeout(ctx, a.options.StoreTimeout)
	defer cancel()
	states, err := load(ctx, a.store, concern)
	if err != nil {
		return nil, "", fmt.Errorf("articles of changes: %w", err)
	}
	size := 0
	for _, r := range concern {
		body, err := v.write(r, states[r.Article])
		if err != nil {
			return nil, "", &fault{kind: "internal", cause: err}
		}
		if size += len(body); size > largestPage && len(found) > 0 {
			return found, found[len(found)-1].cursor, nil
		}
		found = append(found, event{r.Cursor, body})
	}
	return found, next, nil
}

// pageOf is an answer of changes.
func pageOf(found []event, next newswire.Cursor) []byte {
	size := 32 + len(next)
	for _, f := range found {
		size += len(f.body) + 1
	}
	b := append(make([]byte, 0, size), `{"changes":[`...)
	for i, f := range found {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, bytes.TrimSuffix(f.body, []byte("\n"))...)
	}
	b = append(b, `],"next":"`...)
	b = append(b, next...) // printable ASCII, of a store's making: nothing to escape
	return append(b, "\"}\n"...)
}

// idlePage is the answer to a client that has everything, and its entity tag.
func idlePage(head newswire.Cursor) (body []byte, tag string) {
	body = pageOf(nil, head)
	sum := sha256.Sum256(body)
	return body, base64.RawURLEncoding.EncodeToString(sum[:15])
}

// plausible says whether a cursor may be one of the change log, which every store begins with a digit. One that is none is
// a mistake of the client; one that the store does not know is of a log that has gone.
func plausible(parameter string, c newswire.Cursor) error {
	if c == "" || strings.Trim(string(c), "0123456789-") != "" || c[0] == '-' || len(c) > 64 {
		return invalid(parameter, "is no cursor: take the next of an earlier answer")
	}
	return nil
}
