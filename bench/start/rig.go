//go:build linux

package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/rediscache"
	"github.com/newswire/newswire/cache/sqlitecache"
)

// rig is a config, a store that knows its sources, and the command to measure with them.
type rig struct {
	options
	listen, admin string // where the service answers
	titles        int    // that the first source has had
}

func newRig(ctx context.Context, o options) (*rig, error) {
	r := &rig{options: o}
	var err error
	if r.listen, err = freeAddress(ctx); err != nil {
		return nil, err
	}
	if r.admin, err = freeAddress(ctx); err != nil {
		return nil, err
	}
	if r.binary == "" {
		r.binary = filepath.Join(r.dir, "newswire")
		build := exec.CommandContext(ctx, "go", "build", "-o", r.binary, "github.com/newswire/newswire/cmd/newswire")
		build.Stderr = os.Stderr
		if err := build.Run(); err != nil {
			return nil, fmt.Errorf("go build: %w", err)
		}
	}
	if err := r.write(); err != nil {
		return nil, err
	}
	return r, r.fill(ctx)
}

func freeAddress(ctx context.Context) (string, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}

func (r *rig) path() string { return filepath.Join(r.dir, "newswire.yaml") }

// categories is how many categories there are.
const categories = 20

// write writes the config, in which the first source has another title each time.
func (r *rig) write() error {
	store := r.store
	if store == "" {
		store = "sqlite:" + filepath.Join(r.dir, "newswire.db")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "site: {title: Bench, url: %q}\nlisten: %q\nadmin: %q\nstore: %q\n", "http://"+r.listen, r.listen, r.admin, store)
	fmt.Fprintf(&b, "snapshot: %q\nsearch: off\ncategories:\n", filepath.Join(r.dir, "snapshot"))
	for i := range categories {
		fmt.Fprintf(&b, "  - {id: c%d, title: Category %d, match: [term %d]}\n", i, i, i)
	}
	b.WriteString("sources:\n")
	for i := range r.sources {
		s := source(i)
		if i == 0 {
			s.Name = fmt.Sprintf("Title %d", r.titles)
		}
		fmt.Fprintf(&b, "  - id: %s\n    name: %s\n    url: %s\n    schedule: %q\n    categories: [%s]\n    rights: {policy: excerpt, license: %q}\n",
			s.ID, s.Name, s.URL, s.Schedule, s.Categories[0], s.Rights.License)
	}
	r.titles++
	// In one step, as an editor does it: half a file is no config.
	if err := os.WriteFile(r.path()+".new", []byte(b.String()), 0o600); err != nil {
		return err
	}
	return os.Rename(r.path()+".new", r.path())
}

func source(i int) newswire.Source {
	return newswire.Source{
		ID: fmt.Sprintf("s%06d", i), Name: fmt.Sprintf("Publisher %d", i), URL: fmt.Sprintf("https://p%d.example/feed.xml", i),
		Schedule: fmt.Sprintf("%d * * * *", i%60), Categories: []string{fmt.Sprintf("c%d", i%categories)},
		Rights: newswire.Rights{License: "https://creativecommons.org/licenses/by/4.0/"},
	}
}

// fill has the store know a visit to each source, after which none is due for a day. A store that does so stays as it is.
func (r *rig) fill(ctx context.Context) (err error) {
	var store cache.Store
	if r.store == "" {
		store, err = sqlitecache.Open(ctx, filepath.Join(r.dir, "newswire.db"), sqlitecache.Options{Hasty: true})
	} else {
		store, err = rediscache.Open(ctx, r.store, rediscache.Options{})
	}
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	last := source(r.sources - 1).ID
	states, err := store.States(ctx, last)
	if err != nil || states[last].Source != "" {
		return err
	}
	sources := make(map[string]newswire.Source, r.sources)
	for i := range r.sources {
		s := source(i)
		sources[s.ID] = s
		if err := store.Reschedule(ctx, s.ID, time.Time{}, time.UnixMilli(1)); err != nil {
			return err
		}
	}
	for {
		leases, err := store.Claim(ctx, 500, time.Hour)
		if err != nil || len(leases) == 0 {
			return err
		}
		for _, lease := range leases {
			if err := store.Record(ctx, lease, visit(lease, sources[lease.Source])); err != nil {
				return err
			}
		}
	}
}

// visit is one that found nothing new.
func visit(lease cache.Lease, s newswire.Source) newswire.Visit {
	return newswire.Visit{Source: s.ID, At: lease.At, State: newswire.State{
		Source: s.ID, Configured: s.URL, URL: s.URL, Schedule: s.Schedule, Due: lease.At.Add(24 * time.Hour), Why: "max-age of 86400 s",
		NotBefore: lease.At.Add(24 * time.Hour), Wish: "max-age of 86400 s", Validators: newswire.Validators{ETag: `"5f3c-61a"`},
		Health: newswire.Health{Status: 304, LastVisit: lease.At, LastSuccess: lease.At, LastChange: lease.At, Offered: 20},
	}}
}
