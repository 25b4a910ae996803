package main

import (
	"fmt"
	"text/tabwriter"
	"time"

	"github.com/newswire/newswire/cmd/newswire/internal/config"
	"github.com/newswire/newswire/sources"
)

type sourcesCommand struct {
	configFlag
	JSON bool `help:"A line of JSON for each source instead of the table."`
}

// Run tells how each source fares, and when and why it is visited next. Nobody is visited.
func (k sourcesCommand) Run(c *console) error {
	conf, err := config.Load(k.Config)
	if err != nil {
		return err
	}
	catalog, err := sources.NewCatalog(conf.Sources, conf.Categories, conf.Authors)
	if err != nil {
		return err
	}
	store, err := openStore(c.ctx, conf.Store)
	if err != nil {
		return err
	}
	defer store.Close()
	list, err := sources.Standings(c.ctx, store, catalog)
	if err != nil {
		return err
	}
	return k.print(c, list)
}

func (k sourcesCommand) print(c *console, list []sources.Standing) error {
	if k.JSON {
		return printLines(c, list)
	}
	table := tabwriter.NewWriter(c.stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "SOURCE\tCONDITION\tSTATUS\tOFFERED\tLAST CHANGE\tNEXT VISIT\tWHY")
	for _, s := range list {
		status := "-"
		if s.Status != 0 {
			status = fmt.Sprint(s.Status)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%s\t%s\t%s\n", s.Source, s.Condition, status, s.Offered, when(s.LastChange), when(s.Due), s.Why)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, s := range list {
		if s.Error != "" {
			fmt.Fprintf(c.stderr, "newswire: %s: %s\n", s.Source, s.Error)
		}
	}
	return nil
}

// when is a time as tables show it.
func when(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format(time.RFC3339)
}
