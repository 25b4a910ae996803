package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
	"time"

	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cmd/newswire/internal/service"
	"github.com/newswire/newswire/cmd/newswire/internal/stores"
	"github.com/newswire/newswire/syndication/snapshot"
)

type serveCommand struct {
	configFlag
	Role string `enum:"all,aggregate,serve" default:"all" help:"all, aggregate (visit publishers only) or serve (answer readers only)."`
}

// patience is how long the start waits for a store without which the service can begin.
const patience = 2 * time.Second

// Run is the service: it aggregates and serves until a signal. A store that is away is waited for if there is something to
// serve meanwhile, and if there are no readers; a service that could only tell them so says what is wrong and ends.
func (k serveCommand) Run(c *console) error {
	conf, file, err := service.Load(k.Config, c.log)
	if err != nil {
		return err
	}
	readers := k.Role != "aggregate"
	s := &service.Service{
		Config: conf, File: file, Version: versionString(), Store: stores.NewPending(conf.Store, service.NewBudget(conf).Store, c.log),
		Log: c.log, Visits: k.Role != "serve", Formats: c.formats,
	}
	if readers {
		s.Snapshot, s.Search = openSnapshot(c, conf.Snapshot), conf.Search
	}
	if err := openStore(c.ctx, s, readers); err != nil {
		return err
	}
	defer closeStore(c, s.Store)

	if readers {
		if s.Public, err = listen(c.ctx, "listen", conf.Listen); err != nil {
			return err
		}
	}
	if s.Admin, err = listen(c.ctx, "admin", conf.Admin); err != nil {
		return err
	}
	return s.Run(c.ctx)
}

// openStore opens the store, or leaves that for later if it is away and there is a snapshot to serve, or there are no
// readers to serve.
func openStore(ctx context.Context, s *service.Service, readers bool) error {
	documents := s.Snapshot.Len()
	if readers && documents == 0 {
		return s.Store.Open(ctx)
	}
	opening, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	err := s.Store.Open(opening)
	if err == nil || errors.Is(err, cache.ErrMisconfigured) {
		return err
	}
	if readers {
		s.Log.WarnContext(ctx, "store away at the start, the snapshot is served", "documents", documents, "error", err)
	} else {
		s.Log.WarnContext(ctx, "store away at the start, visits wait for it", "error", err)
	}
	return nil
}

// listen opens a listener, or says which key of the config to change.
func listen(ctx context.Context, key, address string) (net.Listener, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp", address)
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return nil, fmt.Errorf("%s: %s is in use by another process; stop that one, or change %s in the config", key, address, key)
	case errors.Is(err, os.ErrPermission):
		return nil, fmt.Errorf("%s: this user may not listen on %s; choose a port from 1024 up, or change %s in the config", key, address, key)
	case err != nil:
		return nil, fmt.Errorf("%s: %w", key, err)
	}
	return l, nil
}

// openSnapshot opens the folder that the config names. Without it the service is as good, but for a restart.
func openSnapshot(c *console, dir string) *snapshot.Folder {
	if dir == "" {
		return nil
	}
	folder, err := snapshot.Open(dir, 0)
	if err != nil {
		c.log.ErrorContext(c.ctx, "no snapshot is kept: a restart without the store would find nothing to serve", "error", err)
		return nil
	}
	return folder
}

func closeStore(c *console, store io.Closer) {
	if err := store.Close(); err != nil {
		c.log.Error("store not closed cleanly", "error", err)
	}
}
