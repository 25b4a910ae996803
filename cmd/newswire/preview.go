package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cmd/newswire/internal/config"
	"github.com/newswire/newswire/cmd/newswire/internal/edit"
	"github.com/newswire/newswire/cmd/newswire/internal/service"
	"github.com/newswire/newswire/cmd/newswire/internal/stores"
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
	case p.result.Error != "" && p.result.Status == http.StatusOK:
		return fmt.Errorf("%s: %s; newswire add looks for the feeds of a page; newswire preview --page proposes selectors for one without a feed", id, p.result.Error)
	case p.result.Error != "":
		return fmt.Errorf("%s: %s", id, p.result.Error)
	}
	if k.Output == "table" {
		return p.table(c.stdout, len(p.articles))
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

// preview is what a visit would have us publish.
type preview struct {
	conf     *config.Config
	result   sources.Result
	articles []newswire.Article // newest first
	held     []newswire.Article // what looks injected or a rule holds or drops, and would not be published
	unlisted []newswire.Article // what waits for its time, or is past it
}

// visitOnce visits a source of a setup by the same machinery as serve, with a store that is thrown away.
func visitOnce(ctx context.Context, conf *config.Config, setup sources.Setup, id string) (_ *preview, err error) {
	store, err := stores.OpenTemporary(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()

	p := &preview{conf: conf}
	aggregator := sources.NewAggregator(store, setup, sources.Options{
		VisitTimeout: service.VisitTimeout(conf),
		Report:       func(r sources.Result) { p.result = r },
	})
	if err := aggregator.Round(ctx, id); err != nil {
		return nil, err
	}
	if p.articles, err = list(ctx, store, newswire.SourceTopic(id)); err != nil {
		return nil, err
	}
	if p.held, err = list(ctx, store, newswire.HeldTopic(id)); err != nil {
		return nil, err
	}
	p.unlisted, err = list(ctx, store, newswire.UnlistedTopic(id))
	return p, err
}

// list is all of a topic.
func list(ctx context.Context, store cache.Store, topic newswire.Topic) ([]newswire.Article, error) {
	var all []newswire.Article
	for after := newswire.Cursor(""); ; {
		page, err := store.Articles(ctx, cache.Query{Topic: topic, After: after, Limit: 200})
		if err != nil {
			return nil, err
		}
		all = append(all, page.Articles...)
		if after = page.Next; after == "" {
			return all, nil
		}
	}
}

// title is what the publisher calls itself, as far as is known.
func (p *preview) title() string {
	if len(p.articles) > 0 {
		return cmp.Or(p.articles[0].Publisher.Title, p.result.Source)
	}
	return p.result.Source
}

// remarks says what was mended, what was taken out, and what would be held.
func (p *preview) remarks(c *console) {
	for _, repair := range p.result.Repairs {
		fmt.Fprintf(c.stderr, "newswire: %s: note: %s\n", p.result.Source, repair)
	}
	for i := range p.articles {
		for _, r := range p.articles[i].Removed {
			fmt.Fprintf(c.stderr, "newswire: %s: removed from %q: %s: %.80q\n", p.result.Source, p.articles[i].Title, r.Reason, r.Text)
		}
	}
	for i := range p.held {
		verb := "held"
		if p.held[i].Held == newswire.DroppedByRule {
			verb = "dropped"
		}
		fmt.Fprintf(c.stderr, "newswire: %s: %s: %q: %s\n", p.result.Source, verb, p.held[i].Title, p.held[i].Held)
	}
	for i := range p.unlisted {
		fmt.Fprintf(c.stderr, "newswire: %s: not now: %q: %s\n", p.result.Source, p.unlisted[i].Title, shownWhen(&p.unlisted[i].Rights))
	}
	for _, list := range [][]newswire.Article{p.articles, p.held, p.unlisted} {
		for i := range list {
			for _, r := range rulesOf(&list[i]) {
				fmt.Fprintf(c.stderr, "newswire: %s: applied to %q: %s\n", p.result.Source, list[i].Title, r)
			}
		}
	}
	for _, failed := range p.result.FailedRules() {
		fmt.Fprintf(c.stderr, "newswire: %s: %s\n", p.result.Source, failed)
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
	for i := range p.articles[:min(len(p.articles), n)] {
		a := &p.articles[i]
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
	_, err := fmt.Fprintf(w, "%d articles of %s\n", len(p.articles), p.title())
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
	feed := syndication.Build(p.conf.Site, newswire.SourceTopic(p.result.Source), p.title()+" – "+p.conf.Site.Title, "", p.articles)
	document, err := format.Encode(&feed)
	if err != nil {
		return err
	}
	_, err = w.Write(document.Body)
	return err
}
