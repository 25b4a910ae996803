package pages_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/pages"
)

// themed is a folder with files.
func themed(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestThemeReplacesBlocksAndStyle(t *testing.T) {
	dir := themed(t, map[string]string{
		"mine.html": `{{define "footer"}}<footer>{{template "slogan" .}}</footer>{{end}}{{define "slogan"}}{{.Site.Title}}: mine{{end}}`,
		"extra.css": "body{color:red}", "README": "", ".hidden": "",
	})
	if err := os.Remove(filepath.Join(dir, "README")); err != nil {
		t.Fatal(err)
	}
	theme, err := pages.Load(dir)
	if err != nil {
		t.Fatal(err)
	}
	data := pages.Page{Site: newswire.Site{Title: "The Wire"}, Title: "T"}
	for _, language := range []string{"en", "ar"} {
		body, err := theme.Look(language).Render("error", data)
		if err != nil || !strings.Contains(string(body), "<footer>The Wire: mine</footer>") {
			t.Errorf("%s: %v\n%s", language, err, body)
		}
	}
	var none *pages.Theme
	body, err := none.Look("en").Render("error", data)
	if err != nil || strings.Contains(string(body), "mine") {
		t.Errorf("the theme changed the built-in one: %v", err)
	}
}

func TestThemeThatIsWrongIsNamed(t *testing.T) {
	for name, tt := range map[string]struct{ file, content, want string }{
		"a template that cannot be read": {"a.html", `{{define "footer"}}{{if}}{{end}}`, "a.html"},
		"a block that is on no page":     {"a.html", `{{define "fotter"}}x{{end}}`, `block "fotter" is on no page`},
		"a field that there is not":      {"a.html", `{{define "footer"}}{{.Nothing}}{{end}}`, "Nothing"},
		"a template that there is not":   {"a.html", `{{define "footer"}}{{template "nowhere"}}{{end}}`, "nowhere"},
		"a file that no page loads":      {"main.js", `alert(1)`, "main.js: a theme has"},
	} {
		_, err := pages.Load(themed(t, map[string]string{tt.file: tt.content}))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%s: %v, want %q", name, err, tt.want)
		}
	}
	if _, err := pages.Load(filepath.Join(t.TempDir(), "none")); err == nil {
		t.Error("a folder that there is not is a theme")
	}
	if _, err := pages.Load(t.TempDir()); err != nil {
		t.Errorf("an empty theme: %v", err)
	}
}
