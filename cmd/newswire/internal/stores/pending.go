package stores

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync/atomic"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// The pauses between attempts to open a store that is away.
const (
	firstPause   = time.Second
	longestPause = 15 * time.Second
)

// Pending is a store that may have yet to be opened. Until then its methods fail and say that the store is away.
// [Pending.Wait] is for callers that cannot go on without it.
type Pending struct {
	pendingArchives

	address string
	memory  Memory
	log     *slog.Logger
	opened  chan struct{}         // closed when store is there
	store   cache.Store           // to be read once opened is closed
	decoded func() int64          // of the store; to be read once opened is closed, nil where it keeps none
	failure atomic.Pointer[error] // of the last attempt to open it
	health  Health                // of what is written to store
}

// NewPending is the store at an address, yet to be opened.
func NewPending(address string, m Memory, log *slog.Logger) *Pending {
	p := &Pending{address: address, memory: m, log: log, opened: make(chan struct{})}
	p.pendingArchives.store = p.get
	return p
}

// Opened is a store that is open already.
func Opened(store cache.Store) *Pending {
	p := &Pending{opened: make(chan struct{})}
	p.pendingArchives.store = p.get
	p.use(store)
	return p
}

// Open tries once to open the store.
func (p *Pending) Open(ctx context.Context) error {
	store, err := openWithin(ctx, p.address, p.memory)
	if err != nil {
		p.failure.Store(&err)
		return err
	}
	p.use(store)
	return nil
}

// use has the store be there, and be watched.
func (p *Pending) use(store cache.Store) {
	if keeper, ok := store.(interface{ Decoded() int64 }); ok {
		p.decoded = keeper.Decoded
	}
	p.store = watched{Reader: store, store: store, health: &p.health, log: cache.NewSharedLog(store)}
	close(p.opened)
}

// Connect tries until the store is open or ctx ends, unless it is open already.
func (p *Pending) Connect(ctx context.Context) error {
	if _, err := p.get(); err == nil {
		return nil
	}
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		select {
		case <-ctx.Done():
			return nil
		case <-time.After(pause):
		}
		err := p.Open(ctx)
		switch {
		case err == nil:
			p.log.InfoContext(ctx, "store opened")
			return nil
		case errors.Is(err, cache.ErrMisconfigured):
			p.log.ErrorContext(ctx, "store cannot be opened as it is configured; trying again", "error", err)
		default:
			p.log.DebugContext(ctx, "store still away", "error", err)
		}
	}
}

// Wait returns the store when it is open, or the error of ctx.
func (p *Pending) Wait(ctx context.Context) (cache.Store, error) {
	select {
	case <-p.opened:
		return p.store, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// Decoded is how many bytes the decoded articles of the store take in memory, roughly; 0 as long as it is not open.
func (p *Pending) Decoded() int64 {
	if _, err := p.get(); err != nil || p.decoded == nil {
		return 0
	}
	return p.decoded()
}

// Health tells whether what is new can be stored.
func (p *Pending) Health() *Health { return &p.health }

// get returns the store if it is open, and otherwise why it is not.
func (p *Pending) get() (cache.Store, error) {
	select {
	case <-p.opened:
		return p.store, nil
	default:
	}
	if failure := p.failure.Load(); failure != nil {
		return nil, fmt.Errorf("not opened yet: %w", *failure)
	}
	return nil, errors.New("not opened yet")
}

// Close closes the store if it was opened.
func (p *Pending) Close() error {
	if store, err := p.get(); err == nil {
		return store.Close()
	}
	return nil
}

// Ping implements [cache.Store].
func (p *Pending) Ping(ctx context.Context) error {
	store, err := p.get()
	if err != nil {
		return err
	}
	return store.Ping(ctx)
}

// from asks the store, if it is open.
func from[T any](p *Pending, ask func(store cache.Store) (T, error)) (T, error) {
	store, err := p.get()
	if err != nil {
		var none T
		return none, err
	}
	return ask(store)
}

// Article implements [cache.Store], as do the methods that follow: those that readers are answered with.
func (p *Pending) Article(ctx context.Context, id string) (newswire.Article, error) {
	return from(p, func(store cache.Store) (newswire.Article, error) { return store.Article(ctx, id) })
}

// Articles implements [cache.Store].
func (p *Pending) Articles(ctx context.Context, q cache.Query) (cache.Page, error) {
	return from(p, func(store cache.Store) (cache.Page, error) { return store.Articles(ctx, q) })
}

// Revisions implements [cache.Store].
func (p *Pending) Revisions(ctx context.Context, id string) ([]newswire.Article, error) {
	return from(p, func(store cache.Store) ([]newswire.Article, error) { return store.Revisions(ctx, id) })
}

// Tombstones implements [cache.Store].
func (p *Pending) Tombstones(ctx context.Context, topic newswire.Topic, limit int) ([]newswire.Tombstone, error) {
	return from(p, func(store cache.Store) ([]newswire.Tombstone, error) { return store.Tombstones(ctx, topic, limit) })
}

// Tombstone implements [cache.Store].
func (p *Pending) Tombstone(ctx context.Context, articleID string) (newswire.Tombstone, error) {
	return from(p, func(store cache.Store) (newswire.Tombstone, error) { return store.Tombstone(ctx, articleID) })
}

// Changes implements [cache.Store].
func (p *Pending) Changes(ctx context.Context, after newswire.Cursor, limit int) ([]newswire.Change, error) {
	return from(p, func(store cache.Store) ([]newswire.Change, error) { return store.Changes(ctx, after, limit) })
}

// Head implements [cache.Store].
func (p *Pending) Head(ctx context.Context) (newswire.Cursor, error) {
	return from(p, func(store cache.Store) (newswire.Cursor, error) { return store.Head(ctx) })
}

// Await implements [cache.Store].
func (p *Pending) Await(ctx context.Context, after newswire.Cursor) error {
	store, err := p.get()
	if err != nil {
		return err
	}
	return store.Await(ctx, after)
}

// Topics implements [cache.Store].
func (p *Pending) Topics(
	ctx context.Context, kind newswire.Kind, after newswire.Cursor, limit int,
) ([]cache.Listing, newswire.Cursor, error) {
	store, err := p.get()
	if err != nil {
		return nil, "", err
	}
	return store.Topics(ctx, kind, after, limit)
}

// Count implements [cache.Store].
func (p *Pending) Count(ctx context.Context, day time.Time, readers map[newswire.Topic]int) error {
	store, err := p.get()
	if err != nil {
		return err
	}
	return store.Count(ctx, day, readers)
}

// States implements [cache.Store].
func (p *Pending) States(ctx context.Context, sources ...string) (map[string]newswire.State, error) {
	return from(p, func(store cache.Store) (map[string]newswire.State, error) { return store.States(ctx, sources...) })
}

// Spend implements [cache.Store].
func (p *Pending) Spend(ctx context.Context, name string, quota cache.Quota, n int) (cache.Spent, error) {
	return from(p, func(store cache.Store) (cache.Spent, error) { return store.Spend(ctx, name, quota, n) })
}

// AddUsage implements [cache.Store].
func (p *Pending) AddUsage(ctx context.Context, day time.Time, used map[string]cache.Used) error {
	store, err := p.get()
	if err != nil {
		return err
	}
	return store.AddUsage(ctx, day, used)
}

// Usage implements [cache.Store].
func (p *Pending) Usage(ctx context.Context, partner string, since time.Time) ([]cache.DayUsage, error) {
	return from(p, func(store cache.Store) ([]cache.DayUsage, error) { return store.Usage(ctx, partner, since) })
}
