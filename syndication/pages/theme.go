package pages

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"embed"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"html/template"
	"strings"
	"sync"
	"time"
)

//go:embed templates/*.html
var templateFiles embed.FS

//go:embed static/*
var staticFiles embed.FS

// Theme is what pages look like: templates, and the files that they load. The zero of its pointer is the built-in one.
type Theme struct {
	templates *template.Template // never executed, so that each language can have a copy of its own
	files     map[string][]byte  // by name, as in static/

	mu    sync.Mutex       // guards looks
	looks map[string]*Look // by language
}

// Asset is a file that pages load.
type Asset struct {
	Path      string // below the site's address; it changes with the content
	MediaType string
	Body      []byte
	Integrity string // for the attribute of this name
}

// Look is a theme in one language.
type Look struct {
	Words *Words

	templates     *template.Template
	assets        map[string]*Asset // by name and extension
	FeedStyle     []byte            // CSS for feeds that are opened in a browser
	style, script *Asset
}

// builtin is the theme that stands in the binary.
var builtin = sync.OnceValue(func() *Theme {
	files := map[string][]byte{}
	entries, err := staticFiles.ReadDir("static")
	if err != nil {
		panic("pages: " + err.Error())
	}
	for _, e := range entries {
		if files[e.Name()], err = staticFiles.ReadFile("static/" + e.Name()); err != nil {
			panic("pages: " + err.Error())
		}
	}
	t := template.New("pages").Funcs(funcs(WordsIn("en"), &Asset{}, &Asset{}))
	return &Theme{templates: template.Must(t.ParseFS(templateFiles, "templates/*.html")), files: files, looks: map[string]*Look{}}
})

// funcs are what templates can call.
func funcs(w *Words, style, script *Asset) template.FuncMap {
	direction := "ltr"
	if w.Right {
		direction = "rtl"
	}
	return template.FuncMap{
		"t":         w.Text,
		"n":         w.Count,
		"when":      func(t time.Time) string { return w.When(t) },
		"day":       func(t time.Time) string { return w.Day(t) },
		"lang":      func() string { return w.Language },
		"direction": func() string { return direction },
		"style":     func() *Asset { return style },
		"script":    func() *Asset { return script },
	}
}

// Look is the theme in a language. It stays the same for as long as the theme does.
func (t *Theme) Look(language string) *Look {
	if t == nil {
		t = builtin()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if l := t.looks[language]; l != nil {
		return l
	}
	l := t.newLook(WordsIn(language))
	t.looks[language] = l
	return l
}

func (t *Theme) newLook(w *Words) *Look {
	l := &Look{Words: w, assets: map[string]*Asset{}}
	l.style = l.add("style.css", "text/css; charset=utf-8", append(bytes.Clone(t.files["style.css"]), t.files["extra.css"]...))
	l.script = l.add("times.js", "text/javascript; charset=utf-8", t.files["times.js"])
	note := strings.NewReplacer(`"`, `\"`, `\`, `\\`).Replace(w.Text("feed.note"))
	direction := "ltr"
	if w.Right {
		direction = "rtl"
	}
	l.FeedStyle = []byte(strings.NewReplacer(`"NOTE"`, `"`+note+`"`, "DIRECTION", direction).Replace(string(t.files["feeds.css"])))
	l.templates = template.Must(t.templates.Clone()).Funcs(funcs(w, l.style, l.script))
	return l
}

// add names a file by its content.
func (l *Look) add(name, mediaType string, body []byte) *Asset {
	digest, strong := sha256.Sum256(body), sha512.Sum384(body)
	base, extension, _ := strings.Cut(name, ".")
	a := &Asset{
		Path:      AssetsPath + base + "." + hex.EncodeToString(digest[:6]) + "." + extension,
		MediaType: mediaType,
		Body:      body,
		Integrity: "sha384-" + base64.StdEncoding.EncodeToString(strong[:]),
	}
	l.assets[name] = a
	return a
}

// AssetsPath is the folder of the files that pages load.
const AssetsPath = "/assets/"

// Asset is the file at an address below [AssetsPath]. Exact is false where it is another one than the address was made
// for: a page may be older than the file. It is nil where there is none of this name.
func (l *Look) Asset(address string) (a *Asset, exact bool) {
	base, rest, _ := strings.Cut(address, ".")
	_, extension, _ := strings.Cut(rest, ".")
	a = l.assets[base+"."+extension]
	return a, a != nil && a.Path == AssetsPath+address
}

// Render writes a page: "home", "listing", "directory", "article", "search", "fetcher" or "error", from what is made for it.
func (l *Look) Render(page string, data any) ([]byte, error) {
	var buf bytes.Buffer
	if err := l.templates.ExecuteTemplate(&buf, page, data); err != nil {
		return nil, fmt.Errorf("page %s: %w", page, err)
	}
	return bytes.Clone(buf.Bytes()), nil // without the room that the buffer grew for
}

// Icon is the site's picture as a file: "favicon.ico" or "favicon.svg".
func (t *Theme) Icon(name string) []byte {
	if t == nil {
		t = builtin()
	}
	return t.files[name]
}
