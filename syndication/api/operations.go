package api

import (
	"net/http"
	"reflect"
	"slices"

	"github.com/newswire/newswire/syndication/jsonfeed"
	"github.com/newswire/newswire/syndication/ninjs"
)

// operation is one thing that can be asked: how it is described, and what answers.
type operation struct {
	path       string // below Path
	name       string // the operation's ID in the description
	summary    string
	doc        string
	parameters []*parameter
	answers    []shape
	problems   []string // their names, besides those that every operation has
	serve      func(c *call) error
}

// shape is what an operation answers with.
type shape struct {
	mediaType string
	value     reflect.Type // nil for what has no schema
}

// shaped is a shape in JSON.
func shaped[T any](mediaType string) shape { return shape{mediaType, reflect.TypeFor[T]()} }

// feedItem and ninjsItem are the two forms of an article.
type (
	feedItem  = jsonfeed.Item
	ninjsItem = ninjs.Item
)

const listAfter = "The next of the answer before. Without it, from the newest."

// operations is the table of all there is.
func operations() []operation {
	return slices.Concat(ofArticles(), ofChanges(), ofListings(), ofDescriptions())
}

func ofArticles() []operation {
	return []operation{
		{
			path: "articles", name: "listArticles", summary: "Articles, newest first",
			doc: "A page may hold fewer articles than limit, and even none, while there is a next one. " +
				"Paging neither skips nor repeats an article while others arrive.",
			parameters: []*parameter{topicParameter, limitParameter, afterParameter(listAfter)}, serve: articles,
			answers: []shape{shaped[ItemPage[feedItem]](jsonType), shaped[ItemPage[ninjsItem]](ninjs.MediaType)},
		},
		{
			path: "articles/{id}", name: "getArticle", summary: "One article",
			serve: article, problems: []string{"withdrawn"},
			answers: []shape{shaped[feedItem](jsonType), shaped[ninjsItem](ninjs.MediaType)},
		},
		{
			path: "articles/{id}/revisions", name: "listRevisions", summary: "What an article was before it was corrected",
			doc:   "Oldest first; the last is the article as it is. Kept are the first and the last ten before that.",
			serve: revisions, problems: []string{"withdrawn"},
			answers: []shape{shaped[Items[feedItem]](jsonType), shaped[Items[ninjsItem]](ninjs.MediaType)},
		},
	}
}

func ofChanges() []operation {
	return []operation{
		{
			path: "changes", name: "listChanges", summary: "What has changed after a cursor, oldest first",
			doc: "Without after, no changes and the cursor to begin at. Remember next and ask after it: no change is missed or told twice. " +
				"A snapshot is: changes without after, then all pages of articles, then changes after the cursor.",
			parameters: []*parameter{
				afterParameter("The next of the answer before, or the cursor of a change."), limitParameter, waitParameter,
			},
			serve: changes, problems: []string{"cursor-gone"},
			answers: []shape{shaped[ChangePage[feedItem]](jsonType), shaped[ChangePage[ninjsItem]](ninjs.MediaType)},
		},
		{
			path: "changes/stream", name: "streamChanges", summary: "Changes as they come, as server-sent events",
			doc: "The id of an event is its cursor, and its data a change as listChanges has it. Last-Event-ID, or after, resumes. " +
				"A comment every 15 seconds keeps the connection. An event named resync ends a stream whose cursor is gone.",
			parameters: []*parameter{afterParameter("The cursor to resume after. The field Last-Event-ID comes first.")},
			serve:      stream, problems: []string{"cursor-gone"},
			answers: []shape{{mediaType: streamType}},
		},
	}
}

func ofListings() []operation {
	return []operation{
		{
			path: "categories", name: "listCategories", summary: "The operator's categories",
			serve: categories, answers: []shape{shaped[Listings](jsonType)},
		},
		{
			path: "authors", name: "listAuthors", summary: "Authors of whom there are articles, by ID",
			parameters: []*parameter{limitParameter, afterParameter("The next of the answer before.")},
			serve:      authors, answers: []shape{shaped[Listings](jsonType)},
		},
		{
			path: "sources", name: "listSources", summary: "The publishers' feeds and pages that articles are taken from",
			serve: sources, answers: []shape{shaped[Listings](jsonType)},
		},
		{
			path: "usage", name: "getUsage", summary: "What the asking partner used, by day",
			serve: usage, answers: []shape{shaped[UsageReport](jsonType)},
		},
	}
}

func ofDescriptions() []operation {
	return []operation{
		{
			path: "problems/{name}", name: "describeProblem", summary: "A kind of problem, at the address that is its type",
			serve: describeProblem, answers: []shape{shaped[Problem](jsonType)},
		},
		{
			path: "openapi.json", name: "describeAsJSON", summary: "This description", serve: describe(descriptionJSON),
			answers: []shape{{mediaType: jsonType}},
		},
		{
			path: "openapi.yaml", name: "describeAsYAML", summary: "This description in YAML", serve: describe(descriptionYAML),
			answers: []shape{{mediaType: yamlType}},
		},
	}
}

// unknown answers everywhere else.
func unknown(*call) error { return &fault{kind: "not-found"} }

var _ http.Handler = (*API)(nil)
