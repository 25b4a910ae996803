package config

import (
	"fmt"
	"math/rand/v2"
	"runtime"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v4"
)

// awkward are lines of which lists are made, some of which end what others begin.
var awkward = []string{
	"  - a: 1", "    b: 2", "  - {c: 3}", "  - 'quoted", "  text'", "  - |", "     block", "   - a", "  - x", "  -", "    - y", "  - [1,", "  2]",
	"  # note", "", "other: 1", "- d: 4", "  e: 5", "  - &k f", "  - *k", "  - \"g", "  - h\"", "more: [", "]", "---", "...", "\t- i", "  - >-", "    folded",
	"sources:", " - j: k", "  - plain", "    goes on", "  ? l", "  : m", "sources: # again", "...: n", "key: &k 7", "last: *k", "  - - o", "    - p",
}

// TestSplitTextsMeanWhatTheWholeMeans compares random texts that are read in runs with the same texts read whole.
func TestSplitTextsMeanWhatTheWholeMeans(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same texts each time
	good := 0
	for range 20_000 {
		var lines []string
		for range random.IntN(3) {
			lines = append(lines, awkward[random.IntN(len(awkward))])
		}
		lines = append(lines, "sources:", "  - z: 0")
		for range 1 + random.IntN(7) {
			line := "  - fine"
			if random.IntN(2) > 0 {
				line = awkward[random.IntN(len(awkward))]
			}
			lines = append(lines, line)
		}
		text := []byte(strings.Join(lines, "\n") + "\n")
		got, ok := readSplit(text)
		if !ok {
			continue
		}
		good++
		var want map[string]any
		if err := yaml.Load(text, &want); err != nil {
			t.Fatalf("a text that is wrong was read in runs: %v\n%s", err, text)
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Fatalf("runs of\n%s\nmean something else than the whole (-whole +runs):\n%s", text, d)
		}
	}
	if good < 500 {
		t.Errorf("only %d texts were split", good)
	}
}

// readSplit is what a text means that can be read in runs of two entries.
func readSplit(text []byte) (map[string]any, bool) {
	l := splitSources("some.yaml", text, 2)
	var root yaml.Node
	var all map[string]any
	if l == nil || yaml.Load(l.rest, &root) != nil || !l.holds(&root) || root.Load(&all) != nil {
		return nil, false
	}
	var entries []any
	for _, r := range l.runs {
		var node yaml.Node
		var of map[string]any
		if yaml.Load(append([]byte(listHead), r.text...), &node) != nil || anchored(&node) || node.Load(&of) != nil {
			return nil, false
		}
		some, ok := of["sources"].([]any)
		if !ok {
			return nil, false
		}
		entries = append(entries, some...)
	}
	all["sources"] = entries
	return all, true
}

// long is a config of so many sources.
func long(sources int) string {
	var b strings.Builder
	b.WriteString("site: {title: Long}\ncategories: [{id: trade}]\nsources:\n")
	for i := range sources {
		fmt.Fprintf(&b, "  - id: s%d\n    url: https://s%d.example/feed\n    categories: [trade]\n", i, i)
	}
	b.WriteString("# the end\nrules: [{when: 'false', do: drop}]\n")
	return b.String()
}

func TestALongConfigIsReadWhole(t *testing.T) {
	const n = 2*runLength + 10
	c, err := Parse("long.yaml", []byte(long(n)))
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Sources) != n || c.Sources[n-1].ID != fmt.Sprintf("s%d", n-1) || c.Site.Title != "Long" || len(c.Rules.For("s1")) != 1 {
		t.Errorf("%d sources, the last %+v, site %+v", len(c.Sources), c.Sources[len(c.Sources)-1], c.Site)
	}
}

