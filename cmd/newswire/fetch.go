package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"text/tabwriter"

	"github.com/schollz/progressbar/v3"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cmd/newswire/internal/config"
	"github.com/newswire/newswire/cmd/newswire/internal/service"
	"github.com/newswire/newswire/cmd/newswire/internal/stores"
	"github.com/newswire/newswire/sources"
)

type fetchCommand struct {
	configFlag
	JSON    bool     `help:"A line of JSON for each source instead of the table."`
	Sources []string `arg:"" optional:"" name:"id" help:"Sources to visit now, although their schedule says later; default all that are due."`
}

// Run does one round of visits, for an outside cron. It fails if a visited source did: the others are recorded all the
// same.
func (k fetchCommand) Run(c *console) error {
	conf, err := config.Load(k.Config)
	if err != nil {
		return err
	}
	for _, n := range conf.Notices {
		fmt.Fprintln(c.stderr, n)
	}
	setup, err := service.NewSetup(conf, versionString())
	if err != nil {
		return err
	}
	store, err := stores.Open(c.ctx, conf.Store)
	if err != nil {
		return err
	}
	defer store.Close()
	var readers service.Readers
	setup.Subscribers = readers.Of
	if err := readers.Ask(c.ctx, store, setup.Catalog, k.Sources...); err != nil {
		return err
	}

	bar := newBar(c, total(k.Sources, setup.Catalog))
	var (
		mu      sync.Mutex // guards results and bar
		results []sources.Result
	)
	aggregator := sources.NewAggregator(store, setup, sources.Options{
		Concurrency:  conf.Fetch.Concurrency,
		VisitTimeout: service.VisitTimeout(conf),
		Report: func(r sources.Result) {
			mu.Lock()
			defer mu.Unlock()
			results = append(results, r)
			bar.add(r.Source)
		},
	})
	err = aggregator.Round(c.ctx, k.Sources...)
	bar.finish()
	if errors.Is(err, newswire.ErrNotFound) {
		return fmt.Errorf("%w; newswire check -c %s says what is in it", err, k.Config)
	}
	slices.SortFunc(results, func(a, b sources.Result) int { return strings.Compare(a.Source, b.Source) })
	if perr := k.print(c, results); perr != nil {
		return perr
	}
	if err != nil {
		if left := total(k.Sources, setup.Catalog) - len(results); left > 0 {
			err = fmt.Errorf("%d sources were not visited: %w", left, err)
		}
		return err
	}
	if slices.ContainsFunc(results, func(r sources.Result) bool { return r.Error != "" }) {
		return errQuiet
	}
	return nil
}

func total(named []string, catalog *sources.Catalog) int {
	if len(named) > 0 {
		return len(named)
	}
	return len(catalog.Sources())
}

// print says what came of each source: results on standard output, what went wrong on standard error.
func (k fetchCommand) print(c *console, results []sources.Result) error {
	if k.JSON {
		return printLines(c, results)
	}
	table := tabwriter.NewWriter(c.stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "SOURCE\tOUTCOME\tSTATUS\tOFFERED\tNEW\tEDITED\tNEXT VISIT\tWHY")
	var visited, added, edited, withdrawn, held int
	for _, r := range results {
		status := "-"
		if r.Status != 0 {
			status = fmt.Sprint(r.Status)
		}
		fmt.Fprintf(table, "%s\t%s\t%s\t%d\t%d\t%d\t%s\t%s\n", r.Source, r.Outcome, status, r.Offered, r.New, r.Edited, when(r.Due), r.Why)
		if r.Outcome != sources.NotDue && r.Outcome != sources.PutOff && r.Outcome != sources.AtRest {
			visited++
		}
		added += r.New
		edited += r.Edited
		withdrawn += r.Withdrawn
		held += r.Held
	}
	if err := table.Flush(); err != nil {
		return err
	}
	for _, r := range results {
		if r.Error != "" {
			fmt.Fprintf(c.stderr, "newswire: %s: %s\n", r.Source, r.Error)
		}
		if r.Outcome == sources.PutOff || r.Outcome == sources.NotDue && len(k.Sources) > 0 {
			fmt.Fprintf(c.stderr, "newswire: %s: not visited: %s; its next visit is at %s\n", r.Source, r.Why, when(r.Due))
		}
		if r.Outcome == sources.AtRest && len(k.Sources) > 0 {
			fmt.Fprintf(c.stderr, "newswire: %s: not visited: it is %s; newswire resume %s has it visited again\n", r.Source, r.Why, r.Source)
		}
		for _, repair := range r.Repairs {
			fmt.Fprintf(c.stderr, "newswire: %s: note: %s\n", r.Source, repair)
		}
		for _, failed := range r.FailedRules() {
			fmt.Fprintf(c.stderr, "newswire: %s: %s\n", r.Source, failed)
		}
	}
	if withdrawn > 0 {
		fmt.Fprintf(c.stderr, "newswire: articles withdrawn by their publishers: %d\n", withdrawn)
	}
	if held > 0 {
		fmt.Fprintf(c.stderr, "newswire: %d of the articles are held: they look injected, or a rule holds them; newswire held lists them\n", held)
	}
	_, err := fmt.Fprintf(c.stdout, "%d sources, %d visited: %d new articles, %d changed\n", len(results), visited, added, edited)
	return err
}

// bar shows progress on a terminal, and is nothing elsewhere.
type bar struct {
	p *progressbar.ProgressBar
}

func newBar(c *console, total int) bar {
	if !isTerminal(c.screen) {
		return bar{}
	}
	return bar{progressbar.NewOptions(total, progressbar.OptionSetWriter(c.screen), progressbar.OptionSetDescription("visiting"),
		progressbar.OptionShowCount(), progressbar.OptionSetPredictTime(false), progressbar.OptionClearOnFinish())}
}

func (b bar) add(source string) {
	if b.p != nil {
		b.p.Describe(source)
		_ = b.p.Add(1) // a terminal that went away is no reason to stop visiting
	}
}

func (b bar) finish() {
	if b.p != nil {
		_ = b.p.Finish()
	}
}
