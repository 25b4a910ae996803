package config

import (
	"errors"
	"fmt"
	"strings"

	"go.yaml.in/yaml/v4"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/rules"
)

// UnmarshalYAML reads one action, or a list of them.
func (a *actions) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		*a = actions{node.Value}
		return nil
	}
	return node.Load((*[]string)(a))
}

// ruleChecker compiles rules.
type ruleChecker struct {
	*checker
	categories []newswire.Category
}

// rules compiles the rules of a mapping, those of a source or of all.
func (c ruleChecker) rules(p path, of, source string, in []ruleKeys) []*rules.Rule {
	var list []*rules.Rule
	for i, k := range in {
		r := c.rule(append(p, "rules", i), rules.Definition{
			Name: fmt.Sprintf("rule %d", i+1) + of, Source: source, When: k.When, Do: k.Do,
		})
		if r != nil {
			list = append(list, r)
		}
	}
	return list
}

// rule compiles a rule; nil if it has a mistake.
func (c ruleChecker) rule(p path, d rules.Definition) *rules.Rule {
	before := len(c.problems)
	if d.Line = c.line(append(p, "when")); d.When == "" {
		d.Line = c.line(p)
	}
	r, err := rules.Compile(d)
	for _, mistake := range unjoined(err) {
		var at *rules.Error
		switch {
		case !errors.As(mistake, &at):
			c.problem(append(p, "do"), "%s: %v", d.Name, mistake)
		case at.Line == 0:
			c.problem(append(p, "when"), "%s: %v", d.Name, mistake)
		default:
			c.problems = append(c.problems, c.inExpression(append(p, "when"), d.Name, at))
		}
	}
	for _, action := range r.Actions() {
		if action.Kind == rules.Category || action.Kind == rules.NotCategory {
			c.knownCategory(append(p, "do"), action.Of, c.categories)
		}
	}
	if len(c.problems) > before {
		return nil
	}
	return r
}

// inExpression is a mistake in an expression, with its place in the file as far as that can be told: an expression over
// several lines is indented, and may be folded.
func (c ruleChecker) inExpression(p path, name string, at *rules.Error) Problem {
	out := Problem{File: c.file, Line: c.line(p), Message: fmt.Sprintf("%s: %s", name, at.Message)}
	node := c.node(p)
	if node == nil {
		return out
	}
	expression := []rune(node.Value)
	switch oneLine := !strings.Contains(node.Value, "\n"); {
	case node.Style&yaml.LiteralStyle != 0:
		out.Line = int(node.Line) + at.Line
		out.Message += fmt.Sprintf(" (column %d of that line of the expression)", at.Column)
	case node.Style&yaml.FoldedStyle != 0 || !oneLine:
		out.Line = int(node.Line)
		out.Message += fmt.Sprintf(" (line %d, column %d of the expression)", at.Line, at.Column)
	default:
		out.Line, out.Column = int(node.Line), int(node.Column)+at.Column-1
		doubled := "" // characters that are written as two
		switch {
		case node.Style&yaml.SingleQuotedStyle != 0:
			doubled = "'"
		case node.Style&yaml.DoubleQuotedStyle != 0:
			doubled = `"\`
		default:
			return out
		}
		out.Column++ // for the quote before it
		for _, r := range expression[:min(at.Column-1, len(expression))] {
			if strings.ContainsRune(doubled, r) {
				out.Column++
			}
		}
	}
	return out
}

// node is the value at the path; nil if there is none.
func (c ruleChecker) node(p path) *yaml.Node {
	node := &c.root
	if node.Kind == yaml.DocumentNode && len(node.Content) > 0 {
		node = node.Content[0]
	}
	for _, step := range p {
		var next *yaml.Node
		switch step := step.(type) {
		case string:
			for i := 0; node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
				if node.Content[i].Value == step {
					next = node.Content[i+1]
				}
			}
		case int:
			if node.Kind == yaml.SequenceNode && step < len(node.Content) {
				next = node.Content[step]
			}
		}
		if next == nil {
			return nil
		}
		node = next
	}
	return node
}

// unjoined are the errors that one joins.
func unjoined(err error) []error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok { // it is what errors.Join has made, and nothing around it
		return joined.Unwrap()
	}
	if err != nil {
		return []error{err}
	}
	return nil
}
