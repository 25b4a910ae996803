package newswire_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestContributingNamesWhatIsThere holds the recipes of CONTRIBUTING.md to the tree: each file, folder, make target and Go
// name that they name is there.
func TestContributingNamesWhatIsThere(t *testing.T) {
	text, err := os.ReadFile("CONTRIBUTING.md")
	if err != nil {
		t.Fatal(err)
	}
	tree := readTree(t)
	found := 0
	for _, m := range regexp.MustCompile("`([^`\n]+)`").FindAllStringSubmatch(string(text), -1) {
		switch known, why := tree.has(m[1]); {
		case why != "":
			t.Errorf("CONTRIBUTING.md names %s: %s", m[1], why)
		case known:
			found++
		}
	}
	if found < 40 {
		t.Errorf("only %d names were found in CONTRIBUTING.md; its recipes have more", found)
	}
}

func TestANameThatIsNotThereIsNoticed(t *testing.T) {
	tree := readTree(t)
	for _, right := range []string{
		"sources/parse", "docs/kept.md", "go.mod", "make test", "cache.Store", "cachetest.Run", "Feed.OlderURL", "drivers.go", "syndication/",
	} {
		if known, why := tree.has(right); !known {
			t.Errorf("%s is not known: %s", right, why)
		}
	}
	for _, wrong := range []string{
		"sources/prase", "docs/kept.txt", "make tests", "cache.Stoer", "Feed.ElderURL", "driverz.go", "cmd/newswire/wired.go",
	} {
		if _, why := tree.has(wrong); why == "" {
			t.Errorf("nothing is wrong with %s", wrong)
		}
	}
}

// tree is what there is to name.
type tree struct {
	files, folders, names, targets map[string]bool
}

func readTree(t *testing.T) *tree {
	t.Helper()
	out := &tree{files: map[string]bool{}, folders: map[string]bool{}, names: map[string]bool{}, targets: map[string]bool{}}
	makefile, err := os.ReadFile("Makefile")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range regexp.MustCompile(`(?m)^([a-z0-9]+):`).FindAllStringSubmatch(string(makefile), -1) {
		out.targets[m[1]] = true
	}
	err = filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		file = filepath.ToSlash(file)
		switch {
		case err != nil:
			return err
		case d.IsDir() && len(d.Name()) > 1 && strings.HasPrefix(d.Name(), "."):
			return filepath.SkipDir
		case d.IsDir():
			out.folders[file], out.folders[path.Base(file)] = true, true
			return nil
		}
		out.files[file], out.files[path.Base(file)] = true, true
		if path.Ext(file) == ".go" && !strings.Contains(file, "testdata/") {
			return out.declare(file)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// declare adds the names of a Go file: NAME and PACKAGE.NAME of what it declares, and TYPE.NAME of fields and methods.
func (t *tree) declare(file string) error {
	code, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	for _, d := range code.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			owner := code.Name.Name
			if d.Recv != nil {
				receiver := d.Recv.List[0].Type
				if star, ok := receiver.(*ast.StarExpr); ok {
					receiver = star.X
				}
				if named, ok := receiver.(*ast.Ident); ok {
					owner = named.Name
				}
			}
			t.names[d.Name.Name], t.names[owner+"."+d.Name.Name] = true, true
		case *ast.GenDecl:
			for _, s := range d.Specs {
				t.declareSpec(code.Name.Name, s)
			}
		}
	}
	return nil
}

func (t *tree) declareSpec(pkg string, spec ast.Spec) {
	switch spec := spec.(type) {
	case *ast.ValueSpec:
		for _, n := range spec.Names {
			t.names[n.Name], t.names[pkg+"."+n.Name] = true, true
		}
	case *ast.TypeSpec:
		t.names[spec.Name.Name], t.names[pkg+"."+spec.Name.Name] = true, true
		var fields *ast.FieldList
		switch body := spec.Type.(type) {
		case *ast.StructType:
			fields = body.Fields
		case *ast.InterfaceType:
			fields = body.Methods
		default:
			return
		}
		for _, f := range fields.List {
			for _, n := range f.Names {
				t.names[spec.Name.Name+"."+n.Name] = true
			}
		}
	}
}

// has says whether a name is one of the tree's, and what is wrong when it looks like one and is not. It does not know
// words that look like something else: commands, keys, phrases.
func (t *tree) has(name string) (known bool, wrong string) {
	check := func(in map[string]bool, key, wrong string) (bool, string) {
		if in[key] {
			return true, ""
		}
		return false, wrong
	}
	switch target, isMake := strings.CutPrefix(name, "make "); {
	case isMake:
		return check(t.targets, target, "there is no such target")
	case strings.ContainsAny(name, " :=*…") || strings.ToUpper(name) == name:
		return false, ""
	case regexp.MustCompile(`^[\w/.-]+\.(go|md|mod|yaml|sql|lua)$`).MatchString(name):
		return check(t.files, name, "there is no such file")
	case regexp.MustCompile(`^[A-Za-z]\w*\.[A-Z]\w*$|^[A-Z]\w*\.\w+$`).MatchString(name):
		return check(t.names, name, "there is no such name in the code")
	case strings.Contains(name, "/") && !strings.Contains(name, "NAME"):
		return check(t.folders, path.Clean(name), "there is no such folder")
	}
	return t.names[name] || t.folders[name], ""
}
