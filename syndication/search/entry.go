package search

import (
	"strings"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication"
	"github.com/newswire/newswire/syndication/internal/text"
)

// entry is an article in the index; one that was never listed is not to be in it.
type entry struct {
	article              string // its ID
	listed               time.Time
	title, authors, text string // as words
}

// Words of a title and of authors are in the index twice: once as those of a text, and once behind a mark, by which they
// are found in their place alone. The marks are characters that no word has.
const (
	titleMark   = "\uE000"
	authorsMark = "\uE001"
)

// all are the words as they go into the index.
func (e *entry) all() string {
	return e.title + e.authors + e.text + marked(e.title, titleMark) + marked(e.authors, authorsMark)
}

// marked are words behind a mark each.
func marked(words, mark string) string {
	var b strings.Builder
	for word := range strings.FieldsSeq(words) {
		b.WriteString(mark + word + " ")
	}
	return b.String()
}

// has says whether the words follow each other in the title, the authors or the text, whichever is the term's.
func (e *entry) has(t *term) bool {
	switch t.mark {
	case titleMark:
		return t.in(e.title)
	case authorsMark:
		return t.in(e.authors)
	}
	return t.in(e.title) || t.in(e.authors) || t.in(e.text)
}

// newEntry is an article as the public sees it.
func newEntry(a newswire.Article, now time.Time) entry {
	e := entry{article: a.ID}
	a.NoCredit = true // each has that line, and it is no word of the article's
	var public syndication.Reader
	shown, ok := public.Show(a, now)
	if !ok {
		return e
	}
	e.listed = shown.Listed
	var names strings.Builder
	for _, p := range shown.Authors {
		names.WriteString(p.Name)
		names.WriteString("\n")
	}
	e.title, e.authors = words(shown.Title), words(names.String())
	e.text = words(text.Plain(shown.Summary) + "\n" + text.Plain(shown.Content))
	return e
}
