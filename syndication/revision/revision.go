// Package revision answers requests with renderings that are made once and kept. A [Target] names what a reader asks
// for, and has the function that renders it; an [Engine] decides when that function is called.
//
//	engine := revision.New(store, revision.Options{Log: log})
//	g.Go(func() error { return engine.Run(ctx) })
//	err := engine.Show(w, r, revision.Target{Topic: newswire.All, Name: "count", Render: render})
//
// A rendering is kept as an immutable revision behind an atomic pointer. It is compressed once, and answered without a call
// to the store and without an exclusive lock. [Engine.Run] follows the change log and marks as stale what a change touches.
// The next request for that has it rendered again: once, however many ask, and few targets at a time. For a moment readers
// get the revision before it and do not wait. No answer lacks what was committed three polls of the change log before. When the
// store cannot be reached, the last good revision is still served, with an honest Age, and [Engine.Check] says what is wrong.
// Options.Snapshot lets revisions outlive the process.
//
// # A change, from the store to a reader
//
//	logged    the store appends the change to its log, with a time and a cursor
//	heard     [Engine.Run] reads it: follower.cursor is the last change that was read, and follower.heard the time
//	          at which the log was last known to hold no other
//	marked    the change gets the next number of Engine.marks, and topicState.stale of each of its topics is raised to it;
//	          topicState.revised too, if an article that was there before changed or went. Engine.invalidated is such a
//	          mark for all topics at once
//	read      a Draft notes Engine.marks as asOf.mark, and the time as asOf.read, before its renderer asks the store
//	rendered  resource.revision is the result. It is fresh while its asOf.mark is not below the marks that concern it
//	served    resource.current is the last time at which a reader got it and it was known to be up to date: its Age
//	          counts from there
//
// The package refuses to know what it serves: topics, names and bytes come from its caller, and so do the addresses.
package revision

import (
	"context"
	"errors"
	"fmt"
	"hash/maphash"
	"log/slog"
	"runtime"
	"sync/atomic"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"golang.org/x/sync/singleflight"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/internal/tracing"
	"github.com/newswire/newswire/syndication/snapshot"
)

// Options adjust an [Engine]. The zero value works.
type Options struct {
	MaxAge   time.Duration // how long a reader or a shared cache may reuse an answer; default 1 minute
	MaxBytes int64         // of revisions kept, compressed forms and what they are made of included; default 256 MiB
	Poll     time.Duration // how often the change log is asked for news; default 250 ms
	Timeout  time.Duration // of one rendering, and of what one poll asks of the store; default 3 s

	// Complete says whether a store that was found emptied, or another one than before, has again what it is to serve. Until
	// it has, the last good revisions are served. Default: it has.
	Complete func(ctx context.Context) (bool, error)

	// IsAnswer says whether an error of a renderer says something of what was asked for, as a store that is away does not.
	// Such an error is passed on, and what was at the address before is dropped. Default: none does.
	IsAnswer func(error) bool

	// Snapshot has the last good revisions over a restart, for a process that starts while the store is away. Default: none.
	Snapshot      *snapshot.Folder
	SnapshotEvery time.Duration // how often what is new is written there; default 5 s
	Site          func() string // for which site revisions are made: one of another site is not served; default: of none

	Tracer     *tracing.Tracer       // has the traces of visits go on to what is rendered of them; default: none
	Log        *slog.Logger          // default: discard
	Registerer prometheus.Registerer // of the engine's metrics; default: none
	Now        func() time.Time      // default time.Now
}

func (o Options) withDefaults() Options {
	o.MaxAge = orDefault(o.MaxAge, time.Minute)
	o.MaxBytes = orDefault(o.MaxBytes, 256<<20)
	o.Poll = orDefault(o.Poll, 250*time.Millisecond)
	o.Timeout = orDefault(o.Timeout, 3*time.Second)
	o.SnapshotEvery = orDefault(o.SnapshotEvery, 5*time.Second)
	o.Log = orDefault(o.Log, slog.New(slog.DiscardHandler))
	if o.IsAnswer == nil {
		o.IsAnswer = func(error) bool { return false }
	}
	if o.Site == nil {
		o.Site = func() string { return "" }
	}
	if o.Now == nil {
		o.Now = time.Now
	}
	return o
}

func orDefault[T comparable](v, otherwise T) T {
	var zero T
	if v == zero {
		return otherwise
	}
	return v
}

