package pages

import (
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/template/parse"

	"github.com/newswire/newswire"
)

// rendered are the templates that are asked for by name.
var rendered = []string{"home", "listing", "directory", "article", "search", "fetcher", "error"}

// mostThemeBytes bounds a file of a theme.
const mostThemeBytes = 1 << 20

// Load reads a theme from a folder. Its *.html files define blocks that stand in place of ours; extra.css follows our style;
// style.css, feeds.css, favicon.ico and favicon.svg replace ours. A file that is wrong, a block that no page has, and a page that
// cannot be rendered are named by the error.
func Load(dir string) (*Theme, error) {
	t, err := load(dir)
	if err != nil {
		return nil, fmt.Errorf("theme %s: %w", dir, err)
	}
	return t, nil
}

func load(dir string) (*Theme, error) {
	ours := builtin()
	t := &Theme{templates: template.Must(ours.templates.Clone()), files: maps.Clone(ours.files), looks: map[string]*Look{}}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	var problems []error
	for _, e := range entries {
		if e.IsDir() || strings.HasPrefix(e.Name(), ".") {
			continue
		}
		problems = append(problems, t.add(dir, e))
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	return t, errors.Join(t.unused(ours), t.try())
}

// add adds a file of a folder to the theme.
func (t *Theme) add(dir string, e fs.DirEntry) error {
	name := e.Name()
	info, err := os.Stat(filepath.Join(dir, name))
	if err == nil && info.Size() > mostThemeBytes {
		err = fmt.Errorf("%s: %d bytes are too many", name, info.Size())
	}
	if err != nil {
		return err
	}
	content, err := os.ReadFile(filepath.Join(dir, name))
	switch _, known := t.files[name]; {
	case err != nil:
		return err
	case filepath.Ext(name) == ".html":
		_, err = t.templates.New(name).Parse(string(content))
		return err
	case name == "extra.css":
		t.files["extra.css"] = content
	case known && name != "times.js":
		t.files[name] = content
	default:
		return fmt.Errorf("%s: a theme has *.html, extra.css, style.css, feeds.css, favicon.ico and favicon.svg alone", name)
	}
	return nil
}

// unused names a block that no page comes to: its name is misspelt, or is one of an earlier release.
func (t *Theme) unused(ours *Theme) error {
	used := map[string]bool{}
	var visit func(name string)
	visit = func(name string) {
		found := t.templates.Lookup(name)
		if used[name] || found == nil || found.Tree == nil {
			return
		}
		used[name] = true
		calls(found.Tree.Root, visit)
	}
	for _, name := range rendered {
		visit(name)
	}
	var problems []error
	for _, found := range t.templates.Templates() {
		name := found.Name()
		if !used[name] && ours.templates.Lookup(name) == nil && filepath.Ext(name) != ".html" {
			problems = append(problems, fmt.Errorf("block %q is on no page", name))
		}
	}
	return errors.Join(problems...)
}

// calls reports the templates that a part of one calls.
func calls(n parse.Node, visit func(name string)) {
	list := func(lists ...*parse.ListNode) {
		for _, l := range lists {
			if l != nil {
				for _, n := range l.Nodes {
					calls(n, visit)
				}
			}
		}
	}
	switch n := n.(type) {
	case *parse.TemplateNode:
		visit(n.Name)
	case *parse.ListNode:
		list(n)
	case *parse.IfNode:
		list(n.List, n.ElseList)
	case *parse.RangeNode:
		list(n.List, n.ElseList)
	case *parse.WithNode:
		list(n.List, n.ElseList)
	}
}

// try renders a sample of each page.
func (t *Theme) try() error {
	var problems []error
	look := t.Look("en")
	for _, name := range slices.Sorted(maps.Keys(samples())) {
		if _, err := look.Render(name, samples()[name]); err != nil {
			problems = append(problems, err)
		}
	}
	return errors.Join(problems...)
}

// samples are pages that have everything.
func samples() map[string]any {
	topic := Topic{Topic: "source/a", Name: "A", Page: "/source/a", Site: "https://a.example/", Count: 1}
	p := Page{Site: newswire.Site{Title: "The Wire", URL: "https://wire.example.org", Contact: "desk@wire.example.org"}, Title: "T", Intro: "I", CanSearch: true, Canonical: "https://wire.example.org/"}
	p.Feeds = []FeedLink{{"Atom", "application/atom+xml", "T", "https://wire.example.org/feeds/all.atom"}}
	picture := &Picture{URL: "/pictures/a/b", Width: 1, Height: 1, Alt: "a", Credit: "c"}
	a := Article{
		Title: "A", URL: "https://a.example/1", Page: "/articles/a-1", Language: "en", Excerpt: "E", Minutes: 2, Picture: picture,
		Media: []Media{{Kind: "audio", URL: "https://a.example/1.mp3", Title: "M", Duration: 1e9, Bytes: 1}}, Topics: []Link{{"C", "/category/c"}},
		Tags: []string{"t"}, Authors: []Person{{"N", "/author/n"}, {"O", ""}}, Publisher: "A", Source: "/source/a", Licenses: []string{"https://l.example/"},
		Rights: newswire.Rights{Statement: "©", Contact: "a@a.example"},
	}
	days, pager := Days([]Article{a}), Pager{"/archive/1", "/"}
	whole := a
	whole.Whole = "<p>W</p>"
	return map[string]any{
		"home":      Home{Page: p, Pager: pager, Days: days, Topics: []Topics{{newswire.KindSource, "sources", "Sources", []Topic{topic}, "/sources"}}},
		"listing":   Listing{Page: p, Pager: pager, Days: days, Kind: newswire.KindSource, Publisher: &Publisher{"A", "https://a.example/", "S", picture}, Fares: "F", Related: []Group{{"x", "X", []Link{{"C", "/category/c"}}}}},
		"directory": Directory{p, []Topic{topic}, []Link{{"A", "/sources/from/a"}}, "/sources", "/sources/from/b"}, "article": ArticlePage{p, whole},
		"search":  Search{Page: p, Query: "q", Days: days, Older: "/search?q=q"},
		"fetcher": Fetcher{p, "newswire/1", "newswire"}, "error": p,
	}
}
