package config

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"go.yaml.in/yaml/v4"
)

var update = flag.Bool("update", false, "write docs/config.md and newswire.schema.json")

const (
	schemaFile    = "../../../../newswire.schema.json"
	referenceFile = "../../../../docs/config.md"
)

// TestTheReferenceIsThatOfTheStructs has docs/config.md and the schema for editors say what the structs of file.go do.
func TestTheReferenceIsThatOfTheStructs(t *testing.T) {
	structs := readStructs(t)
	schema, err := json.MarshalIndent(structs.schema(), "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString(referenceHead)
	structs.reference(&b, "document", "")
	for file, want := range map[string]string{schemaFile: string(schema) + "\n", referenceFile: b.String()} {
		if *update {
			if err := os.WriteFile(file, []byte(want), 0o644); err != nil { //nolint:gosec // a file of the repository
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("%s is not what file.go says; run go test ./cmd/newswire/internal/config -update", file)
		}
	}
}

// TestTheExampleFitsTheSchema has the schema accept the example, and refuse what the checker refuses.
func TestTheExampleFitsTheSchema(t *testing.T) {
	compiled, err := jsonschema.NewCompiler().Compile(schemaFile)
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	valid := func(text string) error {
		var value any
		if err := yaml.Load([]byte(text), &value); err != nil {
			t.Fatal(err)
		}
		plain, err := json.Marshal(value)
		if err != nil {
			t.Fatal(err)
		}
		instance, err := jsonschema.UnmarshalJSON(bytes.NewReader(plain))
		if err != nil {
			t.Fatal(err)
		}
		return compiled.Validate(instance)
	}
	if err := valid(string(text)); err != nil {
		t.Errorf("the example does not fit: %v", err)
	}
	for _, good := range []string{"hub: off", "hub: {lease: 240h}", `sources: [{id: a, url: "https://a.example", rules: [{when: "true", do: drop}]}]`, `rules: [{when: "true", do: [hold, language de]}]`} {
		if err := valid(good); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{"sitte: {}", "site: {titel: T}", "memory: [1]", "hub: on", "defaults: {rights: {policy: all}}", "sources: {}", "fetch: {timeout: soon}"} {
		if valid(bad) == nil {
			t.Errorf("%s fits the schema", bad)
		}
	}
	if !strings.HasPrefix(string(text), "# yaml-language-server: $schema=newswire.schema.json\n") {
		t.Error("the example does not name its schema to editors")
	}
}

const referenceHead = `# Configuration

Every key of ` + "`newswire.yaml`" + `, made from the program's own structs. [newswire.example.yaml](../newswire.example.yaml) shows each
at its place, with more words; ` + "`newswire check`" + ` finds every mistake, and [newswire.schema.json](../newswire.schema.json) has
editors do so while you type:

    # yaml-language-server: $schema=https://raw.githubusercontent.com/newswire/newswire/main/newswire.schema.json

Durations are written as 90s, 15m or 720h; sizes as 512KiB or 15MB.

| Key | Type | |
|---|---|---|
`

// enums are the words that a key may have, where these are all.
var enums = map[string][]string{
	"rights.policy": {"full", "excerpt", "title"}, "rights.partners": {"full", "excerpt", "title"}, "partnerKeys.content": {"full", "excerpt", "title"},
	"settings.withdrawals": {"trust", "all", "ignore"}, "site.pictures": {"proxy", "direct", "off"},
}

// structs are those of file.go, by name.
type structs map[string][]key

// key is one of a struct's.
type key struct {
	name, doc, typ string
	inline         bool
}

func readStructs(t *testing.T) structs {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "file.go", nil, parser.ParseComments)
	if err != nil {
		t.Fatal(err)
	}
	all := structs{}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.TypeSpec); ok {
			if body, ok := spec.Type.(*ast.StructType); ok {
				all.add(t, spec.Name.Name, body)
			}
		}
		return true
	})
	return all
}

