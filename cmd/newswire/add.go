package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cmd/newswire/internal/config"
	"github.com/newswire/newswire/cmd/newswire/internal/edit"
	"github.com/newswire/newswire/cmd/newswire/internal/lookup"
	"github.com/newswire/newswire/cmd/newswire/internal/service"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/discover"
	"github.com/newswire/newswire/sources/fetch"
)

type addCommand struct {
	configFlag
	Category     []string `help:"ID of a category of the config that every article gets; may be repeated."`
	MakeCategory bool     `help:"Make the categories that the config does not have yet."`
	ID           string   `help:"The source's ID; default: made of its title or its host."`
	Page         int      `placeholder:"N" help:"Where there is no feed, add the page itself by the proposal of that number; newswire preview --page shows them."`
	URL          string   `arg:"" help:"Address of a site, of one of its pages, or of a feed."`

	added edit.Addition // the categories that are made
}

// shown is how many articles of a new source are shown.
const shown = 5

// Run finds the feed of a site, visits it, and adds it to the config if it can be read. Nothing is changed unless there
// is exactly one.
func (k *addCommand) Run(c *console) error {
	d, err := openDraft(k.Config)
	if err != nil {
		return err
	}
	if k.added, err = k.categories(d.conf); err != nil {
		return err
	}
	if err := k.checkNew(d, k.URL); err != nil {
		return err
	}
	setup, err := service.NewSetup(d.conf, versionString())
	if err != nil {
		return err
	}
	// The preview does not ask again for the documents that the search for the feed has fetched.
	memory := lookup.NewMemory(setup.Fetcher)
	found, err := discover.Discover(c.ctx, memory, k.URL, discover.Options{
		Robots: service.RobotsOf(&setup), UserAgent: service.UserAgent(d.conf, versionString()), Interval: d.conf.Fetch.DomainInterval,
	})
	if errors.Is(err, discover.ErrNone) {
		return k.page(c, d, memory, err)
	}
	if err != nil {
		return err
	}
	chosen, err := choose(c, found)
	if err != nil {
		return err
	}
	if err := k.checkNew(d, chosen.URL); err != nil {
		return err
	}
	id := cmp.Or(k.ID, edit.SourceID(chosen.Title, chosen.URL, d.taken))
	k.added.Sources = []edit.Source{{ID: id, Name: chosen.Title, URL: chosen.URL, Categories: k.Category}}
	if d, err = d.with(k.added); err != nil {
		return err
	}
	return k.addPreviewed(c, d, id, memory)
}

// addPreviewed previews the source that was added to a draft, and saves the draft if that went well.
func (k *addCommand) addPreviewed(c *console, d *draft, id string, fetcher sources.Fetcher) error {
	setup, err := service.NewSetup(d.only(id), versionString())
	if err != nil {
		return err
	}
	setup.Fetcher = fetcher
	p, err := visitOnce(c.ctx, d.conf, setup, id)
	if err != nil {
		return err
	}
	p.remarks(c)
	if p.Result.Error != "" {
		return fmt.Errorf("%s: %s; nothing was changed", id, p.Result.Error)
	}
	if err := p.table(c.stdout, shown); err != nil {
		return err
	}
	if err := d.save(); err != nil {
		return err
	}
	_, err = fmt.Fprintf(c.stdout, "added %s: %s\n", id, fetch.Redact(d.source(id).URL))
	d.say(c)
	return err
}

// say tells the operator of a new config what it still needs.
func (d *draft) say(c *console) {
	if d.made {
		fmt.Fprintf(c.stderr, "newswire: %s is new; newswire.example.yaml shows what else goes into it\n", d.path)
	}
}

func (k *addCommand) checkNew(d *draft, address string) error {
	if id := d.at(address); id != "" {
		return fmt.Errorf("%s is there already, as source %q of %s", fetch.Redact(address), id, d.fileOf(id))
	}
	return nil
}

