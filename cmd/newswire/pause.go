package main

import (
	"errors"
	"fmt"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cmd/newswire/internal/stores"
	"github.com/newswire/newswire/sources"
)

type pauseCommand struct {
	configFlag
	Source string `arg:"" name:"id" help:"The source."`
	Reason string `help:"Why, for other operators."`
}

// Run has a source visited no more, by no process that shares the store.
func (k pauseCommand) Run(c *console) error {
	return k.ofSource(c, k.Source, func(store cache.Store, catalog *sources.Catalog) error {
		p, err := sources.Pause(c.ctx, store, catalog, k.Source, k.Reason)
		if err == nil {
			_, err = fmt.Fprintf(c.stdout, "%s is %s\n", k.Source, p)
		}
		return err
	})
}

type resumeCommand struct {
	configFlag
	Source string `arg:"" name:"id" help:"The source."`
}

// Run has a paused source visited again, by its schedule.
func (k resumeCommand) Run(c *console) error {
	return k.ofSource(c, k.Source, func(store cache.Store, catalog *sources.Catalog) error {
		due, why, err := sources.Resume(c.ctx, store, catalog, k.Source)
		if err == nil {
			_, err = fmt.Fprintf(c.stdout, "%s is visited again: next at %s: %s\n", k.Source, when(due), why)
		}
		return err
	})
}

// ofSource changes how a source of the config is visited. The store need not be there yet.
func (f configFlag) ofSource(c *console, id string, change func(store cache.Store, catalog *sources.Catalog) error) error {
	conf, catalog, err := f.load()
	if err != nil {
		return err
	}
	store, err := stores.Open(c.ctx, conf.Store)
	if err != nil {
		return err
	}
	err = change(store, catalog)
	switch {
	case errors.Is(err, newswire.ErrNotFound):
		err = fmt.Errorf("source %q is not in the config; newswire sources -c %s lists them", id, f.Config)
	case errors.Is(err, sources.ErrNotPaused):
		err = fmt.Errorf("%s is not paused", id)
	case errors.Is(err, sources.ErrStopped):
		err = fmt.Errorf("%w: remove it from the config, or give its new address", err)
	case errors.Is(err, sources.ErrVisited):
		err = fmt.Errorf("%s is just being changed by another process; try again", id)
	}
	return errors.Join(err, store.Close())
}
