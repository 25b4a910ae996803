package rss

import (
	"cmp"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/gorilla/feeds"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/mediarss"
	"github.com/newswire/newswire/syndication/internal/text"
)

// item is an article. The order of its fields is that of its elements: description goes before content:encoded,
// because some readers show the last of the two.
type item struct {
	Title       *textual   `xml:"title"`
	Link        string     `xml:"link,omitempty"`
	Description string     `xml:"description,omitempty"`
	Category    []category `xml:"category"`
	feeds.RssItem
	Updated         string              `xml:"atom:updated,omitempty"`
	Lang            string              `xml:"dc:language,omitempty"`
	Creator         []string            `xml:"dc:creator"`
	Contributor     []string            `xml:"dc:contributor"`
	MediaContent    []*mediarss.Content `xml:"media:content"`
	AtomLink        []link              `xml:"atom:link"`
	Rights          *textual            `xml:"dc:rights"`
	CreativeCommons []string            `xml:"creativeCommons:license"`
	Usage           *text.Usage         `xml:"newswire:usage"`
	Source          *source             `xml:"source"`
}

type category struct {
	Domain string `xml:"domain,attr,omitempty"`
	textual
}

type source struct {
	URL string `xml:"url,attr"`
	textual
}

func newItem(a *newswire.Article, site newswire.Site) item {
	it := item{
		Title: plain(a.Title),
		Link:  text.URL(a.URL),
		RssItem: feeds.RssItem{
			Comments: text.URL(a.Comments),
			Guid:     guid(a),
			PubDate:  cmp.Or(text.RFC822(a.Published), text.RFC822(a.Updated)),
		},
		Updated:     text.RFC3339(a.Updated),
		Contributor: names(a.Contributors),
		Category:    categories(a, site),
		Rights:      plain(text.Rights(a)),
		Usage:       text.NewUsage(a),
		Source:      newSource(&a.Publisher),
	}
	if lang := text.Language(a.Language); lang != text.Language(site.Language) {
		it.Lang = lang
	}
	it.Description, it.Content = body(a)
	if it.Description == "" && it.Title == nil { // an item has one or the other
		it.Title = plain(cmp.Or(it.Link, it.Guid.Id))
	}
	if it.Author = mailbox(a.Authors); it.Author == "" {
		it.Creator = names(a.Authors)
	}
	it.Enclosure, it.MediaContent = files(a)
	it.AtomLink = links(a)
	for _, license := range text.Licenses(a) {
		if strings.Contains(license, "//creativecommons.org/") {
			it.CreativeCommons = append(it.CreativeCommons, license)
		} else {
			it.AtomLink = append(it.AtomLink, link{Rel: "license", Href: license})
		}
	}
	return it
}

// body is the article's text: where there are two, the shorter as description and the whole as content:encoded.
func body(a *newswire.Article) (description string, content *feeds.RssContent) {
	switch {
	case a.Content == "":
		return a.Summary, nil
	case a.Summary == "":
		return a.Content, nil
	default:
		return a.Summary, &feeds.RssContent{Content: a.Content}
	}
}

// fewDigits is a guid that is bound to meet its like once feeds are merged.
var fewDigits = regexp.MustCompile(`^[0-9]{1,8}$`)

// guid is the publisher's, unchanged, unless it would hide another publisher's article from a reader: one that is an
// address of another site, or no more than a short number. Then it is the article's atom:id. See also distinct.
func guid(a *newswire.Article) *feeds.RssGuid {
	id := strings.TrimSpace(a.GUID)
	foreign := text.URL(id) != "" && text.URL(a.AtomID) == ""
	if id == "" || foreign || fewDigits.MatchString(id) {
		return &feeds.RssGuid{Id: cmp.Or(a.AtomID, a.ID), IsPermaLink: "false"}
	}
	return &feeds.RssGuid{Id: id, IsPermaLink: strconv.FormatBool(a.PermaLink && text.URL(id) == id)}
}

// distinct drops the guids that several articles of a feed have, for two publishers may number their articles alike, and
// a reader would take the one for the other. What is left to tell these articles by are their atom:ids, which differ.
func distinct(articles []newswire.Article) (changed []int) {
	given := make(map[string]int, len(articles))
	for i := range articles {
		given[guidOf(&articles[i])]++
	}
	for i := range articles {
		a := &articles[i]
		if a.GUID != "" && a.GUID != a.AtomID && given[guidOf(a)] > 1 {
			a.GUID = ""
			changed = append(changed, i)
		}
	}
	return changed
}

