package xmlscan

import (
	"strings"
)

// Bounds on the entities that a document declares. Honest documents have a few dozen, each a name or an address.
const (
	maxEntities  = 300
	maxValue     = 4 << 10   // bytes that one entity stands for, with those that it refers to
	maxExpansion = 256 << 10 // bytes that all references of a document stand for together
)

// entities are those that the internal subset of a DOCTYPE declares, by their names (XML 1.0 §4.2.1). Values are expanded
// where they are declared, by what was declared before: so none refers to itself, and each is bounded.
type entities struct {
	values map[string]string
	spent  int // of maxExpansion
}

// declare reads an internal subset behind its opening bracket, and returns its length with the closing one. It is false
// where the subset does not end.
func (e *entities) declare(subset string) (length int, ok bool) {
	for i := 0; i < len(subset); {
		rest := subset[i:]
		switch {
		case rest[0] == ']':
			return i + 1, true
		case strings.HasPrefix(rest, "<!--"):
			n := strings.Index(rest, "-->")
			if n < 0 {
				return 0, false
			}
			i += n + len("-->")
		case strings.HasPrefix(rest, "<!") || strings.HasPrefix(rest, "<?"):
			n := declarationLength(rest)
			if n < 0 {
				return 0, false
			}
			e.add(rest[:n])
			i += n
		default:
			i++
		}
	}
	return 0, false
}

// declarationLength is the length of a declaration up to the sign that ends it, which may stand in quotes before that. It
// is negative where there is none.
func declarationLength(s string) int {
	quote := byte(0)
	for i := range len(s) {
		switch c := s[i]; {
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'':
			quote = c
		case c == '>':
			return i + 1
		}
	}
	return -1
}

// add takes in the declaration of a general entity with a value of its own. Those of parameters, and those whose value is
// elsewhere, are not read. Of several declarations of a name the first holds (XML 1.0 §4.2).
func (e *entities) add(declaration string) {
	declared, isEntity := strings.CutPrefix(declaration, "<!ENTITY")
	sc := Scanner{s: declared}
	sc.space()
	name := sc.name()
	sc.space()
	if !isEntity || name == "" || len(name) > maxReference-len("&;") || sc.pos >= len(sc.s) || len(e.values) >= maxEntities {
		return
	}
	quote := sc.s[sc.pos]
	if quote != '"' && quote != '\'' || predefined[name] {
		return
	}
	sc.pos++
	value := sc.until(string(quote))
	if _, known := e.values[name]; known || len(value) > maxValue {
		return
	}
	if value = e.expanded(value); len(value) > maxValue {
		return
	}
	if e.values == nil {
		e.values = map[string]string{}
	}
	e.values[name] = value
}

// predefined are the entities of XML itself, which no document can declare otherwise.
var predefined = map[string]bool{"amp": true, "lt": true, "gt": true, "quot": true, "apos": true}

// expanded is a value with its references replaced. It may come out too long, but not by more than one value for each.
func (e *entities) expanded(value string) string {
	length := 0
	return unescape(value, func(s string) (reference, value string, ok bool) {
		reference, value, ok = e.leading(s)
		if length += len(value); length > maxValue {
			return "", "", false
		}
		return reference, value, ok
	})
}

// unescape replaces references in a text of the document.
func (e *entities) unescape(s string) string {
	if e.values == nil {
		return Unescape(s)
	}
	return unescape(s, func(s string) (reference, value string, ok bool) {
		reference, value, ok = e.leading(s)
		if e.spent += len(value); e.spent > maxExpansion {
			return leadingReference(s)
		}
		return reference, value, ok
	})
}

// leading reads the reference that s begins with: to an entity of the document, or else of HTML.
func (e *entities) leading(s string) (reference, value string, ok bool) {
	if end := strings.IndexByte(s[:min(len(s), maxReference)], ';'); end > 1 {
		if value, ok := e.values[s[1:end]]; ok {
			return s[:end+1], value, true
		}
	}
	return leadingReference(s)
}
