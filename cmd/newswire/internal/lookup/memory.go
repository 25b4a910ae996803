package lookup

import (
	"cmp"
	"context"
	"net/http"
	"sync"

	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/fetch"
)

// Memory is a fetcher that gives a document a second time without asking for it, so that what was found at a site can be
// previewed at once. It is safe for several goroutines.
type Memory struct {
	fetcher sources.Fetcher

	mu      sync.Mutex // guards answers and first
	answers map[string]*fetch.Answer
	first   *fetch.Answer
}

// NewMemory returns a Memory of what a fetcher gets.
func NewMemory(fetcher sources.Fetcher) *Memory {
	return &Memory{fetcher: fetcher, answers: map[string]*fetch.Answer{}}
}

// Get returns what was answered before, or asks.
func (m *Memory) Get(ctx context.Context, r fetch.Request) (*fetch.Answer, error) {
	m.mu.Lock()
	known := m.answers[r.URL]
	m.mu.Unlock()
	if known != nil {
		return known, nil
	}
	answer, err := m.fetcher.Get(ctx, r)
	if err != nil || answer.Status != http.StatusOK {
		return answer, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	m.first = cmp.Or(m.first, answer)
	for _, address := range []string{r.URL, answer.URL, answer.MovedTo} {
		if address != "" && m.answers[address] == nil {
			m.answers[address] = answer
		}
	}
	return answer, nil
}

// First is the first document that there was: the page that was named. It is nil where there was none.
func (m *Memory) First() *fetch.Answer {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.first
}
