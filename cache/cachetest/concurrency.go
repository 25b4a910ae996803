package cachetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

var crowdTests = []test{{"sixty-four goroutines on two handles keep every promise", func(t *tester) {
	const visits = 100
	over := make(chan struct{})
	c := &crowd{
		stores: []cache.Store{t.Store, t.Reopen()}, withdrawn: map[string]bool{}, said: map[int]string{},
		over: over, stop: sync.OnceFunc(func() { close(over) }),
	}
	c.left.Store(visits)
	for i := range c.sources {
		s := &c.sources[i]
		s.id = fmt.Sprintf("s%d", i)
		t.reschedule(s.id, time.Time{}, past)
	}
	var wg sync.WaitGroup
	for i := range 64 {
		work := []func(context.Context, cache.Store) error{c.visit, c.visit, c.visit, c.visit, c.read, c.archive, c.withdraw, c.follow}[i%8]
		wg.Go(func() {
			for !c.paused() { // what was begun is ended: a call that is cut short is another test
				if err := work(t.ctx, c.stores[i/8%2]); err != nil {
					t.Error(err)
					c.stop()
				}
			}
		})
	}
	wg.Wait()
	if !t.Failed() {
		c.check(t)
	}
}}}

// crowd is 64 goroutines at work on one store.
type crowd struct {
	stores  []cache.Store
	sources [8]struct {
		id     string
		holder atomic.Int32
		mu     sync.Mutex // guards next; only for the race detector, the lease excludes
		next   int        // number of the next new article
	}
	left atomic.Int32  // visits to go
	over chan struct{} // closed by stop, when the work is to end
	stop func()

	mu        sync.Mutex // guards withdrawn and said
	withdrawn map[string]bool
	said      map[int]string // by pages of the archive of all
}

// visit claims a source and records a visit in which two articles are new, one changed and old ones left.
func (c *crowd) visit(ctx context.Context, store cache.Store) error {
	leases, err := store.Claim(ctx, 1, time.Hour)
	if err != nil {
		return err
	}
	if len(leases) == 0 {
		return nil
	}
	l := leases[0]
	s := &c.sources[l.Source[1]-'0']
	if n := s.holder.Add(1); n != 1 {
		return fmt.Errorf("%d workers hold %s", n, l.Source)
	}
	v, err := c.find(ctx, store, l)
	s.holder.Add(-1) // once Record is on its way, the next worker may come
	if err != nil {
		return err
	}
	if err := store.Record(ctx, l, v); err != nil {
		return err
	}
	if c.left.Add(-1) == 0 {
		c.stop()
	}
	return nil
}

func (c *crowd) find(ctx context.Context, store cache.Store, l cache.Lease) (newswire.Visit, error) {
	s := &c.sources[l.Source[1]-'0']
	s.mu.Lock()
	defer s.mu.Unlock()
	s.next += 2
	offered := pieces(l.Source, max(1, s.next-6), s.next)
	known, err := store.Known(ctx, l.Source, ids(offered))
	if err != nil {
		return newswire.Visit{}, err
	}
	v := visit(l, offered...)
	v.State.Due = past // and again at once
	v.Articles = nil
	for i, a := range offered {
		k, met := known[a.ID]
		switch {
		case !met:
			v.Articles = append(v.Articles, within(a, "c1", "c2"))
		case i == s.next%len(offered):
			a.Revision = k.Revision
			v.Articles = append(v.Articles, within(revised(a), "c2", "c3"))
		}
	}
	_, err = store.Sweep(ctx, l, newswire.Retention{Articles: 15})
	return v, err
}

// read pages through everything.
func (c *crowd) read(ctx context.Context, store cache.Store) error {
	articles, err := walk(ctx, store, newswire.All, 7)
	if err != nil {
		return err
	}
	for i := 1; i < len(articles); i++ {
		if a, b := articles[i-1], articles[i]; b.Listed.After(a.Listed) || b.Listed.Equal(a.Listed) && b.ID >= a.ID {
			return fmt.Errorf("all lists %s of %v before %s of %v", a.ID, a.Listed, b.ID, b.Listed)
		}
	}
	return nil
}

// archive closes what is to be closed, and reads the newest pages.
func (c *crowd) archive(ctx context.Context, store cache.Store) error {
	a := newArchivist(store, newswire.All, 10)
	_, newest, err := a.file(ctx)
	if err != nil {
		return err
	}
	for n := newest; n > max(0, newest-5); n-- {
		p, err := store.Archived(ctx, newswire.All, n)
		if err == nil && len(p.Articles) > 0 {
			c.mu.Lock()
			a.said = c.said
			err = a.hear(n, p.Articles)
			c.mu.Unlock()
		}
		if err != nil {
			return fmt.Errorf("page %d: %w", n, err)
		}
	}
	return nil
}

// withdraw withdraws one of the newest articles now and then.
func (c *crowd) withdraw(ctx context.Context, store cache.Store) error {
	p, err := store.Articles(ctx, cache.Query{Topic: newswire.CategoryTopic("c2"), Limit: 10})
	if err != nil || len(p.Articles) == 0 || rand.IntN(10) > 0 {
		return err
	}
	id := p.Articles[rand.IntN(len(p.Articles))].ID
	_, err = store.Withdraw(ctx, id, "r")
	if errors.Is(err, newswire.ErrNotFound) {
		return nil // retention was faster
	}
	if err == nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.withdrawn[id] = true
	}
	return err
}

// follow reads the whole log from its beginning.
func (c *crowd) follow(ctx context.Context, store cache.Store) error {
	f := &auditor{
		store: store, dropping: true, last: map[string]newswire.Change{},
		topics: map[string][]newswire.Topic{}, heard: map[string][]string{},
	}
	return f.follow(ctx)
}

// paused leaves the store to the others for a moment, and says whether the work is over.
func (c *crowd) paused() bool {
	select {
	case <-c.over:
		return true
	case <-time.After(20 * time.Millisecond):
		return false
	}
}

// check compares what is left, when all is quiet, from every side.
func (c *crowd) check(t *tester) {
	f := newAuditor(t)
	f.dropping = true
	f.check(t)
	archive := newArchivist(t.Store, newswire.All, 10)
	archive.said = c.said
	archive.check(t)
	all := t.listing(newswire.All)
	count := map[newswire.Topic]int{}
	for _, a := range all {
		for _, topic := range a.Topics() {
			count[topic]++
		}
		t.equal("known of "+a.ID, t.known(a.Source, a)[a.ID], memory(a))
		if c.withdrawn[a.ID] {
			t.Errorf("%s was withdrawn and is listed", a.ID)
		}
	}
	for _, kind := range []newswire.Kind{newswire.KindSource, newswire.KindCategory} {
		topics, err := directory(t.ctx, t.Store, kind)
		t.check(err, "directory of %s", kind)
		for _, l := range topics {
			if listed := len(t.listing(l.Topic)); listed != count[l.Topic] || l.Articles != count[l.Topic] {
				t.Errorf("%s lists %d and counts %d articles, want %d", l.Topic, listed, l.Articles, count[l.Topic])
			}
			delete(count, l.Topic)
		}
	}
	delete(count, newswire.All)
	if len(count) != 0 {
		t.Errorf("topics missing from the directory: %v", count)
	}
	for id := range c.withdrawn {
		if _, err := t.Store.Article(t.ctx, id); !errors.Is(err, newswire.ErrWithdrawn) {
			t.Errorf("Article(%s): %v, want ErrWithdrawn", id, err)
		}
	}
	t.Logf("%d articles listed, %d withdrawn, %d changed", len(all), len(c.withdrawn), len(f.heard))
}
