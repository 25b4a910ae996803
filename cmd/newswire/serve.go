package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"

	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cmd/newswire/internal/config"
)

type serveCommand struct {
	configFlag
	Role string `enum:"all,aggregate,serve" default:"all" help:"all, aggregate (visit publishers only) or serve (answer readers only)."`
}

// Run is the service: it aggregates and serves until a signal.
func (k serveCommand) Run(c *console) error {
	conf, modified, err := loadFile(k.Config)
	if err != nil {
		return err
	}
	store, err := openStore(c.ctx, conf.Store)
	if err != nil {
		return err
	}
	defer closeStore(c, store)

	s := &service{conf: conf, store: store, log: c.log}
	if k.Role != "serve" {
		s.aggregates = true
	}
	if k.Role != "aggregate" {
		if s.public, err = listen(c.ctx, "listen", conf.Listen); err != nil {
			return err
		}
	}
	if s.admin, err = listen(c.ctx, "admin", conf.Admin); err != nil {
		return err
	}
	s.watch = &watcher{path: k.Config, log: c.log, seen: modified}
	return s.run(c.ctx)
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

func closeStore(c *console, store cache.Store) {
	if err := store.Close(); err != nil {
		c.log.Error("store not closed cleanly", "error", err)
	}
}

// loadFile reads a config and tells what state of the file it is.
func loadFile(path string) (*config.Config, fingerprint, error) {
	seen := look(path)
	conf, err := config.Load(path)
	return conf, seen, err
}
