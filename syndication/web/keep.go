package web

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

// touchEvery is how often a document in the snapshot that has not changed is said to be up to date. A process that is
// killed makes its Age larger by no more than that.
const touchEvery = time.Minute

// keeper is what [Server.keep] has to do.
type keeper struct {
	owed    atomic.Bool           // something was rendered
	failure atomic.Pointer[error] // of the last attempt to write; nil when it went well

	mu      sync.Mutex                         // guards what follows
	removed map[newswire.Topic]map[uint64]bool // articles that a topic has no more, and the snapshot may have
	anew    bool                               // whatever the snapshot has may show what was removed unheard
	heard   newswire.Cursor                    // where in the log the removals end
	saved   newswire.Cursor                    // where the snapshot says that they end
}

// written is what the snapshot has of a resource.
type written struct {
	tag      string // as in [document]
	modified time.Time
	current  time.Time
}

// remove remembers that an article left its topics.
func (k *keeper) remove(c newswire.Change) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.removed == nil {
		k.removed = map[newswire.Topic]map[uint64]bool{}
	}
	for _, topic := range c.Topics {
		if k.removed[topic] == nil {
			k.removed[topic] = map[uint64]bool{}
		}
		k.removed[topic][snapshot.Hash(c.Article)] = true
	}
	k.owed.Store(true)
}

// reach says that every removal up to a cursor was remembered.
func (k *keeper) reach(c newswire.Cursor) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.heard = c
}

// begin says that nothing is known of removals before a cursor.
func (k *keeper) begin(c newswire.Cursor) {
	k.reach(c)
	k.distrust()
}

// distrust has the snapshot begun anew.
func (k *keeper) distrust() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.anew = true
	k.owed.Store(true)
}

// keep brings the snapshot up to date every now and then, and when ctx ends. However often a document changes in
// between, it is written once.
func (s *Server) keep(ctx context.Context) {
	ticker := time.NewTicker(s.options.SnapshotEvery)
	defer ticker.Stop()
	for touched := s.options.Now(); ; {
		select {
		case <-ctx.Done():
			s.save(context.WithoutCancel(ctx), time.Second)
			return
		case <-ticker.C:
			due := s.options.Now().Sub(touched) >= touchEvery
			if due {
				touched = s.options.Now()
			}
			if s.keeper.owed.Load() || due {
				s.save(ctx, touchEvery)
			}
		}
	}
}

// save writes what the snapshot lacks, says of what it has that it is up to date if that was last said a while ago, and
// removes what shows articles that are gone.
func (s *Server) save(ctx context.Context, while time.Duration) {
	s.keeper.owed.Store(false)
	err := errors.Join(s.startAnew(), s.write(while), s.removeGone())
	failed := s.keeper.failure.Load() != nil
	switch {
	case err != nil:
		s.keeper.owed.Store(true)
		s.keeper.failure.Store(&err)
		if !failed {
			s.options.Log.ErrorContext(ctx, "snapshot not written: a restart without the store would find an older one", "error", err)
		}
	case failed:
		s.keeper.failure.Store(nil)
		s.options.Log.InfoContext(ctx, "snapshot written again")
	}
}

// startAnew empties a snapshot that cannot be believed.
func (s *Server) startAnew() error {
	s.keeper.mu.Lock()
	anew := s.keeper.anew
	s.keeper.anew = false
	s.keeper.mu.Unlock()
	if !anew {
		return nil
	}
	if err := s.options.Snapshot.Clear(); err != nil {
		s.keeper.distrust()
		return err
	}
	// What is on the shelf may show as much. It counts as written, so that only what is made anew will be.
	for _, res := range s.shelf.kept() {
		if rev := res.revision.Load(); rev != nil {
			res.written = written{tag: rev.tag, modified: rev.modified}
		}
	}
	return nil
}

