package main

import (
	"errors"
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cmd/newswire/internal/config"
	"github.com/newswire/newswire/cmd/newswire/internal/stores"
	"github.com/newswire/newswire/sources"
)

type heldCommand struct {
	configFlag
	Dropped  bool `help:"Those that a rule drops, instead of those that wait for you."`
	Unlisted bool `help:"The articles that wait for the time from which they may be shown, and those that may be shown no more."`
	JSON     bool `help:"A line of JSON for each article, with its text and what was removed from it, instead of the table."`
}

// Run lists the articles that are held, and why; or those that are not at their time, and when that is.
func (k heldCommand) Run(c *console) error {
	conf, err := config.Load(k.Config)
	if err != nil {
		return err
	}
	store, err := openToList(c.ctx, conf.Store)
	if err != nil {
		return err
	}
	return errors.Join(k.list(c, store), store.Close())
}

func (k heldCommand) list(c *console, store cache.Store) error {
	if k.Unlisted {
		return k.listUnlisted(c, store)
	}
	articles := sources.Held
	if k.Dropped {
		articles = sources.Dropped
	}
	held, err := articles(c.ctx, store)
	if err != nil {
		return err
	}
	if k.JSON {
		return printLines(c, held)
	}
	table := tabwriter.NewWriter(c.stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "ARTICLE\tSINCE\tTITLE\tWHY")
	for _, a := range held {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", a.ID, a.FirstSeen.Format("2006-01-02"), a.Title, a.WhyHeld())
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if k.Dropped {
		_, err = fmt.Fprintf(c.stderr, "%d dropped by rules; newswire release ARTICLE publishes one all the same\n", len(held))
		return err
	}
	_, err = fmt.Fprintf(c.stderr, "%d held; newswire release ARTICLE publishes one, newswire drop ARTICLE keeps it away for good\n", len(held))
	return err
}

func (k heldCommand) listUnlisted(c *console, store cache.Store) error {
	list, err := sources.Unlisted(c.ctx, store)
	if err != nil {
		return err
	}
	if k.JSON {
		return printLines(c, list)
	}
	table := tabwriter.NewWriter(c.stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "ARTICLE\tPHASE\tFROM\tUNTIL\tTITLE")
	waiting := 0
	for i := range list {
		a := &list[i]
		if a.Phase == newswire.Waiting {
			waiting++
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\n", a.ID, a.Phase, limit(a.Rights.From), limit(a.Rights.Until), a.Title)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.stderr, "%d wait for their time, %d have ended; rights.embargo and rights.expires of their sources, and their publishers, say when\n",
		waiting, len(list)-waiting)
	return err
}

// limit is a limit of an article, or a dash for none.
func limit(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return when(t)
}

// shownWhen says in words when an article with limits is shown; empty for one without.
func shownWhen(r *newswire.Rights) string {
	switch {
	case r.From.IsZero() && r.Until.IsZero():
		return ""
	case r.From.IsZero():
		return "shown until " + when(r.Until)
	case r.Until.IsZero():
		return "shown from " + when(r.From)
	}
	return "shown from " + when(r.From) + " until " + when(r.Until)
}

type releaseCommand struct {
	configFlag
	Article string `arg:"" help:"The article: its ID, as newswire held lists it, or its publisher's address or guid."`
}

// Run publishes a held article. A service that is running shows it within a second.
func (k releaseCommand) Run(c *console) error {
	return k.withStore(c, func(store cache.Store) error {
		id, err := lookUp(c.ctx, store, k.Article)
		if err != nil {
			return err
		}
		a, err := sources.Release(c.ctx, store, id)
		if err != nil {
			return explainHeld(err, id)
		}
		_, err = fmt.Fprintf(c.stdout, "%s released: %s\n", a.ID, a.Title)
		if limits := shownWhen(&a.Rights); limits != "" && err == nil {
			_, err = fmt.Fprintf(c.stderr, "it is %s\n", limits)
		}
		return err
	})
}

type dropCommand struct {
	configFlag
	Article string `arg:"" help:"The article: its ID, as newswire held lists it, or its publisher's address or guid."`
	Reason  string `default:"it is not the publisher's" help:"Why, for readers of the tombstone; default: ${default}."`
}

// Validate refuses a reason that says nothing.
func (k dropCommand) Validate() error { return checkReason(k.Reason) }

// Run withdraws an article that is held, so that it stays away however often it is offered.
func (k dropCommand) Run(c *console) error {
	return k.withStore(c, func(store cache.Store) error {
		id, err := lookUp(c.ctx, store, k.Article)
		if err != nil {
			return err
		}
		t, err := sources.Drop(c.ctx, store, id, k.Reason)
		if err != nil {
			return explainHeld(err, id)
		}
		_, err = fmt.Fprintf(c.stdout, "%s dropped: %s\n", t.Article, t.Reason)
		return err
	})
}

// explainHeld says what an operator can do about an article that is not held.
func explainHeld(err error, id string) error {
	switch {
	case errors.Is(err, newswire.ErrWithdrawn):
		return fmt.Errorf("article %q was withdrawn, for good", id)
	case errors.Is(err, sources.ErrNotHeld):
		return fmt.Errorf("article %q is not held; newswire withdraw takes back one that is published", id)
	case errors.Is(err, sources.ErrVisited):
		return fmt.Errorf("the source of %q is just being visited; try again", id)
	}
	return err
}

// withStore does something with the store that the config names, which must be there.
func (f configFlag) withStore(c *console, do func(cache.Store) error) error {
	conf, err := config.Load(f.Config)
	if err != nil {
		return err
	}
	store, err := stores.OpenExisting(c.ctx, conf.Store)
	if err != nil {
		return err
	}
	return errors.Join(do(store), store.Close())
}
