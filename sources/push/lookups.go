package push

import (
	"context"
	"sync"
	"time"

	"github.com/newswire/newswire"
)

// Stored is where the states of sources are.
type Stored interface {
	States(ctx context.Context, sources ...string) (map[string]newswire.State, error)
}

// Lookups read what is remembered of sources' subscriptions, however many ask at a time: those that ask for a source while it
// is read share the next reading. None is answered with what was read before it asked.
type Lookups struct {
	store Stored

	mu sync.Mutex // guards of, and users
	of map[string]*lookup
}

// lookup is the readings of one source.
type lookup struct {
	users int

	mu    sync.Mutex // held during a reading; guards what follows
	began time.Time  // of the last one
	push  newswire.Push
	err   error
}

// NewLookups makes lookups in a store.
func NewLookups(store Stored) *Lookups { return &Lookups{store: store, of: map[string]*lookup{}} }

// Get returns what is remembered of a source's subscription.
func (l *Lookups) Get(ctx context.Context, source string) (newswire.Push, error) {
	asked := time.Now()
	one := l.join(source)
	defer l.quit(source, one)
	one.mu.Lock()
	defer one.mu.Unlock()
	if one.began.After(asked) {
		return one.push, one.err
	}
	began := time.Now()
	states, err := l.store.States(ctx, source)
	if ctx.Err() == nil { // else the error is ours, and no one else's
		one.began, one.push, one.err = began, states[source].Push, err
	}
	return states[source].Push, err
}

func (l *Lookups) join(source string) *lookup {
	l.mu.Lock()
	defer l.mu.Unlock()
	one := l.of[source]
	if one == nil {
		one = &lookup{}
		l.of[source] = one
	}
	one.users++
	return one
}

func (l *Lookups) quit(source string, one *lookup) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if one.users--; one.users == 0 {
		delete(l.of, source)
	}
}
