package ninjs_test

import (
	"bytes"
	"cmp"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication"
	"github.com/newswire/newswire/syndication/internal/feedtest"
	"github.com/newswire/newswire/syndication/ninjs"
)

// schema is the IPTC's own. The test is skipped without it.
func schema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	path := filepath.Join(cmp.Or(os.Getenv("NEWSWIRE_SHARED"), "../../../shared"), "schemas/ninjs-3.1.json")
	text, err := os.ReadFile(path)
	if err != nil {
		t.Skipf("not validated: no schema: %v", err)
	}
	document, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	for address, resource := range map[string]any{
		"https://geojson.org/schema/GeoJSON.json": map[string]any{}, // of places, which no item of ours has
		"ninjs.json": document,
	} {
		if err := c.AddResource(address, resource); err != nil {
			t.Fatal(err)
		}
	}
	return c.MustCompile("ninjs.json")
}

func TestItemsKeepToTheSchema(t *testing.T) {
	schema := schema(t)
	for name, f := range feedtest.Samples() {
		for i := range f.Articles {
			for _, policy := range []newswire.Policy{newswire.PolicyFull, newswire.PolicyExcerpt, newswire.PolicyTitle} {
				a := f.Articles[i]
				a.Rights.Policy, a.Rights.Usage = policy, "search=y, train-ai=n"
				a = syndication.Finish(a)
				b, err := json.Marshal(ninjs.New(&a, feedtest.Site))
				if err != nil {
					t.Fatal(err)
				}
				value, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
				if err != nil {
					t.Fatal(err)
				}
				if err := schema.Validate(value); err != nil {
					t.Errorf("%s, article %d, %s: %v\n%s", name, i, policy, err, b)
				}
			}
		}
	}
}

func TestItem(t *testing.T) {
	a := feedtest.Rich()
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", " ")
	if err := encoder.Encode(ninjs.New(&a, feedtest.Site)); err != nil {
		t.Fatal(err)
	}
	feedtest.Golden(t, "rich.json", b.Bytes())
}

func TestItemSaysHowMuchIsThere(t *testing.T) {
	for policy, want := range map[newswire.Policy]string{
		newswire.PolicyFull: "full", newswire.PolicyExcerpt: "partial", newswire.PolicyTitle: "partial",
	} {
		a := feedtest.Rich()
		a.Rights.Policy = policy
		a = syndication.Finish(a)
		it := ninjs.New(&a, feedtest.Site)
		if it.RepresentationType != want {
			t.Errorf("%s: representationType %q, want %q", policy, it.RepresentationType, want)
		}
		if whole := len(it.Bodies) > 0 && strings.Contains(it.Bodies[0].Value, "at length"); whole != (policy == newswire.PolicyFull) {
			t.Errorf("%s: the whole text is there: %v", policy, whole)
		}
	}
}
