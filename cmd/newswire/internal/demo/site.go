package demo

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/json"
	"encoding/xml"
	"fmt"
	html "html/template"
	"net/http"
	"strings"
	"text/template"
	"time"
)

//go:embed templates
var files embed.FS

var (
	feeds = template.Must(template.New("feeds").Funcs(template.FuncMap{
		"xml":     escapeXML,
		"json":    marshalJSON,
		"rfc822":  func(t time.Time) string { return t.Format(time.RFC1123Z) },
		"rfc3339": func(t time.Time) string { return t.Format(time.RFC3339) },
		"local":   func(t time.Time) string { return t.Format(time.DateTime) },
	}).ParseFS(files, "templates/*.tmpl"))

	pages = html.Must(html.ParseFS(files, "templates/*.html"))
)

// site is one publisher: what it says of itself, and how it serves it.
type site struct {
	ID       string
	Name     string
	Tagline  string
	Language string // BCP 47
	Kind     string
	Base     string // scheme, host and port; set when it listens

	FeedPath   string
	FeedType   string        // media type
	Template   string        // of the feed
	MaxAge     time.Duration // of the feed
	Authors    []author
	News       func() []article // what it has at the moment, newest first
	Schedule   string           // what the demo's config visits it by
	Timezone   string           // for the config, where the feed's times have no zone
	Policy     string
	Categories []string // the operator's categories that all its articles get
	Statement  string   // the operator's word on rights, where the feed has none
	Contact    string
}

// edition is what a site has at one moment.
type edition struct {
	*site
	Articles []article // newest first
}

// article is one article as its publisher has it.
type article struct {
	Path      string // on the publisher's site, without the leading slash
	Title     string
	Authors   []author
	Published time.Time // in the publisher's zone
	Updated   time.Time // zero where it was never revised
	Terms     []string
	Summary   string // plain text
	Content   string // XHTML; addresses in it are relative to Path
	Picture   picture
	File      file
}

// author writes for a publisher.
type author struct {
	Name string
	Key  string // the author's anchor on the front page
}

// picture is drawn, not stored: see [draw].
type picture struct {
	Name   string // of the file, under pictures/; empty for none
	Title  string
	Credit string
}

// file is what an article offers for download.
type file struct {
	Name  string // under files/; empty for none
	Type  string // media type
	Title string
	Data  []byte
}

func (s *site) FeedURL() string { return s.Base + s.FeedPath }

func (s *site) edition() edition { return edition{site: s, Articles: s.News()} }

// Modified is when the newest change to any article was made: the feed's own date.
func (e edition) Modified() time.Time {
	var newest time.Time
	for _, a := range e.Articles {
		if t := a.Modified(); t.After(newest) {
			newest = t
		}
	}
	return newest
}

// Modified is when the article was last revised, else when it was published.
func (a article) Modified() time.Time {
	if a.Updated.IsZero() {
		return a.Published
	}
	return a.Updated
}

// HTML is the content as html/template takes it: it is our own, and markup on purpose.
func (a article) HTML() html.HTML { return html.HTML(a.Content) }

// Size is the length in bytes.
func (f file) Size() int { return len(f.Data) }

func (s *site) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET "+s.FeedPath, s.serveFeed)
	mux.HandleFunc("GET /{$}", s.serveFront)
	mux.HandleFunc("GET /pictures/{name}", s.servePicture)
	mux.HandleFunc("GET /files/{name}", s.serveFile)
	mux.HandleFunc("GET /", s.serveArticle)
	return mux
}

func (s *site) serveFeed(w http.ResponseWriter, r *http.Request) {
	e := s.edition()
	var b bytes.Buffer
	if err := feeds.ExecuteTemplate(&b, s.Template, e); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.Header().Set("Cache-Control", fmt.Sprintf("max-age=%d", int(s.MaxAge.Seconds())))
	serve(w, r, s.FeedType, e.Modified(), b.Bytes())
}

func (s *site) serveFront(w http.ResponseWriter, r *http.Request) {
	e := s.edition()
	servePage(w, r, "front.html", e.Modified(), e)
}

func (s *site) serveArticle(w http.ResponseWriter, r *http.Request) {
	for _, a := range s.News() {
		if "/"+a.Path == r.URL.Path {
			servePage(w, r, "article.html", a.Modified(), struct {
				Site    *site
				Article article
			}{s, a})
			return
		}
	}
	http.NotFound(w, r)
}

func servePage(w http.ResponseWriter, r *http.Request, name string, modified time.Time, data any) {
	var b bytes.Buffer
	if err := pages.ExecuteTemplate(&b, name, data); err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	serve(w, r, "text/html; charset=utf-8", modified, b.Bytes())
}

func (s *site) servePicture(w http.ResponseWriter, r *http.Request) {
	for _, a := range s.News() {
		if a.Picture.Name != "" && a.Picture.Name == r.PathValue("name") {
			serve(w, r, "image/png", a.Modified(), draw(a.Picture.Name))
			return
		}
	}
	http.NotFound(w, r)
}

func (s *site) serveFile(w http.ResponseWriter, r *http.Request) {
	for _, a := range s.News() {
		if a.File.Name != "" && a.File.Name == r.PathValue("name") {
			serve(w, r, a.File.Type, a.Modified(), a.File.Data)
			return
		}
	}
	http.NotFound(w, r)
}

// serve answers as a good publisher does: with both validators, 304 where they match, and gzip for what is text.
func serve(w http.ResponseWriter, r *http.Request, contentType string, modified time.Time, body []byte) {
	h := w.Header()
	h.Set("Content-Type", contentType)
	h.Set("Vary", "Accept-Encoding")
	tag := fmt.Sprintf(`"%x`, sha256.Sum256(body))[:17]
	if isText(contentType) && strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		// Another representation, so another strong validator (RFC 9110 §8.8.3).
		h.Set("Content-Encoding", "gzip")
		tag += "-gzip"
		body = compress(body)
	}
	h.Set("ETag", tag+`"`)
	http.ServeContent(w, r, "", modified, bytes.NewReader(body))
}

func isText(contentType string) bool {
	return strings.HasPrefix(contentType, "text/") || strings.HasSuffix(contentType, "xml") || strings.HasSuffix(contentType, "json")
}

func compress(b []byte) []byte {
	var buf bytes.Buffer
	zw := gzip.NewWriter(&buf)
	_, _ = zw.Write(b) // a bytes.Buffer takes everything
	_ = zw.Close()
	return buf.Bytes()
}

func escapeXML(s string) (string, error) {
	var b strings.Builder
	err := xml.EscapeText(&b, []byte(s))
	return b.String(), err
}

func marshalJSON(v any) (string, error) {
	var b strings.Builder
	e := json.NewEncoder(&b)
	e.SetEscapeHTML(false) // markup stays readable in the feed
	err := e.Encode(v)
	return strings.TrimSuffix(b.String(), "\n"), err
}
