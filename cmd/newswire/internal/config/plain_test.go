package config

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"
)

// readPlainly reads an entry as one that is written in the plainest way, and has the YAML library say the same of it.
func readPlainly(t *testing.T, text string) bool {
	t.Helper()
	var got source
	if !plainKeysOf(reflect.TypeFor[source]()).entry([]byte(text), reflect.ValueOf(&got).Elem()) {
		return false
	}
	var root yaml.Node
	var d included
	if err := yaml.Load([]byte(listHead+text), &root); err != nil {
		t.Fatalf("%q is no YAML: %v", text, err)
	}
	if err := root.Load(&d, yaml.WithKnownFields()); err != nil || len(d.Sources) != 1 || anchored(&root) {
		t.Fatalf("%q: %d sources, %v", text, len(d.Sources), err)
	}
	if diff := cmp.Diff(d.Sources[0], got, cmp.AllowUnexported(source{})); diff != "" {
		t.Fatalf("%q (-YAML +plain):\n%s", text, diff)
	}
	return true
}

var plainEntries = []struct {
	name, text string
	plain      bool
}{
	{"keys on lines", "- id: a\n  url: https://a.example/feed.xml?x=1&y=2\n", true},
	{"further in", "    - id: a\n      url: https://a.example:8080/\n", true},
	{"in braces", "  - {id: a, url: https://a.example/, name: \"A\"}\n", true},
	{"without a line end", "- id: a", true},
	{"quotes", "- id: 'a'\n  name: \"The 'A'\"\n  schedule: \"*/5 * * * *\"\n", true},
	{"an empty text", "- id: \"\"\n", true},
	{"a cron spec", "- schedule: 0 6 * * *\n", true},
	{"digits and letters", "- name: 24 hours\n", true},
	{"other scripts", "- name: 電商報, Zürich\n", true},
	{"a list and a mapping", "- id: a\n  categories: [trade, 'ships']\n  rights: {policy: excerpt, license: \"https://l.example/by/4.0/\"}\n", true},
	{"keys of a mapping within", "- access: {user: me, password_env: A_PASSWORD}\n  tls: {ca_file: ca.pem}\n  proxy: none\n", true},
	{"lines without a key", "- id: a\n\n  # where\n# it is\n  url: https://a.example/\n \n", true},
	{"spaces", "- id:   a  \n  name: two  words \n", true},
	{"an apostrophe", "- name: Reader's\n", true},

	{"a text after quotes", "- name: 'a' b\n", false},
	{"a comma in quotes, in braces", "- {id: a, name: 'A, B'}\n", false},
	{"an escape", "- name: \"a\\tb\"\n", false},
	{"doubled quotes", "- name: 'The ''A'''\n", false},
	{"one quote", "- name: '\n", false},
	{"a comment behind", "- id: a # first\n", false},
	{"a key twice", "- id: a\n  id: b\n", false},
	{"a key of another mapping twice", "- rights: {policy: full, policy: title}\n", false},
	{"an unknown key", "- idd: a\n", false},
	{"a number", "- name: 2600\n", false},
	{"hexadecimal", "- name: 0xAF\n", false},
	{"a date", "- name: 2026-01-01\n", false},
	{"a time", "- name: 2001-12-14t21:59:43.10-05:00\n", false},
	{"a word", "- name: Yes\n", false},
	{"nothing", "- name: null\n", false},
	{"an anchor", "- name: &a A\n", false},
	{"an alias", "- name: *a\n", false},
	{"a tag", "- name: !!str a\n", false},
	{"a key in a text", "- name: a: b\n", false},
	{"a colon at the end", "- name: a:\n", false},
	{"another shape", "- full_text: true\n", false},
	{"a list on lines", "- categories:\n  - a\n", false},
	{"an empty list", "- categories: []\n", false},
	{"a list in a list", "- categories: [[a]]\n", false},
	{"a text over two lines", "- name: a\n    b\n", false},
	{"a key too far left", "  - id: a\n  url: https://a.example/\n", false},
	{"a key below braces", "- {id: a}\n  url: https://a.example/\n", false},
	{"a tab", "- name: a\tb\n", false},
	{"a carriage return", "- id: a\r\n", false},
	{"a control character in a comment", "- id: a\n# \x01\n", false},
	{"no UTF-8", "- name: \xff\n", false},
	{"a separator of lines", "- name: a\u2028b\n", false},
	{"no entry", "id: a\n", false},
	{"nothing at all", "", false},
}

