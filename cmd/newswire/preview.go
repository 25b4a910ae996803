package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cmd/newswire/internal/config"
	"github.com/newswire/newswire/cmd/newswire/internal/edit"
	"github.com/newswire/newswire/cmd/newswire/internal/lookup"
	"github.com/newswire/newswire/cmd/newswire/internal/service"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/clean"
	"github.com/newswire/newswire/syndication"
	"github.com/newswire/newswire/syndication/web"
)

type previewCommand struct {
	configFlag
	Output string `short:"o" enum:"table,${formats}" default:"table" help:"table, or the feed as it would be republished, in a format: ${formats}."`
	Page   bool   `help:"The address is that of a page that lists articles: show selectors for it, what they yield, and the YAML to paste."`
	Source string `arg:"" name:"url|id" help:"A feed's address, or the ID of a source in the config."`
}

// Run visits a source once and shows what would be republished. An address that is not in the config is visited with the
// config's defaults, or where there is no config, with newswire's own.
func (k previewCommand) Run(c *console) error {
	d, err := openDraft(k.Config)
	if err != nil {
		return err
	}
	if k.Page {
		return k.proposals(c, d)
	}
	id := k.Source
	if isWebAddress(k.Source) {
		if id = d.at(k.Source); id == "" {
			id = edit.SourceID("", k.Source, d.taken)
			if d, err = d.with(edit.Addition{Sources: []edit.Source{{ID: id, URL: k.Source}}}); err != nil {
				return err
			}
		}
	}
	if !d.taken(id) {
		return fmt.Errorf("there is no source %q in %s, and it is not an http or https address", id, k.Config)
	}
	setup, err := service.NewSetup(d.only(id), versionString())
	if err != nil {
		return err
	}
	p, err := visitOnce(c.ctx, d.conf, setup, id)
	if err != nil {
		return err
	}
	p.remarks(c)
	switch {
	case p.Result.Error != "" && p.Result.Status == http.StatusOK:
		return fmt.Errorf("%s: %s; newswire add looks for the feeds of a page; newswire preview --page proposes selectors for one without a feed", id, p.Result.Error)
	case p.Result.Error != "":
		return fmt.Errorf("%s: %s", id, p.Result.Error)
	}
	if k.Output == "table" {
		return p.table(c.stdout, len(p.Articles))
	}
	i := slices.IndexFunc(c.formats, func(f web.Format) bool { return f.Extension == k.Output })
	return p.feed(c.data, c.formats[i])
}

// only is the draft's config with one source.
func (d *draft) only(id string) *config.Config {
	conf := *d.conf
	conf.Sources = []newswire.Source{*d.source(id)}
	return &conf
}

// preview is what a visit would have us publish, under a config.
type preview struct {
	*lookup.Visited
	conf *config.Config
}

// visitOnce visits a source of a setup, with a store that is thrown away.
func visitOnce(ctx context.Context, conf *config.Config, setup sources.Setup, id string) (*preview, error) {
	visited, err := lookup.Visit(ctx, setup, id, service.VisitTimeout(conf))
	return &preview{visited, conf}, err
}

// title is what the publisher calls itself, as far as is known.
func (p *preview) title() string {
	if len(p.Articles) > 0 {
		return cmp.Or(p.Articles[0].Publisher.Title, p.Result.Source)
	}
	return p.Result.Source
}

// remarks says what was mended, what was taken out, and what would be held.
func (p *preview) remarks(c *console) {
	for _, repair := range p.Result.Repairs {
		fmt.Fprintf(c.stderr, "newswire: %s: note: %s\n", p.Result.Source, repair)
	}
	for i := range p.Articles {
		for _, r := range p.Articles[i].Removed {
			fmt.Fprintf(c.stderr, "newswire: %s: removed from %q: %s: %.80q\n", p.Result.Source, p.Articles[i].Title, r.Reason, r.Text)
		}
	}
	for i := range p.Held {
		verb := "held"
		if p.Held[i].Held == newswire.DroppedByRule {
			verb = "dropped"
		}
		fmt.Fprintf(c.stderr, "newswire: %s: %s: %q: %s\n", p.Result.Source, verb, p.Held[i].Title, p.Held[i].Held)
	}
	for i := range p.Unlisted {
		fmt.Fprintf(c.stderr, "newswire: %s: not now: %q: %s\n", p.Result.Source, p.Unlisted[i].Title, shownWhen(&p.Unlisted[i].Rights))
	}
	for _, list := range [][]newswire.Article{p.Articles, p.Held, p.Unlisted} {
		for i := range list {
			for _, r := range rulesOf(&list[i]) {
				fmt.Fprintf(c.stderr, "newswire: %s: applied to %q: %s\n", p.Result.Source, list[i].Title, r)
			}
		}
	}
	for _, failed := range p.Result.FailedRules() {
		fmt.Fprintf(c.stderr, "newswire: %s: %s\n", p.Result.Source, failed)
	}
}

// rulesOf are the rules that applied to an article.
func rulesOf(a *newswire.Article) []newswire.AppliedRule {
	if a.Ruled == nil {
		return nil
	}
	return a.Ruled.Rules
}

// table shows at most n articles, a line each.
func (p *preview) table(w io.Writer, n int) error {
	t := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "PUBLISHED\tAUTHORS\tCATEGORIES\tRIGHTS\tTITLE\tADDRESS")
	for i := range p.Articles[:min(len(p.Articles), n)] {
		a := &p.Articles[i]
		published := "-"
		if at := a.Modified(); !a.Published.IsZero() || !a.Updated.IsZero() {
			published = at.Format(time.RFC3339)
		}
		var names []string
		for _, person := range a.Authors {
			names = append(names, person.Name)
		}
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", published, dash(strings.Join(names, ", ")), dash(strings.Join(a.Categories, ", ")),
			a.Rights.Policy, dash(cmp.Or(a.Title, beginning(a))), dash(a.URL))
	}
	if err := t.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(w, "%d articles of %s\n", len(p.Articles), p.title())
	return err
}

// beginning is the first words of an article, by which one without a title is known.
func beginning(a *newswire.Article) string {
	words := []rune(clean.Text(cmp.Or(a.Summary, a.Content)))
	if len(words) > 60 {
		return string(words[:60]) + "…"
	}
	return string(words)
}

// feed writes the articles in a format, as readers of the source's feed would get them.
func (p *preview) feed(w io.Writer, format web.Format) error {
	feed := syndication.Build(p.conf.Site, newswire.SourceTopic(p.Result.Source), p.title()+" – "+p.conf.Site.Title, "", p.Articles)
	document, err := format.Encode(&feed)
	if err != nil {
		return err
	}
	_, err = w.Write(document.Body)
	return err
}
