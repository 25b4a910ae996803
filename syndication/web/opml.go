package web

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"iter"
	"net/http"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication/opml"
	"github.com/newswire/newswire/syndication/revision"
)

const (
	// opmlAuthors bounds the authors in the list of feeds that only articles name.
	opmlAuthors = 2000

	// opmlKept is how many feeds a list has that is kept as others are; a longer one is written for each answer.
	opmlKept = 2000

	// opmlNameless bounds the sources that are asked for their titles where the operator gives them no name.
	opmlNameless = 200
)

// subscriptionLists answers where all feeds are listed.
type subscriptionLists struct{ *Server }

// subscriptions answers at /feeds.opml: everything that there is, for a reader to import. It is there once for each topic, in
// the preferred format, lest a reader subscribe three times. A long list is written as it is sent, so that it needs no memory, and
// has a tag without being written.
func (s subscriptionLists) subscriptions(w http.ResponseWriter, r *http.Request) error {
	return s.engine.Show(w, r, revision.Target{Topic: newswire.All, Name: "opml", Persist: true, Render: func(ctx context.Context, _ *revision.Draft) (revision.Content, error) {
		list, err := s.gather(ctx, s.directory())
		if err != nil {
			return revision.Content{}, err
		}
		// Without a date: a list that loses an author does not say when.
		c := revision.Content{MediaType: opml.MediaType, Fields: dataFields(list.d.Site.URL+"/feeds.opml", "")}
		if list.len() <= opmlKept {
			var body bytes.Buffer
			err := list.write(&body)
			c.Body = bytes.Clone(body.Bytes()) // without the room that the buffer grew for
			return c, err
		}
		c.Stream, c.Tag, c.Pinned = list.write, list.tag(), list.size()
		return c, nil
	}})
}

// feedList is everything that the list of feeds is made of.
type feedList struct {
	d       *Directory
	format  string            // extension of the feeds
	names   map[string]string // of sources that the operator gives none, by ID
	authors []cache.Listing   // that only articles name
	more    bool              // there are more of these
}

// gather asks the store for what the config does not say.
func (s subscriptionLists) gather(ctx context.Context, d *Directory) (*feedList, error) {
	list := &feedList{d: d, format: s.options.Formats[0].Extension, names: map[string]string{}}
	for i := range d.Sources {
		if source := &d.Sources[i]; source.Name == "" {
			name, err := s.lists.sourceName(ctx, source)
			if err != nil {
				return nil, err
			}
			if list.names[source.ID] = name; len(list.names) == opmlNameless {
				break
			}
		}
	}
	listings, next, err := s.lists.store.Topics(ctx, newswire.KindAuthor, "", opmlAuthors)
	if err != nil {
		return nil, fmt.Errorf("list authors: %w: %w", errStore, err)
	}
	for _, l := range listings {
		if d.author(l.Topic.ID()) == nil {
			list.authors = append(list.authors, l)
		}
	}
	list.more = next != ""
	return list, nil
}

// len is how many feeds there are.
func (l *feedList) len() int {
	return 1 + len(l.d.Categories) + len(l.d.Sources) + len(l.d.Authors) + len(l.authors)
}

// size is what the list keeps in memory, in bytes, besides the config.
func (l *feedList) size() int64 { return int64(len(l.authors)+len(l.names)) * 128 }

func (l *feedList) write(w io.Writer) error { return opml.Encode(w, l.d.Site, l.outlines()) }

// tag names the bytes of the list: what a list with one topic of each kind is like, and what topics there are under which names.
func (l *feedList) tag() string {
	sample := *l
	sample.d = &Directory{
		Site: l.d.Site, Theme: l.d.Theme,
		Categories: []newswire.Category{{ID: "a"}}, Sources: []newswire.Source{{ID: "a"}}, Authors: []newswire.Author{{ID: "a"}},
	}
	h := sha256.New()
	_ = sample.write(h) // a digest takes everything
	digest := l.d.listed()
	h.Write(digest[:])
	for i := range l.d.Sources {
		if name := l.names[l.d.Sources[i].ID]; name != "" {
			fmt.Fprintf(h, "%q %q\n", l.d.Sources[i].ID, name)
		}
	}
	return hex.EncodeToString(h.Sum(nil))
}

// listed is a digest of what the list of feeds has of the config.
func (d *Directory) listed() [sha256.Size]byte {
	d.index.listedOnce.Do(func() {
		h := sha256.New()
		var line []byte
		add := func(kind newswire.Kind, id, name string) {
			line = fmt.Appendf(line[:0], "%s/%s %q\n", kind, id, name)
			h.Write(line)
		}
		for i := range d.Categories {
			add(newswire.KindCategory, d.Categories[i].ID, d.Categories[i].Title)
		}
		for i := range d.Sources {
			add(newswire.KindSource, d.Sources[i].ID, d.Sources[i].Name)
		}
		for i := range d.Authors {
			add(newswire.KindAuthor, d.Authors[i].ID, cmp.Or(d.Authors[i].Name, d.Authors[i].ID))
			for _, a := range d.Authors[i].Aliases {
				add(newswire.KindSource, a.Source, a.Name)
			}
		}
		h.Sum(d.index.listed[:0])
	})
	return d.index.listed
}

// outlines are all feeds, one after another.
func (l *feedList) outlines() iter.Seq[opml.Outline] {
	d := l.d
	groups := map[newswire.Kind][]string{newswire.KindCategory: {"Categories"}, newswire.KindSource: {"Sources"}, newswire.KindAuthor: {"Authors"}}
	if l.more {
		groups[newswire.KindAuthor] = []string{fmt.Sprintf("Authors (some of them; all are at %s/authors)", d.Site.URL)}
	}
	outline := func(t newswire.Topic, name string) opml.Outline {
		title, subtitle := titles(d, t, cmp.Or(name, t.ID()), nil)
		f := newswire.Feed{Site: d.Site, Topic: t}
		return opml.Outline{
			Title: title, Description: subtitle, FeedURL: f.URL(l.format), HomePage: f.HomePage(), Language: d.Site.Language,
			Path: groups[t.Kind()],
		}
	}
	return func(yield func(opml.Outline) bool) {
		if !yield(outline(newswire.All, d.Site.Title)) {
			return
		}
		for i := range d.Categories {
			if !yield(outline(newswire.CategoryTopic(d.Categories[i].ID), d.Categories[i].Title)) {
				return
			}
		}
		for i := range d.Sources {
			if source := &d.Sources[i]; !yield(outline(newswire.SourceTopic(source.ID), cmp.Or(source.Name, l.names[source.ID]))) {
				return
			}
		}
		for i := range d.Authors {
			if !yield(outline(newswire.AuthorTopic(d.Authors[i].ID), d.Authors[i].Name)) {
				return
			}
		}
		for i := range l.authors {
			if !yield(outline(l.authors[i].Topic, l.authors[i].Name)) {
				return
			}
		}
	}
}
