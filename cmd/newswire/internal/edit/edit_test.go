package edit_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cmd/newswire/internal/edit"
)

var one = edit.Addition{Sources: []edit.Source{{ID: "b", Name: "電商: \"B\"", URL: "https://b.example/?x=1#y", Categories: []string{"trade", "x"}}}}

// entry is how one is written under an indent.
const entry = `- id: b
  name: '電商: "B"'
  url: https://b.example/?x=1#y
  categories: [trade, x]
`

func indented(by int, s string) string {
	var b strings.Builder
	for line := range strings.Lines(s) {
		b.WriteString(strings.Repeat(" ", by) + line)
	}
	return b.String()
}

func TestAppendChangesNothingElse(t *testing.T) {
	tests := []struct{ name, before, want string }{
		{"nothing", "", "sources:\n" + indented(2, entry)},
		{"nothing but comments", "# mine\n", "# mine\n\nsources:\n" + indented(2, entry)},
		{"no sources", "site: {title: T}", "site: {title: T}\n\nsources:\n" + indented(2, entry)},
		{"the document's end", "listen: :80\n...\n", "listen: :80\n\nsources:\n" + indented(2, entry) + "...\n"},
		{"an empty key", "sources:  # none yet\nlisten: :80\n", "sources:  # none yet\n" + indented(2, entry) + "listen: :80\n"},
		{
			"a list that is set in, comments behind it", "---\nsources:\n  - id: a # first\n    url: x\n    # rights: later\n\n# the rest\nlisten: :80\n",
			"---\nsources:\n  - id: a # first\n    url: x\n    # rights: later\n" + indented(2, entry) + "\n# the rest\nlisten: :80\n",
		},
		{"a list that is not set in", "sources:\n- {id: a, url: x}", "sources:\n- {id: a, url: x}\n" + entry},
		{
			"empty lines between", "sources:\n    - id: a\n      url: x\n\n    # the second\n    - id: c\n      url: y\n\n\n",
			"sources:\n    - id: a\n      url: x\n\n    # the second\n    - id: c\n      url: y\n\n" + indented(4, entry) + "\n\n",
		},
		{
			"text on several lines", "sources:\n  - id: a\n    url: x\n    rights:\n      statement: |\n        one\n\n        two\nlisten: :80\n",
			"sources:\n  - id: a\n    url: x\n    rights:\n      statement: |\n        one\n\n        two\n" + indented(2, entry) + "listen: :80\n",
		},
		{
			"lines that end as on Windows", "sources:\r\n  - id: a\r\n    url: x\r\n",
			"sources:\r\n  - id: a\r\n    url: x\r\n" + strings.ReplaceAll(indented(2, entry), "\n", "\r\n"),
		},
		{"a byte order mark", "\ufeffsources:\n- id: a\n", "\ufeffsources:\n- id: a\n" + entry},
		{
			"brackets", "é: {sources: []}\nsources: [{id: a, url: x}] # all\n",
			"é: {sources: []}\nsources: [" + `{"id":"b","name":"電商: \"B\"","url":"https://b.example/?x=1#y","categories":["trade","x"]}, {id: a, url: x}] # all` + "\n",
		},
		{"empty brackets", "{sources: []}", `{sources: [{"id":"b","name":"電商: \"B\"","url":"https://b.example/?x=1#y","categories":["trade","x"]}]}`},
	}
	for _, tt := range tests {
		got, err := edit.Append([]byte(tt.before), one)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if diff := cmp.Diff(tt.want, string(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestAppendAddsCategoriesBeforeSources(t *testing.T) {
	got, err := edit.Append([]byte("categories:\n  - {id: a, title: A}\n\n# Whom we read.\nsources:\n  - {id: s, url: x}\n"), edit.Addition{
		Categories: []edit.Category{{ID: "b", Title: "B"}, {ID: "c"}},
		Sources:    []edit.Source{{ID: "t", URL: "y"}, {ID: "u", URL: "z", Site: "on"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	const want = `categories:
  - {id: a, title: A}
  - id: b
    title: B
  - id: c

# Whom we read.
sources:
  - {id: s, url: x}
  - id: t
    url: 'y'
  - id: u
    url: z
    site: 'on'
`
	if diff := cmp.Diff(want, string(got)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAppendRefusesWhatItWouldChange(t *testing.T) {
	for name, text := range map[string]string{
		"a list somewhere else":     "x: &x [{id: a}]\nsources: *x\n",
		"a list in the place of it": "- id: a\n",
		"not a list":                "sources: none\n",
		"a null that is written":    "sources: null\n",
		"a text that goes on":       "sources:\n  - id: a\n    name: |\n      one\n\n      # two\n",
		"two documents":             "a: 1\n---\nb: 2\n",
		"no YAML":                   "sources: [\n",
	} {
		if got, err := edit.Append([]byte(text), one); err == nil {
			t.Errorf("%s: Append(%q) = %q, want an error", name, text, got)
		}
	}
	if _, err := edit.Append([]byte("sources: none\n"), one); !errors.Is(err, edit.ErrLayout) {
		t.Errorf("error %v, want %v", err, edit.ErrLayout)
	}
}

// FuzzAppend: what was there is there afterwards, with something put between.
func FuzzAppend(f *testing.F) {
	f.Add("sources:\n  - id: a\n    url: x # y\n\nlisten: :80\n")
	f.Add("{a: 1, sources: [ ] }")
	f.Add("categories:\r\n- {id: a}\r\n...")
	f.Fuzz(func(t *testing.T, text string) {
		got, err := edit.Append([]byte(text), edit.Addition{Sources: one.Sources})
		if err != nil {
			return
		}
		out, start := string(got), 0
		for start < len(text) && text[start] == out[start] {
			start++
		}
		if rest := text[start:]; !strings.HasSuffix(out[start:], rest) {
			t.Errorf("Append(%q) = %q: %q is not at its end", text, out, rest)
		}
	})
}

func TestIDsAreMadeOfNames(t *testing.T) {
	taken := map[string]bool{"bbc-news": true, "bbc-news-2": true}
	for _, tt := range []struct{ title, address, want string }{
		{"The Daily", "https://x.example/", "the-daily"},
		{"Café Müller's: News & more!", "https://x.example/", "cafe-mullers-news-more"},
		{"BBC News", "https://x.example/", "bbc-news-3"},
		{"電商報", "https://www.dsb.example/feed", "dsb-example"},
		{"", "http://127.0.0.1:8080/feed", "127-0-0-1"},
		{strings.Repeat("long ", 20), "https://x.example/", "x-example"},
		{"…", "https://電商.example/", "source"},
	} {
		got := edit.SourceID(tt.title, tt.address, func(id string) bool { return taken[id] })
		if got != tt.want || !newswire.ValidID(got) {
			t.Errorf("SourceID(%q, %q) = %q, want %q", tt.title, tt.address, got, tt.want)
		}
	}
	for _, title := range []string{"電商", "電商 & trade", "…", ""} {
		got := edit.CategoryID(title)
		if !newswire.ValidID(got) || !strings.HasPrefix(got, "c-") || got != edit.CategoryID(title) {
			t.Errorf("CategoryID(%q) = %q, then %q; want a valid ID, the same twice", title, got, edit.CategoryID(title))
		}
	}
	if got := edit.CategoryID("Food & Drink"); got != "food-drink" {
		t.Errorf("CategoryID = %q, want food-drink", got)
	}
	if edit.CategoryID("電商") == edit.CategoryID("金融") {
		t.Error("two titles make one ID")
	}
}

func TestWriteReplacesAFileAndKeepsItsPermissions(t *testing.T) {
	dir := t.TempDir()
	path, link := filepath.Join(dir, "newswire.yaml"), filepath.Join(dir, "link.yaml")
	if err := os.WriteFile(path, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(path, link); err != nil {
		t.Fatal(err)
	}
	for _, to := range []string{path, link, filepath.Join(dir, "new.yaml")} {
		if err := edit.Write(to, []byte("of "+to)); err != nil {
			t.Fatal(err)
		}
		if got, err := os.ReadFile(to); err != nil || string(got) != "of "+to {
			t.Errorf("%s has %q, %v", to, got, err)
		}
	}
	info, err := os.Lstat(path)
	if err != nil || info.Mode() != 0o600 {
		t.Errorf("mode %v, %v; want a file of %v", info.Mode(), err, fs.FileMode(0o600))
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link became %v, %v", info.Mode(), err)
	}
	if left, err := os.ReadDir(dir); err != nil || len(left) != 3 {
		t.Errorf("%v, %v; want three files and nothing else", left, err)
	}
	if err := edit.Write(filepath.Join(dir, "none", "new.yaml"), nil); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a folder that is not there: %v, want %v", err, fs.ErrNotExist)
	}
}
