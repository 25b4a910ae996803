package sources

import (
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/internal/tracing"
	"github.com/newswire/newswire/sources/rules"
)

// Outcome is how a visit ended, in a word.
type Outcome string

// The outcomes.
const (
	Changed     Outcome = "changed"      // new or changed articles were recorded
	Unchanged   Outcome = "unchanged"    // a document was there and brought nothing new
	NotModified Outcome = "not modified" // 304
	Failed      Outcome = "failed"       // no document, or none that could be read
	PutOff      Outcome = "put off"      // there was no visit although it is due: its domain may not be visited now, or another process visits it
	NotDue      Outcome = "not due"      // there was no visit: it is too soon
	Stopped     Outcome = "stopped"      // the publisher said 410 Gone; it is visited no more
	AtRest      Outcome = "paused"       // there was no visit: the operator has paused the source
	Pinged      Outcome = "pinged"       // a hub said that there is news, but not what: the source comes due
)

// Result is what a visit came to, for logs and for people.
type Result struct {
	Source    string                `json:"source"`
	Outcome   Outcome               `json:"outcome"`
	Pushed    bool                  `json:"pushed,omitempty"`    // the document came from a hub, and was not asked for
	Status    int                   `json:"status,omitempty"`    // HTTP; 0 where there was no answer
	Offered   int                   `json:"offered,omitempty"`   // articles in the document
	New       int                   `json:"new,omitempty"`       // recorded for the first time
	Edited    int                   `json:"edited,omitempty"`    // recorded as a new revision
	Held      int                   `json:"held,omitempty"`      // of those: not published, for they look injected or a rule holds them
	Withdrawn int                   `json:"withdrawn,omitempty"` // by the publisher's own word
	Doubted   int                   `json:"doubted,omitempty"`   // so many at once that they were not withdrawn
	Dropped   int                   `json:"dropped,omitempty"`   // by retention
	Repairs   []string              `json:"repairs,omitempty"`   // what had to be mended in the document
	Rules     map[string]*RuleCount `json:"rules,omitempty"`     // the operator's that applied to articles of these, or failed, by name
	Error     string                `json:"error,omitempty"`
	Due       time.Time             `json:"due,omitzero"`       // of the next visit; zero when there is none
	Why       string                `json:"why,omitempty"`      // why it is due then
	Duration  time.Duration         `json:"duration,omitempty"` // of the visit
}

// RuleCount is what a rule came to in a visit.
type RuleCount struct {
	Applied int    `json:"applied,omitempty"` // articles
	Failed  int    `json:"failed,omitempty"`  // articles that it could not be applied to; they are as if it were not there
	Error   string `json:"error,omitempty"`   // of the last of these
}

// rule is the count of a rule.
func (r *Result) rule(name string) *RuleCount {
	if r.Rules == nil {
		r.Rules = map[string]*RuleCount{}
	}
	if r.Rules[name] == nil {
		r.Rules[name] = &RuleCount{}
	}
	return r.Rules[name]
}

// applied counts the rules that applied to an article of the visit.
func (r *Result) applied(article *newswire.Article) {
	if article.Ruled == nil {
		return
	}
	for _, rule := range article.Ruled.Rules {
		r.rule(rule.Name).Applied++
	}
}

// failed counts rules that failed.
func (r *Result) failed(failures []rules.Failure) {
	for _, f := range failures {
		count := r.rule(f.Rule.Name)
		count.Failed++
		count.Error = f.Err.Error()
	}
}

// FailedRules says which rules failed, in the order of their names.
func (r *Result) FailedRules() []string {
	var out []string
	for _, name := range slices.Sorted(maps.Keys(r.Rules)) {
		if c := r.Rules[name]; c.Failed > 0 {
			out = append(out, fmt.Sprintf("%s failed for %d articles, which are as if it were not there: %s", name, c.Failed, c.Error))
		}
	}
	return out
}

// level is the level at which a visit is logged.
func (r *Result) level() slog.Level {
	switch {
	case r.Outcome == Failed || r.Outcome == Stopped || r.Doubted > 0 || r.Held > 0 || len(r.FailedRules()) > 0:
		return slog.LevelWarn
	case r.New+r.Edited+r.Withdrawn+r.Dropped > 0:
		return slog.LevelInfo
	}
	return slog.LevelDebug
}

// attrs are a visit as it is logged.
func (r *Result) attrs() []any {
	attrs := []any{
		"source", r.Source, "outcome", string(r.Outcome), "status", r.Status, "offered", r.Offered,
		"new", r.New, "edited", r.Edited, "dropped", r.Dropped, "took", r.Duration, "due", r.Due, "why", r.Why,
	}
	if r.Pushed {
		attrs = append(attrs, "pushed", true)
	}
	if r.Withdrawn > 0 {
		attrs = append(attrs, "withdrawn", r.Withdrawn)
	}
	if r.Doubted > 0 {
		attrs = append(attrs, "doubted", r.Doubted)
	}
	if r.Held > 0 {
		attrs = append(attrs, "held", r.Held)
	}
	if failed := r.FailedRules(); len(failed) > 0 {
		attrs = append(attrs, "rules", failed)
	}
	if r.Error != "" {
		attrs = append(attrs, "error", r.Error)
	}
	if len(r.Repairs) > 0 {
		attrs = append(attrs, "repairs", r.Repairs)
	}
	return attrs
}

// repaired tells the operator of so many repairs of a kind, if there are any.
func (r *Result) repaired(n int, format string) {
	if n > 0 {
		r.Repairs = append(r.Repairs, fmt.Sprintf(format, n))
	}
}

// describe says in the span of a visit what came of it.
func (r *Result) describe(visit tracing.Span) {
	visit.Text("newswire.outcome", string(r.Outcome))
	visit.Count("http.response.status_code", r.Status)
	visit.Count("newswire.offered", r.Offered)
	visit.Count("newswire.new", r.New)
	visit.Count("newswire.edited", r.Edited)
	visit.Count("newswire.withdrawn", r.Withdrawn)
	if r.Outcome == Failed || r.Outcome == Stopped {
		visit.Fail(r.Error)
	}
}