// guidOf is the guid as a reader will have it.
func guidOf(a *newswire.Article) string {
	return guid(&newswire.Article{GUID: text.Legal(a.GUID), AtomID: text.Legal(a.AtomID), ID: a.ID}).Id
}

// mailbox is what an author element holds: the mail address of the one author, with the name. It is empty if there is
// no such address, or several authors: RSS has room for one, and wants names in dc:creator or an address here, not both.
func mailbox(authors []newswire.Person) string {
	if len(authors) != 1 {
		return ""
	}
	name, mail := newswire.Line(authors[0].Name), text.Mail(authors[0].Email)
	if mail == "" || name == "" || strings.ContainsAny(name, `()<>[]@\",;:&`) {
		return ""
	}
	return mail + " (" + name + ")"
}

func names(persons []newswire.Person) []string {
	var out []string
	for _, p := range persons {
		if name := text.Name(p); name != "" {
			out = append(out, name)
		}
	}
	return out
}

// categories are the publisher's, each with its scheme as domain, then the operator's.
func categories(a *newswire.Article, site newswire.Site) []category {
	var out []category
	seen := map[newswire.Term]bool{}
	for _, t := range a.Terms {
		if t.Label = ""; seen[t] {
			continue
		}
		seen[t] = true
		if term := plain(t.Term); term != nil {
			out = append(out, category{Domain: newswire.Line(t.Scheme), textual: *term})
		}
	}
	for _, c := range a.Categories {
		if id := plain(c); id != nil {
			out = append(out, category{Domain: site.CategoryScheme(), textual: *id})
		}
	}
	return out
}

// newSource names the publisher's feed, by its address; nil when there is none.
func newSource(p *newswire.Publisher) *source {
	address := cmp.Or(text.URL(p.FeedURL), text.URL(p.URL))
	if address == "" {
		return nil
	}
	return &source{URL: address, textual: *plain(cmp.Or(newswire.Line(p.Title), address))}
}

// host is an enclosure's address as RSS wants it, over HTTP and from a host with a name.
var host = regexp.MustCompile(`^(?i:https?)://(?:[A-Za-z0-9-]+\.)+[A-Za-z0-9][A-Za-z0-9-]*(?::[0-9]+)?(?:/|$)`)

// files are the enclosure and what Media RSS has to add. RSS has room for one enclosure, so the first is it, and the
// others are media:content; so is the first where Media RSS can say more of it.
func files(a *newswire.Article) (*feeds.RssEnclosure, []*mediarss.Content) {
	var enclosure *feeds.RssEnclosure
	var media []*mediarss.Content
	if p := mediarss.Picture(a.Image); p != nil {
		media = append(media, p)
	}
	for i := range a.Enclosures {
		c := mediarss.File(&a.Enclosures[i])
		if c == nil {
			continue
		}
		if enclosure == nil && host.MatchString(c.URL) {
			enclosure = &feeds.RssEnclosure{
				Url:    c.URL,
				Length: strconv.FormatInt(c.FileSize, 10), // 0 is how RSS says unknown
				Type:   cmp.Or(c.Type, "application/octet-stream"),
			}
			if c.Title == nil && c.Duration == "" {
				continue
			}
		}
		media = append(media, c)
	}
	return enclosure, media
}

// links are further outlets and related pages. Where the publisher had the article from another feed, that is an outlet
// too: source names the publisher.
func links(a *newswire.Article) []link {
	given := a.Links
	if up := a.Upstream; up != nil {
		given = append(slices.Clip(given), newswire.Link{Rel: "via", URL: cmp.Or(up.URL, up.FeedURL), Title: up.Title})
	}
	var out []link
	for _, l := range given {
		if l.Rel != "via" && l.Rel != "related" {
			continue
		}
		if href := text.URL(l.URL); href != "" {
			out = append(out, link{Rel: l.Rel, Href: href, Type: text.MediaType(l.Type), Title: text.Attribute(l.Title)})
		}
	}
	return out
}