// categories checks the source's categories, and makes those that the config does not have if that was asked for.
func (k *addCommand) categories(conf *config.Config) (added edit.Addition, err error) {
	var ids, chosen []string
	for _, category := range conf.Categories {
		ids = append(ids, category.ID)
	}
	defer func() { k.Category = chosen }()
	for _, id := range k.Category {
		if slices.Contains(ids, id) {
			chosen = appendNew(chosen, id)
			continue
		}
		if !k.MakeCategory {
			return added, fmt.Errorf("there is no category %q in %s; it has: %s; --make-category makes it", id, k.Config, dash(strings.Join(ids, ", ")))
		}
		made := edit.Category{ID: id}
		if !newswire.ValidID(id) {
			made = edit.Category{ID: edit.CategoryID(id), Title: id}
		}
		if !slices.Contains(ids, made.ID) {
			added.Categories = append(added.Categories, made)
			ids = append(ids, made.ID)
		}
		chosen = appendNew(chosen, made.ID)
	}
	return added, nil
}

// appendNew appends an ID to a list that does not have it.
func appendNew(ids []string, id string) []string {
	if slices.Contains(ids, id) {
		return ids
	}
	return append(ids, id)
}

// page deals with a site without a feed: it adds the page by the proposal that the operator has chosen, or shows what is
// proposed. The error for that is none, as far as there is something to show.
func (k *addCommand) page(c *console, d *draft, m *lookup.Memory, none error) error {
	none = fmt.Errorf("%w; if you know of one, give its own address", none)
	first := m.First()
	if first == nil {
		return none
	}
	found, err := lookup.Propose(c.ctx, first)
	if err != nil {
		if k.Page > 0 {
			return fmt.Errorf("%s: %w", fetch.Redact(first.URL), err)
		}
		fmt.Fprintf(c.stderr, "newswire: %v\n", err)
		return none
	}
	id := cmp.Or(k.ID, edit.SourceID("", first.URL, d.taken))
	if k.Page > len(found) {
		return fmt.Errorf("there are %d proposals for %s; newswire preview --page shows them", len(found), fetch.Redact(first.URL))
	}
	if k.Page > 0 {
		entry := lookup.Entry(id, first.URL, found[k.Page-1].Selectors)
		entry.Categories = k.Category
		k.added.Sources = []edit.Source{entry}
		if d, err = d.with(k.added); err != nil {
			return err
		}
		return k.addPreviewed(c, d, id, m)
	}
	fmt.Fprintf(c.stderr, "newswire: the page itself can be a source, without a feed. This is likely its list of articles:\n\n")
	if err := showProposal(c.stderr, 1, &found[0], lookup.Entry(id, first.URL, found[0].Selectors)); err != nil {
		return err
	}
	fmt.Fprintf(c.stderr, "newswire: add --page 1 adds that; newswire preview --page %s shows all %d proposals\n", fetch.Redact(first.URL), len(found))
	return none
}

// choose returns the one feed of articles that was found. Several are for the operator to choose from.
func choose(c *console, found []discover.Candidate) (discover.Candidate, error) {
	articles := slices.DeleteFunc(slices.Clone(found), func(f discover.Candidate) bool { return f.Comments })
	if len(articles) == 1 {
		return articles[0], nil
	}
	t := tabwriter.NewWriter(c.stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(t, "ADDRESS\tFORMAT\tARTICLES\tFOUND IN\tTITLE")
	for _, f := range found {
		fmt.Fprintf(t, "%s\t%s\t%d\t%s\t%s\n", fetch.Redact(f.URL), f.Format, f.Items, f.How, dash(f.Title))
	}
	if err := t.Flush(); err != nil {
		return discover.Candidate{}, err
	}
	if len(articles) == 0 {
		return discover.Candidate{}, errors.New("only comments have a feed there; to add that, give its own address")
	}
	return discover.Candidate{}, fmt.Errorf("%d feeds were found; add the one you mean by its own address", len(articles))
}
