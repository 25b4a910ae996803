package rules

import (
	"cmp"
	"errors"
	"regexp"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/clean"
)

const (
	// budget bounds what one rule may cost with one article, in bytes looked at, times the size of the pattern where there is
	// one: some tenths of a second.
	budget = 1 << 24

	// maxList bounds the authors, tags and enclosures of an article that rules see. Expressions go through them all.
	maxList = 200
)

// errBudget says that a rule costs too much with an article.
var errBudget = errors.New("the article is too long for it: make the pattern simpler, or look at title or summary in place of text")

// article is what a rule sees of an article: the words of its language.
type article struct {
	Title      string      `expr:"title"`
	Text       string      `expr:"text"`    // plain text: all of it, where the publisher gives that, else the summary
	Summary    string      `expr:"summary"` // plain text: the publisher's abstract
	URL        string      `expr:"url"`
	Authors    []author    `expr:"authors"`
	Tags       []string    `expr:"tags"`       // the publisher's terms, and their labels
	Categories []string    `expr:"categories"` // the operator's, by ID, also those from earlier rules
	Source     string      `expr:"source"`     // its ID
	Publisher  string      `expr:"publisher"`  // its name
	Language   string      `expr:"language"`   // BCP 47; empty where nothing is said
	Published  time.Time   `expr:"published"`  // zero where nothing is said
	Updated    time.Time   `expr:"updated"`
	Enclosures []enclosure `expr:"enclosures"`
	Image      string      `expr:"image"` // address of the lead picture; empty without one
	Held       string      `expr:"held"`  // why it looks injected, or that a rule holds or drops it; empty for others

	Words func(text string) (int, error)    `expr:"words"` // how many there are; each Chinese, Japanese or Korean character is one
	Lower func(text string) (string, error) `expr:"lower"`

	// What the language's operators become.
	Contains func(text, part string) (bool, error)             `expr:"$contains"`
	Starts   func(text, part string) (bool, error)             `expr:"$startsWith"`
	Ends     func(text, part string) (bool, error)             `expr:"$endsWith"`
	Matches  func(text string, pattern *pattern) (bool, error) `expr:"$matches"`
	Length   func(text string) (int, error)                    `expr:"$len"`

	left int // of the budget
}

// author is an author of an article.
type author struct {
	Name  string `expr:"name"`
	Email string `expr:"email"`
	URL   string `expr:"url"`
}

// enclosure is a file that belongs to an article.
type enclosure struct {
	URL      string        `expr:"url"`
	Type     string        `expr:"type"` // media type
	Length   int64         `expr:"length"`
	Title    string        `expr:"title"`
	Duration time.Duration `expr:"duration"`
}

// pattern is a regular expression of a rule.
type pattern struct {
	*regexp.Regexp
	size int // of its program, in instructions
}

// newArticle is what rules see of an article. Its text is left out unless it is asked for.
func newArticle(a *newswire.Article, text bool) *article {
	seen := &article{
		Title: a.Title, URL: a.URL, Source: a.Source, Publisher: a.Publisher.Title, Published: a.Published, Updated: a.Updated,
	}
	if text {
		seen.Summary = clean.Text(a.Summary)
		seen.Text = cmp.Or(clean.Text(a.Content), seen.Summary)
	}
	for _, p := range a.Authors[:min(len(a.Authors), maxList)] {
		seen.Authors = append(seen.Authors, author{p.Name, p.Email, p.URL})
	}
	for _, t := range a.Terms {
		if seen.Tags = append(seen.Tags, t.Term); t.Label != "" && t.Label != t.Term {
			seen.Tags = append(seen.Tags, t.Label)
		}
		if len(seen.Tags) >= maxList {
			break
		}
	}
	for _, e := range a.Enclosures[:min(len(a.Enclosures), maxList)] {
		seen.Enclosures = append(seen.Enclosures, enclosure{e.URL, e.Type, e.Length, e.Title, e.Duration})
	}
	if a.Image != nil {
		seen.Image = a.Image.URL
	}
	seen.functions()
	seen.update(a)
	return seen
}

// update shows the next rule what the one before has changed.
func (a *article) update(of *newswire.Article) {
	a.Categories, a.Language, a.Held = of.Categories, of.Language, of.Held
}

// functions gives an article what its language can do with texts. Each looks at a text costs as much as that is long.
func (a *article) functions() {
	a.Words = func(text string) (int, error) {
		if err := a.spend(4 * len(text)); err != nil {
			return 0, err
		}
		return words(text), nil
	}
	a.Lower = func(text string) (string, error) {
		if err := a.spend(4 * len(text)); err != nil {
			return "", err
		}
		return strings.ToLower(text), nil
	}
	a.Contains = func(text, part string) (bool, error) { return strings.Contains(text, part), a.spend(len(text)) }
	a.Starts = func(text, part string) (bool, error) { return strings.HasPrefix(text, part), a.spend(len(part)) }
	a.Ends = func(text, part string) (bool, error) { return strings.HasSuffix(text, part), a.spend(len(part)) }
	a.Length = func(text string) (int, error) { return utf8.RuneCountInString(text), a.spend(len(text)) }
	a.Matches = func(text string, p *pattern) (bool, error) {
		if err := a.spend(len(text) * p.size); err != nil {
			return false, err
		}
		return p.MatchString(text), nil
	}
}

// spend takes from the budget.
func (a *article) spend(cost int) error {
	if a.left -= cost; a.left < 0 {
		return errBudget
	}
	return nil
}

// words counts the words of a text. Where a script has no spaces between them, each character counts as one.
func words(text string) int {
	n, inside := 0, false
	for _, r := range text {
		switch {
		case r < utf8.RuneSelf:
			if letter := r|0x20 >= 'a' && r|0x20 <= 'z' || r >= '0' && r <= '9'; letter && !inside {
				n, inside = n+1, true
			} else if r == ' ' || r >= '\t' && r <= '\r' {
				inside = false
			}
		case unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul):
			n, inside = n+1, false
		case unicode.IsLetter(r) || unicode.IsNumber(r):
			if !inside {
				n++
			}
			inside = true
		case unicode.IsSpace(r):
			inside = false
		}
	}
	return n
}
