package revision

import (
	"context"
	"errors"
	"io/fs"
	"sync"
	"sync/atomic"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/snapshot"
)

// touchEvery is how often a revision in the snapshot that has not changed is said to be up to date. A process that is
// killed makes its Age larger by no more than that.
const touchEvery = time.Minute

// persister is what [Engine.persist] has to do.
type persister struct {
	owed    atomic.Bool           // something was rendered
	failure atomic.Pointer[error] // of the last attempt to write; nil when it went well

	mu      sync.Mutex                         // guards what follows
	removed map[newswire.Topic]map[uint64]bool // articles that a topic has no more, and the snapshot may have
	doubted bool                               // anything in the snapshot may show what was removed unheard
	heard   newswire.Cursor                    // where in the log the removals end
	saved   newswire.Cursor                    // where the snapshot says that they end
}

// written is what the snapshot has of a resource.
type written struct {
	tag      string // as in representation
	modified time.Time
	current  time.Time
}

// remove remembers that an article left its topics.
func (p *persister) remove(c newswire.Change) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.removed == nil {
		p.removed = map[newswire.Topic]map[uint64]bool{}
	}
	for _, topic := range c.Topics {
		if p.removed[topic] == nil {
			p.removed[topic] = map[uint64]bool{}
		}
		p.removed[topic][snapshot.Hash(c.Article)] = true
	}
	p.owed.Store(true)
}

// reach says that every removal up to a cursor was remembered.
func (p *persister) reach(c newswire.Cursor) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.heard = c
}

// restart says that nothing is known of removals before a cursor.
func (p *persister) restart(c newswire.Cursor) {
	p.reach(c)
	p.doubt()
}

// doubt has the snapshot emptied, and written again.
func (p *persister) doubt() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.doubted = true
	p.owed.Store(true)
}

// persist brings the snapshot up to date every now and then, and when ctx ends. However often a resource changes in
// between, it is written once.
func (e *Engine) persist(ctx context.Context) {
	ticker := time.NewTicker(e.options.SnapshotEvery)
	defer ticker.Stop()
	for touched := e.options.Now(); ; {
		select {
		case <-ctx.Done():
			e.save(context.WithoutCancel(ctx), time.Second)
			return
		case <-ticker.C:
			touch := e.options.Now().Sub(touched) >= touchEvery
			if touch {
				touched = e.options.Now()
			}
			if e.persister.owed.Load() || touch {
				e.save(ctx, touchEvery)
			}
		}
	}
}

// save writes what the snapshot lacks, says of what it has that it is up to date if that was last said a while ago, and
// removes what shows articles that are gone.
func (e *Engine) save(ctx context.Context, while time.Duration) {
	e.persister.owed.Store(false)
	err := errors.Join(e.clearDoubted(), e.write(while), e.removeGone())
	failed := e.persister.failure.Load() != nil
	switch {
	case err != nil:
		e.persister.owed.Store(true)
		e.persister.failure.Store(&err)
		if !failed {
			e.options.Log.ErrorContext(ctx, "snapshot not written: a restart without the store would find an older one", "error", err)
		}
	case failed:
		e.persister.failure.Store(nil)
		e.options.Log.InfoContext(ctx, "snapshot written again")
	}
}

// clearDoubted empties a snapshot that cannot be believed.
func (e *Engine) clearDoubted() error {
	e.persister.mu.Lock()
	doubted := e.persister.doubted
	e.persister.doubted = false
	e.persister.mu.Unlock()
	if !doubted {
		return nil
	}
	if err := e.options.Snapshot.Clear(); err != nil {
		e.persister.doubt()
		return err
	}
	// What is on the shelf may show as much. It counts as written, so that only what is rendered from now on will be.
	for _, res := range e.shelf.persistent() {
		if rev := res.revision.Load(); rev != nil {
			res.written = written{tag: rev.tag, modified: rev.modified}
		}
	}
	return nil
}

