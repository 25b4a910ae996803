// Package console is where operators see how the service fares, and decide what articles are shown: pages on the admin
// listener, for a browser.
//
//	h := console.New(store, desk, console.Options{Addr: "127.0.0.1:8081", Token: token, Checks: checks, Log: log})
//	admin.New(admin.Options{Console: h, …})
//
// It works without scripts, loads nothing from elsewhere, and writes nothing to the config. Each change is a POST that only
// a page of its own can send, and is logged with who made it. With a token, people log in; without one, only requests that
// name a loopback host are answered, by a listener on loopback.
//
// The package refuses to know how sources are visited: a [Desk] tells it.
package console

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"fmt"
	"html/template"
	"log/slog"
	"net/http"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication/admin"
	"github.com/newswire/newswire/syndication/internal/text"
)

// Path is where the console is, and all its pages are below it.
const Path = "/console"

const (
	timeout   = 10 * time.Second // of a page
	mostBytes = 64 << 10         // of a form
)

// Store is what the console reads by itself.
type Store interface {
	cache.Articles
	cache.History
	Tombstone(ctx context.Context, article string) (newswire.Tombstone, error)
	CountSubscriptions(ctx context.Context, q cache.SubscriptionQuery) (int, error)
}

// Desk is what the console needs of those that visit sources and change what is stored.
type Desk interface {
	// Site is the site whose feeds these are.
	Site() newswire.Site
	// Sources tells of all sources of the config.
	Sources(ctx context.Context) ([]Source, error)
	// Notes are those of the last visits to a source, newest first.
	Notes(ctx context.Context, source string) ([]newswire.Note, error)
	// Latest are the newest changes, at most limit, the newest first.
	Latest(ctx context.Context, limit int) ([]newswire.Change, error)
	// Partners tells of all partners of the config.
	Partners(ctx context.Context) ([]Partner, error)
	// Replay has the webhook of a partner told again all that is in the change log.
	Replay(ctx context.Context, partner string) error
	// Visit has a source visited at once, if its publisher does not mind. The error may be a [RefusalError].
	Visit(ctx context.Context, source string) error
	// Pause has a source visited no more until Resume. The error may be a [RefusalError].
	Pause(ctx context.Context, source, reason string) error
	// Resume has a source visited again that is paused. The error may be a [RefusalError].
	Resume(ctx context.Context, source string) error
	// Release publishes an article that is held. The error may be a [RefusalError].
	Release(ctx context.Context, article string) error
	// Drop withdraws an article that is held. The error may be a [RefusalError].
	Drop(ctx context.Context, article, reason string) error
	// Withdraw withdraws an article that readers may have seen.
	Withdraw(ctx context.Context, article, reason string) error
}

// RefusalError is why something cannot be done, for the operator.
type RefusalError string

// Error implements error.
func (r RefusalError) Error() string { return string(r) }

// Source is a source and how it fares.
type Source struct {
	ID, Name    string
	URL         string // without what may be secret
	Condition   string // in a word
	Status      int    // HTTP, of the last answer; 0 where there was none
	Failures    int    // in a row
	Error       string // of the last visit
	Offered     int    // articles in the last document
	LastVisit   time.Time
	LastSuccess time.Time
	LastChange  time.Time
	Due         time.Time // the next visit; zero when there is none
	Why         string    // why it is then
	Paused      newswire.Pause
	Days        newswire.Days
	Confirmed   int      // visits since the last note of one, that were answered 304
	Remarks     []string // what is odd about it
	Push        string   // how its hub tells what is new; empty where there is none
	Readers     int      // as its publisher hears it
}

// Options adjust the console.
type Options struct {
	Addr   string        // that the listener listens on
	Token  string        // with which people log in; empty: none, on loopback alone
	Checks []admin.Check // of health, for the overview
	Finder Finder        // of sources to add; default: none are looked for
	Log    *slog.Logger  // has a line for each change; default: none
}

type console struct {
	store  Store
	desk   Desk
	finder Finder
	checks []admin.Check
	log    *slog.Logger
	gate   *gate
	pages  map[string]*template.Template

	lookups lookups
}

//go:embed templates static
var files embed.FS

