package pages

import (
	"embed"
	"encoding/json"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"golang.org/x/text/feature/plural"
	"golang.org/x/text/language"
)

//go:embed words/*.json
var wordFiles embed.FS

// Words are our own words in one language: those of pages, and of feeds where these speak of themselves.
type Words struct {
	Language string // BCP 47: the site's own where we speak it, else "en"
	Right    bool   // it is written from right to left

	tag   language.Tag
	texts map[string]string
}

// catalogs are all languages that we speak. The first is the one for all others.
type catalogs struct {
	names   []string // of files, without their extension
	texts   []map[string]string
	matcher language.Matcher
}

// spoken reads the catalogs once.
var spoken = sync.OnceValue(func() *catalogs {
	entries, err := wordFiles.ReadDir("words")
	if err != nil {
		panic("pages: " + err.Error())
	}
	names := []string{"en"}
	for _, e := range entries {
		if name := strings.TrimSuffix(e.Name(), ".json"); name != names[0] {
			names = append(names, name)
		}
	}
	c := &catalogs{names: names}
	var tags []language.Tag
	for _, name := range names {
		b, err := wordFiles.ReadFile(path.Join("words", name+".json"))
		texts := map[string]string{}
		if err == nil {
			err = json.Unmarshal(b, &texts)
		}
		if err != nil {
			panic(fmt.Sprintf("pages: words/%s.json: %v", name, err))
		}
		c.texts = append(c.texts, texts)
		tags = append(tags, language.MustParse(name))
	}
	c.matcher = language.NewMatcher(tags)
	return c
})

// Languages are those that we speak, as BCP 47 tags, English first.
func Languages() []string { return slices.Clone(spoken().names) }

// WordsIn are our words in a language, or in English where we do not speak it.
func WordsIn(tag string) *Words {
	c := spoken()
	asked, err := language.Parse(tag)
	_, i, confidence := c.matcher.Match(asked)
	w := &Words{Language: asked.String(), tag: asked}
	if err != nil || confidence < language.High {
		i, w.Language, w.tag = 0, c.names[0], language.English
	}
	script, _ := w.tag.Script()
	w.Right = script.String() == "Arab"
	w.texts = c.texts[i]
	return w
}

// Text is the text under a key. Pairs of names and values stand for what it has in braces. A test knows that no key is
// missing; one that is all the same is its own text.
func (w *Words) Text(key string, pairs ...any) string {
	text, ok := w.texts[key]
	if !ok {
		return key
	}
	for i := 0; i+1 < len(pairs); i += 2 {
		text = strings.ReplaceAll(text, "{"+plain(pairs[i])+"}", plain(pairs[i+1]))
	}
	return text
}

// plain is a value as it stands in a text.
func plain(v any) string {
	switch v := v.(type) {
	case string:
		return v
	case int:
		return strconv.Itoa(v)
	default:
		return fmt.Sprint(v)
	}
}

// Count is the text under a key for a number of things, in the plural form that the language has for it.
func (w *Words) Count(key string, n int) string {
	text, ok := w.texts[key+"."+pluralForm(plural.Cardinal.MatchPlural(w.tag, n, 0, 0, 0, 0))]
	if !ok {
		text = w.texts[key+".other"]
	}
	return strings.ReplaceAll(text, "{n}", strconv.Itoa(n))
}

// pluralForm is what a form is called in keys.
func pluralForm(f plural.Form) string {
	switch f {
	case plural.Zero:
		return "zero"
	case plural.One:
		return "one"
	case plural.Two:
		return "two"
	case plural.Few:
		return "few"
	case plural.Many:
		return "many"
	default:
		return "other"
	}
}

// Day is the date of a time in UTC, in full.
func (w *Words) Day(t time.Time) string {
	t = t.UTC()
	return w.Text("date", "d", t.Day(), "month", w.Text("month."+strconv.Itoa(int(t.Month()))), "m", int(t.Month()), "y", t.Year())
}

// When is a time in UTC, to the minute.
func (w *Words) When(t time.Time) string {
	return w.Text("time", "date", w.Day(t), "time", t.UTC().Format("15:04"))
}

// List joins names as a sentence does.
func (w *Words) List(names []string) string {
	last := len(names) - 1
	if last < 1 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:last], w.Text("list.comma")) + w.Text("list.and") + names[last]
}