// write writes revisions that the snapshot has not, or has as they were, and touches those that it has.
func (e *Engine) write(while time.Duration) error {
	site := e.options.Site()
	for _, res := range e.shelf.persistent() {
		rev := res.revision.Load()
		if rev == nil || rev.mark == recalled || rev.over(e.options.Now) {
			continue
		}
		has := res.written
		current := time.Unix(0, max(rev.read, res.current.Load()))
		var err error
		switch {
		case has.tag != rev.tag || !has.modified.Equal(rev.modified) || e.fresh(res.stale, rev.mark) && !e.options.Snapshot.Has(res.key()):
			err = e.options.Snapshot.Put(res.key(), rev.snapshot(site, current))
		case current.Sub(has.current) >= while:
			err = e.options.Snapshot.Touch(res.key(), current)
		default:
			continue
		}
		if err != nil {
			return err // the next one would fare no better
		}
		res.written = written{rev.tag, rev.modified, current}
	}
	return nil
}

// removeGone removes what shows an article that was removed since it was written: it may have been withdrawn.
func (e *Engine) removeGone() error {
	e.persister.mu.Lock()
	removed, heard, saved := e.persister.removed, e.persister.heard, e.persister.saved
	e.persister.removed = nil
	e.persister.mu.Unlock()
	for topic, articles := range removed {
		if err := e.options.Snapshot.RemoveWith(topic, articles); err != nil {
			e.persister.doubt()
			return err
		}
	}
	if heard == saved {
		return nil
	}
	if err := e.options.Snapshot.SetCursor(heard); err != nil {
		return err
	}
	e.persister.mu.Lock()
	defer e.persister.mu.Unlock()
	e.persister.saved = heard
	return nil
}

// recalled is the mark of revisions from the snapshot: earlier than any other.
const recalled = -1

// recall takes a resource's first revision from the snapshot, if there is one. It is stale from the beginning, so that it
// is served for no longer than it must be.
func (e *Engine) recall(ctx context.Context, res *resource) bool {
	if e.options.Snapshot == nil || !res.persist {
		return false
	}
	d, err := e.options.Snapshot.Get(res.key())
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			e.options.Log.WarnContext(ctx, "nothing recalled from the snapshot", "topic", res.label(), "name", res.name, "error", err)
		}
		return false
	}
	if d.Site != e.options.Site() {
		return false // it was made for another site, or under an address that this one has left
	}
	c := Content{MediaType: d.MediaType, Body: d.Body, Changed: d.Changed, Articles: d.Articles, Until: d.Until}
	if until := endsAt(d.Until); until != 0 && e.options.Now().UnixNano() >= until {
		e.removePersisted(ctx, res)
		return false
	}
	for _, f := range d.Fields {
		c.Fields = append(c.Fields, NewField(f.Key, f.Value))
	}
	rev := &revision{newRepresentation(c, e.options.cacheControl()), asOf{mark: recalled, read: d.Current.UnixNano()}}
	if res.revision.CompareAndSwap(nil, rev) {
		e.shelf.charge(res)
	}
	return true
}

// removePersisted removes a resource from the snapshot: there is nothing under its address any more.
func (e *Engine) removePersisted(ctx context.Context, res *resource) {
	if e.options.Snapshot == nil || !res.persist {
		return
	}
	if err := e.options.Snapshot.Remove(res.key()); err != nil {
		e.options.Log.WarnContext(ctx, "snapshot has what is gone", "topic", res.label(), "name", res.name, "error", err)
	}
}

// key names a resource to the snapshot, beside all else that shows articles of its topic.
func (r *resource) key() snapshot.Key {
	k := snapshot.Key{Topic: r.topic.topic, Name: r.name}
	if r.variant { // its name may be long, and have any characters in it
		k.Name = snapshot.Variant + newswire.Hash(string(r.label()), r.name)[:26]
	}
	return k
}

// snapshot is the representation as it is written to disk.
func (rep *representation) snapshot(site string, current time.Time) *snapshot.Document {
	out := &snapshot.Document{
		Site: site, MediaType: rep.kind.values[0], Changed: rep.modified, Articles: rep.articles, Body: rep.whole(), Current: current,
	}
	if rep.until != 0 {
		out.Until = time.Unix(0, rep.until).UTC()
	}
	for _, f := range rep.own {
		out.Fields = append(out.Fields, snapshot.Field{Key: f.key, Value: f.values[0]})
	}
	return out
}
