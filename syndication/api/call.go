package api

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/newswire/newswire/syndication"
	"github.com/newswire/newswire/syndication/change"
	"github.com/newswire/newswire/syndication/ninjs"
	"github.com/newswire/newswire/syndication/partner"
)

const (
	methods  = "GET, HEAD, OPTIONS"
	jsonType = "application/json"
)

// call is one request, and what is known of it.
type call struct {
	api      *API
	w        http.ResponseWriter
	r        *http.Request
	id       string // of the article in the path, or the name of a problem
	settings *Settings
	requests *counters
	digest   partner.Digest   // of the key; zero without one
	partner  *partner.Partner // nil without a key
	reader   syndication.Reader
	form     change.Form
	values   values

	code    int // of the answer
	items   int // articles and changes in it
	bytes   int
	refused bool                       // for the partner's rate
	told    struct{ items, bytes int } // of these, what the meter has
}

var formTypes = [change.Forms]string{jsonType, ninjs.MediaType}

// endpoint is an operation, ready to answer.
type endpoint struct {
	operation
	api      *API
	requests *counters
}

func (a *API) newEndpoint(op operation) *endpoint {
	return &endpoint{operation: op, api: a, requests: a.metrics.of(op.path)}
}

// ServeHTTP answers a request.
func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request, id string) {
	c := call{api: e.api, w: w, r: r, id: id, settings: e.api.settings(), requests: e.requests}
	if err := e.answer(&c); !errors.Is(err, errDetached) {
		c.finish(err)
	}
}

// finish says what went wrong, if anything did, and counts the request.
func (c *call) finish(err error) {
	switch {
	case err == nil:
	case c.code != 0:
		c.log(faultOf(err), c.code) // too late to tell the client
	default:
		c.refuse(faultOf(err))
	}
	c.requests.count(c.reader.Partner, c.code)
	c.account(1)
}

func (e *endpoint) answer(c *call) error {
	h := c.w.Header()
	h["Vary"] = varyFields
	h["X-Content-Type-Options"] = nosniff
	h["X-Robots-Tag"] = noindex
	h["Access-Control-Allow-Origin"] = anyOrigin
	h["Access-Control-Expose-Headers"] = exposed
	switch c.r.Method {
	case http.MethodGet, http.MethodHead:
	case http.MethodOptions:
		h.Set("Allow", methods)
		h.Set("Access-Control-Allow-Methods", methods)
		h.Set("Access-Control-Allow-Headers", "Authorization, If-None-Match, Last-Event-ID")
		h.Set("Access-Control-Max-Age", "86400")
		c.code = http.StatusNoContent
		c.w.WriteHeader(c.code)
		return nil
	default:
		return &fault{kind: "method", detail: c.r.Method + " is not answered here."}
	}
	if err := c.admit(); err != nil {
		return err
	}
	if err := c.values.parse(c.r.URL.RawQuery, e.parameters); err != nil {
		return err
	}
	c.form = accepted(c.r.Header["Accept"])
	return e.serve(c)
}

// The values of header fields that all answers share. They are never written to.
var (
	varyFields = []string{"Accept, Accept-Encoding, Authorization"}
	nosniff    = []string{"nosniff"}
	noindex    = []string{"noindex"}
	anyOrigin  = []string{"*"}
	exposed    = []string{"ETag, Link, Content-Usage, RateLimit, RateLimit-Policy, Retry-After"}
	publicly   = []string{"no-cache"}
	privately  = []string{"private, no-cache"}
)

// accepted is the form that a client asks for: ninjs where it names that, with any weight but 0, and else JSON Feed items.
func accepted(fields []string) change.Form {
	for _, field := range fields {
		for item := range strings.SplitSeq(field, ",") {
			name, parameters, _ := strings.Cut(item, ";")
			if strings.EqualFold(strings.TrimSpace(name), ninjs.MediaType) && weight(parameters) > 0 {
				return change.Ninjs
			}
		}
	}
	return change.JSONFeed
}

// weight is the q of an item of Accept or Accept-Encoding; 1 where it has none, 0 where it is malformed.
func weight(parameters string) float64 {
	for parameters != "" {
		var p string
		p, parameters, _ = strings.Cut(parameters, ";")
		if key, value, _ := strings.Cut(p, "="); strings.EqualFold(strings.TrimSpace(key), "q") {
			q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
			if err != nil || q < 0 || q > 1 {
				return 0
			}
			return q
		}
	}
	return 1
}

// patience is how long the store may take for this request.
func (c *call) patience() (context.Context, context.CancelFunc) {
	return context.WithTimeout(c.r.Context(), c.api.options.StoreTimeout)
}

// respond answers with a body, or with 304 to a client that has it.
func (c *call) respond(mediaType string, body []byte) error {
	sum := sha256.Sum256(body)
	return c.respondTagged(mediaType, body, base64.RawURLEncoding.EncodeToString(sum[:15]))
}

// respondTagged is respond for a body whose tag is known.
func (c *call) respondTagged(mediaType string, body []byte, tag string) error {
	gzip, ok := acceptsGzip(c.r.Header["Accept-Encoding"])
	if !ok {
		return &fault{kind: "not-acceptable"}
	}
	gzip = gzip && len(body) >= compressible
	if gzip {
		tag += "-gzip"
	}
	tag = `"` + tag + `"`
	h := c.w.Header()
	h["Etag"] = []string{tag}
	h["Cache-Control"] = publicly
	if c.reader.Partner != "" {
		h["Cache-Control"] = privately
	}
	if matches(c.r.Header["If-None-Match"], tag) {
		c.code = http.StatusNotModified
		c.w.WriteHeader(c.code)
		return nil
	}
	if gzip {
		h["Content-Encoding"] = []string{"gzip"}
		compressed := compress(body)
		defer compressed.free()
		body = compressed.Bytes()
	}
	c.send(http.StatusOK, mediaType, body)
	return nil
}

// send answers with a body as it is.
func (c *call) send(code int, mediaType string, body []byte) {
	h := c.w.Header()
	h["Content-Type"] = []string{mediaType}
	h["Content-Length"] = []string{strconv.Itoa(len(body))}
	c.code = code
	c.w.WriteHeader(code)
	if c.r.Method != http.MethodHead {
		n, _ := c.w.Write(body) // a client that went away is nothing to act on
		c.bytes += n
	}
}

// matches says whether one of the entity tags that a client has is this one, compared weakly (RFC 9110 §13.1.2).
func matches(lists []string, tag string) bool {
	for _, list := range lists {
		for item := range strings.SplitSeq(list, ",") { // no tag of ours has a comma
			item = strings.TrimPrefix(strings.TrimSpace(item), "W/")
			if item == tag || item == "*" {
				return true
			}
		}
	}
	return false
}

// log says why a request was refused, to the operator where it is ours to mend.
func (c *call) log(f *fault, status int) {
	ctx := c.r.Context()
	if errors.Is(f.cause, context.Canceled) && ctx.Err() != nil {
		return // the client went away
	}
	level := slog.LevelDebug
	switch status {
	case http.StatusInternalServerError:
		level = slog.LevelError
	case http.StatusServiceUnavailable:
		level = slog.LevelWarn
	}
	c.api.options.Log.Log(ctx, level, "api request refused", "path", c.r.URL.Path, "error", f)
}

// longer has the server's time limits on a request end no sooner than after d.
func (c *call) longer(d time.Duration) {
	control := http.NewResponseController(c.w)
	// A server without deadlines has none to move.
	_ = control.SetReadDeadline(time.Time{})
	_ = control.SetWriteDeadline(time.Now().Add(d))
}
