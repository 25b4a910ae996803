package web

import (
	"slices"

	"github.com/newswire/newswire"
)

// titles are what a topic's feed is called in a reader's list, and what it says of itself. Articles are some of it.
func titles(d *Directory, topic newswire.Topic, name string, articles []newswire.Article) (title, subtitle string) {
	site, w := d.Site.Title, d.words()
	switch topic.Kind() {
	case newswire.KindCategory:
		return name + " – " + site, w.Text("feed.category", "name", name)
	case newswire.KindAuthor:
		return name + " – " + site, d.byAuthor(topic.ID(), name, articles)
	case newswire.KindSource:
		return name + " – " + site, w.Text("feed.source", "name", name, "site", site)
	default:
		return site, w.Text("feed.all", "site", site)
	}
}

// byAuthor says whose articles a feed has, and where they come from. The operator's author is known by a name at every publisher,
// or at some; every other author is one source's.
func (d *Directory) byAuthor(author, name string, articles []newswire.Article) string {
	w := d.words()
	known := d.author(author)
	if known == nil {
		if len(articles) == 0 {
			return w.Text("feed.author", "name", name)
		}
		return w.Text("feed.author.in", "name", name, "sources", d.sourceName(articles[0].Source, articles))
	}
	var sources []string
	for _, alias := range known.Aliases {
		if alias.Source != "" && !slices.Contains(sources, alias.Source) {
			sources = append(sources, alias.Source)
		}
	}
	if len(sources) == 0 || slices.ContainsFunc(known.Aliases, func(a newswire.Alias) bool { return a.Source == "" }) {
		return w.Text("feed.author.everywhere", "name", name, "site", d.Site.Title)
	}
	for i, source := range sources {
		sources[i] = d.sourceName(source, articles)
	}
	return w.Text("feed.author.in", "name", name, "sources", w.List(sources))
}

// sourceName is what the operator calls a source, else what its articles do.
func (d *Directory) sourceName(source string, articles []newswire.Article) string {
	topic := newswire.SourceTopic(source)
	if name, _ := d.name(topic); name != "" {
		return name
	}
	from := slices.IndexFunc(articles, func(a newswire.Article) bool { return a.Source == source })
	if from < 0 {
		return source
	}
	return nameFrom(articles[from:from+1], topic)
}

// nameFrom is what the articles of a topic call it, when the operator does not: a source by the name in its newest article,
// an author by the usual spelling.
func nameFrom(articles []newswire.Article, topic newswire.Topic) string {
	id := topic.ID()
	switch topic.Kind() {
	case newswire.KindSource:
		for i := range articles {
			if title := articles[i].Publisher.Title; title != "" {
				return title
			}
		}
	case newswire.KindAuthor:
		if name := usualName(articles, id); name != "" {
			return name
		}
	}
	return id
}

// usualName is the spelling of an author's name that most articles have, and of equally usual ones that of the newest
// article. One in capitals throughout counts only where there is no other.
func usualName(articles []newswire.Article, id string) string {
	counts := map[string]int{}
	var names []string // in the order in which they come
	for i := range articles {
		for _, p := range articles[i].Authors {
			if p.ID == id && p.Name != "" {
				if counts[p.Name]++; counts[p.Name] == 1 {
					names = append(names, p.Name)
				}
			}
		}
	}
	var usual string
	for _, name := range names {
		loud, was := newswire.Loud(name), newswire.Loud(usual)
		if usual == "" || was && !loud || loud == was && counts[name] > counts[usual] {
			usual = name
		}
	}
	return usual
}
