// Package batch gathers calls that wait for the same thing, so that the first one to get it can serve all of them at once.
package batch

import (
	"slices"
	"sync"
)

// Batch is those who wait, in the order in which they came. The zero value is empty.
type Batch[T comparable] struct {
	mu      sync.Mutex // guards waiting
	waiting []T
}

// Add puts one at the end.
func (b *Batch[T]) Add(one T) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waiting = append(b.waiting, one)
}

// Has says whether one waits.
func (b *Batch[T]) Has(one T) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return slices.Contains(b.waiting, one)
}

// Remove takes one out, and says whether it was still waiting.
func (b *Batch[T]) Remove(one T) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	i := slices.Index(b.waiting, one)
	if i < 0 {
		return false
	}
	b.waiting = slices.Delete(b.waiting, i, i+1)
	return true
}

// Drain takes all out.
func (b *Batch[T]) Drain() []T {
	b.mu.Lock()
	defer b.mu.Unlock()
	all := b.waiting
	b.waiting = nil
	return all
}

// Len is how many wait.
func (b *Batch[T]) Len() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return len(b.waiting)
}
