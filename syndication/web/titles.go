package web

import (
	"slices"
	"strings"

	"github.com/newswire/newswire"
)

// titles are what a topic's feed is called in a reader's list, and what it says of itself. Articles are some of it.
func titles(d *Directory, topic newswire.Topic, name string, articles []newswire.Article) (title, subtitle string) {
	site := d.Site.Title
	switch topic.Kind() {
	case newswire.KindCategory:
		return name + " – " + site, "Articles on " + name + ", each with its publisher and its author."
	case newswire.KindAuthor:
		return name + " – " + site, "Articles by " + name + d.publishersOf(topic.ID(), articles) + "."
	case newswire.KindSource:
		return name + " – " + site, "Articles published by " + name + ", as republished by " + site + "."
	default:
		return site, "The newest articles of all publishers that " + site + " follows."
	}
}

// publishersOf says where an author's articles come from. The operator's author is known by a name at every publisher, or at
// some; every other author is one source's.
func (d *Directory) publishersOf(author string, articles []newswire.Article) string {
	i := slices.IndexFunc(d.Authors, func(a newswire.Author) bool { return a.ID == author })
	if i < 0 {
		if len(articles) == 0 {
			return ""
		}
		return " in " + d.sourceName(articles[0].Source, articles)
	}
	var sources []string
	for _, alias := range d.Authors[i].Aliases {
		if alias.Source != "" && !slices.Contains(sources, alias.Source) {
			sources = append(sources, alias.Source)
		}
	}
	if len(sources) == 0 || slices.ContainsFunc(d.Authors[i].Aliases, func(a newswire.Alias) bool { return a.Source == "" }) {
		return ", from every publisher that " + d.Site.Title + " follows"
	}
	for i, source := range sources {
		sources[i] = d.sourceName(source, articles)
	}
	last := len(sources) - 1
	if last == 0 {
		return " in " + sources[0]
	}
	return " in " + strings.Join(sources[:last], ", ") + " and " + sources[last]
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
