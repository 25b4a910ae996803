package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/newswire/newswire/cache"
)

type withdrawCommand struct {
	configFlag
	Article string `arg:"" help:"The article: its ID, the address of its page here, or its publisher's address or guid."`
	Reason  string `required:"" help:"Why, for readers of the tombstone."`
}

// Validate refuses a reason that says nothing.
func (k withdrawCommand) Validate() error { return checkReason(k.Reason) }

// checkReason says whether readers of a tombstone learn something from a reason.
func checkReason(reason string) error {
	if strings.TrimSpace(reason) == "" {
		return errors.New("--reason is empty: say why, for readers of the tombstone")
	}
	return nil
}

// Run puts a tombstone in an article's place. A service that is running follows within a second.
func (k withdrawCommand) Run(c *console) error {
	return k.withStore(c, func(store cache.Store) error {
		id, err := lookUp(c.ctx, store, k.Article)
		if err != nil {
			return err
		}
		t, err := store.Withdraw(c.ctx, id, k.Reason)
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(c.stdout, "%s withdrawn at %s: %s\n", t.Article, t.At.Format("2006-01-02T15:04:05Z07:00"), t.Reason)
		return err
	})
}
