package web

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/text"
	"github.com/newswire/newswire/syndication/pages"
	"github.com/newswire/newswire/syndication/revision"
)

// directoryTopics is how many topics a page of a directory lists.
const directoryTopics = 200

// directoryPaths are where all topics of a kind are listed.
var directoryPaths = map[newswire.Kind]string{
	newswire.KindCategory: "/categories", newswire.KindSource: "/sources", newswire.KindAuthor: "/authors",
}

// fromPath stands between a directory and the ID with which one of its pages begins. So a page has a path, which a host of
// files can answer, and costs the same wherever it begins.
const fromPath = "/from/"

// directories answers where topics are listed: all of a kind, in the order of their IDs, in pages.
type directories struct{ *Server }

// topicList is a part of the topics of a kind.
type topicList struct {
	topics []pages.Topic
	next   string // the ID with which the rest begins; empty at the end
}

// page answers at the directory of a kind, and below it at /from/ID.
func (s directories) page(kind newswire.Kind) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		from := r.PathValue("id")
		if from != "" && !newswire.ValidID(from) {
			return fmt.Errorf("topics of kind %s from %q on: %w", kind, from, newswire.ErrNotFound)
		}
		if after := r.URL.Query().Get("after"); after != "" && from == "" {
			return s.formerPage(w, r, kind, after)
		}
		name := strings.TrimPrefix(directoryPaths[kind], "/") // of the first page, also in the snapshot
		if from != "" {
			name += fromPath + from
		}
		t := revision.Target{Topic: newswire.All, Name: name, Persist: from == "", Variant: from != ""}
		t.Render = func(ctx context.Context, _ *revision.Draft) (revision.Content, error) {
			d := s.directory()
			list, err := s.from(ctx, d, kind, from, directoryTopics)
			if err != nil {
				return revision.Content{}, err
			}
			// Without a date: a list that loses an author does not say when.
			return d.page("directory", d.directoryView(kind, from, list), time.Time{})
		}
		return s.engine.Show(w, r, t)
	}
}

// formerPage leads from the address that a page of a directory once had, which named the topic before its first.
func (s directories) formerPage(w http.ResponseWriter, r *http.Request, kind newswire.Kind, after string) error {
	topic := newswire.Topic(after)
	first := topic.ID() + "-" // no ID is between
	if topic.Kind() != kind || !newswire.ValidID(first) {
		return fmt.Errorf("topics of kind %s after %q: %w", kind, after, newswire.ErrCursor)
	}
	return moved(w, r, strings.TrimPrefix(directoryPaths[kind], "/")+fromPath+first)
}

// directoryView is what a page of a directory shows. The first one is for search engines too: the others begin somewhere else
// with each topic that is added before them.
func (d *Directory) directoryView(kind newswire.Kind, from string, list topicList) pages.Directory {
	w, path := d.words(), d.base()+directoryPaths[kind]
	title := "all." + string(kind)
	view := pages.Directory{Page: newPage(d, w.Text(title), w.Text(title+".intro")), Topics: list.topics}
	view.Canonical, view.NoIndex = d.Site.URL+directoryPaths[kind], from != ""
	if from != "" {
		view.Canonical, view.First = "", path
	}
	if list.next != "" {
		view.Next = path + fromPath + list.next
	}
	if view.First != "" || view.Next != "" {
		for _, letter := range "0abcdefghijklmnopqrstuvwxyz" {
			view.Letters = append(view.Letters, pages.Link{Name: strings.ToUpper(string(letter)), Page: path + fromPath + string(letter)})
		}
	}
	return view
}

// home is the topics on the front page: the first that the operator names of each kind, and the first authors by ID.
func (s directories) home(ctx context.Context, d *Directory) ([]pages.Topics, error) {
	var groups []pages.Topics
	add := func(kind newswire.Kind, id string, list topicList) {
		if len(list.topics) == 0 {
			return
		}
		group := pages.Topics{Kind: kind, ID: id, Name: d.words().Text(id), Topics: list.topics}
		if list.next != "" {
			group.All = d.base() + directoryPaths[kind]
		}
		groups = append(groups, group)
	}
	var categories, sources topicList
	for i := range d.Categories {
		if i == homeTopics {
			categories.next = d.Categories[i].ID
			break
		}
		categories.topics = append(categories.topics, s.category(d, i))
	}
	add(newswire.KindCategory, "categories", categories)
	for i := range d.Sources {
		if i == homeTopics {
			sources.next = d.Sources[i].ID
			break
		}
		source, err := s.source(ctx, d, i)
		if err != nil {
			return nil, err
		}
		sources.topics = append(sources.topics, source)
	}
	add(newswire.KindSource, "sources", sources)
	authors, err := s.from(ctx, d, newswire.KindAuthor, "", homeTopics)
	if err != nil {
		return nil, err
	}
	add(newswire.KindAuthor, "authors", authors)
	return groups, nil
}

