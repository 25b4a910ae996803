package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cmd/newswire/internal/config"
	"github.com/newswire/newswire/cmd/newswire/internal/lookup"
	"github.com/newswire/newswire/sources"
)

type whyCommand struct {
	configFlag
	JSON bool   `help:"A line of JSON instead of the table."`
	Name string `arg:"" name:"url|id|article" help:"A source: its ID or its url. Or an article: its ID, the address of its page here, or its publisher's address or guid."`
}

// Run says everything that is known of a source or of an article, and why it is so. It visits no publisher.
func (k whyCommand) Run(c *console) error {
	conf, catalog, err := k.load()
	if err != nil {
		return err
	}
	store, err := openToList(c.ctx, conf.Store)
	if err != nil {
		return err
	}
	w := reasoner{conf: conf, catalog: catalog.WithRules(conf.Rules), store: store}
	return errors.Join(k.tell(c, &w), store.Close())
}

func (k whyCommand) tell(c *console, w *reasoner) error {
	if s := w.source(k.Name); s != nil {
		told, err := w.aboutSource(c.ctx, s)
		if err != nil {
			return err
		}
		return k.print(c, told, told.facts())
	}
	id, err := lookUp(c.ctx, w.store, k.Name)
	if err != nil {
		return fmt.Errorf("there is no source %q in %s, and: %w", k.Name, k.Config, err)
	}
	told, err := w.aboutArticle(c.ctx, id)
	if err != nil {
		return err
	}
	return k.print(c, told, told.facts())
}

// print writes what was told: as JSON for scripts, or as facts for people.
func (k whyCommand) print(c *console, told any, facts facts) error {
	if k.JSON {
		return printLines(c, []any{told})
	}
	return facts.print(c.stdout)
}

// reasoner knows all by which a source or an article is explained.
type reasoner struct {
	conf    *config.Config
	catalog *sources.Catalog
	store   cache.Store
}

// source is the source of the config with such an ID or url, or nil.
func (w *reasoner) source(name string) *newswire.Source {
	d := draft{conf: w.conf}
	id := name
	if isWebAddress(name) {
		id = d.at(name)
	}
	for i := range w.conf.Sources {
		if w.conf.Sources[i].ID == id && id != "" {
			return &w.conf.Sources[i]
		}
	}
	return nil
}

// count is how many articles a topic lists.
func (w *reasoner) count(ctx context.Context, topic newswire.Topic, wanted func(*newswire.Article) bool) (int, error) {
	articles, err := lookup.Articles(ctx, w.store, topic)
	n := 0
	for i := range articles {
		if wanted == nil || wanted(&articles[i]) {
			n++
		}
	}
	return n, err
}

// facts are what people read: a name and what is said under it, a line each.
type facts [][2]string

// add says something under a name, if there is something to say.
func (f *facts) add(name, text string) {
	if text != "" {
		*f = append(*f, [2]string{name, text})
	}
}

// addAll says several things under a name that stands once.
func (f *facts) addAll(name string, texts []string) {
	for i, text := range texts {
		if i > 0 {
			name = ""
		}
		f.add(name, text)
	}
}

func (f facts) print(w io.Writer) error {
	table := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	for _, fact := range f {
		fmt.Fprintf(table, "%s\t%s\n", fact[0], fact[1])
	}
	return table.Flush()
}
