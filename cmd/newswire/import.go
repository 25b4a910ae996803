package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cmd/newswire/internal/config"
	"github.com/newswire/newswire/cmd/newswire/internal/edit"
	"github.com/newswire/newswire/cmd/newswire/internal/service"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/fetch"
	"github.com/newswire/newswire/sources/opml"
)

type importCommand struct {
	configFlag
	File string `arg:"" help:"OPML file, as feed readers export it; - is standard input."`
}

// maxOPML bounds a file in bytes. Real lists of subscriptions stay below a hundredth of it.
const maxOPML = 16 << 20

// Run adds the feeds of an OPML file to the config, with their groups as categories. A feed that is there already gets the
// categories of its groups. No publisher is visited, but for addresses that do not say whether they are http or https.
func (k importCommand) Run(c *console) error {
	d, err := openDraft(k.Config)
	if err != nil {
		return err
	}
	read, err := k.read(c)
	if err != nil {
		return err
	}
	if err := tryBoth(c, d.conf, read.Feeds); err != nil {
		return err
	}
	list := newIntake(d)
	for _, o := range read.Feeds {
		list.add(o)
	}
	if len(list.Sources)+len(list.changed) > 0 {
		if d, err = list.apply(c); err != nil {
			return err
		}
		if err := d.save(); err != nil {
			return err
		}
		defer d.say(c)
	}
	return list.print(c, read.LeftOut)
}

// read reads the file.
func (k importCommand) read(c *console) (opml.List, error) {
	name, in := k.File, c.stdin
	if k.File == "-" {
		name = "standard input"
	} else {
		f, err := os.Open(k.File)
		if err != nil {
			return opml.List{}, err
		}
		defer f.Close()
		in = f
	}
	body, err := io.ReadAll(io.LimitReader(in, maxOPML+1))
	if err != nil {
		return opml.List{}, fmt.Errorf("%s: %w", name, err)
	}
	if len(body) > maxOPML {
		return opml.List{}, fmt.Errorf("%s is too large: no list of feeds has more than %d bytes", name, maxOPML)
	}
	list, err := opml.Read(body)
	if err != nil {
		return opml.List{}, fmt.Errorf("%s: %w", name, err)
	}
	if len(list.Feeds) == 0 {
		return opml.List{}, fmt.Errorf("%s: there is no feed in it; outlines that are none: %d", name, list.LeftOut)
	}
	return list, nil
}

// The bounds of a trial of addresses.
const (
	trialsAtOnce = 16
	trialTimeout = 10 * time.Second
)

// tryBoth gives addresses of the scheme feed, and those without one, the scheme that answers: https, or else http. Where
// neither does, it is https.
func tryBoth(c *console, conf *config.Config, outlines []opml.Outline) error {
	setup, err := service.NewSetup(conf, versionString())
	if err != nil {
		return err
	}
	var g errgroup.Group
	g.SetLimit(trialsAtOnce)
	for i := range outlines {
		address := outlines[i].FeedURL
		if len(address) > len("feed:") && strings.EqualFold(address[:len("feed:")], "feed:") { // feed://host/path and feed:https://host/path are both seen
			address = address[len("feed:"):]
			outlines[i].FeedURL = address
		}
		if !strings.HasPrefix(address, "//") {
			continue
		}
		outlines[i].FeedURL = "https:" + address
		g.Go(func() error {
			if !answers(c.ctx, setup.Fetcher, "https:"+address) && answers(c.ctx, setup.Fetcher, "http:"+address) {
				outlines[i].FeedURL = "http:" + address
			}
			return c.ctx.Err()
		})
	}
	return g.Wait()
}

// answers says whether there is a document at an address.
func answers(ctx context.Context, fetcher sources.Fetcher, address string) bool {
	ctx, cancel := context.WithTimeout(ctx, trialTimeout)
	defer cancel()
	answer, err := fetcher.Get(ctx, fetch.Request{URL: address})
	return err == nil && answer.Status == http.StatusOK
}

// intake turns outlines into what is added to a draft.
type intake struct {
	edit.Addition
	draft      *draft
	ids        map[string]bool   // of the new sources
	at         map[string]int    // index among the new sources, by address
	categories map[string]string // ID by title, without case; the draft's and the new ones
	changed    []*filed          // sources of the draft that get categories
	skipped    [][2]string       // address and why
}

// filed is a source of the draft with the categories that it gets.
type filed struct {
	source     *newswire.Source
	categories []string
}

func newIntake(d *draft) *intake {
	t := &intake{draft: d, ids: map[string]bool{}, at: map[string]int{}, categories: map[string]string{}}
	for _, category := range d.conf.Categories {
		t.categories[strings.ToLower(category.Title)] = category.ID
		t.categories[category.ID] = category.ID
	}
	return t
}

