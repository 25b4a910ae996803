package newswire_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/newswire/newswire"

// arrows are the picture in ARCHITECTURE.md: what the code of a package imports of the module, tests left out. Every
// package has a line, and a line says no more and no less than its package does. A file has a line of its own where it
// alone may import something.
var arrows = map[string][]string{
	".":       {},
	"browser": {},

	"internal/guard":           {},
	"internal/guard/guardtest": {},
	"internal/heap":            {},
	"internal/tracing":         {"."},

	"sources":                  {".", "cache", "internal/tracing", "sources/clean", "sources/fetch", "sources/identity", "sources/internal/aipref", "sources/internal/stable", "sources/pace", "sources/page", "sources/parse", "sources/push", "sources/rules", "sources/sitemap", "sources/websub"},
	"sources/clean":            {".", "sources/internal/byteset", "sources/internal/tree"},
	"sources/internal/aipref":  {"."},
	"sources/internal/byteset": {},
	"sources/internal/hostile": {},
	"sources/internal/tree":    {"sources/internal/byteset"},
	"sources/discover":         {"sources/clean", "sources/fetch", "sources/parse", "sources/sitemap"},
	"sources/fetch":            {".", "internal/guard"},
	"sources/internal/stable":  {"sources/internal/byteset"},
	"sources/identity":         {".", "sources/internal/iri"},
	"sources/internal/iri":     {},
	"sources/internal/charset": {"sources/clean", "sources/internal/byteset"},
	"sources/internal/laxjson": {},
	"sources/internal/markup":  {"sources/internal/xmlscan"},
	"sources/internal/names":   {"sources/internal/byteset"},
	"sources/internal/xmlscan": {"sources/clean"},
	"sources/opml":             {"sources/clean", "sources/internal/charset", "sources/internal/markup"},
	"sources/pace":             {".", "cache", "internal/tracing", "sources/fetch"},
	"sources/page":             {".", "sources/clean", "sources/internal/charset", "sources/internal/stable", "sources/internal/tree", "sources/parse", "sources/parse/date"},
	"sources/page/propose":     {"sources/page", "sources/parse"},
	"sources/parse":            {".", "sources/clean", "sources/internal/charset", "sources/internal/iri", "sources/internal/laxjson", "sources/internal/names", "sources/internal/stable", "sources/internal/xmlscan", "sources/parse/date"},
	"sources/parse/date":       {"sources/clean"},
	"sources/robots":           {".", "sources/fetch", "sources/internal/aipref"},
	"sources/rules":            {".", "sources/clean"},
	"sources/sitemap":          {".", "sources/clean", "sources/internal/charset", "sources/internal/markup", "sources/internal/stable", "sources/parse", "sources/parse/date"},
	"sources/sourcetest":       {},

	"sources/sourcetest/referee": {},

	"sources/push":   {".", "sources/fetch", "sources/websub"},
	"sources/websub": {".", "sources/fetch"},

	"cache":                      {"."},
	"cache/cachetest":            {".", "cache"},
	"cache/internal/batch":       {},
	"cache/internal/decoded":     {".", "cache/internal/texts"},
	"cache/internal/domainjson":  {".", "cache/internal/json"},
	"cache/internal/json":        {},
	"cache/internal/texts":       {".", "cache/internal/json"},
	"cache/rediscache":           {".", "cache", "cache/internal/batch", "cache/internal/decoded", "cache/internal/domainjson", "cache/internal/json", "cache/internal/texts"},
	"cache/rediscache/redistest": {},
	"cache/sqlitecache":          {".", "cache", "cache/internal/batch", "cache/internal/decoded", "cache/internal/domainjson", "cache/internal/json", "cache/internal/texts"},

	"syndication":                   {".", "syndication/internal/text"},
	"syndication/admin":             {},
	"syndication/api":               {".", "cache", "syndication", "syndication/change", "syndication/jsonfeed", "syndication/ninjs", "syndication/partner"},
	"syndication/audience":          {"."},
	"syndication/atom":              {".", "syndication/internal/mediarss", "syndication/internal/parts", "syndication/internal/text"},
	"syndication/change":            {".", "syndication", "syndication/jsonfeed", "syndication/ninjs"},
	"syndication/console":           {".", "cache", "syndication", "syndication/admin", "syndication/internal/text", "syndication/webhook"},
	"syndication/delivery":          {".", "cache"},
	"syndication/hub":               {".", "cache", "internal/guard", "syndication/delivery", "syndication/delivery/post"},
	"syndication/delivery/post":     {".", "internal/guard"},
	"syndication/internal/feedtest": {"."},
	"syndication/internal/mediarss": {".", "syndication/internal/text"},
	"syndication/internal/parts":    {"."},
	"syndication/internal/text":     {"."},
	"syndication/internal/webtest":  {".", "cache", "cache/rediscache", "cache/sqlitecache", "syndication/web"},
	"syndication/jsonfeed":          {".", "syndication/internal/parts", "syndication/internal/text"},
	"syndication/ninjs":             {".", "syndication/internal/text"},
	"syndication/opml":              {".", "syndication/internal/text"},
	"syndication/pages":             {"."},
	"syndication/pictures":          {".", "internal/guard"},
	"syndication/partner":           {".", "cache", "syndication"},
	"syndication/revision":          {".", "cache", "internal/tracing", "syndication", "syndication/internal/parts", "syndication/snapshot"},
	"syndication/rss":               {".", "syndication/internal/mediarss", "syndication/internal/parts", "syndication/internal/text"},
	"syndication/snapshot":          {"."},
	"syndication/search":            {".", "cache", "syndication", "syndication/internal/text"},
	"syndication/static":            {},
	"syndication/webhook":           {".", "cache", "syndication", "syndication/change", "syndication/delivery", "syndication/delivery/post", "syndication/partner"},
	"syndication/web": {
		".", "cache", "internal/tracing", "syndication", "syndication/atom", "syndication/audience", "syndication/internal/text",
		"syndication/jsonfeed", "syndication/opml", "syndication/pages", "syndication/pictures", "syndication/revision", "syndication/rss",
		"syndication/search", "syndication/snapshot",
	},

	"cmd/newswire": {
		".", "cache", "cmd/newswire/internal/config", "cmd/newswire/internal/demo", "cmd/newswire/internal/diagnosis", "cmd/newswire/internal/edit", "cmd/newswire/internal/lookup",
		"cmd/newswire/internal/profile", "cmd/newswire/internal/service", "cmd/newswire/internal/stores", "cmd/newswire/internal/terminal",
		"sources", "sources/clean", "sources/discover", "sources/fetch", "sources/opml", "sources/page/propose",
		"syndication", "syndication/change", "syndication/partner", "syndication/snapshot", "syndication/static", "syndication/web", "syndication/webhook",
	},
	"cmd/newswire/internal/config": {".", "cmd/newswire/internal/stores", "sources/fetch", "sources/identity", "sources/pace", "sources/page", "sources/rules", "syndication/admin", "syndication/hub", "syndication/pages", "syndication/partner"},
	"cmd/newswire/internal/demo":   {},
	"cmd/newswire/internal/diagnosis": {
		".", "cache", "cmd/newswire/internal/config", "cmd/newswire/internal/service", "cmd/newswire/internal/stores", "sources",
		"sources/clean", "sources/discover", "sources/fetch", "sources/parse",
	},
	"cmd/newswire/internal/edit":    {"."},
	"cmd/newswire/internal/lookup":  {".", "cache", "cmd/newswire/internal/edit", "cmd/newswire/internal/stores", "sources", "sources/discover", "sources/fetch", "sources/page", "sources/page/propose", "sources/parse"},
	"cmd/newswire/internal/profile": {},
	"cmd/newswire/internal/service": {
		".", "cache", "cmd/newswire/internal/config", "cmd/newswire/internal/edit", "cmd/newswire/internal/lookup", "cmd/newswire/internal/stores", "internal/heap", "internal/tracing", "sources", "sources/discover", "sources/fetch",
		"sources/pace", "sources/push", "sources/robots", "sources/websub", "syndication/admin", "syndication/api", "syndication/console", "syndication/delivery", "syndication/delivery/post", "syndication/hub", "syndication/partner", "syndication/pictures", "syndication/search", "syndication/snapshot", "syndication/web", "syndication/webhook",
	},
	"cmd/newswire/internal/stores": {".", "cache", "cache/rediscache", "cache/sqlitecache"},

	"cmd/newswire/internal/terminal": {},

	"deploy":       {},
	"docs/follow":  {},
	"docs/receive": {},

	"bench/growth": {".", "cache", "cache/rediscache", "cache/sqlitecache", "syndication/web"},
	"bench/push":   {".", "cache", "cache/sqlitecache", "syndication/delivery", "syndication/hub", "syndication/web"},
	"bench/serve":  {".", "cache", "cache/sqlitecache", "internal/heap", "syndication/api", "syndication/partner", "syndication/web"},
	"bench/start":  {".", "cache", "cache/rediscache", "cache/sqlitecache"},
	"bench/search": {".", "cache", "syndication/search"},
	"bench/visits": {".", "cache", "cache/rediscache", "cache/sqlitecache", "sources", "sources/fetch"},
}

