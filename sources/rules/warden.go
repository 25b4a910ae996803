package rules

import (
	"fmt"
	"reflect"
	"regexp"
	"regexp/syntax"
	"slices"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/ast"
	"github.com/expr-lang/expr/file"
)

// allowed are the functions of the expression language that rules have; an article has the others.
var allowed = []string{"all", "any", "one", "none", "filter", "map", "find", "count", "len", "date", "duration"}

// dialect is the part of the expression language that rules have.
func dialect() []expr.Option {
	options := []expr.Option{expr.Env(&article{}), expr.AsBool(), expr.WarnOnAny(), expr.MaxNodes(maxNodes), expr.DisableAllBuiltins()}
	for _, name := range allowed {
		options = append(options, expr.EnableBuiltin(name))
	}
	return options
}

// patterns bound regular expressions. One costs at most its size times the text's.
const (
	maxPattern     = 1000 // bytes
	maxPatternSize = 500  // instructions
)

// warden looks at each node of an expression before it is compiled. It refuses what a rule has no need of, and puts what
// costs in the place of operators that are free.
type warden struct {
	mistake *file.Error // the first
	untyped *file.Error // the first text that may be something else; where a name is misspelt, that is the mistake
	text    bool        // the text is looked at
}

func (w *warden) refuse(n ast.Node, format string, args ...any) {
	if w.mistake == nil {
		w.mistake = &file.Error{Location: n.Location(), Message: fmt.Sprintf(format, args...)}
	}
}

func (w *warden) refuseUntyped(n ast.Node, function string) {
	if w.untyped == nil {
		w.untyped = &file.Error{Location: n.Location(), Message: function + " wants texts, and this may be something else"}
	}
}

// judge is the mistake in an expression, if any, that was compiled with err.
func (w *warden) judge(err error, source string) error {
	mistake := w.mistake
	if mistake == nil && err == nil {
		mistake = w.untyped
	}
	if mistake != nil {
		return mistake.Bind(file.NewSource(source))
	}
	return err
}

// Visit implements [ast.Visitor]. It is called for the parts of a node before the node.
func (w *warden) Visit(at *ast.Node) {
	switch n := (*at).(type) {
	case *ast.BinaryNode:
		w.binary(at, n)
	case *ast.IdentifierNode:
		w.text = w.text || n.Value == "text" || n.Value == "summary"
		if n.Value != "" && n.Value[0] == '$' {
			w.refuse(n, "unknown name %s", n.Value)
		}
	case *ast.BuiltinNode:
		w.builtin(at, n)
	case *ast.PredicateNode:
		w.predicate(n)
	case *ast.CallNode:
		w.call(n)
	case *ast.MemberNode:
		if isText(n.Node) {
			w.refuse(n, "a text has no parts in a rule")
		}
	case *ast.NilNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.StringNode, *ast.ConstantNode, *ast.UnaryNode,
		*ast.ChainNode, *ast.ConditionalNode, *ast.ArrayNode, *ast.PointerNode:
	default:
		w.refuse(n, "a rule has no use for this part of the language")
	}
}

// searches are the operators that look through a text, and what they become.
var searches = map[string]string{"contains": "$contains", "startsWith": "$startsWith", "endsWith": "$endsWith", "matches": "$matches"}

// binary has searches cost something, and refuses operators that make texts and lists.
func (w *warden) binary(at *ast.Node, n *ast.BinaryNode) {
	switch call := searches[n.Operator]; {
	case n.Operator == "..", n.Operator == "+" && (isText(n.Left) || isText(n.Right)), n.Operator == "**":
		w.refuse(n, "a rule cannot use %s to make texts and lists", n.Operator)
	case call == "":
	case n.Operator == "matches":
		w.matches(at, n)
	case isText(n.Left) && isText(n.Right):
		w.replace(at, call, n.Left, n.Right)
	case isAny(n.Left) || isAny(n.Right):
		w.refuseUntyped(n, n.Operator)
	}
}

