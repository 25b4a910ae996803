package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"text/tabwriter"

	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cmd/newswire/internal/service"
	"github.com/newswire/newswire/cmd/newswire/internal/stores"
	"github.com/newswire/newswire/sources"
)

type sourcesCommand struct {
	configFlag
	JSON bool `help:"A line of JSON for each source instead of the table."`
}

// standing is how a source fares, and how many readers it has.
type standing struct {
	sources.Standing
	Readers int `json:"readers"` // as its publisher hears it; 0 where nothing is known
}

// Run tells how each source fares, when and why it is visited next, and how many readers it has. It visits no publisher.
func (k sourcesCommand) Run(c *console) error {
	conf, catalog, err := k.load()
	if err != nil {
		return err
	}
	store, err := openToList(c.ctx, conf.Store)
	if err != nil {
		return err
	}
	defer store.Close()
	do := k.printer(c)
	if len(conf.Sources) == 0 {
		return do(nil)
	}
	return overview{store, catalog}.standings(c.ctx, do)
}

// openToList opens a store for a command that lists what is in it: before there is a store, nothing is.
func openToList(ctx context.Context, address string) (cache.Store, error) {
	store, err := stores.OpenExisting(ctx, address)
	if errors.Is(err, fs.ErrNotExist) {
		return stores.OpenTemporary(ctx)
	}
	return store, err
}

// overview tells how sources fare.
type overview struct {
	store   cache.Store
	catalog *sources.Catalog
}

// standings hands out how sources fare, some at a time: there may be very many. With names, it does so of those alone.
func (o overview) standings(ctx context.Context, do func([]standing) error, only ...string) error {
	return sources.EachStanding(ctx, o.store, o.catalog, func(known []sources.Standing) error {
		ids := make([]string, len(known))
		for i := range known {
			ids[i] = known[i].Source
		}
		var readers service.Readers
		if err := readers.Ask(ctx, o.store, o.catalog, ids...); err != nil {
			return err
		}
		list := make([]standing, len(known))
		for i, s := range known {
			list[i] = standing{s, readers.Of(o.catalog.Source(s.Source))}
		}
		return do(list)
	}, only...)
}

// printer prints sources as they come. The columns of a table are as wide as those need that are printed together.
func (k sourcesCommand) printer(c *console) func([]standing) error {
	if k.JSON {
		return func(list []standing) error { return printLines(c, list) }
	}
	table := tabwriter.NewWriter(c.stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "SOURCE\tCONDITION\tSTATUS\tOFFERED\tREADERS\tLAST CHANGE\tNEXT VISIT\tWHY\tPUSH")
	return func(list []standing) error { return printTable(c, table, list) }
}

func printTable(c *console, table *tabwriter.Writer, list []standing) error {
	for _, s := range list {
		status, push := "-", "-"
		if s.Push != nil {
			push = s.Push.String()
		}
		if s.Status != 0 {
			status = fmt.Sprint(s.Status)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%d\t%s\t%s\t%s\t%s\n", s.Source, s.Condition, status, s.Offered, s.Readers, when(s.LastChange), when(s.Due), s.Why, push)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, s := range list {
		if s.Error != "" {
			fmt.Fprintf(c.stderr, "newswire: %s: %s\n", s.Source, s.Error)
		}
		for _, remark := range s.Remarks {
			fmt.Fprintf(c.stderr, "newswire: %s: %s\n", s.Source, remark)
		}
	}
	return nil
}
