package service

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"os"
	"sync"
	"syscall"
	"time"

	"github.com/newswire/newswire/cache"
)

const (
	// attendance is the pause between two words of a process that it is at work, and attendanceLease how long one holds.
	attendance      = 10 * time.Second
	attendanceLease = 35 * time.Second
)

// neighbours watches for processes that should not be at work on the same store: those of another site, and on a local file
// any other service.
type neighbours struct {
	self  cache.Process
	local bool // whether the store is a file on this machine
	log   *slog.Logger

	mu   sync.Mutex // guards told and last
	told map[string]bool
	last error // what Check says
}

func newNeighbours(site string, local bool, log *slog.Logger) *neighbours {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown"
	}
	return &neighbours{
		self:  cache.Process{ID: rand.Text(), Host: host, PID: os.Getpid(), Site: site, Since: time.Now().UTC().Truncate(time.Second)},
		local: local, log: log, told: map[string]bool{},
	}
}

// run says that this process is at work until ctx ends, and looks for others.
func (n *neighbours) run(ctx context.Context, store cache.Processes) error {
	ticker := time.NewTicker(attendance)
	defer ticker.Stop()
	for {
		others, err := store.Attend(ctx, n.self, attendanceLease)
		if err == nil {
			n.judge(ctx, others)
		} else if ctx.Err() == nil {
			n.log.DebugContext(ctx, "not said in the store that this process is at work", "error", err)
		}
		select {
		case <-ctx.Done():
			leaving, cancel := context.WithTimeout(context.WithoutCancel(ctx), time.Second)
			defer cancel()
			_ = store.Depart(leaving, n.self.ID) // or its word ends by itself
			return ctx.Err()
		case <-ticker.C:
		}
	}
}

// judge tells the operator, once, of each process that should not be there.
func (n *neighbours) judge(ctx context.Context, others []cache.Process) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.last = nil
	for _, p := range others {
		var problem string
		switch {
		case n.ended(p):
			continue
		case p.Site != n.self.Site:
			problem = "another newswire with another config is at work on this store: give one of the two a store, or a prefix, of its own"
		case n.local:
			problem = "another process is at work on the same SQLite file: stop one of the two"
		default:
			continue
		}
		n.last = fmt.Errorf("%s: process %d on %s, for %s, since %s", problem, p.PID, p.Host, p.Site, p.Since.Format(time.RFC3339))
		if !n.told[p.ID] {
			n.told[p.ID] = true
			n.log.WarnContext(ctx, "another process should not be at work on this store", "problem", problem, "pid", p.PID, "host", p.Host, "site", p.Site, "since", p.Since)
		}
	}
}

// ended says whether a process was killed and could not say that it is at work no more.
func (n *neighbours) ended(p cache.Process) bool {
	if p.Host != n.self.Host {
		return false
	}
	if p.PID == n.self.PID { // numbers begin again in a container that was restarted
		return p.Since.Before(n.self.Since)
	}
	process, err := os.FindProcess(p.PID)
	return err != nil || process.Signal(syscall.Signal(0)) == os.ErrProcessDone //nolint:errorlint // documented so
}

// Check says which process should not be at work on the store. It asks no store and returns at once.
func (n *neighbours) Check(context.Context) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.last
}
