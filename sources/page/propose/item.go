package propose

import (
	"fmt"
	"slices"
	"strings"

	"github.com/newswire/newswire/sources/page"
)

// compound is what a selector says of one element.
type compound struct {
	tag  string
	name string // ".class" or "#id"
	not  string // classes that it has not, apart by spaces
	nth  int    // its number among its siblings of the same tag; 0 for any
}

func (c compound) String() string {
	text := c.name
	if c.name == "" || c.nth > 0 {
		text = c.tag + c.name
	}
	for class := range strings.FieldsSeq(c.not) {
		text += ":not(." + class + ")"
	}
	if c.nth > 0 {
		text += fmt.Sprintf(":nth-of-type(%d)", c.nth)
	}
	return text
}

// matches says whether an element is one.
func (s *survey) matches(at int, c compound) bool {
	e := &s.elements[at]
	switch {
	case c.tag != "" && e.node.Data != c.tag,
		strings.HasPrefix(c.name, "#") && e.id != c.name[1:],
		strings.HasPrefix(c.name, ".") && !slices.Contains(e.names, c.name[1:]),
		c.nth > 0 && e.nth != c.nth:
		return false
	}
	if c.not == "" {
		return true
	}
	own := strings.Fields(attributeOf(s, at, "class"))
	return !slices.ContainsFunc(strings.Fields(c.not), func(class string) bool { return slices.Contains(own, class) })
}

// pattern is a selector of items: an element, and one that it is in.
type pattern struct {
	context []compound // of which each is the parent of the next, if there are several
	child   bool       // the last one is the parent of the item
	item    compound
	cost    float64
}

func (p pattern) String() string {
	var b strings.Builder
	for i, c := range p.context {
		if i > 0 {
			b.WriteString(" > ")
		}
		b.WriteString(c.String())
	}
	switch {
	case len(p.context) == 0:
	case p.child:
		b.WriteString(" > ")
	default:
		b.WriteByte(' ')
	}
	return b.String() + p.item.String()
}

// all are the elements that a pattern matches.
func (s *survey) all(p pattern) []int {
	candidates := s.byTag[p.item.tag]
	if p.item.name != "" {
		candidates = s.byName[p.item.name]
	}
	var found []int
	for _, at := range candidates {
		if s.matches(at, p.item) && s.inContext(at, p) {
			found = append(found, at)
		}
	}
	return found
}

func (s *survey) inContext(at int, p pattern) bool {
	if len(p.context) == 0 {
		return true
	}
	for up := s.elements[at].parent; up >= 0; up = s.elements[up].parent {
		if s.chain(up, p.context) {
			return true
		}
		if p.child {
			return false
		}
	}
	return false
}

// chain says whether an element and those around it are a context.
func (s *survey) chain(at int, context []compound) bool {
	for _, c := range slices.Backward(context) {
		if at < 0 || !s.matches(at, c) {
			return false
		}
		at = s.elements[at].parent
	}
	return true
}

// writer writes the selectors of a group.
type writer struct {
	*survey
	*group
	page.Selectors

	isMember map[int]bool
	listed   map[int]bool // what was found out of other elements
}

func newWriter(s *survey, g *group) *writer {
	w := &writer{survey: s, group: g, isMember: map[int]bool{}, listed: map[int]bool{}}
	for _, at := range g.members {
		w.isMember[at] = true
	}
	return w
}

// item writes the selector of the group's members: of those that match them and nothing else that lists articles, the one
// that is the plainest. Where none does, it is the one that comes nearest.
func (w *writer) item() {
	owns := w.owns()
	best, bestMiss := pattern{}, 0.0
	consider := func(p pattern) {
		if miss := w.miss(p); best.item == (compound{}) || miss < bestMiss || miss == bestMiss && p.cost < best.cost {
			best, bestMiss = p, miss
		}
	}
	for _, own := range owns {
		alone := own
		if own.item.name == "" && own.item.tag != "article" {
			alone.cost += bareCost
		}
		consider(alone)
		for _, c := range w.contexts() {
			for _, child := range []bool{false, true} {
				p := pattern{context: []compound{c.item}, child: child, item: own.item, cost: own.cost + c.cost}
				if child {
					p.cost += 0.1
				}
				consider(p)
			}
		}
	}
	if bestMiss > 0 {
		for _, own := range owns {
			for _, p := range w.paths(own) {
				consider(p)
			}
		}
	}
	w.Item = written(best.String())
}

// bareCost is what a tag costs without anything around it that is named: other pages of the site have it everywhere.
const bareCost = 2

