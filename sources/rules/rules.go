// Package rules has an operator's rules decide over articles: which are dropped or held, and in which categories they are.
//
//	r, err := rules.Compile(rules.Definition{Name: "rule 1", When: `"ad" in tags`, Do: []string{"drop"}})
//	set := rules.NewSet([]*rules.Rule{r})
//	failures := rules.Apply(set.For("dsb"), &article)
//
// A rule is an expression of expr-lang/expr over one article (docs/rules.md explains its words) and what
// is done if that is true. It is compiled once, and bounded: in size when it is compiled, and in cost when it looks at an
// article, however long that is. What comes of it depends on nothing but the article and the rules, so the same article comes out
// the same at any time and on each replica.
//
// It refuses all else that an expression could do: to read the clock or the machine, to build texts and lists, to compile a
// pattern that an article brings.
package rules

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"

	"github.com/newswire/newswire"
)

// Definition is a rule as the operator wrote it.
type Definition struct {
	Name   string   // for messages: "rule 3", "rule 1 of dsb"
	Line   int      // in the config
	Source string   // whose articles it is for; empty for all
	When   string   // an expression
	Do     []string // actions, in order
}

// Rule is a rule that can be applied. It is safe for many goroutines.
type Rule struct {
	Definition
	program *vm.Program
	actions []Action
	text    bool // it looks at the text
}

// Error is a mistake in an expression.
type Error struct {
	Line, Column int // in the expression, from 1; 0 where it is not at a place
	Message      string
}

// Error is the message.
func (e *Error) Error() string { return e.Message }

const (
	maxNodes   = 300  // of an expression
	maxWhen    = 4000 // bytes of an expression
	maxActions = 20
	kept       = 200 // characters of an expression that are recorded with an article
)

// Compile compiles a rule. The error joins an *[Error] for the expression and errors for actions that are none.
func Compile(d Definition) (*Rule, error) {
	r := &Rule{Definition: d}
	var errs []error
	if len(d.Do) == 0 || len(d.Do) > maxActions {
		errs = append(errs, fmt.Errorf("do: want drop, hold, publish, category ID, not-category ID or language TAG, or a list of at most %d of them", maxActions))
	}
	for _, text := range d.Do {
		action, err := parseAction(text)
		if err != nil {
			errs = append(errs, err)
		}
		r.actions = append(r.actions, action)
	}
	return r, errors.Join(append(errs, r.compile())...)
}

// compile compiles the expression.
func (r *Rule) compile() error {
	switch {
	case strings.TrimSpace(r.When) == "":
		return &Error{Message: "when: want an expression that is true of some articles, such as '\"ad\" in tags'"}
	case len(r.When) > maxWhen:
		return &Error{Message: fmt.Sprintf("when: an expression of more than %d bytes; make several rules of it", maxWhen)}
	}
	w := &warden{}
	program, err := expr.Compile(r.When, append(dialect(), expr.Patch(w))...)
	if err = w.judge(err, r.When); err != nil {
		var at *file.Error
		if !errors.As(err, &at) {
			return &Error{Message: "when: " + err.Error()}
		}
		return &Error{Line: at.Line, Column: at.Column + 1, Message: "when: " + at.Message}
	}
	r.program, r.text = program, w.text
	return nil
}

// Actions are what the rule does.
func (r *Rule) Actions() []Action { return slices.Clone(r.actions) }

// Set is an ordered list of rules. The nil set has none.
type Set struct {
	all []*Rule            // for all sources
	own map[string][]*Rule // for one each, by ID
}

// NewSet makes a set of rules. Those for all sources come before those for one.
func NewSet(list []*Rule) *Set {
	s := &Set{own: map[string][]*Rule{}}
	for _, r := range list {
		if r.Source == "" {
			s.all = append(s.all, r)
		} else {
			s.own[r.Source] = append(s.own[r.Source], r)
		}
	}
	return s
}

// For are the rules for a source, in the order in which they apply.
func (s *Set) For(source string) []*Rule {
	if s == nil {
		return nil
	}
	if own := s.own[source]; len(own) > 0 {
		return slices.Concat(s.all, own)
	}
	return slices.Clip(s.all)
}

// Failure is a rule that could not be applied to an article.
type Failure struct {
	Rule *Rule
	Err  error
}

// Restore gives an article back what rules have changed of it.
func Restore(a *newswire.Article) {
	if a.Ruled == nil {
		return
	}
	if a.Ruled.Held != nil {
		a.Held = *a.Ruled.Held
	}
	if a.Ruled.Language != nil {
		a.Language = *a.Ruled.Language
	}
	a.Ruled = nil
}

// Apply applies rules to an article that has been classified, in their order, each to what the ones before have made of it. A
// rule that fails changes nothing.
func Apply(list []*Rule, a *newswire.Article) []Failure {
	if len(list) == 0 {
		return nil
	}
	var failures []Failure
	seen := newArticle(a, slices.ContainsFunc(list, func(r *Rule) bool { return r.text }))
	for _, r := range list {
		applies, err := r.holds(seen)
		switch {
		case err != nil:
			failures = append(failures, Failure{r, err})
		case applies:
			r.apply(a)
			seen.update(a)
		}
	}
	return failures
}

// holds says whether the rule's expression is true of an article.
func (r *Rule) holds(a *article) (bool, error) {
	a.left = budget
	out, err := expr.Run(r.program, a)
	if err != nil {
		var at *file.Error
		if errors.As(err, &at) { // without the expression, which is several lines
			err = cmp.Or(at.Prev, errors.New(at.Message))
		}
		return false, err
	}
	is, _ := out.(bool)
	return is, nil
}
