package api_test

import (
	"bytes"
	"encoding/json"
	"mime"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/newswire/newswire/syndication/api"
)

// description is the API as it describes itself, with which its answers are compared.
type description struct {
	document map[string]any

	mu       sync.Mutex // guards compiler
	compiler *jsonschema.Compiler
}

// describe reads a server's description. Unlike clients, it refuses keys that are not described.
func describe(t testing.TB, s *server) *description {
	t.Helper()
	r := s.ask(t, http.MethodGet, "openapi.json")
	if r.StatusCode != http.StatusOK {
		t.Fatalf("no description: %d %s", r.StatusCode, r.body)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(r.body))
	if err != nil {
		t.Fatal(err)
	}
	d := &description{document: document.(map[string]any), compiler: jsonschema.NewCompiler()}
	d.compiler.AssertFormat()
	for _, s := range d.document["components"].(map[string]any)["schemas"].(map[string]any) {
		s.(map[string]any)["additionalProperties"] = false
	}
	if err := d.compiler.AddResource("openapi.json", document); err != nil {
		t.Fatal(err)
	}
	return d
}

// check holds an answer to a GET request to the description: its status, its media type and its body.
func (d *description) check(t testing.TB, path string, r reply) {
	t.Helper()
	path, _, _ = strings.Cut(path, "?")
	parts := strings.Split(path, "/")
	if name := map[string]string{"articles": "{id}", "problems": "{name}"}[parts[0]]; len(parts) > 1 && name != "" {
		parts[1] = name
	}
	path = api.Path + strings.Join(parts, "/")
	paths := d.document["paths"].(map[string]any)
	operation, ok := paths[path].(map[string]any)
	if !ok {
		if r.StatusCode != http.StatusNotFound {
			t.Errorf("%s = %d and is not described", path, r.StatusCode)
		}
		return
	}
	pointer := []string{"paths", path, "get", "responses", strconv.Itoa(r.StatusCode)}
	response, ok := operation["get"].(map[string]any)["responses"].(map[string]any)[strconv.Itoa(r.StatusCode)].(map[string]any)
	if !ok {
		t.Errorf("%s answers %d, which is not described", path, r.StatusCode)
		return
	}
	if r.StatusCode == http.StatusNotModified {
		if len(r.body) != 0 {
			t.Errorf("%s: a 304 with a body", path)
		}
		return
	}
	mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil {
		t.Errorf("%s: %v", path, err)
	}
	content, _ := response["content"].(map[string]any)
	media, ok := content[mediaType].(map[string]any)
	if !ok {
		t.Errorf("%s answers %d as %q, which is not described", path, r.StatusCode, mediaType)
		return
	}
	if media["schema"] != nil {
		d.validate(t, append(pointer, "content", mediaType, "schema"), r.body)
	}
}

// validate holds JSON to the schema at a place of the description.
func (d *description) validate(t testing.TB, pointer []string, body []byte) {
	t.Helper()
	var b strings.Builder
	for _, p := range pointer {
		b.WriteString("/" + strings.NewReplacer("~", "~0", "/", "~1", "{", "%7B", "}", "%7D").Replace(p))
	}
	d.mu.Lock()
	schema, err := d.compiler.Compile("openapi.json#" + b.String())
	d.mu.Unlock()
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		t.Errorf("%v: %v: %s", pointer, err, body)
		return
	}
	if err := schema.Validate(value); err != nil {
		t.Errorf("%v: %v\n%s", pointer, err, body)
	}
}

func TestTheDescriptionIsServedInBothForms(t *testing.T) {
	s := serve(t, openSQLite(t), api.Options{})
	asJSON, asYAML := s.get(t, "openapi.json"), s.get(t, "openapi.yaml")
	var d struct {
		OpenAPI string
		Paths   map[string]any
	}
	if err := json.Unmarshal(asJSON.body, &d); err != nil || !strings.HasPrefix(d.OpenAPI, "3.1") {
		t.Errorf("openapi.json is %q, %v", d.OpenAPI, err)
	}
	for path := range d.Paths {
		if !bytes.Contains(asYAML.body, []byte("\n  "+path+":\n")) {
			t.Errorf("openapi.yaml lacks %s", path)
		}
	}
	if got := asYAML.Header.Get("Content-Type"); got != "application/yaml" {
		t.Errorf("openapi.yaml is %q", got)
	}
}

func TestATypeOfProblemLeadsToItsDescription(t *testing.T) {
	s := serve(t, openSQLite(t), api.Options{})
	p := decode[api.Problem](t, s.get(t, "changes?after=x"), http.StatusBadRequest)
	name := p.Type[strings.LastIndexByte(p.Type, '/')+1:]
	if of := decode[api.Problem](t, s.get(t, "problems/"+name), http.StatusOK); of.Type != p.Type || of.Title != p.Title {
		t.Errorf("%s leads to %+v", p.Type, of)
	}
	decode[api.Problem](t, s.get(t, "problems/none"), http.StatusNotFound)
}