// Errors of [Engine.Show] beside those of renderers.
var (
	ErrBusy   = errors.New("too many renderings at once")
	ErrCoding = errors.New("no acceptable content coding")
	ErrBehind = errors.New("what there is may lack changes") // of a request with [CurrentOnly]
)

// Engine makes revisions and answers with them. Make one with [New], and have [Engine.Run] run beside it.
type Engine struct {
	log     cache.ChangeLog
	options Options

	shelf      shelf
	topicPages topicPages
	asked      asked
	renderings *prometheus.CounterVec // by result: new, same or failed

	marks       atomic.Int64 // counts marks; a revision older than the mark that concerns it is stale
	invalidated atomic.Int64 // the mark that concerns every revision
	follower    follower
	refill      refill
	persister   persister

	flights      singleflight.Group // one rendering of a resource at a time
	slots        chan struct{}      // has one for each rendering at work, but for variants
	variantSlots chan struct{}      // has one for each variant that is being rendered
	streamSlots  chan struct{}      // has one for each stream that is being made
	renewals     chan renewal       // renderings that no reader waits for
}

// variantsAtOnce is how many variants are rendered at a time, so that plain feeds have the rest of the machine.
const variantsAtOnce = 2

// streamsAtOnce is how many streams are made at a time: they are long, and the rest of the service is to have a processor.
const streamsAtOnce = 1

// New returns an engine whose revisions become stale by what a log says.
//
// New panics when its metrics are already registered with o.Registerer.
func New(log cache.ChangeLog, o Options) *Engine {
	e := &Engine{
		log: log, options: o.withDefaults(),
		slots:        make(chan struct{}, runtime.GOMAXPROCS(0)+1), // one of which may be waiting for the store
		variantSlots: make(chan struct{}, variantsAtOnce),
		streamSlots:  make(chan struct{}, streamsAtOnce),
		renewals:     make(chan renewal, mostRenewals),
	}
	e.follower.engine, e.refill.engine = e, e
	e.asked.seed = maphash.MakeSeed()
	e.topicPages.limit = e.options.MaxBytes / topicPagesShare
	e.shelf.limit = e.options.MaxBytes - e.topicPages.limit
	e.register()
	return e
}

// Invalidate has everything rendered again when it is next asked for. What comes out the same keeps its ETag.
func (e *Engine) Invalidate() {
	raise(&e.invalidated, e.marks.Add(1))
}

// Changed has what is shown of a topic rendered again, but for its archive: something has changed that the log does not
// tell. Readers need not wait for it.
func (e *Engine) Changed(topic newswire.Topic) {
	e.shelf.mark(topic, news{mark: e.marks.Add(1), after: e.options.Now().UnixNano()}, false)
}

// Removed is [Engine.Changed] for a topic that an article is gone from: no reader gets what was rendered before.
func (e *Engine) Removed(topic newswire.Topic) {
	e.shelf.mark(topic, news{mark: e.marks.Add(1)}, true)
}

// Size is how many bytes of Options.MaxBytes are in use.
func (e *Engine) Size() int64 { return e.shelf.size() + e.topicPages.bytes() }

// Ready says what is wrong when there is nothing to serve at all: the store cannot be reached, and nothing was rendered
// before. An engine that can answer with its last good revisions is ready, however long it will have to. Ready does not ask
// the store and returns at once.
func (e *Engine) Ready(ctx context.Context) error {
	if e.shelf.size() > 0 || e.options.Snapshot.Len() > 0 {
		return nil
	}
	return e.Check(ctx)
}

// Check says what is wrong when the engine has lost the store, has yet to find it, or waits until it is filled: what it serves may then be behind.
// Check does not ask the store and returns at once.
func (e *Engine) Check(context.Context) error {
	heard := e.follower.heard.Load()
	failure := e.follower.failure.Load()
	switch {
	case failure != nil && heard == 0:
		return *failure
	case failure != nil:
		return fmt.Errorf("feeds are as of %s: %w", time.Unix(0, heard).UTC().Format(time.RFC3339), *failure)
	case heard == 0:
		return errors.New("the change log is not followed yet")
	}
	return e.refill.check()
}

// CheckSnapshot says why the snapshot was not written when it should have been. It returns at once.
func (e *Engine) CheckSnapshot(context.Context) error {
	if failure := e.persister.failure.Load(); failure != nil {
		return *failure
	}
	return nil
}

// raise sets a to n if n is larger.
func raise(a *atomic.Int64, n int64) {
	for old := a.Load(); old < n; old = a.Load() {
		if a.CompareAndSwap(old, n) {
			return
		}
	}
}
