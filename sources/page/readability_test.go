package page_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/clean"
	"github.com/newswire/newswire/sources/page"
)

// The least that is asked of the test pages of mozilla/readability, each a page of the web or a case made up, with the
// title, the author and the text that Firefox's reader view takes from it.
const (
	leastTitles  = 0.95 // share of the pages
	leastBylines = 0.80 // share of the pages of which an author is expected
	leastText    = 0.90 // mean F1 of the text's tokens
)

// TestThePagesOfMozillasReadabilityAreRead measures against a checkout of that repository, which is not part of this
// one.
func TestThePagesOfMozillasReadabilityAreRead(t *testing.T) {
	checkout := os.Getenv("NEWSWIRE_READABILITY")
	if checkout == "" {
		t.Skip("left out: NEWSWIRE_READABILITY does not name a checkout of mozilla/readability")
	}
	sources, err := filepath.Glob(filepath.Join(checkout, "test", "test-pages", "*", "source.html"))
	if err != nil || len(sources) < 100 {
		t.Fatalf("NEWSWIRE_READABILITY: %d test pages, %v; want 100 and more", len(sources), err)
	}
	var titles, exact, bylines, withByline int
	var text float64
	for _, source := range sources {
		dir := filepath.Dir(source)
		name := filepath.Base(dir)
		var expected struct{ Title, Byline, SiteName string }
		if err := json.Unmarshal(read(t, filepath.Join(dir, "expected-metadata.json")), &expected); err != nil {
			t.Fatal(err)
		}
		it, err := page.Read(t.Context(), read(t, source), page.Options{URL: "http://fakehost/test/page.html"}, page.Selectors{})
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		exactly, rightly := isTitle(it.Title, expected.Title, expected.SiteName, string(read(t, source)))
		if exactly {
			exact++
		}
		if rightly {
			titles++
		} else {
			t.Logf("%s: title %q, expected %q", name, it.Title, expected.Title)
		}
		if expected.Byline != "" {
			withByline++
			if isByline(it.Authors, expected.Byline) {
				bylines++
			} else {
				t.Logf("%s: byline %+v, expected %q", name, it.Authors, expected.Byline)
			}
		}
		f1 := tokenF1(clean.Text(it.Content), clean.Text(string(read(t, filepath.Join(dir, "expected.html")))))
		text += f1
		if f1 < leastText {
			t.Logf("%s: text %.3f", name, f1)
		}
	}
	n := float64(len(sources))
	t.Logf("%d pages: titles %.3f (%.3f to the letter), bylines %.3f (of %d), text %.4f", len(sources),
		float64(titles)/n, float64(exact)/n, float64(bylines)/float64(withByline), withByline, text/n)
	if float64(titles)/n < leastTitles || float64(bylines)/float64(withByline) < leastBylines || text/n < leastText {
		t.Errorf("want titles %v, bylines %v, text %v at least", leastTitles, leastBylines, leastText)
	}
}

func read(t testing.TB, file string) []byte {
	t.Helper()
	body, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return body
}

var (
	headingForm = regexp.MustCompile(`(?is)<h[12][^>]*>(.*?)</h[12]>`)
	sectionForm = regexp.MustCompile(`^\s*(?:[|_·–—]| - |::)`)
)

// isTitle says whether a title is the expected one, or that without the names of section and site at its end, which the
// expected ones often keep and we take off. What is left must then be a heading of the page, or what was taken off the
// expected name of the site.
func isTitle(got, want, site, source string) (exactly, rightly bool) {
	got, want = strings.Join(strings.Fields(got), " "), strings.Join(strings.Fields(want), " ")
	if got == want {
		return true, true
	}
	off, ok := strings.CutPrefix(want, got)
	if !ok || got == "" || !sectionForm.MatchString(off) {
		return false, false
	}
	if site != "" && strings.HasSuffix(off, site) {
		return false, true
	}
	for _, heading := range headingForm.FindAllStringSubmatch(source, -1) {
		if strings.Trim(clean.Text(heading[1]), "¶ ") == got {
			return false, true
		}
	}
	return false, false
}

// noName are words of a byline that are part of no name, and dateForm the date that some end with.
var (
	noName   = regexp.MustCompile(`(?i)^(?:by|par|and|et)$`)
	dateForm = regexp.MustCompile(`(?:\d{1,2} )?(?:Dec|March) (?:\d{1,2}, )?\d{4}.*$`)
)

// isByline says whether the names make up the expected byline, word for word, but for those before and between names.
func isByline(got []newswire.Person, want string) bool {
	var names []string
	for _, p := range got {
		names = append(names, p.Name)
	}
	words := func(s string) []string {
		return slices.DeleteFunc(tokens(s), noName.MatchString)
	}
	return slices.Equal(words(strings.Join(names, " ")), words(dateForm.ReplaceAllString(want, "")))
}

// tokens are the words of a text; each ideograph is one.
func tokens(s string) []string {
	var all []string
	var word strings.Builder
	flush := func() {
		if word.Len() > 0 {
			all = append(all, strings.ToLower(word.String()))
			word.Reset()
		}
	}
	for _, c := range s {
		switch {
		case unicode.In(c, unicode.Han, unicode.Hiragana, unicode.Katakana):
			flush()
			all = append(all, string(c))
		case unicode.IsLetter(c), unicode.IsDigit(c), unicode.Is(unicode.Mn, c):
			word.WriteRune(c)
		default:
			flush()
		}
	}
	flush()
	return all
}

// tokenF1 is the harmonic mean of precision and recall of a text's tokens, each counted as often as it occurs.
func tokenF1(got, want string) float64 {
	have, wanted := tokens(got), tokens(want)
	if len(have) == 0 && len(wanted) == 0 {
		return 1
	}
	left := map[string]int{}
	for _, token := range wanted {
		left[token]++
	}
	common := 0
	for _, token := range have {
		if left[token] > 0 {
			left[token]--
			common++
		}
	}
	return 2 * float64(common) / float64(len(have)+len(wanted))
}