// add adds a struct, and those that stand in it without a name of their own.
func (s structs) add(t *testing.T, name string, body *ast.StructType) {
	t.Helper()
	for _, f := range body.Fields.List {
		if f.Tag == nil {
			continue
		}
		tag, _, _ := strings.Cut(reflect.StructTag(strings.Trim(f.Tag.Value, "`")).Get("yaml"), ",")
		k := key{name: tag, doc: strings.Join(strings.Fields(f.Doc.Text()), " "), inline: strings.Contains(f.Tag.Value, ",inline")}
		if inner, ok := f.Type.(*ast.StructType); ok {
			k.typ = name + "." + f.Names[0].Name
			s.add(t, k.typ, inner)
		} else {
			k.typ = typeOf(f.Type)
		}
		if tag == "-" {
			continue
		}
		if k.doc == "" && !k.inline {
			t.Errorf("%s.%s has no word of what it is", name, tag)
		}
		s[name] = append(s[name], k)
	}
}

func typeOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.StarExpr:
		return typeOf(e.X)
	case *ast.ArrayType:
		return "[]" + typeOf(e.Elt)
	case *ast.MapType:
		return "map " + typeOf(e.Value)
	case *ast.SelectorExpr:
		return "duration"
	}
	return "?"
}

// flat are the keys of a struct with those of the structs inlined in it.
func (s structs) flat(name string) []key {
	var keys []key
	for _, k := range s[name] {
		if k.inline {
			keys = append(keys, s.flat(k.typ)...)
			continue
		}
		keys = append(keys, k)
	}
	return keys
}

// owner is the struct that has a key itself.
func (s structs) owner(name, k string) string {
	for _, own := range s[name] {
		if own.inline {
			if found := s.owner(own.typ, k); found != "" {
				return found
			}
		} else if own.name == k {
			return name
		}
	}
	return ""
}

type object = map[string]any

func (s structs) schema() object {
	o := s.object("document")
	o["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	o["title"] = "newswire.yaml"
	return o
}

func (s structs) object(name string) object {
	properties := object{}
	for _, k := range s.flat(name) {
		p := s.value(k.typ)
		p["description"] = k.doc
		if words := enums[s.owner(name, k.name)+"."+k.name]; words != nil {
			p["enum"] = words
		}
		properties[k.name] = p
	}
	return object{"type": []string{"object", "null"}, "properties": properties, "additionalProperties": false}
}

func (s structs) value(typ string) object {
	switch typ {
	case "string":
		return object{"type": []string{"string", "null"}}
	case "bool":
		return object{"type": "boolean"}
	case "int":
		return object{"type": "integer"}
	case "float64":
		return object{"type": "number"}
	case "duration":
		return object{"type": []string{"string", "integer"}, "pattern": `^([0-9.]+(ns|us|µs|ms|s|m|h))+$`}
	case "actions":
		return object{"oneOf": []object{{"type": "string"}, {"type": "array", "items": object{"type": "string"}}}}
	case "hubKeys":
		return object{"oneOf": []object{{"const": "off"}, s.object(typ)}}
	}
	if of, list := strings.CutPrefix(typ, "[]"); list {
		return object{"type": []string{"array", "null"}, "items": s.value(of)}
	}
	if of, mapping := strings.CutPrefix(typ, "map "); mapping {
		return object{"type": []string{"object", "null"}, "additionalProperties": s.value(of)}
	}
	return s.object(typ)
}

// reference writes a row for each key, those of structs under the key that has them.
func (s structs) reference(b *strings.Builder, name, under string) {
	for _, k := range s.flat(name) {
		of := strings.TrimPrefix(strings.TrimPrefix(k.typ, "[]"), "map ")
		kind := map[string]string{"string": "text", "bool": "true or false", "int": "number", "float64": "number", "duration": "duration", "actions": "text, or a list"}[of]
		if kind == "" {
			kind = "keys"
		}
		suffix := ""
		if strings.HasPrefix(k.typ, "[]") {
			kind, suffix = "list of "+strings.Replace(kind, "text", "texts", 1), "[]"
		} else if strings.HasPrefix(k.typ, "map ") {
			suffix = ".NAME"
		}
		path := under + k.name
		fmt.Fprintf(b, "| `%s` | %s | %s |\n", path, kind, strings.ReplaceAll(k.doc, "|", `\|`))
		if _, isStruct := s[of]; isStruct && (under == "" || of != "settings") {
			s.reference(b, of, path+suffix+".")
		}
	}
}