// TestMistakesInALongConfigHaveTheirLines has mistakes beyond the first run, and after the list.
func TestMistakesInALongConfigHaveTheirLines(t *testing.T) {
	line := 3 + 3*(runLength+5) // of the last line of a source in the second run
	for _, tt := range []struct{ name, old, new, want string }{
		{"unknown key", "url: https://s1004.", "urll: https://s1004.", fmt.Sprintf(`long.yaml:%d: unknown key "urll"; did you mean "url"?`, line-1)},
		{
			"no such category", "s1004.example/feed\n    categories: [trade]", "s1004.example/feed\n    categories: [tradee]",
			fmt.Sprintf(`long.yaml:%d: there is no category "tradee"; did you mean "trade"?`, line),
		},
		{"id of another run", "id: s1004\n", "id: s3\n", fmt.Sprintf(`long.yaml:%d: source id "s3" is already taken on line %d`, line-2, 3+3*3+1)},
		{"after the list", "do: drop", "doo: drop", fmt.Sprintf(`long.yaml:%d: unknown key "doo"; did you mean "do"?`, 3+3*(runLength+10)+2)},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse("long.yaml", []byte(strings.Replace(long(runLength+10), tt.old, tt.new, 1)))
			if err == nil || !strings.Contains(err.Error()+"\n", tt.want+"\n") {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

// TestNoticesOfALongConfigHaveTheirLines has a source in the second run with what an operator is told of.
func TestNoticesOfALongConfigHaveTheirLines(t *testing.T) {
	t.Setenv("LONG_PASSWORD", "secret")
	text := strings.Replace(long(runLength+10), "url: https://s1004.example/feed\n", "url: http://s1004.example/feed\n    access: {user: me, password_env: LONG_PASSWORD}\n", 1)
	c, err := Parse("long.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	want := fmt.Sprintf("long.yaml:%d: source %q sends its credentials", 3+3*(runLength+5), "s1004")
	if !strings.Contains(c.Notices.Error(), want) {
		t.Errorf("got %v, want %s", c.Notices, want)
	}
}

// TestTheCostOfASourceDoesNotGrow counts the bytes that are allocated for each source.
func TestTheCostOfASourceDoesNotGrow(t *testing.T) {
	cost := func(sources int) float64 {
		text := []byte(long(sources))
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		if _, err := Parse("long.yaml", text); err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		return float64(after.TotalAlloc-before.TotalAlloc) / float64(sources)
	}
	cost(10)
	if few, many := cost(1000), cost(10_000); many > 1.3*few {
		t.Errorf("a source of 10,000 costs %.0f bytes, one of 1,000 %.0f", many, few)
	}
}

// TestWhatHasNotChangedIsNotCheckedAgain has a loader keep what it found of the parts of a text that stay.
func TestWhatHasNotChangedIsNotCheckedAgain(t *testing.T) {
	text := long(3 * runLength)
	first, err := Parse("long.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	earlier := first.checked()
	if len(earlier) != 3 {
		t.Fatalf("%d parts can be kept, want 3", len(earlier))
	}
	for _, list := range earlier { // if these are taken, they are not checked
		for i := range list {
			list[i].Name = "kept"
		}
	}
	kept := func(text string) (n int) {
		t.Helper()
		_, c, err := parse(fileText{name: "long.yaml", data: []byte(text)}, earlier)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range c.Sources {
			if s.Name == "kept" {
				n++
			}
		}
		return n
	}
	for _, tt := range []struct {
		name, old, new string
		want           int
	}{
		{"the title", "Long", "Longer", 3 * runLength},
		{"a source", "s1500.example", "s1500.example.org", 2 * runLength},
		{"the defaults", "sources:", "defaults: {schedule: '@daily'}\nsources:", 0},
		{"a category", "[{id: trade}]", "[{id: trade}, {id: ships}]", 0},
	} {
		if got := kept(strings.Replace(text, tt.old, tt.new, 1)); got != tt.want {
			t.Errorf("%s changed: %d sources were kept, want %d", tt.name, got, tt.want)
		}
	}
	_, _, err = parse(fileText{name: "long.yaml", data: []byte(strings.Replace(text, "id: s1500\n", "id: s3\n", 1))}, earlier)
	if want := `source id "s3" is already taken on line 13`; err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("got %v, want %s", err, want)
	}
}