// miss says how far a pattern is from the group: the share of what it lists besides, and of what it leaves out.
func (w *writer) miss(p pattern) float64 {
	found := w.all(p)
	if len(found) == 0 || len(found) > 10*len(w.members)+100 {
		return 2
	}
	hit, besides := 0, 0
	for _, at := range found {
		switch {
		case w.isMember[at]:
			hit++
		case w.lists(at):
			besides++
		}
	}
	return float64(len(w.members)-hit)/float64(len(w.members)) + float64(besides)/float64(len(found))
}

// lists says whether an element that is not a member would be listed with them.
func (w *writer) lists(at int) (listed bool) {
	if known, ok := w.listed[at]; ok {
		return known
	}
	defer func() { w.listed[at] = listed }()
	from, to := w.inside(at)
	for i := from; i < to; i++ {
		if slices.Contains(w.selectorsIn(i, at), w.link) {
			return !slices.Contains(w.addresses, w.links[i].address) && !slices.Contains(w.foreign, i)
		}
	}
	return false
}

// owns are what the members have in common, the plainest first.
func (w *writer) owns() []pattern {
	first := &w.elements[w.members[0]]
	common := slices.Clone(first.names)
	for _, at := range w.members {
		common = slices.DeleteFunc(common, func(name string) bool { return !slices.Contains(w.elements[at].names, name) })
	}
	var owns []pattern
	for _, name := range common {
		owns = append(owns, pattern{item: compound{tag: first.node.Data, name: "." + name}, cost: nameCost(name)})
	}
	owns = append(owns, pattern{item: compound{tag: first.node.Data}, cost: tagCost(first.node.Data)})
	if len(w.adverts) > 0 {
		for _, own := range slices.Clone(owns) {
			own.item.not, own.cost = strings.Join(w.adverts, " "), own.cost+0.5
			owns = append(owns, own)
		}
	}
	return owns
}

// maxContexts bounds the elements around the members that are tried as their context.
const maxContexts = 8

// contexts are the names of elements around the members, the nearest first, and what naming them costs.
func (w *writer) contexts() []pattern {
	var contexts []pattern
	for up, steps := w.elements[w.members[0]].parent, 0; up >= 0 && len(contexts) < maxContexts; up, steps = w.elements[up].parent, steps+1 {
		e := &w.elements[up]
		far := 0.05 * float64(steps)
		if e.id != "" {
			contexts = append(contexts, pattern{item: compound{tag: "", name: "#" + e.id}, cost: 0.7 + far})
		}
		for _, name := range e.names[:min(2, len(e.names))] {
			contexts = append(contexts, pattern{item: compound{name: "." + name}, cost: nameCost(name)/2 + 0.2 + far})
		}
		switch e.node.Data {
		case "main", "article", "section", "ol", "ul", "dl", "table":
			contexts = append(contexts, pattern{item: compound{tag: e.node.Data}, cost: 1.2 + far})
		}
	}
	return contexts
}

// maxSteps bounds how long a path may be.
const maxSteps = 9

// paths lead to the members from an element that has a name, or from the body, by numbers where there are no names.
func (w *writer) paths(own pattern) []pattern {
	var paths []pattern
	var steps []compound
	for up := w.elements[w.members[0]].parent; up >= 0 && len(steps) < maxSteps; up = w.elements[up].parent {
		e := &w.elements[up]
		step := compound{tag: e.node.Data}
		named := false
		switch {
		case e.id != "":
			step, named = compound{name: "#" + e.id}, true
		case len(e.names) > 0:
			step, named = compound{name: "." + e.names[0]}, true
		case e.node.Data != "body" && e.node.Data != "main" && e.twins[e.node.Data] > 1:
			step.nth = e.nth
		}
		steps = slices.Insert(steps, 0, step)
		cost := own.cost + 2
		for _, s := range steps {
			cost += 0.2
			if s.nth > 0 {
				cost++
			}
		}
		if named || step.tag == "body" || len(steps) == maxSteps {
			paths = append(paths, pattern{context: slices.Clone(steps), child: true, item: own.item, cost: cost})
			for n := len(steps) - 1; n > 0; n-- {
				paths = append(paths, pattern{context: slices.Clone(steps[:n]), item: own.item, cost: cost + 0.1})
			}
		}
		if step.tag == "body" {
			break
		}
	}
	return paths
}

// nameCost is what a class costs in a selector: the less, the better it says what it names.
func nameCost(name string) float64 {
	switch rank(name) {
	case 3:
		return 1
	case 2:
		return 1.5
	}
	return 3
}

// tagCost is what a bare tag costs.
func tagCost(tag string) float64 {
	switch tag {
	case "article":
		return 1.1
	case "h2", "h3", "h4", "li", "tr", "dt":
		return 2
	}
	return 2.6
}

// ownCost is what the plainest selector of the members costs.
func (s *survey) ownCost(g *group) float64 {
	e := &s.elements[g.members[0]]
	cost := tagCost(e.node.Data)
	for _, name := range e.names {
		cost = min(cost, nameCost(name))
	}
	return cost
}
