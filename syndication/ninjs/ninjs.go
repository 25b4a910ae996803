// Package ninjs writes articles as IPTC ninjs 3.1 (https://iptc.org/std/ninjs/), the news agencies' form of an item in
// JSON.
//
//	item := ninjs.New(&article, site)
//
// An article has to go through syndication.Finish first, which decides how much of its text there is. What ninjs has no
// property for (the publisher's own description of its feed) is left to JSON Feed and its _newswire object. Everything is
// a pure function of the article and the site.
package ninjs

import (
	"cmp"
	"strconv"
	"strings"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/text"
)

// MediaType is what a reader asks for with Accept.
const MediaType = "application/ninjs+json"

// Item is a ninjs object.
type Item struct {
	URI                string        `json:"uri" format:"uri" doc:"The publisher's guid or atom:id, as a URI."`
	Type               string        `json:"type,omitempty" enum:"text,audio,video,picture,graphic,composite,component,event,planning"`
	RepresentationType string        `json:"representationType,omitempty" enum:"full,partial" doc:"Whether the whole text is here."`
	Version            string        `json:"version,omitempty" doc:"The article's revision."`
	FirstCreated       string        `json:"firstCreated,omitempty" format:"date-time"`
	VersionCreated     string        `json:"versionCreated,omitempty" format:"date-time"`
	ContentCreated     string        `json:"contentCreated,omitempty" format:"date-time"`
	PubStatus          string        `json:"pubStatus,omitempty" enum:"usable,withheld,canceled"`
	CopyrightHolder    string        `json:"copyrightHolder,omitempty"`
	CopyrightNotice    string        `json:"copyrightNotice,omitempty"`
	Language           string        `json:"language,omitempty"`
	Title              string        `json:"title,omitempty"`
	By                 string        `json:"by,omitempty"`
	Headlines          []Text        `json:"headlines,omitempty"`
	Descriptions       []Text        `json:"descriptions,omitempty"`
	Bodies             []Text        `json:"bodies,omitempty"`
	People             []Person      `json:"people,omitempty"`
	InfoSources        []InfoSource  `json:"infoSources,omitempty"`
	Subjects           []Subject     `json:"subjects,omitempty"`
	Renditions         []Rendition   `json:"renditions,omitempty"`
	Associations       []Association `json:"associations,omitempty"`
	AltIDs             []AltID       `json:"altIds,omitempty"`
	RightsInfo         *RightsInfo   `json:"rightsInfo,omitempty"`

	// UsageTerms is what machines may do with the article.
	UsageTerms newswire.Usage `json:"usageTerms,omitempty" doc:"What machines may do with the article: a statement of AI Preferences, such as train-ai=n."`

	Standard Standard `json:"standard"`
}

// Text is a headline, a description or a body.
type Text struct {
	Role        string `json:"role,omitempty"`
	ContentType string `json:"contentType,omitempty"`
	Value       string `json:"value"`
}

// Person is an author or a contributor.
type Person struct {
	Name        string    `json:"name,omitempty"`
	Rel         string    `json:"rel,omitempty" doc:"author or contributor"`
	URI         string    `json:"uri,omitempty" format:"uri"`
	Literal     string    `json:"literal,omitempty" doc:"The ID of the author's topic here: author/ID."`
	ContactInfo []Contact `json:"contactInfo,omitempty"`
}

// InfoSource is the publisher, or where the publisher took the article from.
type InfoSource struct {
	Name        string    `json:"name,omitempty"`
	Role        string    `json:"role,omitempty" doc:"publisher or originator"`
	URI         string    `json:"uri,omitempty" format:"uri"`
	Literal     string    `json:"literal,omitempty" doc:"The ID of the source here."`
	ContactInfo []Contact `json:"contactInfo,omitempty"`
}

// Contact is a way to reach a person.
type Contact struct {
	Type  string `json:"type,omitempty"`
	Role  string `json:"role,omitempty"`
	Value string `json:"value"`
}

// Subject is a category of the operator's, or one in the publisher's own words.
type Subject struct {
	Name    string `json:"name,omitempty"`
	Rel     string `json:"rel,omitempty" doc:"category (ours) or term (the publisher's)"`
	URI     string `json:"uri,omitempty" format:"uri"`
	Literal string `json:"literal,omitempty"`
}

// Rendition is an address at which something can be had.
type Rendition struct {
	Name        string  `json:"name"`
	Href        string  `json:"href,omitempty" format:"uri"`
	ContentType string  `json:"contentType,omitempty"`
	Title       string  `json:"title,omitempty"`
	Width       int     `json:"width,omitempty"`
	Height      int     `json:"height,omitempty"`
	SizeInBytes int64   `json:"sizeInBytes,omitempty"`
	Duration    float64 `json:"duration,omitempty"`
}

// Association is a picture, a recording or a link that belongs to the article: a ninjs object of its own.
type Association struct {
	Name       string      `json:"name"`
	Rel        string      `json:"rel,omitempty"`
	URI        string      `json:"uri" format:"uri"`
	Type       string      `json:"type,omitempty" enum:"text,audio,video,picture,graphic,composite,component,event,planning"`
	Title      string      `json:"title,omitempty"`
	By         string      `json:"by,omitempty"`
	Renditions []Rendition `json:"renditions,omitempty"`
}

