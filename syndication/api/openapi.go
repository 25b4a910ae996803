package api

import (
	"encoding/json"
	"net/http"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/newswire/newswire"
)

const yamlType = "application/yaml"

// version is that of the API. A new major version would have another Path.
const version = "1.0.0"

// The two forms of the description.
const (
	descriptionJSON = iota
	descriptionYAML
	descriptions
)

var descriptionTypes = [descriptions]string{jsonType, yamlType}

// description is the API as OpenAPI 3.1, in both forms.
type description [descriptions][]byte

// describe answers with the description.
func describe(as int) func(c *call) error {
	return func(c *call) error {
		site := c.settings.Site
		d, ok := c.api.described.Load(site)
		if !ok {
			made, err := newDescription(site)
			if err != nil {
				return &fault{kind: "internal", cause: err}
			}
			d, _ = c.api.described.LoadOrStore(site, made)
		}
		return c.respond(descriptionTypes[as], d.(*description)[as])
	}
}

func newDescription(site newswire.Site) (*description, error) {
	o := newOpenAPI(site)
	var d description
	var err error
	if d[descriptionJSON], err = json.Marshal(o); err != nil {
		return nil, err
	}
	d[descriptionYAML], err = o.YAML()
	return &d, err
}

// newOpenAPI makes the description of the table of operations.
func newOpenAPI(site newswire.Site) *huma.OpenAPI {
	schemas := huma.NewMapRegistry("#/components/schemas/", schemaName)
	o := &huma.OpenAPI{
		OpenAPI: "3.1.0",
		Info: &huma.Info{
			Title: site.Title, Version: version,
			Description: "Articles and the log of their changes, for partner sites. Without a key an answer has what public feeds have.",
		},
		Servers: []*huma.Server{{URL: site.URL}},
		Components: &huma.Components{
			Schemas:         schemas,
			SecuritySchemes: map[string]*huma.SecurityScheme{"key": {Type: "http", Scheme: "bearer", Description: "A partner's key."}},
		},
		Security: []map[string][]string{{}, {"key": {}}},
	}
	if site.Contact != "" {
		o.Info.Contact = &huma.Contact{Email: site.Contact}
	}
	for _, op := range operations() {
		o.AddOperation(op.describe(schemas))
	}
	for _, s := range schemas.Map() {
		open(s)
	}
	return o
}

// schemaName names a schema by its type, and tells the types of ninjs from those of JSON Feed.
func schemaName(t reflect.Type, hint string) string {
	name := huma.DefaultSchemaNamer(t, hint)
	for t.Kind() == reflect.Pointer || t.Kind() == reflect.Slice {
		t = t.Elem()
	}
	const pkg = "syndication/ninjs"
	if strings.HasSuffix(t.PkgPath(), pkg) || strings.Contains(t.Name(), pkg) {
		return "Ninjs" + name
	}
	return name
}

// open lets objects have keys that a later version adds.
func open(s *huma.Schema) {
	if s == nil {
		return
	}
	if s.AdditionalProperties == false {
		s.AdditionalProperties = nil
	}
	if s.Type == huma.TypeArray {
		s.Nullable = false // a list without entries is left out, or is empty
	}
	open(s.Items)
	for _, p := range s.Properties {
		open(p)
	}
}

// describe is the operation in the description.
func (op *operation) describe(schemas huma.Registry) *huma.Operation {
	d := &huma.Operation{
		Method: http.MethodGet, Path: Path + op.path, OperationID: op.name, Summary: op.summary, Description: op.doc,
		Responses: map[string]*huma.Response{},
	}
	if strings.Contains(op.path, "{id}") {
		d.Parameters = append(d.Parameters, &huma.Param{
			Name: "id", In: "path", Required: true, Description: "The article's ID, as in _newswire.id.",
			Schema: &huma.Schema{Type: huma.TypeString, Pattern: "^[a-z0-9][a-z0-9._-]{0,127}$"},
		})
	}
	if strings.Contains(op.path, "{name}") {
		d.Parameters = append(d.Parameters, &huma.Param{
			Name: "name", In: "path", Required: true, Description: "The last segment of a problem's type.", Schema: &huma.Schema{Type: huma.TypeString},
		})
	}
	for _, p := range op.parameters {
		d.Parameters = append(d.Parameters, &huma.Param{Name: p.name, In: "query", Description: p.doc, Schema: p.schema()})
	}
	content := map[string]*huma.MediaType{}
	for _, s := range op.answers {
		content[s.mediaType] = &huma.MediaType{}
		if s.value != nil {
			content[s.mediaType].Schema = schemas.Schema(s.value, true, op.name)
		}
	}
	d.Responses["200"] = &huma.Response{Description: op.summary, Content: content, Headers: headers("ETag", "Link", "Content-Usage", "RateLimit", "RateLimit-Policy")}
	d.Responses["304"] = &huma.Response{Description: "The client has it: If-None-Match names it.", Headers: headers("ETag")}
	problem := shaped[Problem](problemType)
	for _, name := range slices.Concat(common, op.problems) {
		k := kinds[name]
		d.Responses[strconv.Itoa(k.status)] = &huma.Response{
			Description: k.title,
			Content:     map[string]*huma.MediaType{problemType: {Schema: schemas.Schema(problem.value, true, "Problem")}},
		}
		switch k.status {
		case http.StatusTooManyRequests, http.StatusServiceUnavailable:
			d.Responses[strconv.Itoa(k.status)].Headers = headers("Retry-After")
		case http.StatusUnauthorized:
			d.Responses[strconv.Itoa(k.status)].Headers = headers("WWW-Authenticate")
		}
	}
	return d
}

// fields are the header fields of answers that the description names.
var fields = map[string]string{
	"ETag":             "Of the answer, strong.",
	"Link":             "rel=license: the licence that all articles in the answer are under, where they have one.",
	"Content-Usage":    "What machines may do with all articles in the answer (AI Preferences), where their publishers say so: what one of them denies is denied.",
	"RateLimit":        "With a key: what is left of its rate (r, requests), and when all is there again (t, seconds).",
	"RateLimit-Policy": "With a key: its rate (q requests in w seconds).",
	"Retry-After":      "Seconds to wait before asking again.",
	"WWW-Authenticate": "Bearer.",
}

func headers(names ...string) map[string]*huma.Param {
	out := map[string]*huma.Param{}
	for _, name := range names {
		out[name] = &huma.Param{Description: fields[name], Schema: &huma.Schema{Type: huma.TypeString}}
	}
	return out
}

// common are the problems that every operation has.
var common = []string{
	"invalid-parameter", "unauthorized", "forbidden", "not-found", "not-acceptable", "too-many-requests", "internal", "unavailable",
}
