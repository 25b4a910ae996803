package main

import (
	"errors"
	"fmt"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

type withdrawCommand struct {
	configFlag
	Article string `arg:"" help:"The article's ID, as in /articles/ID."`
	Reason  string `required:"" help:"Why, for readers of the tombstone."`
}

// Run puts a tombstone in an article's place. A service that is running follows within a second.
func (k withdrawCommand) Run(c *console) error {
	return k.withStore(c, func(store cache.Store) error {
		t, err := store.Withdraw(c.ctx, k.Article, k.Reason)
		if errors.Is(err, newswire.ErrNotFound) {
			return fmt.Errorf("there is no article %q; its ID is in the address /articles/ID and in the JSON feed", k.Article)
		}
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.stdout, "%s withdrawn at %s: %s\n", t.Article, t.At.Format("2006-01-02T15:04:05Z07:00"), t.Reason)
		return err
	})
}
