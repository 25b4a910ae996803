package newswire_test

import (
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/newswire/newswire"

// arrows are the picture in ARCHITECTURE.md: what the code of a folder, and of those below it, may import of the
// module. A name that ends in /... stands for everything below it too. The longest folder that fits counts.
var arrows = map[string][]string{
	".":                          {},
	"sources":                    {".", "cache", "sources/..."},
	"sources/fetch":              {".", "sources/fetch/..."},
	"sources/parse":              {".", "sources/parse/...", "sources/clean"},
	"sources/clean":              {".", "sources/clean/..."},
	"sources/sourcetest":         {},
	"cache":                      {".", "cache", "cache/internal/...", "cache/cachetest"},
	"cache/rediscache":           {".", "cache", "cache/internal/...", "cache/rediscache/..."},
	"syndication":                {".", "cache", "syndication/..."},
	"cmd/newswire":               {".", "cache", "sources/...", "syndication/...", "cmd/newswire/..."},
	"cmd/newswire/internal/demo": {},
	"bench":                      {".", "cache", "cache/...", "sources/...", "syndication/..."}, // measures; no other folder imports it
}

// drivers may be imported by the one file that wires a store to the service, and by themselves.
const (
	wire    = "cmd/newswire/wire.go"
	drivers = "cache/sqlitecache cache/rediscache"
)

// TestImportsFollowThePicture reads the import blocks themselves: what `go list` says is no input that the test cache
// knows of, and a test built on it passes when it should not.
func TestImportsFollowThePicture(t *testing.T) {
	checked := map[string]bool{}
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == "testdata" || d.Name() == "tools" || len(d.Name()) > 1 && strings.HasPrefix(d.Name(), ".")):
			return filepath.SkipDir
		case d.IsDir() || !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go"):
			return nil
		}
		file = filepath.ToSlash(file)
		tree, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		folder := governing(path.Dir(file))
		checked[folder] = true
		for _, i := range tree.Imports {
			imported, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			if target, ours := within(imported); ours && !allowed(file, folder, target) {
				t.Errorf("%s imports %s; code in %s may import %v", file, imported, folder, arrows[folder])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for folder := range arrows {
		if !checked[folder] {
			t.Errorf("no code was found in %s: the picture is out of date", folder)
		}
	}
}

func TestThePictureTellsRightArrowsFromWrongOnes(t *testing.T) {
	tests := []struct {
		file, target string
		want         bool
	}{
		{"article.go", "cache", false},
		{"sources/visit.go", "cache", true},
		{"sources/visit.go", "cache/sqlitecache", false},
		{"sources/visit.go", "syndication", false},
		{"sources/parse/rss.go", "sources", false},
		{"syndication/web/web.go", "sources/parse", false},
		{"syndication/web/web.go", "syndication/atom", true},
		{"cache/cache.go", "sources", false},
		{"cache/sqlitecache/store.go", "cache", true},
		{"cache/sqlitecache/store.go", "cache/rediscache", false},
		{"cmd/newswire/wire.go", "cache/rediscache", true},
		{"cmd/newswire/serve.go", "cache/rediscache", false},
		{"cmd/newswire/internal/demo/demo.go", "sources/sourcetest", false},
	}
	for _, tt := range tests {
		if got := allowed(tt.file, governing(path.Dir(tt.file)), tt.target); got != tt.want {
			t.Errorf("%s importing %s: allowed = %v; want %v", tt.file, tt.target, got, tt.want)
		}
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

// governing is the folder of arrows that a folder is under.
func governing(folder string) string {
	for ; folder != "."; folder = path.Dir(folder) {
		if _, ok := arrows[folder]; ok {
			return folder
		}
	}
	return "."
}

// within is the folder of an import path, if it is the module's own.
func within(imported string) (folder string, ours bool) {
	if imported == module {
		return ".", true
	}
	return strings.CutPrefix(imported, module+"/")
}

func allowed(file, folder, target string) bool {
	if file == wire && strings.Contains(" "+drivers+" ", " "+target+" ") {
		return true
	}
	for _, arrow := range arrows[folder] {
		base, below := strings.CutSuffix(arrow, "/...")
		if target == base || below && strings.HasPrefix(target, base+"/") {
			return true
		}
	}
	return false
}
