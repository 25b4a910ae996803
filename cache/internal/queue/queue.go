// Package queue holds those who wait for the same thing, so that whoever gets it first can serve all of them at once.
package queue

import (
	"slices"
	"sync"
)

// Queue is those who wait, in the order in which they came. The zero value is empty.
type Queue[T comparable] struct {
	mu      sync.Mutex // guards waiting
	waiting []T
}

// Join puts one at the end.
func (q *Queue[T]) Join(one T) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.waiting = append(q.waiting, one)
}

// Has says whether one waits.
func (q *Queue[T]) Has(one T) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return slices.Contains(q.waiting, one)
}

// Leave takes one out, and says whether it was still waiting.
func (q *Queue[T]) Leave(one T) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	i := slices.Index(q.waiting, one)
	if i < 0 {
		return false
	}
	q.waiting = slices.Delete(q.waiting, i, i+1)
	return true
}

// Take takes all out.
func (q *Queue[T]) Take() []T {
	q.mu.Lock()
	defer q.mu.Unlock()
	all := q.waiting
	q.waiting = nil
	return all
}

// Len is how many wait.
func (q *Queue[T]) Len() int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.waiting)
}
