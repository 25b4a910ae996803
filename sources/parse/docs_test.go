package parse

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// structure is what holds elements, and what is read as a part of the element that it stands in.
var structure = []string{
	"rss", "rdf", "channel", "item", "feed", "entry", "name", "email", "uri", "url", "width", "height",
	"atom:name", "atom:email", "atom:uri",
}

// Whatever the scanner lets through is kept or dropped on purpose, and docs/kept.md says which.
func TestEveryElementThatIsReadIsDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/kept.md")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ToLower(string(doc))
	read := map[string]shape{}
	for _, table := range []map[string]shape{extensions, rssElements, atomElements} {
		maps.Copy(read, table)
	}
	for name := range read {
		if !slices.Contains(structure, name) && !strings.Contains(text, "`"+name+"`") && !strings.Contains(text, "`"+name+" ") {
			t.Errorf("%s is read, and docs/kept.md does not say what for", name)
		}
	}
	kept, _, found := strings.Cut(text, "## news sitemaps")
	if !found {
		t.Fatal("docs/kept.md has no section on news sitemaps")
	}
	for _, m := range regexp.MustCompile("`((?:atom|dc|dcterms|content|itunes|media|feedburner|cc|rsl|xhtml|sy):[a-z]+)").FindAllStringSubmatch(kept, -1) {
		if _, ok := read[m[1]]; !ok {
			t.Errorf("docs/kept.md says that %s is kept, and it is not read", m[1])
		}
	}
}
