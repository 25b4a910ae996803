package pages_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/newswire/newswire/syndication/pages"
)

// catalog reads our words in a language.
func catalog(t *testing.T, name string) map[string]string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("words", name+".json"))
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string]string{}
	if err := json.Unmarshal(b, &texts); err != nil {
		t.Fatal(err)
	}
	return texts
}

// pluralForm ends the key of a text for some numbers. A language has those that it needs.
var pluralForm = regexp.MustCompile(`\.(zero|one|two|few|many)$`)

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

func TestNoLanguageLacksAKey(t *testing.T) {
	english := catalog(t, "en")
	for _, name := range pages.Languages() {
		texts := catalog(t, name)
		for key, text := range english {
			if pluralForm.MatchString(key) {
				continue
			}
			if texts[key] == "" {
				t.Errorf("%s lacks %q", name, key)
				continue
			}
			want, got := placeholders(text), placeholders(texts[key])
			if key == "date" {
				got, want = slices.DeleteFunc(got, func(s string) bool { return s == "{m}" || s == "{month}" }), []string{"{d}", "{y}"}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: %q has the placeholders %v, want %v", name, key, got, want)
			}
		}
		for key := range texts {
			if english[key] == "" && english[pluralForm.ReplaceAllString(key, ".other")] == "" {
				t.Errorf("%s has %q, which English has not", name, key)
			}
		}
	}
}

func placeholders(text string) []string {
	found := placeholder.FindAllString(text, -1)
	slices.Sort(found)
	return found
}

// TestEveryKeyIsUsed reads the keys in templates and code.
func TestEveryKeyIsUsed(t *testing.T) {
	var all strings.Builder
	for _, pattern := range []string{"templates/*.html", "*.go", "../web/*.go"} {
		files, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			all.Write(b)
		}
	}
	english := catalog(t, "en")
	for key := range english {
		said := pluralForm.ReplaceAllString(strings.TrimSuffix(key, ".other"), "")
		if family, _, ok := strings.Cut(key, "."); ok && strings.Contains(all.String(), `"`+family+`."`) {
			continue // the rest of the key is chosen when it is used
		}
		if !strings.Contains(all.String(), `"`+said+`"`) {
			t.Errorf("no page says %q", key)
		}
	}
	for _, m := range regexp.MustCompile(`\{\{-? ?t "([^"]+)"`).FindAllStringSubmatch(all.String(), -1) {
		if _, ok := english[m[1]]; !ok {
			t.Errorf("a template says %q, which is in no catalog", m[1])
		}
	}
}

var expected = map[string][5]string{
	"en":    {"en", "Subscribe", "1 article", "3 articles", "2 November 2026, 09:30 UTC"},
	"en-GB": {"en-GB", "Subscribe", "1 article", "3 articles", "2 November 2026, 09:30 UTC"},
	"fi":    {"en", "Subscribe", "1 article", "3 articles", "2 November 2026, 09:30 UTC"}, // which we do not speak
	"de-AT": {"de-AT", "Abonnieren", "1 Artikel", "3 Artikel", "2. November 2026, 09:30 UTC"},
	"fr":    {"fr", "S’abonner", "1 article", "3 articles", "2 novembre 2026, 09:30 UTC"},
	"es-MX": {"es-MX", "Suscribirse", "1 artículo", "3 artículos", "2 de noviembre de 2026, 09:30 UTC"},
	"zh":    {"zh", "订阅", "1 篇文章", "3 篇文章", "2026年11月2日 09:30 UTC"},
	"zh-TW": {"zh-TW", "訂閱", "1 篇文章", "3 篇文章", "2026年11月2日 09:30 UTC"},
	"ja":    {"ja", "購読する", "1 件の記事", "3 件の記事", "2026年11月2日 09:30 UTC"},
	"ar":    {"ar", "اشترك", "مقال واحد", "3 مقالات", "2 نوفمبر 2026، 09:30 UTC"},
	"":      {"en", "Subscribe", "1 article", "3 articles", "2 November 2026, 09:30 UTC"},
}

func TestWordsFollowTheLanguage(t *testing.T) {
	at := time.Date(2026, 11, 2, 9, 30, 0, 0, time.UTC)
	for tag, want := range expected {
		w := pages.WordsIn(tag)
		got := [...]string{w.Language, w.Text("subscribe"), w.Count("articles", 1), w.Count("articles", 3), w.When(at)}
		if got != want {
			t.Errorf("%s: %q, want %q", tag, got, want)
		}
		if w.Right != (tag == "ar") {
			t.Errorf("%s: written from right to left: %v", tag, w.Right)
		}
	}
}
