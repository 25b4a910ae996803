package main

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/newswire/newswire/cmd/newswire/internal/config"
	"github.com/newswire/newswire/cmd/newswire/internal/edit"
	"github.com/newswire/newswire/sources/fetch"
	"github.com/newswire/newswire/sources/opml"
)

type importCommand struct {
	configFlag
	File string `arg:"" type:"path" help:"OPML file, as feed readers export it."`
}

// maxOPML bounds a file in bytes. Real lists of subscriptions stay below a hundredth of it.
const maxOPML = 16 << 20

// Run adds the feeds of an OPML file to the config, with their groups as categories. No publisher is visited.
func (k importCommand) Run(c *console) error {
	d, err := openDraft(k.Config)
	if err != nil {
		return err
	}
	if info, err := os.Stat(k.File); err != nil {
		return err
	} else if info.Size() > maxOPML {
		return fmt.Errorf("%s has %d bytes, and no list of feeds is larger than %d", k.File, info.Size(), maxOPML)
	}
	body, err := os.ReadFile(k.File)
	if err != nil {
		return err
	}
	outlines, err := opml.Decode(body)
	if err != nil {
		return fmt.Errorf("%s: %w", k.File, err)
	}
	if len(outlines) == 0 {
		return errors.New(k.File + ": there is no feed in it")
	}
	list := newIntake(d)
	for _, o := range outlines {
		list.add(o)
	}
	if len(list.Sources) > 0 {
		if d, err = d.with(list.Addition); err != nil {
			return err
		}
		if err := d.save(); err != nil {
			return err
		}
		defer d.say(c)
	}
	return list.print(c)
}

// intake turns outlines into what is added to a draft.
type intake struct {
	edit.Addition
	draft      *draft
	ids        map[string]bool   // of the new sources
	at         map[string]int    // place among the new sources, by address
	categories map[string]string // ID by title, without case; the draft's and the new ones
	skipped    [][2]string       // address and why
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
	address := strings.TrimPrefix(o.FeedURL, "feed:") // feed://host/path and feed:https://host/path are both seen
	if strings.HasPrefix(address, "//") {
		address = "https:" + address
	}
	key := config.FeedKey(address)
	i, repeated := t.at[key]
	switch {
	case !isWebAddress(address):
		t.skipped = append(t.skipped, [2]string{o.FeedURL, "not an http or https address"})
		return
	case t.draft.at(address) != "":
		t.skipped = append(t.skipped, [2]string{address, "there already, as " + t.draft.at(address)})
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
func (t *intake) print(c *console) error {
	table := tabwriter.NewWriter(c.stdout, 0, 8, 2, ' ', 0)
	for _, s := range t.Sources {
		fmt.Fprintf(table, "added\t%s\t%s\t%s\n", s.ID, fetch.Redact(s.URL), strings.Join(s.Categories, ", "))
	}
	for _, s := range t.skipped {
		fmt.Fprintf(table, "skipped\t-\t%s\t%s\n", fetch.Redact(s[0]), s[1])
	}
	if err := table.Flush(); err != nil {
		return err
	}
	_, err := fmt.Fprintf(c.stdout, "%d sources and %d categories added, %d skipped\n", len(t.Sources), len(t.Categories), len(t.skipped))
	return err
}