// add adds one outline. A feed that stands in several groups is one source with several categories.
func (t *intake) add(o opml.Outline) {
	address := o.FeedURL
	key := config.FeedKey(address)
	i, repeated := t.at[key]
	switch {
	case !isWebAddress(address):
		t.skipped = append(t.skipped, [2]string{o.FeedURL, "not an http or https address"})
		return
	case t.draft.at(address) != "":
		t.file(t.draft.source(t.draft.at(address)), o)
		return
	case !repeated:
		i = len(t.Sources)
		t.at[key] = i
		if isWebAddress(o.Title) { // what programs write where there is no title
			o.Title = ""
		}
		id := edit.SourceID(o.Title, address, func(id string) bool { return t.ids[id] || t.draft.taken(id) })
		t.ids[id] = true
		source := edit.Source{ID: id, Name: o.Title, URL: address}
		if isWebAddress(o.HomePage) {
			source.Site = o.HomePage
		}
		t.Sources = append(t.Sources, source)
	}
	for _, title := range o.Path {
		if id := t.category(title); !slices.Contains(t.Sources[i].Categories, id) {
			t.Sources[i].Categories = append(t.Sources[i].Categories, id)
		}
	}
}

// file gives a source that is there already the categories of an outline's groups.
func (t *intake) file(s *newswire.Source, o opml.Outline) {
	i := slices.IndexFunc(t.changed, func(f *filed) bool { return f.source.ID == s.ID })
	var added []string
	if i >= 0 {
		added = t.changed[i].categories
	}
	before := len(added)
	for _, title := range o.Path {
		if id := t.category(title); !slices.Contains(s.Categories, id) {
			added = appendNew(added, id)
		}
	}
	switch {
	case len(added) == before:
		t.skipped = append(t.skipped, [2]string{o.FeedURL, "there already, as " + s.ID})
	case i >= 0:
		t.changed[i].categories = added
	default:
		t.changed = append(t.changed, &filed{s, added})
	}
}

// apply is the draft with all that was taken in.
func (t *intake) apply(c *console) (*draft, error) {
	d, err := t.draft, error(nil)
	if len(t.Sources)+len(t.Categories) > 0 {
		if d, err = d.with(t.Addition); err != nil {
			return nil, err
		}
	}
	for _, f := range t.changed {
		next, err := d.edited("add", func(text []byte) ([]byte, error) {
			return edit.AddValues(text, "sources", f.source.ID, "categories", f.categories...)
		})
		if err != nil { // the others are not lost for it
			fmt.Fprintf(c.stderr, "newswire: %s was not put into %s: %v\n", f.source.ID, strings.Join(f.categories, ", "), err)
			f.categories = nil
			continue
		}
		d = next
	}
	t.changed = slices.DeleteFunc(t.changed, func(f *filed) bool { return f.categories == nil })
	return d, nil
}

// category is the ID of the category that a group becomes.
func (t *intake) category(title string) string {
	if id, ok := t.categories[strings.ToLower(title)]; ok {
		return id
	}
	id := edit.CategoryID(title)
	if _, ok := t.categories[id]; !ok {
		t.Categories = append(t.Categories, edit.Category{ID: id, Title: title})
	}
	t.categories[strings.ToLower(title)], t.categories[id] = id, id
	return id
}

// print says what came of each feed.
func (t *intake) print(c *console, leftOut int) error {
	table := tabwriter.NewWriter(c.stdout, 0, 8, 2, ' ', 0)
	for _, s := range t.Sources {
		fmt.Fprintf(table, "added\t%s\t%s\t%s\n", s.ID, fetch.Redact(s.URL), strings.Join(s.Categories, ", "))
	}
	for _, f := range t.changed {
		fmt.Fprintf(table, "filed\t%s\t%s\t%s\n", f.source.ID, fetch.Redact(f.source.URL), strings.Join(f.categories, ", "))
	}
	for _, s := range t.skipped {
		fmt.Fprintf(table, "skipped\t-\t%s\t%s\n", fetch.Redact(s[0]), s[1])
	}
	if err := table.Flush(); err != nil {
		return err
	}
	summary := fmt.Sprintf("%d sources and %d categories added", len(t.Sources), len(t.Categories))
	if n := len(t.changed); n > 0 {
		summary += fmt.Sprintf(", %d sources put into more categories", n)
	}
	summary += fmt.Sprintf(", %d skipped", len(t.skipped))
	if leftOut > 0 {
		summary += fmt.Sprintf(", %d outlines left out: no feeds", leftOut)
	}
	_, err := fmt.Fprintln(c.stdout, summary)
	return err
}