// matches compiles a pattern.
func (w *warden) matches(at *ast.Node, n *ast.BinaryNode) {
	text, constant := n.Right.(*ast.StringNode)
	switch {
	case !constant:
		w.refuse(n.Right, "matches wants its pattern as it is, in quotes")
	case len(text.Value) > maxPattern:
		w.refuse(text, "a pattern of more than %d bytes", maxPattern)
	case isText(n.Left):
		p, err := compilePattern(text.Value)
		if err != nil {
			w.refuse(text, "the pattern cannot be read: %v", err)
			return
		}
		if p.size > maxPatternSize {
			w.refuse(text, "the pattern is too large: as a program it has %d steps, and may have %d", p.size, maxPatternSize)
			return
		}
		w.replace(at, "$matches", n.Left, &ast.ConstantNode{Value: p})
	case isAny(n.Left):
		w.refuseUntyped(n, "matches")
	}
}

func compilePattern(text string) (*pattern, error) {
	parsed, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return nil, err
	}
	program, err := syntax.Compile(parsed.Simplify())
	if err != nil {
		return nil, err
	}
	re, err := regexp.Compile(text)
	return &pattern{re, len(program.Inst)}, err
}

// replace puts a call in the place of a node.
func (w *warden) replace(at *ast.Node, function string, args ...ast.Node) {
	callee := &ast.IdentifierNode{Value: function}
	callee.SetLocation((*at).Location())
	for _, a := range args {
		if c, ok := a.(*ast.ConstantNode); ok {
			c.SetType(reflect.TypeOf(c.Value))
		}
	}
	ast.Patch(at, &ast.CallNode{Callee: callee, Arguments: args})
	(*at).SetType(map[bool]reflect.Type{true: reflect.TypeFor[int](), false: reflect.TypeFor[bool]()}[function == "$len"])
}

// builtin has the length of a text cost something.
func (w *warden) builtin(at *ast.Node, n *ast.BuiltinNode) {
	switch {
	case !slices.Contains(allowed, n.Name):
		w.refuse(n, "unknown name %s", n.Name)
	case n.Name == "len" && len(n.Arguments) == 1 && isText(n.Arguments[0]):
		w.replace(at, "$len", n.Arguments[0])
	case n.Name == "len" && len(n.Arguments) == 1 && isAny(n.Arguments[0]):
		w.refuseUntyped(n, "len")
	case n.Name == "date" || n.Name == "duration":
		for _, a := range n.Arguments {
			if _, constant := a.(*ast.StringNode); !constant {
				w.refuse(a, "%s wants a text in quotes", n.Name)
			}
		}
	}
}

// predicate refuses one list gone through for each member of another: the cost would be that of both multiplied.
func (w *warden) predicate(n *ast.PredicateNode) {
	inner := ast.Find(n.Node, func(n ast.Node) bool { _, nested := n.(*ast.PredicateNode); return nested })
	if inner != nil {
		w.refuse(inner, "a rule goes through one list at a time: make two rules, or use in")
	}
}

// methods are those of times that rules may call.
var methods = []string{"IsZero", "Year", "Day", "Hour", "YearDay", "Unix"}

// call refuses methods, which are the Go language's, but those that a rule has a use for.
func (w *warden) call(n *ast.CallNode) {
	switch callee := n.Callee.(type) {
	case *ast.IdentifierNode:
	case *ast.MemberNode:
		name, ok := callee.Property.(*ast.StringNode)
		if !ok || !slices.Contains(methods, name.Value) {
			w.refuse(n, "a rule cannot call that")
		}
	default:
		w.refuse(n, "a rule cannot call that")
	}
}

func isText(n ast.Node) bool { return n.Type() != nil && n.Type().Kind() == reflect.String }

func isAny(n ast.Node) bool { return n.Type() == nil || n.Type().Kind() == reflect.Interface }
