package webhook

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/change"
	"github.com/newswire/newswire/syndication/partner"
)

const (
	pages       = 16             // of the log that are read for one message
	pageSize    = 500            // records in one
	atOnce      = 16             // articles that are read at the same time
	largestBody = 1<<20 - 64<<10 // bytes of changes in a message, but for a single one that is longer: many servers take 1 MiB
)

// request is for whom a message is made.
type request struct {
	settings *Settings
	partner  *partner.Partner
	at       place
}

// found is a message, and what comes of the partner's place with it.
type found struct {
	message *message // nil: there is nothing to tell
	then    place    // once it was accepted
	again   place    // otherwise
	more    bool     // there may be more to tell after it
}

// next is the next message for a partner.
func (s *Sender) next(ctx context.Context, r *request) (*found, error) {
	if r.at.Lost {
		return s.resync(ctx, r)
	}
	f, err := s.changes(ctx, r)
	if errors.Is(err, newswire.ErrGone) || errors.Is(err, newswire.ErrCursor) {
		r.at.End = ""
		return s.resync(ctx, r)
	}
	return f, err
}

// resync has the partner begin again at the end of the log; at that which was tried before, as long as the log reaches there.
func (s *Sender) resync(ctx context.Context, r *request) (*found, error) {
	head := r.at.End
	if head != "" {
		_, err := s.store.Changes(ctx, head, 1)
		switch {
		case errors.Is(err, newswire.ErrGone), errors.Is(err, newswire.ErrCursor):
			head = ""
		case err != nil:
			return nil, fmt.Errorf("changes after %s: %w", head, err)
		}
	}
	if head == "" {
		var err error
		if head, err = s.store.Head(ctx); err != nil {
			return nil, fmt.Errorf("head of the change log: %w", err)
		}
	}
	m, err := newResync(r, head, s.now())
	if err != nil {
		return nil, err
	}
	f := &found{message: m, then: place{After: head, Replay: r.at.Replay}, again: r.at, more: true}
	f.again.Lost, f.again.End = true, head
	return f, nil
}

// gathering is a message of changes in the making, and how far the log was read for it.
type gathering struct {
	*request
	draft
	view change.View
	read newswire.Cursor // all up to here is in the message, or does not concern the partner
	full bool            // no further change belongs into it
	last map[string]told // of each article in it, what was told last
}

// told tells a record from its repeat.
type told struct {
	revision int
	op       newswire.Op
}

// changes is the changes after the partner's place that make a message.
func (s *Sender) changes(ctx context.Context, r *request) (*found, error) {
	g := &gathering{
		request: r, read: r.at.After, last: map[string]told{},
		view: change.View{Reader: r.partner.Reader(), Site: r.settings.Site, Now: s.now()},
	}
	more := true
	for range pages {
		records, err := s.store.Changes(ctx, g.read, pageSize)
		if err != nil {
			return nil, fmt.Errorf("changes after %s: %w", g.read, err)
		}
		if err := s.gather(ctx, g, records); err != nil {
			return nil, err
		}
		if more = g.full || len(records) == pageSize; g.full || !more {
			break
		}
	}
	f := &found{then: place{After: g.read, Replay: r.at.Replay}, more: more}
	if len(g.draft.changes) == 0 {
		return f, nil
	}
	f.again = r.at
	f.again.End = g.draft.last
	var err error
	f.message, err = g.message(r.partner.ID, r.at.Replay)
	return f, err
}

// gather adds records to a message until it is full. It reads their articles a few at a time, for a message often ends early.
func (s *Sender) gather(ctx context.Context, g *gathering, records []newswire.Change) error {
	for len(records) > 0 && !g.full {
		n, states, err := s.load(ctx, g, records)
		if err != nil {
			return err
		}
		if err := g.add(records[:n], states); err != nil {
			return err
		}
		records = records[n:]
	}
	return nil
}

// load reads the articles of the first records: those of n of them, of which a few concern the partner.
func (s *Sender) load(ctx context.Context, g *gathering, records []newswire.Change) (n int, states map[string]*change.State, err error) {
	states = map[string]*change.State{}
	for n < len(records) && len(states) < atOnce {
		if r := &records[n]; g.view.Reader.Concerns(r.Topics) {
			states[r.Article] = nil
		}
		n++
		if records[n-1].Cursor == g.at.End {
			break
		}
	}
	group, ctx := errgroup.WithContext(ctx)
	var mu sync.Mutex
	for _, id := range slices.Collect(maps.Keys(states)) { // not the map itself, which is written to meanwhile
		group.Go(func() error {
			state, err := change.Read(ctx, s.store, id)
			mu.Lock()
			defer mu.Unlock()
			states[id] = state
			return err
		})
	}
	return n, states, group.Wait()
}

// add adds records.
func (g *gathering) add(records []newswire.Change, states map[string]*change.State) error {
	for i := range records {
		r := &records[i]
		this := told{r.Revision, r.Op}
		if g.view.Reader.Concerns(r.Topics) && g.last[r.Article] != this {
			written, err := g.view.Write(r, states[r.Article], nil)
			if err != nil {
				return err
			}
			if len(g.draft.changes) >= max(1, g.partner.Webhook.Batch) || !g.draft.add(r, written) {
				g.full = true
				return nil
			}
			g.last[r.Article] = this
		}
		g.read = r.Cursor
		if r.Cursor == g.at.End {
			g.full = true
			return nil
		}
	}
	return nil
}
