package main

import (
	"errors"
	"fmt"
	"io"
	"reflect"
	"regexp"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/sources/clean"
)

type historyCommand struct {
	configFlag
	Article string `arg:"" help:"The article: its ID, the address of its page here, or its publisher's address or guid."`
	JSON    bool   `help:"A line of JSON for each revision, whole, instead of the table and the texts' differences."`
}

// Run tells what an article was before it was corrected, and what each correction changed.
func (k historyCommand) Run(c *console) error {
	return k.withStore(c, func(store cache.Store) error {
		id, err := lookUp(c.ctx, store, k.Article)
		if err != nil {
			return err
		}
		revisions, err := store.Revisions(c.ctx, id)
		if err == nil {
			var current newswire.Article
			current, err = store.Article(c.ctx, id)
			revisions = append(revisions, current)
		}
		switch {
		case errors.Is(err, newswire.ErrWithdrawn):
			return fmt.Errorf("article %q was withdrawn, for good, and its history with it", id)
		case err != nil:
			return err
		case k.JSON:
			return printLines(c, revisions)
		}
		return printHistory(c.stdout, revisions)
	})
}

// printHistory shows revisions, oldest first, and how their texts differ.
func printHistory(w io.Writer, revisions []newswire.Article) error {
	table := tabwriter.NewWriter(w, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "REVISION\tUPDATED\tCHANGED")
	for i := range revisions {
		a := &revisions[i]
		what := "first recorded"
		switch {
		case i > 0:
			what = strings.Join(changed(&revisions[i-1], a), ", ")
		case a.Revision > 1:
			what = "the first that is kept"
		}
		fmt.Fprintf(table, "%d\t%s\t%s\n", a.Revision, when(a.Modified()), what)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if limits := shownWhen(&revisions[len(revisions)-1].Rights); limits != "" {
		if _, err := fmt.Fprintln(w, limits); err != nil {
			return err
		}
	}
	for i := 1; i < len(revisions); i++ {
		before, after := &revisions[i-1], &revisions[i]
		name := func(a *newswire.Article) string { return fmt.Sprintf("revision %d", a.Revision) }
		if d := diff.Diff(name(before), lines(before), name(after), lines(after)); len(d) > 0 {
			_, header, _ := strings.Cut(string(d), "\n") // it begins with a command line of diff's
			if _, err := fmt.Fprintf(w, "\n%s", header); err != nil {
				return err
			}
		}
	}
	return nil
}

// aspects are what may change of an article, in words.
var aspects = []struct {
	name string
	of   func(a *newswire.Article) any
}{
	{"title", func(a *newswire.Article) any { return a.Title }},
	{"text", func(a *newswire.Article) any { return [2]string{a.Summary, a.Content} }},
	{"authors", func(a *newswire.Article) any { return [2][]newswire.Person{a.Authors, a.Contributors} }},
	{"rights", func(a *newswire.Article) any { return [2]newswire.Rights{a.Rights, a.Stated} }},
	{"address", func(a *newswire.Article) any { return a.URL }},
	{"categories", func(a *newswire.Article) any { return []any{a.Categories, a.Terms} }},
	{"picture", func(a *newswire.Article) any { return a.Image }},
	{"enclosures", func(a *newswire.Article) any { return a.Enclosures }},
	{"links", func(a *newswire.Article) any { return []any{a.Links, a.Comments} }},
	{"language", func(a *newswire.Article) any { return a.Language }},
	{"publisher", func(a *newswire.Article) any { return publishers(a) }},
	{"held or released", func(a *newswire.Article) any { return []any{a.Held, a.Released} }},
}

// publishers are whom an article is attributed to, without the dates of their feeds, which say nothing of it.
func publishers(a *newswire.Article) [2]newswire.Publisher {
	both := [2]newswire.Publisher{a.Publisher}
	if a.Upstream != nil {
		both[1] = *a.Upstream
	}
	both[0].Updated, both[1].Updated = time.Time{}, time.Time{}
	return both
}

// changed says what of an article differs between two revisions.
func changed(before, after *newswire.Article) []string {
	var names []string
	for _, aspect := range aspects {
		if !reflect.DeepEqual(aspect.of(before), aspect.of(after)) {
			names = append(names, aspect.name)
		}
	}
	if names == nil {
		return []string{"only what is for the operator"}
	}
	return names
}

// endOfLine ends what people see as a line, or as a paragraph.
var endOfLine = regexp.MustCompile(`</(?:p|li|h[1-6]|blockquote|pre|tr|dt|dd|figcaption)>|<br>`)

// lines is what a reader would read of an article: its title, and its text with a line for each paragraph.
func lines(a *newswire.Article) []byte {
	text := a.Content
	if text == "" {
		text = a.Summary
	}
	var b strings.Builder
	b.WriteString(a.Title + "\n")
	for _, paragraph := range endOfLine.Split(text, -1) {
		if line := clean.Text(paragraph); line != "" {
			b.WriteString(line + "\n")
		}
	}
	return []byte(b.String())
}
