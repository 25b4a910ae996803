package config

import (
	"os"
	"reflect"
	"regexp"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"
)

// example is the file that shows operators every key.
const example = "../../../../newswire.example.yaml"

func TestTheExampleConfigIsAccepted(t *testing.T) {
	c, err := Load(example)
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Sources) == 0 || len(c.Categories) == 0 || len(c.Authors) == 0 {
		t.Errorf("the example shows %d sources, %d categories, %d authors", len(c.Sources), len(c.Categories), len(c.Authors))
	}
}

func TestTheExampleConfigShowsEveryKey(t *testing.T) {
	data, err := os.ReadFile(example)
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range missing(t, data, reflect.TypeFor[document]()) {
		t.Errorf("newswire.example.yaml does not show %s, neither set nor in a comment", key)
	}
}

func TestAKeyThatTheExampleLacksIsNoticed(t *testing.T) {
	type inner struct {
		Shown  string `yaml:"shown"`
		Hidden string `yaml:"hidden"`
	}
	type outer struct {
		List   []inner `yaml:"list"`
		One    *inner  `yaml:"one"`
		Inline inner   `yaml:",inline"`
		Token  string  `yaml:"token_file"`
		Lost   string  `yaml:"lost"`
		None   string  `yaml:"-"`
	}
	const text = "# token_file: /run/secrets\n# lost words are no key\nshown: 1\nlist:\n  - {hidden: 1}\n  - {shown: 1}\none: {shown: 1}\n"
	want := []string{"one.hidden", "hidden", "lost"}
	if d := cmp.Diff(want, missing(t, []byte(text), reflect.TypeFor[outer]())); d != "" {
		t.Error(d)
	}
}

// missing lists the keys of a type that a text shows nowhere at their place, and that none of its comments shows.
func missing(t *testing.T, text []byte, of reflect.Type) []string {
	t.Helper()
	var root yaml.Node
	if err := yaml.Load(text, &root); err != nil {
		t.Fatal(err)
	}
	var out []string
	var walk func(prefix string, nodes []*yaml.Node, of reflect.Type)
	walk = func(prefix string, nodes []*yaml.Node, of reflect.Type) {
		for key, value := range keys(of) {
			at := valuesOf(nodes, key)
			commented := regexp.MustCompile(`(?m)^\s*#.*\b` + regexp.QuoteMeta(key) + `:(?: |$)`)
			if len(at) == 0 && !commented.Match(text) {
				out = append(out, prefix+key)
				continue
			}
			walk(prefix+key+".", at, mapping(value))
		}
	}
	walk("", root.Content, of)
	return out
}

// valuesOf are the values of a key in mappings, and in the mappings of lists.
func valuesOf(nodes []*yaml.Node, key string) []*yaml.Node {
	var out []*yaml.Node
	for _, n := range nodes {
		switch n.Kind {
		case yaml.SequenceNode:
			out = append(out, valuesOf(n.Content, key)...)
		case yaml.MappingNode:
			for i := 0; i+1 < len(n.Content); i += 2 {
				if n.Content[i].Value == key {
					out = append(out, n.Content[i+1])
				}
			}
		}
	}
	return out
}
