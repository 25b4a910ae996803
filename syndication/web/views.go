package web

import (
	"cmp"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication"
	"github.com/newswire/newswire/syndication/internal/text"
	"github.com/newswire/newswire/syndication/pages"
	"github.com/newswire/newswire/syndication/pictures"
)

// excerptLength is how much of an article a list shows, in characters.
const excerptLength = 240

// articleViews shows the articles of a feed that was gathered.
func articleViews(d *Directory, f *newswire.Feed) []pages.Article {
	views := make([]pages.Article, len(f.Articles))
	for i := range views {
		a := syndication.Finish(f.Articles[i])
		views[i] = newArticleView(d, &a)
		views[i].Minutes = minutes(&f.Articles[i])
	}
	return views
}

// minutes is how long an article takes to read where it was published, as far as its publisher gave us all of it.
func minutes(a *newswire.Article) int {
	if a.Rights.Policy == newswire.PolicyTitle || a.Content == "" {
		return 0
	}
	return pages.Minutes(text.Plain(a.Content))
}

// wholeView shows an article on its own page.
func wholeView(d *Directory, a *newswire.Article) pages.Article {
	finished := syndication.Finish(*a)
	v := newArticleView(d, &finished)
	v.Minutes = minutes(a)
	v.Tags = tags(a, v.Topics)
	if finished.Rights.Policy == newswire.PolicyFull && finished.Content != "" {
		v.Whole = pages.Whole(finished.Content, func(address string) string { return d.picture(a, address) })
	}
	return v
}

// newArticleView shows an article that went through [syndication.Finish], so that no more than its terms allow is seen.
func newArticleView(d *Directory, a *newswire.Article) pages.Article {
	v := pages.Article{
		Title:     a.Title,
		URL:       text.URL(a.URL),
		Page:      d.base() + "/articles/" + a.ID,
		Language:  a.Language,
		Publisher: a.Publisher.Title,
		Source:    d.base() + "/" + string(newswire.SourceTopic(a.Source)),
		Date:      a.Published,
		Listed:    a.Listed,
		Rights:    a.Rights,
		License:   text.URL(a.Rights.License),
		Licenses:  text.Licenses(a),
		Picture:   d.leadPicture(a),
		Media:     media(a),
		Topics:    d.categoryLinks(a),
	}
	if name, _ := d.name(newswire.SourceTopic(a.Source)); name != "" {
		v.Publisher = name
	}
	if v.Publisher == "" {
		v.Publisher = a.Source
	}
	if v.Date.IsZero() {
		v.Date = a.Listed
	}
	if a.Rights.Policy != newswire.PolicyTitle {
		if v.Excerpt = excerpt(a.Summary); v.Excerpt == "" {
			v.Excerpt = excerpt(a.Content)
		}
	}
	if v.Title == "" {
		v.Title, v.Excerpt = v.Excerpt, ""
	}
	if v.Title == "" {
		v.Title = v.URL
	}
	v.Authors = d.people(a.Authors)
	return v
}

func (d *Directory) people(authors []newswire.Person) []pages.Person {
	var people []pages.Person
	for _, p := range authors {
		if p.Name == "" {
			continue
		}
		person := pages.Person{Name: p.Name}
		if p.ID != "" {
			person.Page = d.base() + "/" + string(newswire.AuthorTopic(p.ID))
		}
		people = append(people, person)
	}
	return people
}

// excerpt is the beginning of clean HTML as one line of plain text.
func excerpt(fragment string) string {
	short, cut := text.Cut(text.Plain(fragment), excerptLength)
	if cut {
		short += " …"
	}
	return short
}

// categoryLinks lead to the operator's categories that an article is in.
func (d *Directory) categoryLinks(a *newswire.Article) []pages.Link {
	var links []pages.Link
	for _, id := range a.Categories {
		topic := newswire.CategoryTopic(id)
		if name, known := d.name(topic); known {
			links = append(links, pages.Link{Name: cmp.Or(name, id), Page: d.base() + "/" + string(topic)})
		}
	}
	return links
}

// mostTags bounds the publisher's words on an article's page.
const mostTags = 12

// tags are the publisher's own words for an article, without those that links say already.
func tags(a *newswire.Article, links []pages.Link) []string {
	var said []string
	for _, t := range a.Terms {
		tag := newswire.Line(cmp.Or(t.Label, t.Term))
		same := func(s string) bool { return strings.EqualFold(s, tag) }
		if tag == "" || slices.ContainsFunc(said, same) || slices.ContainsFunc(links, func(l pages.Link) bool { return same(l.Name) }) {
			continue
		}
		if said = append(said, tag); len(said) == mostTags {
			break
		}
	}
	return said
}

// mostMedia bounds the recordings of an article.
const mostMedia = 4

// media are the recordings and films of an article.
func media(a *newswire.Article) []pages.Media {
	var list []pages.Media
	for _, e := range a.Enclosures {
		kind, _, _ := strings.Cut(strings.ToLower(e.Type), "/")
		address := text.URL(e.URL)
		if address == "" || kind != "audio" && kind != "video" || len(list) == mostMedia {
			continue
		}
		list = append(list, pages.Media{
			Kind: kind, URL: address, Type: e.Type, Title: newswire.Line(e.Title), Duration: e.Duration, Bytes: e.Length,
		})
	}
	return list
}