// write writes documents that the snapshot has not, or has as they were, and touches those that it has.
func (s *Server) write(while time.Duration) error {
	site := s.directory().Site.URL
	for _, res := range s.shelf.kept() {
		rev := res.revision.Load()
		if rev == nil || rev.mark == recalled {
			continue
		}
		has := res.written
		current := time.Unix(0, max(rev.read, res.current.Load()))
		var err error
		switch {
		case has.tag != rev.tag || !has.modified.Equal(rev.modified) || s.fresh(res.section, rev.mark) && !s.options.Snapshot.Has(res.key()):
			err = s.options.Snapshot.Put(res.key(), rev.snapshot(site, current))
		case current.Sub(has.current) >= while:
			err = s.options.Snapshot.Touch(res.key(), current)
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
func (s *Server) removeGone() error {
	s.keeper.mu.Lock()
	removed, heard, saved := s.keeper.removed, s.keeper.heard, s.keeper.saved
	s.keeper.removed = nil
	s.keeper.mu.Unlock()
	for topic, articles := range removed {
		if err := s.options.Snapshot.RemoveWith(topic, articles); err != nil {
			s.keeper.distrust()
			return err
		}
	}
	if heard == saved {
		return nil
	}
	if err := s.options.Snapshot.SetCursor(heard); err != nil {
		return err
	}
	s.keeper.mu.Lock()
	defer s.keeper.mu.Unlock()
	s.keeper.saved = heard
	return nil
}

// recalled is the mark of revisions from the snapshot: earlier than any other.
const recalled = -1

// recall takes a resource's first revision from the snapshot, if there is one. It is stale from the beginning, so that it
// is served for no longer than it must be.
func (s *Server) recall(ctx context.Context, res *resource) bool {
	if s.options.Snapshot == nil || !res.kept {
		return false
	}
	d, err := s.options.Snapshot.Get(res.key())
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			s.options.Log.WarnContext(ctx, "nothing recalled from the snapshot", "topic", res.topic, "name", res.name, "error", err)
		}
		return false
	}
	if d.Site != s.directory().Site.URL {
		return false // it was made for another site, or under an address that this one has left
	}
	c := content{mediaType: d.MediaType, body: d.Body, changed: d.Changed, articles: d.Articles}
	for _, f := range d.Fields {
		c.fields = append(c.fields, newField(f.Key, f.Value))
	}
	rev := &revision{newDocument(c, s.cacheControl()), asOf{mark: recalled, read: d.Current.UnixNano()}}
	if res.revision.CompareAndSwap(nil, rev) {
		s.shelf.charge(res)
	}
	return true
}

// unkeep removes a resource from the snapshot: there is nothing under its address any more.
func (s *Server) unkeep(ctx context.Context, res *resource) {
	if s.options.Snapshot == nil || !res.kept {
		return
	}
	if err := s.options.Snapshot.Remove(res.key()); err != nil {
		s.options.Log.WarnContext(ctx, "snapshot has what is gone", "topic", res.topic, "name", res.name, "error", err)
	}
}

// CheckSnapshot says why the snapshot was not written when it should have been. It asks nobody and returns at once.
func (s *Server) CheckSnapshot(context.Context) error {
	if failure := s.keeper.failure.Load(); failure != nil {
		return *failure
	}
	return nil
}

// key names a resource to the snapshot, beside whatever else shows articles of its topic.
func (r *resource) key() snapshot.Key {
	k := snapshot.Key{Topic: listedBy(r.topic), Name: r.name}
	if r.variant { // its name may be long, and have any characters in it
		k.Name = snapshot.Variant + newswire.Hash(string(r.topic), r.name)[:26]
	}
	return k
}

// snapshot is the document as it is kept on disk.
func (d *document) snapshot(site string, current time.Time) *snapshot.Document {
	out := &snapshot.Document{
		Site: site, MediaType: d.kind.values[0], Changed: d.modified, Articles: d.articles, Body: d.body, Current: current,
	}
	for _, f := range d.own {
		out.Fields = append(out.Fields, snapshot.Field{Key: f.key, Value: f.values[0]})
	}
	return out
}

// hashes name articles to a snapshot.
func hashes(articles []newswire.Article) []uint64 {
	out := make([]uint64, len(articles))
	for i := range articles {
		out[i] = snapshot.Hash(articles[i].ID)
	}
	return out
}