// rules are what no line of arrows may say. A new arrow is a line; an arrow against a rule is another architecture.
var rules = []struct {
	from, to string // regular expressions of whole folders or files
	but      string // a package, or a file, that is an exception; as from
	why      string
}{
	{from: `\.`, to: `.*`, why: "the vocabulary imports nothing"},
	{from: `cache.*`, to: `(sources|syndication).*`, why: "a store knows neither side"},
	{from: `sources.*`, to: `syndication.*`, why: "the two sides meet in the cache"},
	{from: `syndication.*`, to: `sources.*`, why: "the two sides meet in the cache"},
	{from: `sources/.*`, to: `sources`, why: "a reader of documents knows nothing of visits"},
	{from: `sources/.*`, to: `cache`, but: `sources/pace`, why: "a reader of documents knows nothing of the store"},
	{from: `sources/pace`, to: `sources/(clean|discover|opml|page|parse|sitemap)`, why: "the pace of visits does not depend on how documents are read"},
	{from: `syndication(/(admin|atom|jsonfeed|ninjs|opml|rss|snapshot|internal/.*))?`, to: `cache`, but: `syndication/internal/webtest`, why: "a format writes what it is given"},
	{from: `syndication.*`, to: `syndication/web`, but: `syndication/internal/webtest`, why: "handlers are the outermost"},
	{from: `syndication/(revision|audience)`, to: `syndication/(atom|jsonfeed|ninjs|opml|rss)`, why: "the engine knows no format"},
	{from: `.*`, to: `cache/[a-z]+cache`, but: `cmd/newswire/internal/stores|bench/.*|syndication/internal/webtest`, why: "one package knows the drivers"},
	{from: `.*`, to: `.*/(sourcetest|cachetest|redistest|feedtest|webtest)`, why: "test support is for tests"},
	{from: `.*`, to: `(cmd|bench)(/.*)?`, but: `cmd/newswire.*`, why: "commands are the outermost"},
}

