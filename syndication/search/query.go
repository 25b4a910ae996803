package search

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

const (
	longestQuery = 200 // characters
	mostTerms    = 16
	leastPrefix  = 3 // characters before a star
)

// Query is what a reader looks for: every term of it, and none of those that are excluded.
type Query struct{ terms []term }

// term is a word or a phrase.
type term struct {
	written string // the one way to write it
	mark    string // before its words in the index: that of titles or of authors; empty for all
	words   []string
	prefix  bool // the last word may go on
	not     bool
}

// QueryError is what is wrong with a query.
type QueryError struct {
	Fault Fault
	Limit int // what the query does not keep to; 0 where there is none
}

// Fault is a way in which a query can be wrong.
type Fault string

// The ways in which a query can be wrong. Each is what is said of it, with the number in place of %d.
const (
	TooLong     Fault = "A search has at most %d characters."
	TooMany     Fault = "A search has at most %d words and phrases."
	OnlyWithout Fault = "A search needs a word that is to be there, beside those that are not."
	ShortStar   Fault = "Before a star there are at least %d letters."
)

func (e QueryError) Error() string {
	return strings.ReplaceAll(string(e.Fault), "%d", strconv.Itoa(e.Limit))
}

// fields are the words before a colon that say where to look.
var fields = map[string]string{"title": titleMark, "author": authorsMark}

// Parse reads a query: words that must all be there, "quotes" around words that follow each other, title: or author:
// before one to look there alone, a star after the beginning of a word, and a minus before what must not be there. The
// error is a [QueryError].
func Parse(s string) (Query, error) {
	var q Query
	if utf8.RuneCountInString(s) > longestQuery {
		return q, QueryError{TooLong, longestQuery}
	}
	s = strings.ToLower(norm.NFC.String(strings.ToValidUTF8(s, " ")))
	seen, positive := map[string]bool{}, false
	for s = strings.TrimSpace(s); s != ""; s = strings.TrimSpace(s) {
		var t term
		var err error
		if t, s, err = next(s); err != nil {
			return Query{}, err
		}
		if len(t.words) == 0 || seen[t.written] {
			continue
		}
		seen[t.written] = true
		positive = positive || !t.not
		q.terms = append(q.terms, t)
	}
	switch {
	case len(q.terms) > mostTerms:
		return Query{}, QueryError{TooMany, mostTerms}
	case len(q.terms) > 0 && !positive:
		return Query{}, QueryError{Fault: OnlyWithout}
	}
	return q, nil
}

// next reads a term, and returns what follows it.
func next(s string) (t term, rest string, err error) {
	t.not = strings.HasPrefix(s, "-") && len(s) > 1
	if t.not {
		s = s[1:]
	}
	if name, after, ok := strings.Cut(s, ":"); ok && fields[name] != "" && after != "" && !strings.HasPrefix(after, " ") {
		t.mark, s = fields[name], after
		t.written = name + ":"
	}
	var said string
	quoted := strings.HasPrefix(s, `"`)
	if quoted {
		said, rest, _ = strings.Cut(s[1:], `"`)
	} else if i := strings.IndexFunc(s, func(r rune) bool { return unicode.IsSpace(r) || r == '"' }); i >= 0 {
		said, rest = s[:i], s[i:]
	} else {
		said = s
	}
	star := strings.HasSuffix(said, "*") || quoted && strings.HasPrefix(rest, "*")
	said = strings.TrimFunc(said, func(r rune) bool { return !unicode.In(r, unicode.Letter, unicode.Mark, unicode.Number) })
	said = strings.Join(strings.Fields(said), " ")
	t.words, t.prefix = phrase(said)
	if n := len(t.words); star && n > 0 {
		if !t.prefix && utf8.RuneCountInString(t.words[n-1]) < leastPrefix {
			return t, "", QueryError{ShortStar, leastPrefix}
		}
		t.prefix = true
	}
	t.written = t.write(said, star)
	return t, strings.TrimPrefix(rest, "*"), nil
}

// write is the one way to write the term.
func (t *term) write(said string, star bool) string {
	w := t.written
	if t.not {
		w = "-" + w
	}
	if strings.ContainsAny(said, " :") {
		w += `"` + said + `"`
	} else {
		w += said
	}
	if star {
		w += "*"
	}
	return w
}

// Empty says whether the query looks for nothing.
func (q Query) Empty() bool { return len(q.terms) == 0 }

// String is the one way to write the query.
func (q Query) String() string {
	written := make([]string, len(q.terms))
	for i := range q.terms {
		written[i] = q.terms[i].written
	}
	return strings.Join(written, " ")
}

// expression is the query as FTS5 has it, as far as the index can tell: that words are there, not where. Words are letters,
// digits and marks, so none can end its quotes.
func (q Query) expression() string {
	var with, without []string
	for i := range q.terms {
		t := &q.terms[i]
		if t.not && t.isPhrase() {
			continue // its words may be there
		}
		parts := make([]string, len(t.words))
		for j, w := range t.words {
			parts[j] = `"` + t.mark + w + `"`
		}
		if t.prefix {
			parts[len(parts)-1] += " *"
		}
		e := strings.Join(parts, " AND ")
		if t.not {
			without = append(without, e)
		} else {
			with = append(with, e)
		}
	}
	e := "(" + strings.Join(with, ") AND (") + ")"
	for _, w := range without {
		e = "(" + e + ") NOT (" + w + ")"
	}
	return e
}

// isPhrase says whether the term is of words that follow each other, which the index cannot tell.
func (t *term) isPhrase() bool { return len(t.words) > 1 }

// in says whether the term's words follow each other in a text as [words] has it.
func (t *term) in(text string) bool {
	sought := strings.Join(t.words, " ")
	if !t.prefix {
		sought += " "
	}
	return strings.HasPrefix(text, sought) || strings.Contains(text, " "+sought)
}

// phrases says whether there are phrases in the query.
func (q Query) phrases() bool {
	return slices.ContainsFunc(q.terms, func(t term) bool { return t.isPhrase() })
}

// agrees says whether an article that has the words has the phrases too, and none that is excluded.
func (q Query) agrees(e *entry) bool {
	for i := range q.terms {
		if t := &q.terms[i]; t.isPhrase() && e.has(t) == t.not {
			return false
		}
	}
	return true
}