// picture is where a picture of an article comes from on our pages; empty where it is not shown.
func (d *Directory) picture(a *newswire.Article, address string) string {
	address = text.URL(address)
	u, err := url.Parse(address)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" {
		return ""
	}
	switch d.Pictures {
	case PicturesDirectly:
		return address
	case PicturesByProxy:
		return d.base() + picturesPath + pictures.Name(address) + "/" + a.ID
	default:
		return ""
	}
}

// picturesOf are the addresses of the pictures that pages show of an article.
func picturesOf(a *newswire.Article) []string {
	var addresses []string
	add := func(address string) {
		if address = text.URL(address); address != "" {
			addresses = append(addresses, address)
		}
	}
	add(a.Publisher.Icon)
	if a.Rights.Policy == newswire.PolicyTitle {
		return addresses
	}
	if a.Image != nil {
		add(a.Image.URL)
	}
	if a.Rights.Policy == newswire.PolicyFull {
		for _, address := range pages.PicturesIn(a.Content) {
			add(address)
		}
	}
	return addresses
}

// leadPicture is an article's own picture; nil for none.
func (d *Directory) leadPicture(a *newswire.Article) *pages.Picture {
	if a.Image == nil || a.Rights.Policy == newswire.PolicyTitle {
		return nil
	}
	address := d.picture(a, a.Image.URL)
	if address == "" {
		return nil
	}
	return &pages.Picture{
		URL: address, Width: max(0, a.Image.Width), Height: max(0, a.Image.Height),
		Alt: newswire.Line(a.Image.Title), Credit: newswire.Line(a.Image.Credit),
	}
}

// publisher is who publishes a source, in the words of the newest of its articles; nil where there is none.
func (d *Directory) publisher(articles []newswire.Article) *pages.Publisher {
	if len(articles) == 0 {
		return nil
	}
	a := &articles[0]
	p := &pages.Publisher{Name: a.Publisher.Title, Subtitle: newswire.Line(a.Publisher.Subtitle), URL: text.URL(a.Publisher.URL)}
	if s := d.source(a.Source); s != nil {
		p.Name, p.URL = cmp.Or(s.Name, p.Name), cmp.Or(p.URL, text.URL(s.Site))
	}
	p.Name = cmp.Or(p.Name, a.Source)
	if icon := d.picture(a, a.Publisher.Icon); icon != "" {
		p.Icon = &pages.Picture{URL: icon, Width: 24, Height: 24}
	}
	return p
}

// fares says for readers how a source fares, by when its articles were listed. It is empty where these are too few to tell.
func (d *Directory) fares(articles []newswire.Article) string {
	const few = 3
	if len(articles) < few {
		return ""
	}
	newest, oldest := articles[0].Listed, articles[len(articles)-1].Listed
	const week = 7 * 24 * time.Hour
	span := max(newest.Sub(oldest), 24*time.Hour)
	rate := float64(len(articles)-1) * float64(week) / float64(span)
	w := d.words()
	if rate < 0.95 {
		return w.Text("fares.rare", "date", w.Day(newest))
	}
	return strings.ReplaceAll(w.Count("fares.week", int(rate+0.5)), "{date}", w.Day(newest))
}

// mostRelated bounds the topics of a kind beside a list.
const mostRelated = 12

// related are the topics of the articles in a list, those with the most articles first.
func (d *Directory) related(topic newswire.Topic, articles []newswire.Article) []pages.Group {
	w := d.words()
	kind := topic.Kind()
	var groups []pages.Group
	add := func(id, name string, found *tally) {
		if links := found.links(d.base()); len(links) > 0 {
			groups = append(groups, pages.Group{ID: id, Name: name, Links: links})
		}
	}
	sources, people, categories := &tally{}, &tally{}, &tally{}
	for i := range articles {
		a := &articles[i]
		sources.add(newswire.SourceTopic(a.Source), d.sourceName(a.Source, articles[i:]))
		for _, p := range a.Authors {
			if p.ID != "" && p.Name != "" {
				people.add(newswire.AuthorTopic(p.ID), p.Name)
			}
		}
		for _, id := range a.Categories {
			if name, known := d.name(newswire.CategoryTopic(id)); known {
				categories.add(newswire.CategoryTopic(id), cmp.Or(name, id))
			}
		}
	}
	if kind == newswire.KindAuthor {
		add("outlets", w.Text("outlets"), sources)
	} else if kind != newswire.KindSource {
		add("sources", w.Text("sources"), sources)
	}
	if kind != newswire.KindAuthor {
		add("authors", w.Text("authors"), people)
	}
	if kind != newswire.KindCategory {
		add("categories", w.Text("categories"), categories)
	}
	return groups
}

// tally counts topics, by the order in which they are met.
type tally struct {
	topics []newswire.Topic
	names  map[newswire.Topic]string
	counts map[newswire.Topic]int
}

func (t *tally) add(topic newswire.Topic, name string) {
	if t.counts == nil {
		t.names, t.counts = map[newswire.Topic]string{}, map[newswire.Topic]int{}
	}
	if t.counts[topic]++; t.counts[topic] == 1 {
		t.topics = append(t.topics, topic)
		t.names[topic] = name
	}
}

func (t *tally) links(base string) []pages.Link {
	topics := slices.Clone(t.topics)
	slices.SortStableFunc(topics, func(a, b newswire.Topic) int { return cmp.Compare(t.counts[b], t.counts[a]) })
	links := make([]pages.Link, min(len(topics), mostRelated))
	for i := range links {
		links[i] = pages.Link{Name: t.names[topics[i]], Page: base + "/" + string(topics[i])}
	}
	return links
}