// broken is why an arrow is against the rules; empty when it is not.
func broken(from, to string) string {
	whole := func(pattern, s string) bool { return regexp.MustCompile("^(?:" + pattern + ")$").MatchString(s) }
	for _, r := range rules {
		if whole(r.from, from) && whole(r.to, to) && (r.but == "" || !whole(r.but, from)) {
			return r.why
		}
	}
	return ""
}

// TestImportsFollowThePicture reads the import blocks themselves: what `go list` says is no input that the test cache
// knows of, and a test built on it passes when it should not.
func TestImportsFollowThePicture(t *testing.T) {
	actual, err := imports(".")
	if err != nil {
		t.Fatal(err)
	}
	for from, targets := range actual {
		if line, ok := arrows[from]; !ok {
			t.Errorf("%s has no line in arrows; where all of it is as it should be, add\n%s", from, written(from, targets))
		} else if !slices.Equal(line, targets) {
			t.Errorf("%s imports other packages than arrows say; where the imports are right, its line is\n%s", from, written(from, targets))
		}
	}
	for from := range arrows {
		if _, ok := actual[from]; !ok {
			t.Errorf("no code was found in %s: take its line out of arrows", from)
		}
	}
}

// TestThePictureKeepsTheRules holds the lines of arrows to the rules, so that no line is added that an import happens to
// need.
func TestThePictureKeepsTheRules(t *testing.T) {
	for from, targets := range arrows {
		for _, to := range targets {
			if why := broken(from, to); why != "" {
				t.Errorf("%s must not import %s: %s", from, to, why)
			}
			if _, ok := arrows[to]; !ok {
				t.Errorf("%s imports %s, which has no line in arrows", from, to)
			}
		}
	}
}

