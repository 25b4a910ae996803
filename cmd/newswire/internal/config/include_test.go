package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// folder writes files into a new folder.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestSourcesOfIncludedFilesComeInOrder(t *testing.T) {
	dir := folder(t, map[string]string{
		"newswire.yaml": "include: [b.yaml, 'more/*.yaml', '*.yaml']\nsources: [{id: own, url: 'https://own.example'}]\ndefaults: {schedule: '@daily'}\n",
		"b.yaml":        "sources:\n  - {id: b, url: 'https://b.example'}\n",
		"more/d.yaml":   "\ufeffsources: [{id: d, url: 'https://d.example', access: {bearer_file: secret}}]\n",
		"more/c.yaml":   "sources: [{id: c, url: 'https://c.example'}]\n",
		"more/.e.yaml":  "nonsense",
		"secret":        "s3cret",
	})
	file := filepath.Join(dir, "newswire.yaml")
	c, err := Load(file)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for i, s := range c.Sources {
		got = append(got, s.ID+" "+strings.TrimPrefix(c.FileOf(i), dir))
		if s.Schedule != "@daily" {
			t.Errorf("%s is visited %s, not by the defaults", s.ID, s.Schedule)
		}
	}
	want := []string{"own /newswire.yaml", "b /b.yaml", "c /more/c.yaml", "d /more/d.yaml"}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if c.Access["d"].Credentials.Bearer.IsZero() {
		t.Error("the secret beside the config was not found for a source of a file in another folder")
	}
}

// mistaken are files that include what is wrong, and what is said of that, without the folder.
var mistaken = []struct {
	name  string
	files map[string]string
	want  string
}{
	{
		"no file",
		map[string]string{"newswire.yaml": "\ninclude: [none.yaml, 'none/*.yaml']"},
		"newswire.yaml:2: include: \"none.yaml\" matches no file\nnewswire.yaml:2: include: \"none/*.yaml\" matches no file",
	},
	{"no pattern", map[string]string{"newswire.yaml": "include: ['[']"}, `newswire.yaml:1: include: "[" is not a pattern such as sources.d/*.yaml`},
	{"no list", map[string]string{"newswire.yaml": "include: a.yaml"}, `newswire.yaml:1: want a list, got "a.yaml"`},
	{"a folder", map[string]string{"newswire.yaml": "include: [a]", "a/b": ""}, `newswire.yaml:1: include: a is not a file`},
	{
		"a key of the config",
		map[string]string{"newswire.yaml": "include: [a.yaml]", "a.yaml": "sources: []\nsite: {}"},
		`a.yaml:2: unknown key "site": an included file has sources alone`,
	},
	{
		"a key of a source",
		map[string]string{"newswire.yaml": "include: [a.yaml]", "a.yaml": "sources:\n  - {id: a, urll: 'https://a.example'}"},
		"a.yaml:2: unknown key \"urll\"; did you mean \"url\"?\na.yaml:2: source \"a\" has no url",
	},
	{"empty", map[string]string{"newswire.yaml": "include: [a.yaml]", "a.yaml": ""}, "a.yaml: the file is empty; see newswire.example.yaml for what goes into it"},
	{"twice", map[string]string{
		"newswire.yaml": "sources: [{id: a, url: 'https://a.example'}]\ninclude: [a.yaml, b.yaml]",
		"a.yaml":        "sources:\n  - {id: a, url: 'https://b.example'}",
		"b.yaml":        "sources:\n  - {id: b, url: 'https://a.example/'}",
	}, "a.yaml:2: source id \"a\" is already taken in newswire.yaml on line 1\n" +
		"b.yaml:2: source \"b\" has the address of the source in newswire.yaml on line 1: each article would be there twice"},
	{"in all files", map[string]string{
		"newswire.yaml": "include: [b.yaml, a.yaml]\nlisten: nowhere",
		"a.yaml":        "sources: [{id: a}]",
		"b.yaml":        "sources: [",
	}, "newswire.yaml:2: listen: \"nowhere\" is no address"},
}

func TestMistakesInIncludedFilesNameThem(t *testing.T) {
	for _, tt := range mistaken {
		t.Run(tt.name, func(t *testing.T) {
			dir := folder(t, tt.files)
			_, err := Load(filepath.Join(dir, "newswire.yaml"))
			if err == nil {
				t.Fatal("no mistake was found")
			}
			got := strings.ReplaceAll(err.Error(), dir+string(filepath.Separator), "")
			if tt.name == "in all files" {
				lines := strings.Split(got, "\n")
				if len(lines) != 3 || !strings.HasPrefix(lines[0], "newswire.yaml:2: ") || !strings.HasPrefix(lines[1], "b.yaml:") || lines[2] != `a.yaml:1: source "a" has no url` {
					t.Errorf("got\n%s", got)
				}
			} else if got != tt.want {
				t.Errorf("got\n%s\nwant\n%s", got, tt.want)
			}
		})
	}
}

// TestALoaderReadsIncludedFilesThatChange has one of two files change between two loads.
func TestALoaderReadsIncludedFilesThatChange(t *testing.T) {
	dir := folder(t, map[string]string{
		"newswire.yaml": "include: ['*.d/*']",
		"s.d/a":         "sources: [{id: a, url: 'https://a.example'}]",
		"s.d/b":         "sources: [{id: b, url: 'https://b.example'}]",
	})
	l := NewLoader(filepath.Join(dir, "newswire.yaml"))
	c, err := l.Load()
	if err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if l.Changed() {
			t.Error("changed before anything was")
		}
	}
	for i := range c.Sources {
		c.Sources[i].Name = "kept"
	}
	if err := os.WriteFile(filepath.Join(dir, "s.d", "b"), []byte("sources: [{id: b, url: 'https://b.example', name: B}]"), 0o600); err != nil {
		t.Fatal(err)
	}
	if !l.Changed() {
		t.Error("the change was not noticed")
	}
	if c, err = l.Load(); err != nil {
		t.Fatal(err)
	}
	if c.Sources[0].Name != "kept" || c.Sources[1].Name != "B" {
		t.Errorf("sources %+v", c.Sources)
	}
	if l.Changed() {
		t.Error("changed after it was loaded")
	}
	for _, tt := range []struct{ name, file, text string }{
		{"a new file", "s.d/c", "sources: ["},
		{"its text", "s.d/c", "sources: []"},
		{"its text, of the same size", "s.d/c", "sources: {}"},
		{"the config", "newswire.yaml", "include: ["},
	} {
		if err := os.WriteFile(filepath.Join(dir, tt.file), []byte(tt.text), 0o600); err != nil {
			t.Fatal(err)
		}
		if !l.Changed() {
			t.Errorf("%s: not noticed", tt.name)
		}
		_, _ = l.Load() // well or not
		if l.Changed() {
			t.Errorf("%s: noticed twice", tt.name)
		}
	}
}
