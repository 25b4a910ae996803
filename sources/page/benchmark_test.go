package page_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/newswire/newswire/sources/clean"
	"github.com/newswire/newswire/sources/page"
)

// leastF1 is asked of the text of the pages of scrapinghub/article-extraction-benchmark, by its own measure.
const leastF1 = 0.970

// TestThePagesOfThePublicBenchmarkAreRead measures against a checkout of that repository, which is no part of this one. The
// rules for texts were made by every second of its pages; the others say whether they hold for pages not seen before.
func TestThePagesOfThePublicBenchmarkAreRead(t *testing.T) {
	checkout := os.Getenv("ARTICLE_BENCHMARK")
	if checkout == "" {
		t.Skip("left out: ARTICLE_BENCHMARK does not name a checkout of scrapinghub/article-extraction-benchmark")
	}
	var truth map[string]struct{ ArticleBody, URL string }
	if err := json.Unmarshal(read(t, filepath.Join(checkout, "ground-truth.json")), &truth); err != nil {
		t.Fatal(err)
	}
	all, shown, halves := &score{}, &score{}, [2]*score{{}, {}}
	for i, name := range slices.Sorted(maps.Keys(truth)) {
		document := unzipped(t, filepath.Join(checkout, "html", name+".html.gz"))
		it, err := page.Read(t.Context(), document, page.Options{URL: truth[name].URL, ContentType: "text/html"}, page.Selectors{})
		text := ""
		if err != nil {
			t.Errorf("%s: %v", name, err)
		} else {
			text = clean.Text(it.Content)
		}
		shown.add(shingled(text, truth[name].ArticleBody))
		precision, recall := shingled(clean.Text(captions.ReplaceAllString(it.Content, " ")), truth[name].ArticleBody)
		all.add(precision, recall)
		halves[i%2].add(precision, recall)
		if i%2 == 0 && (precision < 0.95 || recall < 0.95) {
			t.Logf("%s %s: precision %.3f, recall %.3f", name[:8], truth[name].URL, precision, recall)
		}
	}
	for _, s := range []struct {
		name string
		of   *score
	}{{"the half that the rules were made by", halves[0]}, {"the other half", halves[1]}, {"all", all}, {"all with captions", shown}} {
		t.Logf("%s: %d pages, F1 %.4f, precision %.4f, recall %.4f", s.name, s.of.pages, s.of.f1(), s.of.precision(), s.of.recall())
	}
	if all.f1() < leastF1 {
		t.Errorf("F1 %.4f; want %v", all.f1(), leastF1)
	}
}

// captions are what the benchmark's texts are without and an article's pictures are not.
var captions = regexp.MustCompile(`(?is)<figcaption.*?</figcaption>`)

// score sums up pages.
type score struct {
	pages         int
	right, wanted float64
}

func (s *score) add(precision, recall float64) {
	s.pages++
	s.right += precision
	s.wanted += recall
}

func (s *score) precision() float64 { return s.right / float64(s.pages) }
func (s *score) recall() float64    { return s.wanted / float64(s.pages) }
func (s *score) f1() float64 {
	return 2 * s.precision() * s.recall() / (s.precision() + s.recall())
}

func unzipped(t *testing.T, file string) []byte {
	t.Helper()
	r, err := gzip.NewReader(bytes.NewReader(read(t, file)))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var word = regexp.MustCompile(`[\pL\pN\pM_]+`)

// shingled is the share of a text's shingles, four words each, that are wanted, and the share of those wanted that it has.
func shingled(got, want string) (precision, recall float64) {
	shingles := func(text string) map[string]int {
		words, counts := word.FindAllString(text, -1), map[string]int{}
		for i := range max(1, len(words)-3) {
			counts[strings.Join(words[i:min(i+4, len(words))], " ")]++
		}
		delete(counts, "")
		return counts
	}
	have, wanted := shingles(got), shingles(want)
	common, haveAll, wantedAll := 0, 0, 0
	for shingle, n := range have {
		haveAll += n
		common += min(n, wanted[shingle])
	}
	for _, n := range wanted {
		wantedAll += n
	}
	share := func(of int) float64 {
		switch {
		case of > 0:
			return float64(common) / float64(of)
		case haveAll+wantedAll == 0:
			return 1
		}
		return 0
	}
	return share(haveAll), share(wantedAll)
}