func TestPlainEntriesMeanWhatYAMLSays(t *testing.T) {
	for _, tt := range plainEntries {
		t.Run(tt.name, func(t *testing.T) {
			if got := readPlainly(t, tt.text); got != tt.plain {
				t.Errorf("%q is plain: %t, want %t", tt.text, got, tt.plain)
			}
		})
	}
}

func FuzzPlainEntries(f *testing.F) {
	for _, tt := range plainEntries {
		f.Add(tt.text)
	}
	f.Fuzz(func(t *testing.T, text string) { readPlainly(t, text) })
}

// TestShortcutsChangeNothing reads configs with shortcuts and without.
func TestShortcutsChangeNothing(t *testing.T) {
	for _, text := range shortened {
		readBothWays(t, text)
	}
	text := "sources:\n" +
		"  - id: a\n    url: https://a.example/\n" +
		"  - id: b # is not plain\n    url: https://b.example/\n" +
		"  - id: c\n    url: https://c.example/\n" +
		"  - {id: d, url: https://d.example/, full_text: true}\n"
	c, err := Parse("newswire.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	ids := ""
	for i := range c.Sources {
		ids += c.Sources[i].ID
	}
	if ids != "abcd" || !c.Sources[3].FullText {
		t.Errorf("sources are %s, the last %+v", ids, c.Sources[3])
	}
}

var shortened = []string{
	"sources:\n  - id: a\n    url: https://a.example/\n",
	"sources:\n- {id: a, url: https://a.example/}\n- id: b # second\n  url: https://b.example/\nlisten: \":80\"\n",
	"sources:\n  - id: a\n    name: \"a\n  - id: b\n    url: https://b.example/\"\n    url: https://a.example/\n",
	"sources:\n  - id: a\n    name: 'a\n\n  - id: b'\n    url: https://b.example/\n  - id: c\n    url: https://c.example/\n",
	"sources:\n  - id: a\n    url: &u https://a.example/\n  - id: b\n    url: *u\n",
	"defaults: &d {schedule: '@daily'}\nsources:\n  - id: a\n    url: https://a.example/\n    <<: *d\n",
	"sources:\n  - id: a\n    url: https://a.example/\n    rules: [{when: 'true', do: hold}]\n  - id: a\n    url: https://b.example/\n",
	"sources:\n  - id: a\n    url: http://a.example/feed\n  - id: b\n    url: https://A.example/feed/\n",
	"sources:\v \n",
	"sources: # \v\n  - id: a\n    url: https://a.example/\n",
	"sources:\n  - id: a\n    url: https://a.example/\n    timezone: Asia/Shanghai\n    schedule: 0 6 * * *\n---\n",
}

func FuzzShortcuts(f *testing.F) {
	for _, text := range shortened {
		f.Add(text)
	}
	f.Fuzz(readBothWays)
}

func readBothWays(t *testing.T, text string) {
	file := fileText{name: "newswire.yaml", data: []byte(text)}
	_, got, err := parse(file, nil)
	whole := newChecker(file)
	whole.whole = true
	want, wantErr := whole.parse(file)
	if (err == nil) != (wantErr == nil && len(whole.problems) == 0) {
		t.Fatalf("%q: with shortcuts %v, without %v %v", text, err, wantErr, whole.problems)
	}
	if err != nil {
		return
	}
	same := cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() })
	if diff := cmp.Diff(want.Sources, got.Sources, same); diff != "" {
		t.Fatalf("%q (-whole +shortcuts):\n%s", text, diff)
	}
}