// AltID is another name of the article.
type AltID struct {
	Role  string `json:"role" doc:"newswire (our own ID) or guid (the publisher's, unchanged)"`
	Value string `json:"value"`
}

// RightsInfo leads to the article's licence.
type RightsInfo struct {
	LinkedRights string `json:"linkedRights" format:"uri"`
}

// Standard says what an item keeps to.
type Standard struct {
	Name    string `json:"name"`
	Version string `json:"version"`
	Schema  string `json:"schema" format:"uri"`
}

var standard = Standard{Name: "ninjs", Version: "3.1", Schema: "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json#"}

const htmlType = "text/html"

// New makes an item of an article.
func New(article *newswire.Article, site newswire.Site) Item {
	a := text.Article(article)
	it := Item{
		URI:                cmp.Or(text.URI(a.AtomID), text.URI(a.GUID), site.URL+"/articles/"+a.ID),
		Type:               "text",
		RepresentationType: representation(a.Rights.Policy),
		Version:            strconv.Itoa(a.Revision),
		FirstCreated:       cmp.Or(text.RFC3339(a.Published), text.RFC3339(a.FirstSeen)),
		VersionCreated:     text.RFC3339(a.Modified()),
		ContentCreated:     text.RFC3339(a.Published),
		PubStatus:          "usable",
		CopyrightNotice:    text.Rights(a),
		Language:           text.Language(a.Language),
		Title:              newswire.Line(a.Title),
		By:                 byline(a.Authors),
		People:             people(a),
		InfoSources:        infoSources(a),
		Subjects:           subjects(a, site),
		Associations:       associations(a),
		AltIDs:             []AltID{{"newswire", a.ID}, {"guid", a.GUID}},
		UsageTerms:         a.Rights.Usage,
		Standard:           standard,
	}
	if it.Title != "" {
		it.Headlines = []Text{{Role: "main", ContentType: "text/plain", Value: it.Title}}
	}
	if a.Summary != "" {
		it.Descriptions = []Text{{Role: "summary", ContentType: htmlType, Value: a.Summary}}
	}
	if a.Content != "" {
		it.Bodies = []Text{{Role: "main", ContentType: htmlType, Value: a.Content}}
	}
	if u := text.URL(a.URL); u != "" {
		it.Renditions = []Rendition{{Name: "web", Href: u, ContentType: htmlType}}
	}
	if u := text.License(a); u != "" {
		it.RightsInfo = &RightsInfo{LinkedRights: u}
	}
	return it
}

func representation(p newswire.Policy) string {
	if p == newswire.PolicyFull {
		return "full"
	}
	return "partial"
}

func byline(authors []newswire.Person) string {
	var names []string
	for _, p := range authors {
		if name := text.Name(p); name != "" {
			names = append(names, name)
		}
	}
	return strings.Join(names, ", ")
}

func people(a *newswire.Article) []Person {
	var out []Person
	for rel, persons := range [][]newswire.Person{a.Authors, a.Contributors} {
		for _, p := range persons {
			if name := text.Name(p); name != "" {
				out = append(out, person(name, []string{"author", "contributor"}[rel], p))
			}
		}
	}
	return out
}

func person(name, rel string, p newswire.Person) Person {
	out := Person{Name: name, Rel: rel, URI: text.URL(p.URL), Literal: p.ID}
	if mail := text.Mail(p.Email); mail != "" {
		out.ContactInfo = []Contact{{Type: "email", Value: mail}}
	}
	return out
}

// infoSources are the publisher, with the address for complaints, and where the publisher took the article from.
func infoSources(a *newswire.Article) []InfoSource {
	publisher := InfoSource{
		Name: newswire.Line(a.Publisher.Title), Role: "publisher", Literal: a.Source,
		URI: cmp.Or(text.URL(a.Publisher.URL), text.URL(a.Publisher.FeedURL)),
	}
	if contact := newswire.Line(a.Rights.Contact); contact != "" {
		publisher.ContactInfo = []Contact{{Role: "complaints", Value: contact}}
	}
	out := []InfoSource{publisher}
	if up := a.Upstream; up != nil {
		out = append(out, InfoSource{Name: newswire.Line(up.Title), Role: "originator", URI: cmp.Or(text.URL(up.URL), text.URL(up.FeedURL))})
	}
	return out
}

func subjects(a *newswire.Article, site newswire.Site) []Subject {
	var out []Subject
	for _, id := range a.Categories {
		out = append(out, Subject{Rel: "category", Literal: id, URI: text.URI(site.CategoryScheme() + id)})
	}
	for _, t := range a.Terms {
		if term := newswire.Line(t.Term); term != "" {
			out = append(out, Subject{Name: cmp.Or(newswire.Line(t.Label), term), Rel: "term", Literal: term})
		}
	}
	return out
}
