package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

const (
	writersAtOnce  = 4
	articlesAtOnce = 100 // recorded in the first visit to a source
	visitsWritten  = 50  // to each source
)

// writer records visits to sources that nothing else visits. Each visit brings the next revision of all articles of its
// source, and then one of them is withdrawn.
type writer struct {
	store   cache.Store
	want    int           // changes to write at least
	done    chan struct{} // closed when these are written
	count   atomic.Int64  // of changes that the store has acknowledged
	mu      sync.Mutex    // guards sources
	sources map[string]progress
}

// progress is what is acknowledged of a source: so many visits, and so many withdrawals, of the articles from 0 on.
type progress struct{ visits, withdrawals int }

func (w *writer) total() int { return int(w.count.Load()) }

// run writes until there are as many changes as are wanted.
func (w *writer) run(t *testing.T) {
	defer close(w.done)
	w.sources = map[string]progress{}
	var wg sync.WaitGroup
	for i := range writersAtOnce {
		wg.Go(func() {
			for n := 0; w.total() < w.want && !t.Failed(); n++ {
				w.fill(t, fmt.Sprintf("w%d-%d", i, n))
			}
		})
	}
	wg.Wait()
}

// fill writes all there is of one source.
func (w *writer) fill(t *testing.T, source string) {
	var p progress
	for p.visits < visitsWritten && w.total() < w.want {
		var articles []newswire.Article
		for i := p.withdrawals; i < articlesAtOnce; i++ {
			articles = append(articles, written(source, i, p.visits+1))
		}
		if !w.again(t, func(ctx context.Context) error { return w.visit(ctx, source, articles) }) {
			return
		}
		p.visits++
		w.acknowledge(source, p, len(articles))
		if !w.again(t, func(ctx context.Context) error {
			_, err := w.store.Withdraw(ctx, articles[0].ID, "a mistake")
			return err
		}) {
			return
		}
		p.withdrawals++
		w.acknowledge(source, p, 1)
	}
}

func (w *writer) acknowledge(source string, p progress, changes int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sources[source] = p
	w.count.Add(int64(changes))
}

// last is what the log says at last of an article: its last revision, or one more than that where it was withdrawn.
func (p progress) last(n int) int {
	if n < p.withdrawals {
		return n + 2
	}
	return p.visits
}

// written is a revision of an article.
func written(source string, n, revision int) newswire.Article {
	guid := "https://" + source + ".example.com/" + strconv.Itoa(n)
	at := time.Date(2026, 3, 2, 8, 0, 0, 0, time.UTC).Add(time.Duration(n) * time.Minute)
	return newswire.Article{
		ID: newswire.ArticleID(source, guid), Source: source, Revision: revision, GUID: guid, AtomID: guid, URL: guid,
		Title: fmt.Sprintf("Article %d", n), Content: fmt.Sprintf("<p>Revision %d of article %d.</p>", revision, n), Offer: strconv.Itoa(revision),
		Published: at, FirstSeen: at, Listed: at, Categories: []string{"finance"},
		Rights:    newswire.Rights{Policy: newswire.PolicyFull},
		Publisher: newswire.Publisher{ID: "https://" + source + ".example.com/feed", Title: source, URL: "https://" + source + ".example.com/"},
	}
}

// visit has a worker visit a source that offers the articles.
func (w *writer) visit(ctx context.Context, source string, articles []newswire.Article) error {
	due, err := w.store.Due(ctx)
	if err != nil {
		return err
	}
	if err := w.store.Reschedule(ctx, source, due[source], time.Now().Add(-time.Hour)); err != nil {
		return err
	}
	leases, err := w.store.Claim(ctx, 1, time.Minute, source)
	if err != nil || len(leases) != 1 {
		return errors.Join(err, fmt.Errorf("%d leases", len(leases)))
	}
	return w.store.Record(ctx, leases[0], newswire.Visit{
		Source: source, At: leases[0].At, Articles: articles, State: newswire.State{Source: source, Due: leases[0].At.Add(time.Hour)},
	})
}

// again does something until it goes well, as the service does with a visit. It returns false when that takes too long.
func (w *writer) again(t *testing.T, do func(ctx context.Context) error) bool {
	var err error
	for deadline := time.Now().Add(2 * time.Minute); time.Now().Before(deadline) && t.Context().Err() == nil; time.Sleep(20 * time.Millisecond) {
		ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
		err = do(ctx)
		cancel()
		if err == nil {
			return true
		}
	}
	t.Errorf("the store cannot be written to: %v", err)
	return false
}
