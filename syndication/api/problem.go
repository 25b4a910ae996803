package api

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/newswire/newswire"
)

// problemType is the media type of problem details (RFC 9457).
const problemType = "application/problem+json"

// Problem is what a client is told of an error (RFC 9457).
type Problem struct {
	Type      string `json:"type" format:"uri" doc:"The kind of problem; its last segment is its name, such as /cursor-gone."`
	Title     string `json:"title" doc:"The kind of problem in words."`
	Status    int    `json:"status" doc:"The HTTP status code."`
	Detail    string `json:"detail,omitempty" doc:"What is wrong with this request."`
	Parameter string `json:"parameter,omitempty" doc:"The parameter of the query that is wrong."`
	Resync    string `json:"resync,omitempty" doc:"Where to begin again: the address that gives a cursor for a new snapshot."`
}

// fault is a problem on its way to the client.
type fault struct {
	kind      string // name of the problem
	detail    string
	parameter string
	resync    bool
	after     time.Duration // how long to wait before asking again; 0: the problem does not say
	cause     error         // for the log
}

// Error implements error, for the operator.
func (f *fault) Error() string {
	text := f.kind + ": " + f.detail
	if f.cause != nil {
		text += ": " + f.cause.Error()
	}
	return text
}

// Unwrap is what caused the problem.
func (f *fault) Unwrap() error { return f.cause }

// invalid says that a parameter is not as it should be.
func invalid(parameter, format string, args ...any) *fault {
	return &fault{kind: "invalid-parameter", parameter: parameter, detail: parameter + " " + fmt.Sprintf(format, args...)}
}

// kind is a kind of problem.
type kind struct {
	status int
	title  string
}

// kinds is where HTTP status codes are chosen, by the name of the problem.
var kinds = map[string]kind{
	"invalid-parameter": {http.StatusBadRequest, "A parameter is wrong"},
	"unauthorized":      {http.StatusUnauthorized, "The key is not accepted"},
	"key-required":      {http.StatusUnauthorized, "This needs a partner's key"},
	"forbidden":         {http.StatusForbidden, "Not part of what this key gets"},
	"not-found":         {http.StatusNotFound, "There is nothing at this address"},
	"method":            {http.StatusMethodNotAllowed, "Only GET, HEAD and OPTIONS are answered"},
	"not-acceptable":    {http.StatusNotAcceptable, "No acceptable content coding is available"},
	"withdrawn":         {http.StatusGone, "The article was withdrawn"},
	"cursor-gone":       {http.StatusGone, "The cursor is older than the change log"},
	"too-many-requests": {http.StatusTooManyRequests, "Too many requests"},
	"unavailable":       {http.StatusServiceUnavailable, "The articles cannot be reached at the moment"},
	"internal":          {http.StatusInternalServerError, "Something went wrong here"},
}

// faultOf is the problem that an error is. An error of the store that says nothing of what was asked for means that the
// store is away.
func faultOf(err error) *fault {
	var f *fault
	switch {
	case errors.As(err, &f):
		return f
	case errors.Is(err, newswire.ErrWithdrawn):
		return &fault{kind: "withdrawn", cause: err}
	case errors.Is(err, newswire.ErrNotFound):
		return &fault{kind: "not-found", cause: err}
	case errors.Is(err, newswire.ErrGone):
		return &fault{kind: "cursor-gone", detail: "Changes after this cursor are no longer in the log.", parameter: "after", resync: true, cause: err}
	case errors.Is(err, newswire.ErrCursor):
		return invalid("after", "is no cursor: take the next of an earlier answer")
	}
	return &fault{kind: "unavailable", detail: "Please try again shortly.", cause: err}
}

// problem is the fault as the client reads it.
func (f *fault) problem(site newswire.Site) Problem {
	k := kinds[f.kind]
	p := Problem{Type: site.URL + Path + "problems/" + f.kind, Title: k.title, Status: k.status, Detail: f.detail, Parameter: f.parameter}
	if f.resync {
		p.Resync = site.URL + Path + "changes"
	}
	return p
}

// describeProblem answers at /problems/NAME, which is what a problem's type leads to.
func describeProblem(c *call) error {
	if _, ok := kinds[c.id]; !ok {
		return &fault{kind: "not-found"}
	}
	p := (&fault{kind: c.id}).problem(c.settings.Site)
	return respondPlain(c, &p)
}

// refuse answers with a problem.
func (c *call) refuse(f *fault) {
	p := f.problem(c.settings.Site)
	body, err := json.Marshal(&p)
	if err != nil {
		panic("api: a problem of strings does not marshal: " + err.Error())
	}
	h := c.w.Header()
	h.Set("Cache-Control", "no-store")
	switch p.Status {
	case http.StatusMethodNotAllowed:
		h.Set("Allow", methods)
	case http.StatusServiceUnavailable:
		h.Set("Retry-After", "5")
	case http.StatusUnauthorized:
		h.Set("WWW-Authenticate", `Bearer realm="newswire"`)
	}
	if f.after > 0 {
		h.Set("Retry-After", retryAfter(f.after))
	}
	c.log(f, p.Status)
	c.send(p.Status, problemType, body)
}