func TestWrongArrowsAreRefused(t *testing.T) {
	for _, wrong := range [][2]string{
		{".", "cache"},
		{"cache", "sources"},
		{"cache/sqlitecache", "cache/rediscache"},
		{"cache/rediscache", "syndication"},
		{"sources", "syndication"},
		{"sources", "cache/sqlitecache"},
		{"sources", "cache/cachetest"},
		{"sources/robots", "sources"},
		{"sources/parse", "cache"},
		{"sources/pace", "sources/parse"},
		{"syndication", "cache"},
		{"syndication/rss", "cache"},
		{"syndication/atom", "syndication/web"},
		{"syndication/revision", "syndication/web"},
		{"syndication/revision", "sources"},
		{"syndication/revision", "syndication/atom"},
		{"syndication/audience", "cache/rediscache"},
		{"syndication/web", "sources/parse"},
		{"syndication/web", "bench/serve"},
		{"cmd/newswire", "cache/rediscache"},
		{"cmd/newswire/serve.go", "cache/sqlitecache"},
		{"cmd/newswire/internal/config", "cache/rediscache"},
		{"cmd/newswire/internal/demo", "sources/sourcetest"},
	} {
		if broken(wrong[0], wrong[1]) == "" {
			t.Errorf("no rule forbids %s to import %s", wrong[0], wrong[1])
		}
		if slices.Contains(arrows[wrong[0]], wrong[1]) {
			t.Errorf("arrows let %s import %s", wrong[0], wrong[1])
		}
	}
	for _, right := range [][2]string{
		{"sources", "cache"},
		{"sources/pace", "cache"},
		{"syndication/web", "cache"},
		{"syndication/web", "syndication/atom"},
		{"cache/sqlitecache", "cache"},
		{"cmd/newswire/internal/stores", "cache/rediscache"},
		{"cmd/newswire", "cmd/newswire/internal/config"},
		{"bench/visits", "cache/sqlitecache"},
	} {
		if why := broken(right[0], right[1]); why != "" {
			t.Errorf("%s may not import %s: %s", right[0], right[1], why)
		}
	}
}

// TestEveryDriverIsInTheTableOfDrivers holds "add a store driver" of CONTRIBUTING.md to the tree: each package below cache
// that passes the conformance suite is called as drivers are, and is one of those that the table can open.
func TestEveryDriverIsInTheTableOfDrivers(t *testing.T) {
	tests, err := filepath.Glob("cache/*/*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for _, file := range tests {
		code, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if folder := path.Dir(filepath.ToSlash(file)); folder != "cache/cachetest" && strings.Contains(string(code), "cachetest.Run(") {
			found[folder] = true
		}
	}
	if len(found) < 2 {
		t.Errorf("drivers that pass the suite: %v; want two at least", slices.Sorted(maps.Keys(found)))
	}
	for folder := range found {
		if !slices.Contains(arrows["cmd/newswire/internal/stores"], folder) {
			t.Errorf("%s passes the suite and is not in the table of drivers", folder)
		}
		if broken("cmd/newswire", folder) == "" {
			t.Errorf("%s is not called as a driver is: cache/NAMEcache", folder)
		}
	}
}

