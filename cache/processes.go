package cache

import (
	"context"
	"time"
)

// Processes is which processes are at work on the store, so that one that should not be there is noticed.
type Processes interface {
	// Attend says that a process is at work, for at most the lease: it is to be said again before that ends. It returns the
	// other processes of which that is still true by the store's clock, ordered by ID.
	Attend(ctx context.Context, process Process, lease time.Duration) ([]Process, error)

	// Depart says that a process is at work no more.
	Depart(ctx context.Context, id string) error
}

// Process is a process at work on a store.
type Process struct {
	ID    string    `json:"id"`   // unique, also over restarts
	Host  string    `json:"host"` // that it runs on
	PID   int       `json:"pid"`  // its number there
	Site  string    `json:"site"` // address of the site that it works for
	Since time.Time `json:"since"`
}
