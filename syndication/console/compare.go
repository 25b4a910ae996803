package console

import (
	"context"
	"regexp"
	"slices"
	"strings"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication"
	"github.com/newswire/newswire/syndication/internal/text"
)

// comparison is two texts side by side.
type comparison struct {
	Heading     string
	Left, Right side
}

// The marks of lines, as elements of HTML.
const (
	removed = "del"
	added   = "ins"
)

// side is one of them.
type side struct {
	Heading string
	Mark    string // of lines that stand there alone: "del" or "ins"
	Lines   []line
}

// line is a paragraph, without markup.
type line struct {
	Text  string
	Alone bool // the other side has none like it
}

// comparisons show what becomes of a held article that is released: against what its publisher sent, and, where readers saw an
// earlier revision, against that.
func comparisons(ctx context.Context, store cache.History, a *newswire.Article) ([]comparison, error) {
	revisions, err := store.Revisions(ctx, a.ID)
	if err != nil {
		return nil, err
	}
	shown := published(a)
	var out []comparison
	for i := len(revisions) - 1; i >= 0; i-- {
		if before := &revisions[i]; !before.UnderReview() {
			out = append(out, compare("The published revision, and the new one", side{"What readers saw", removed, published(before)}, side{"What they would see", added, shown}))
			break
		}
	}
	sent := paragraphs(a.Title, a.Summary, a.Content)
	return append(out, compare("What its publisher sent, and what would be published", side{"What its publisher sent, cleaned", removed, sent}, side{"What would be published", added, shown})), nil
}

// published is what readers see of an article by its rights, with the line that names its publisher.
func published(a *newswire.Article) []line {
	shown := syndication.Finish(*a)
	return paragraphs(shown.Title, shown.Summary, shown.Content)
}

// endOfParagraph is where people see one end.
var endOfParagraph = regexp.MustCompile(`</(?:p|li|h[1-6]|blockquote|pre|tr|dt|dd|figcaption|div)>|<br>`)

// paragraphs are a title and fragments of HTML, without markup.
func paragraphs(title string, fragments ...string) []line {
	var lines []line
	add := func(words string) {
		if words != "" {
			lines = append(lines, line{Text: words})
		}
	}
	add(strings.Join(strings.Fields(title), " "))
	for _, fragment := range fragments {
		for _, part := range endOfParagraph.Split(fragment, -1) {
			add(text.Plain(part))
		}
	}
	return lines
}

// compare marks the lines that stand on one side alone. A line that stands on one side more often is alone as often.
func compare(heading string, left, right side) comparison {
	mark := func(lines, other []line) {
		there := map[string]int{}
		for _, l := range other {
			there[l.Text]++
		}
		for i := range lines {
			there[lines[i].Text]--
			lines[i].Alone = there[lines[i].Text] < 0
		}
	}
	left.Lines, right.Lines = slices.Clone(left.Lines), slices.Clone(right.Lines) // a text may be in two comparisons
	mark(left.Lines, right.Lines)
	mark(right.Lines, left.Lines)
	return comparison{heading, left, right}
}