// TestEveryImportOfTheModuleIsSeen tries the reader of import blocks on code that breaks the picture.
func TestEveryImportOfTheModuleIsSeen(t *testing.T) {
	root := t.TempDir()
	for file, code := range map[string]string{
		"syndication/rss/rss.go":       "package rss\n\nimport (\n\t\"fmt\"\n\t_ \"" + module + "/cache\"\n)\n",
		"syndication/rss/rss_test.go":  "package rss\n\nimport \"" + module + "/sources\"\n",
		"sources/robots/robots.go":     "package robots\n\nimport s \"" + module + "/sources\"\n\nimport \"" + module + "\"\n",
		"sources/robots/testdata/x.go": "package x\n\nimport \"" + module + "/syndication\"\n",
	} {
		path := filepath.Join(root, file)
		if err := os.MkdirAll(filepath.Dir(path), 0o750); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(code), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	got, err := imports(root)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string][]string{"syndication/rss": {"cache"}, "sources/robots": {".", "sources"}}
	if !maps.EqualFunc(got, want, slices.Equal) {
		t.Errorf("imports are %v; want %v", got, want)
	}
}

// TestArchitectureNamesWhatIsThere holds ARCHITECTURE.md to the tree: each file and folder that it names exists, and every
// package is in its table of folders, by its own name or below a folder that holds nothing but packages.
func TestArchitectureNamesWhatIsThere(t *testing.T) {
	text, err := os.ReadFile("ARCHITECTURE.md")
	if err != nil {
		t.Fatal(err)
	}
	files, folders, packages := map[string]bool{}, map[string]bool{}, map[string]bool{}
	err = filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || len(d.Name()) > 1 && strings.HasPrefix(d.Name(), ".")):
			return filepath.SkipDir
		case d.IsDir():
			folders[filepath.ToSlash(file)] = true
			return nil
		}
		file = filepath.ToSlash(file)
		files[file], files[path.Base(file)] = true, true
		if path.Ext(file) == ".go" {
			packages[path.Dir(file)] = true
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile("`([a-z_/]+\\.(?:go|sql|mod))`").FindAllStringSubmatch(string(text), -1) {
		if !files[m[1]] {
			t.Errorf("there is no file %s", m[1])
		}
	}
	named := map[string]bool{}
	for _, row := range regexp.MustCompile("(?m)^\\| (`[^|]*`) \\|").FindAllStringSubmatch(string(text), -1) {
		names := strings.Split(strings.ReplaceAll(row[1], "`", ""), ", ")
		for i, name := range names {
			if i > 0 { // beside the first
				name = path.Join(path.Dir(names[0]), name)
			}
			name = path.Clean(name)
			if named[name] = true; !folders[name] {
				t.Errorf("there is no folder %s", name)
			}
		}
	}
	for folder := range packages {
		if above := path.Dir(folder); !named[folder] && (packages[above] || !named[above]) {
			t.Errorf("the table of folders does not have %s", folder)
		}
	}
}

// imports are the arrows that there are in the code below a folder, sorted: by package, and by file where a file has a
// line of its own for some of them.
func imports(root string) (map[string][]string, error) {
	found := map[string][]string{}
	err := filepath.WalkDir(root, func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || d.Name() == "tools" || d.Name() == "bin" || len(d.Name()) > 1 && strings.HasPrefix(d.Name(), ".")):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go"):
			return nil
		}
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		if file, err = filepath.Rel(root, file); err != nil {
			return err
		}
		file = filepath.ToSlash(file)
		folder := path.Dir(file)
		if _, ok := found[folder]; !ok {
			found[folder] = nil // a package without imports has a line too
		}
		for _, i := range tree.Imports {
			imported, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			target, ours := within(imported)
			if !ours {
				continue
			}
			from := folder
			if slices.Contains(arrows[file], target) {
				from = file
			}
			if !slices.Contains(found[from], target) {
				found[from] = append(found[from], target)
			}
		}
		return nil
	})
	for _, targets := range found {
		slices.Sort(targets)
	}
	return found, err
}

// written is how a package's line in arrows is written.
func written(from string, targets []string) string {
	quoted := make([]string, len(targets))
	for i, t := range targets {
		quoted[i] = strconv.Quote(t)
	}
	return fmt.Sprintf("\t%q: {%s},", from, strings.Join(quoted, ", "))
}

// within is the folder of an import path, if it is the module's own.
func within(imported string) (folder string, ours bool) {
	if imported == module {
		return ".", true
	}
	return strings.CutPrefix(imported, module+"/")
}
