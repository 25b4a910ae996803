package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/newswire/newswire/cmd/newswire/internal/edit"
	"github.com/newswire/newswire/cmd/newswire/internal/lookup"
	"github.com/newswire/newswire/cmd/newswire/internal/service"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/fetch"
	"github.com/newswire/newswire/sources/page/propose"
)

// listedShown is how many articles of a proposal are shown.
const listedShown = 8

// proposals shows what is proposed for a page that lists articles.
func (k *previewCommand) proposals(c *console, d *draft) error {
	address, id := k.Source, ""
	switch {
	case d.taken(k.Source):
		id = k.Source
		address = d.source(id).URL
	case !isWebAddress(address):
		address = "https://" + address
	}
	if !isWebAddress(address) {
		return fmt.Errorf("%q is not an http or https address", k.Source)
	}
	setup, err := service.NewSetup(d.conf, versionString())
	if err != nil {
		return err
	}
	finder := newFinder(d, &setup)
	if route, own := setup.Routes[id]; own {
		finder.Fetcher = route.Fetcher
	}
	answer, err := finder.Page(c.ctx, address)
	if err != nil {
		return err
	}
	found, err := lookup.Propose(c.ctx, answer)
	if err != nil {
		return fmt.Errorf("%s: %w", fetch.Redact(address), err)
	}
	if id == "" {
		id = edit.SourceID("", answer.URL, d.taken)
	}
	for i := range found {
		if err := showProposal(c.stdout, i+1, &found[i], lookup.Entry(id, answer.URL, found[i].Selectors)); err != nil {
			return err
		}
	}
	fmt.Fprintf(c.stderr, "newswire: paste one of these under the sources of %s, and see by newswire preview %s what comes of it\n", k.Config, id)
	return nil
}

// newFinder reads pages as the visits of a setup do.
func newFinder(d *draft, setup *sources.Setup) *lookup.Finder {
	return &lookup.Finder{
		Fetcher: setup.Fetcher, Robots: service.RobotsOf(setup), UserAgent: service.UserAgent(d.conf, versionString()), Interval: d.conf.Fetch.DomainInterval,
	}
}

// showProposal shows what a proposal yields, and the entry to paste.
func showProposal(w io.Writer, number int, p *propose.Proposal, entry edit.Source) error {
	fmt.Fprintf(w, "%d. %d articles by %s\n\n", number, len(p.Items), p.Selectors.Item)
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for i := range p.Items[:min(len(p.Items), listedShown)] {
		item := &p.Items[i]
		published := "-"
		if !item.Published.IsZero() {
			published = item.Published.Format(time.RFC3339)
		}
		var names []string
		for _, person := range item.Authors {
			names = append(names, person.Name)
		}
		fmt.Fprintf(t, "   %s\t%s\t%s\t%s\n", published, dash(strings.Join(names, ", ")), dash(item.Title), fetch.Redact(item.URL))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	if more := len(p.Items) - listedShown; more > 0 {
		fmt.Fprintf(w, "   and %d more\n", more)
	}
	_, err := fmt.Fprintf(w, "\n%s\n", entry.Text())
	return err
}