func (s directories) category(d *Directory, i int) pages.Topic {
	return d.topicView(newswire.CategoryTopic(d.Categories[i].ID), d.Categories[i].Title, s.options.Formats)
}

func (s directories) source(ctx context.Context, d *Directory, i int) (pages.Topic, error) {
	source := &d.Sources[i]
	name, err := s.lists.sourceName(ctx, source)
	v := d.topicView(newswire.SourceTopic(source.ID), name, s.options.Formats)
	v.Site = text.URL(source.Site)
	return v, err
}

// from lists at most limit topics of a kind whose IDs are not before one. Categories and sources are those of the config; authors
// are these and those of articles that are here.
func (s directories) from(ctx context.Context, d *Directory, kind newswire.Kind, first string, limit int) (list topicList, err error) {
	switch kind {
	case newswire.KindCategory:
		for _, i := range d.indexed().categories.from(first, limit+1, d.categoryID) {
			list.topics = append(list.topics, s.category(d, int(i)))
		}
	case newswire.KindSource:
		for _, i := range d.indexed().sources.from(first, limit+1, d.sourceID) {
			v, err := s.source(ctx, d, int(i))
			if err != nil {
				return topicList{}, err
			}
			list.topics = append(list.topics, v)
		}
	default:
		if list.topics, err = s.authors(ctx, d, first, limit+1); err != nil {
			return topicList{}, err
		}
	}
	if len(list.topics) > limit {
		list.next = list.topics[limit].Topic.ID()
		list.topics = list.topics[:limit]
	}
	return list, nil
}

// authors are at most limit authors whose IDs are not before one.
func (s directories) authors(ctx context.Context, d *Directory, first string, limit int) ([]pages.Topic, error) {
	listings, _, err := s.lists.store.Topics(ctx, newswire.KindAuthor, before(newswire.KindAuthor, first), limit)
	if err != nil {
		return nil, fmt.Errorf("list authors: %w: %w", errStore, err)
	}
	configured := d.indexed().authors.from(first, limit, d.authorID)
	var authors []pages.Topic
	for len(authors) < limit && (len(listings) > 0 || len(configured) > 0) {
		var v pages.Topic
		switch {
		case len(configured) == 0 || len(listings) > 0 && listings[0].Topic.ID() < d.authorID(int(configured[0])):
			v = d.topicView(listings[0].Topic, listings[0].Name, s.options.Formats)
			v.Count, listings = listings[0].Articles, listings[1:]
		default:
			a := &d.Authors[configured[0]]
			v, configured = d.topicView(newswire.AuthorTopic(a.ID), a.Name, s.options.Formats), configured[1:]
			if len(listings) > 0 && listings[0].Topic == v.Topic {
				v.Count, listings = listings[0].Articles, listings[1:]
			}
		}
		authors = append(authors, v)
	}
	return authors, nil
}

// before is the cursor of a listing that goes on with an ID: the last that could be before it. It is empty for the beginning.
func before(kind newswire.Kind, id string) newswire.Cursor {
	const longest = 128 // characters of an ID, by [newswire.ValidID], whose characters follow each other in this order
	order := "-.0123456789_abcdefghijklmnopqrstuvwxyz"
	if len(id) == 1 {
		order = "0123456789abcdefghijklmnopqrstuvwxyz"
	}
	if id == "" || id == "0" {
		return ""
	}
	last := id[:len(id)-1]
	if i := strings.IndexByte(order, id[len(id)-1]); i > 0 {
		last += order[i-1 : i]
		last += strings.Repeat("z", longest-len(last))
	}
	return newswire.Cursor(string(kind) + "/" + last)
}
