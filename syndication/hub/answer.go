package hub

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// refusal is why a request is not accepted.
type refusal struct {
	status    int
	parameter string // that is wrong; empty for none
	detail    string
	after     time.Duration // how long to wait before asking again; 0: the answer does not say
	cause     error         // for the log
}

// Error implements error, for the operator.
func (r *refusal) Error() string {
	if r.cause != nil {
		return r.detail + ": " + r.cause.Error()
	}
	return r.detail
}

// Unwrap is what caused the refusal.
func (r *refusal) Unwrap() error { return r.cause }

// invalid says what is wrong with a parameter.
func invalid(parameter, format string, args ...any) *refusal {
	return &refusal{status: http.StatusBadRequest, parameter: parameter, detail: parameter + " " + fmt.Sprintf(format, args...)}
}

// unavailable says that the subscription cannot be looked at for now.
func unavailable(cause error) *refusal {
	return &refusal{
		status: http.StatusServiceUnavailable, detail: "Subscriptions cannot be taken at the moment. Please try again shortly.",
		after: 10 * time.Second, cause: cause,
	}
}

// titles are the kinds of problem in words, by status.
var titles = map[int]string{
	http.StatusBadRequest:            "A parameter is wrong",
	http.StatusForbidden:             "As many subscriptions as there may be",
	http.StatusMethodNotAllowed:      "Only GET, HEAD, OPTIONS and POST are answered",
	http.StatusRequestEntityTooLarge: "The request is too long",
	http.StatusUnsupportedMediaType:  "The request is no form",
	http.StatusTooManyRequests:       "Too many requests",
	http.StatusServiceUnavailable:    "The hub cannot answer at the moment",
}

// problem is a refusal as a client reads it (RFC 9457).
type problem struct {
	Type      string `json:"type"`
	Title     string `json:"title"`
	Status    int    `json:"status"`
	Detail    string `json:"detail,omitempty"`
	Parameter string `json:"parameter,omitempty"`
}

// refuse answers with a problem document, or with its detail alone where the client prefers plain text, which is what WebSub
// §5.3 proposes.
func (h *Hub) refuse(w http.ResponseWriter, r *http.Request, err error) {
	var why *refusal
	if !errors.As(err, &why) {
		why = unavailable(err)
	}
	if why.status >= http.StatusInternalServerError {
		h.options.Log.WarnContext(r.Context(), "subscription refused for now", "error", err)
	}
	header := w.Header()
	if why.after > 0 {
		header.Set("Retry-After", strconv.Itoa(int(math.Ceil(why.after.Seconds()))))
	}
	if why.status == http.StatusMethodNotAllowed {
		header.Set("Allow", methods)
	}
	mediaType, body := "text/plain; charset=utf-8", []byte(why.detail+"\n")
	if !prefersText(r.Header.Get("Accept")) {
		var err error
		mediaType = "application/problem+json"
		body, err = json.Marshal(problem{"about:blank", titles[why.status], why.status, why.detail, why.parameter})
		if err != nil {
			panic("hub: a problem of strings does not marshal: " + err.Error())
		}
	}
	send(w, r, why.status, mediaType, body)
}

// prefersText says whether a client has asked for plain text and not for JSON.
func prefersText(accept string) bool {
	return strings.Contains(accept, "text/plain") && !strings.Contains(accept, "json")
}

func send(w http.ResponseWriter, r *http.Request, code int, mediaType string, body []byte) {
	header := w.Header()
	header.Set("Content-Type", mediaType)
	header.Set("Content-Length", strconv.Itoa(len(body)))
	header.Set("Cache-Control", "no-store")
	header.Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(code)
	if r.Method != http.MethodHead {
		_, _ = w.Write(body) // a client that went away is no error of ours
	}
}
