package api

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication"
	"github.com/newswire/newswire/syndication/change"
)

// largestPage is the most bytes of changes in an answer, but for a single change that is longer.
const largestPage = 4 << 20

// event is a change that was written for a client.
type event struct {
	cursor newswire.Cursor
	change.Written
}

// changes answers at /changes.
func changes(c *call) error {
	if c.values.after == "" {
		return c.begin()
	}
	e := c.api.tail.state.Load() // before reading, so that no news between is slept through
	found, next, err := c.next(change.Inward(c.values.after))
	switch {
	case err != nil:
		return err
	case len(found) == 0 && e.lost:
		return &fault{kind: "unavailable", detail: "Please try again shortly.", cause: errors.New("the change log is not heard")}
	case len(found) == 0 && !e.ended && c.values.wait > 0 && c.r.Method == http.MethodGet:
		return c.detach(func(c *call) error { return c.await(e, next) })
	}
	return c.tell(found, next)
}

// next is the next changes for the reader, and where to go on.
func (c *call) next(after newswire.Cursor) ([]event, newswire.Cursor, error) {
	return c.changesFor(after, c.values.limit)
}

// await answers when there are changes after a cursor, or the time to wait is over. When the log ended at e there were
// none.
func (c *call) await(e *ending, after newswire.Cursor) error {
	c.longer(c.values.wait + 2*c.api.options.StoreTimeout)
	over := time.NewTimer(c.values.wait)
	defer over.Stop()
	for {
		select {
		case <-e.wake:
		case <-over.C:
			return c.tell(nil, after)
		case <-c.r.Context().Done():
			return c.r.Context().Err()
		}
		if !c.identify() {
			return c.wrongKey()
		}
		e = c.api.tail.state.Load()
		found, next, err := c.next(after)
		switch {
		case err != nil:
			return err
		case len(found) > 0 || e.ended:
			return c.tell(found, next)
		}
		after = next
	}
}

// tell answers with changes.
func (c *call) tell(found []event, next newswire.Cursor) error {
	if len(found) == 0 {
		if e := c.api.tail.state.Load(); e.head == next && e.idle != nil {
			return c.respondTagged(formTypes[c.form], e.idle, e.tag)
		}
	}
	c.items = len(found)
	var terms []syndication.Terms
	for i := range found {
		if found[i].Article {
			terms = append(terms, found[i].Terms)
		}
	}
	syndication.CommonTerms(terms).State(c.w.Header())
	return c.respond(formTypes[c.form], pageOf(found, change.Outward(next)))
}

// begin answers a client that has no cursor yet: with that of the log's end.
func (c *call) begin() error {
	if e := c.api.tail.state.Load(); e.attached && !e.lost {
		return c.respondTagged(formTypes[c.form], e.idle, e.tag)
	}
	head, err := c.head()
	if err != nil {
		return err
	}
	body, tag := idlePage(change.Outward(head))
	return c.respondTagged(formTypes[c.form], body, tag)
}

// head is the cursor of the log's end, as the follower has heard it or else as the store says.
func (c *call) head() (newswire.Cursor, error) {
	if e := c.api.tail.state.Load(); e.attached && !e.lost {
		return e.head, nil
	}
	ctx, cancel := c.patience()
	defer cancel()
	head, err := c.api.store.Head(ctx)
	if err != nil {
		return "", fmt.Errorf("head of the change log: %w", err)
	}
	return head, nil
}

// changesFor returns the changes after a cursor that concern the reader, written, and where to go on. It passes over those
// that do not, up to the log's end or a bound.
func (c *call) changesFor(after newswire.Cursor, limit int) (found []event, next newswire.Cursor, err error) {
	v := c.view()
	next = after
	for range pages {
		records, ok := c.api.tail.after(next, limit)
		if !ok {
			if records, err = c.storedChanges(next, limit); err != nil {
				return nil, "", err
			}
		}
		if len(records) == 0 {
			return found, next, nil
		}
		if found, next, err = c.api.write(c.r.Context(), &v, records); err != nil || len(found) > 0 {
			return found, next, err
		}
	}
	return found, next, nil
}

// storedChanges reads records that are not in memory.
func (c *call) storedChanges(after newswire.Cursor, limit int) ([]*record, error) {
	release, err := c.acquire()
	if err != nil {
		return nil, err
	}
	defer release()
	ctx, cancel := c.patience()
	defer cancel()
	found, err := c.api.store.Changes(ctx, after, limit)
	switch {
	case errors.Is(err, newswire.ErrReplaced): // of a log that has gone
		return nil, fmt.Errorf("%w: %w", newswire.ErrGone, err)
	case err != nil:
		return nil, fmt.Errorf("changes after %s: %w", after, err)
	}
	subjects := make(map[string]*subject, len(found))
	records := make([]*record, len(found))
	for i, c := range found {
		s := subjects[c.Article]
		if s == nil {
			s = newSubject(nil)
			subjects[c.Article] = s
		}
		records[i] = &record{Change: c, subject: s}
	}
	return records, nil
}

// write writes the records that concern a viewer, as many as an answer may hold.
func (a *API) write(ctx context.Context, v *change.View, records []*record) (found []event, next newswire.Cursor, err error) {
	var concern []*record
	for _, r := range records {
		if v.Reader.Concerns(r.Topics) {
			concern = append(concern, r)
		}
	}
	next = records[len(records)-1].Cursor
	if len(concern) == 0 {
		return nil, next, nil
	}
	ctx, cancel := context.WithTimeout(ctx, a.options.StoreTimeout)
	defer cancel()
	states, err := load(ctx, a.store, concern, v.Now)
	if err != nil {
		return nil, "", fmt.Errorf("articles of changes: %w", err)
	}
	size := 0
	for _, r := range concern {
		known := states[r.Article]
		written, err := v.Write(&r.Change, known, r.subject.items(known))
		if err != nil {
			return nil, "", &fault{kind: "internal", cause: err}
		}
		if size += len(written.Body); size > largestPage && len(found) > 0 {
			return found, found[len(found)-1].cursor, nil
		}
		found = append(found, event{r.Cursor, written})
	}
	return found, next, nil
}

// pageOf is an answer of changes.
func pageOf(found []event, next newswire.Cursor) []byte {
	size := 32 + len(next)
	for _, f := range found {
		size += len(f.Body) + 1
	}
	b := append(make([]byte, 0, size), `{"changes":[`...)
	for i, f := range found {
		if i > 0 {
			b = append(b, ',')
		}
		b = append(b, bytes.TrimSuffix(f.Body, []byte("\n"))...)
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