// New returns a handler of all that is below [Path].
func New(store Store, desk Desk, o Options) http.Handler {
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	c := &console{store: store, desk: desk, finder: o.Finder, checks: o.Checks, log: o.Log, gate: newGate(o), pages: map[string]*template.Template{}}
	for _, name := range []string{"overview", "changes", "partners", "sources", "source", "held", "article", "add", "login", "error"} {
		c.pages[name] = template.Must(template.New("layout.html").Funcs(functions()).
			ParseFS(files, "templates/layout.html", "templates/"+name+".html"))
	}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /console/style.css", style)
	mux.HandleFunc("GET /console/login", c.showLogin)
	mux.HandleFunc("POST /console/login", c.login)
	mux.HandleFunc("POST /console/logout", c.change(c.logout))
	mux.HandleFunc("GET /console", c.page(c.overview))
	mux.HandleFunc("GET /console/sources", c.page(c.sources))
	mux.HandleFunc("GET /console/sources/{id}", c.page(c.source))
	mux.HandleFunc("GET /console/held", c.page(c.held))
	mux.HandleFunc("GET /console/article", c.page(c.article))
	mux.HandleFunc("GET /console/changes", live(c.page(c.changes)))
	mux.HandleFunc("GET /console/partners", c.page(c.partners))
	for _, d := range c.decisions() {
		mux.HandleFunc("POST /console/"+d.action, c.change(c.decide(d)))
	}
	if c.finder != nil {
		mux.HandleFunc("GET /console/add", c.page(c.showAdd))
		mux.HandleFunc("POST /console/add", c.change(c.add))
	}
	return c.guarded(mux)
}

func style(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, files, "static/style.css")
}

// view is what a template is rendered from.
type view struct {
	Site    newswire.Site
	Title   string
	CSRF    string // empty before login
	Session bool   // whether there is one to end
	Data    any
}

// show renders a page whole before any of it is sent.
func (c *console) show(w http.ResponseWriter, code int, page string, v view) {
	v.Site = c.desk.Site()
	var body bytes.Buffer
	if err := c.pages[page].Execute(&body, v); err != nil {
		c.log.Error("a page of the console cannot be rendered", "page", page, "error", err)
		http.Error(w, "this page cannot be shown; the log says why", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(code)
	_, _ = w.Write(body.Bytes()) // the client may have gone away
}

// page answers with what a function finds for a person that may see it.
func (c *console) page(find func(r *http.Request) (page, title string, data any, err error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		s, ok := c.gate.session(r)
		if !ok {
			http.Redirect(w, r, Path+"/login", http.StatusSeeOther)
			return
		}
		ctx, cancel := context.WithTimeout(r.Context(), timeout)
		defer cancel()
		page, title, data, err := find(r.WithContext(ctx))
		if err != nil {
			c.fail(w, r, s, err)
			return
		}
		c.show(w, http.StatusOK, page, view{Title: title, CSRF: c.gate.csrf(s), Session: s.cookie, Data: data})
	}
}

// fail says what went wrong. What the store says of itself goes to the log alone.
func (c *console) fail(w http.ResponseWriter, r *http.Request, s session, err error) {
	code, why := http.StatusServiceUnavailable, "The store does not answer. The log says why; try again."
	var refusal RefusalError
	switch {
	case errors.As(err, &refusal):
		code, why = http.StatusConflict, string(refusal)
	case errors.Is(err, newswire.ErrWithdrawn):
		code, why = http.StatusGone, "This article was withdrawn, for good."
	case errors.Is(err, newswire.ErrNotFound):
		code, why = http.StatusNotFound, "There is nothing of that name here."
	default:
		c.log.WarnContext(r.Context(), "a page of the console was not answered", "path", r.URL.Path, "error", err)
	}
	v := view{Title: http.StatusText(code), Data: why}
	if s.name != "" {
		v.CSRF, v.Session = c.gate.csrf(s), s.cookie
	}
	c.show(w, code, "error", v)
}

// functions are what templates call.
func functions() template.FuncMap {
	return template.FuncMap{
		"when": when, "plain": text.Plain, "size": size,
		"took":  func(d time.Duration) string { return d.Round(time.Millisecond).String() },
		"plots": func(d newswire.Days) []plot { return plots(d, time.Now()) },
	}
}

// size is a number of bytes as people read it.
func size(bytes int) string {
	if bytes < 10_000 {
		return fmt.Sprintf("%d bytes", bytes)
	}
	return fmt.Sprintf("%d kB", bytes/1000)
}

func when(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format("2006-01-02 15:04 UTC")
}
