package propose

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sort"
	"strconv"
	"strings"
)

// group is elements that are built alike, each with a link.
type group struct {
	members   []int    // elements, in their order
	link      string   // the selector of the link inside of a member; empty where the member is the link
	picks     []int    // of each member its link
	addresses []string // of these
	generic   bool     // the links say the same in all members, such as "more"
	adverts   []string // classes of advertisements that were left out
	foreign   []int    // links to other sites that were left out
	score     float64
	cost      float64 // of its selector, roughly
}

const (
	maxLevels  = 8  // from a link up to what may stand for its article
	maxInside  = 60 // links and elements of a member that are looked at
	maxMembers = 400
)

// groupKey is what the members of a group have in common.
type groupKey struct {
	under int    // a path, or less than 0 for a parent of its own
	tag   string // of each
	name  string // a class of each; empty for any
}

// groups are all groups of the page that may list articles, rated.
func (s *survey) groups(ctx context.Context) ([]*group, error) {
	members := map[groupKey][]int{}
	var keys []groupKey
	for i := range s.links {
		for e, level := s.links[i].at, 0; e >= 0 && level < maxLevels; e, level = s.elements[e].parent, level+1 {
			if tag := s.elements[e].node.Data; tag == "body" || tag == "html" || tag == "main" {
				break
			}
			for _, k := range s.keys(e) {
				if members[k] == nil {
					keys = append(keys, k)
				}
				if list := members[k]; len(list) == 0 || list[len(list)-1] != e {
					members[k] = append(list, e)
				}
			}
		}
	}
	var groups []*group
	known := map[string]bool{}
	for i, k := range keys {
		if i%1000 == 0 && ctx.Err() != nil {
			return nil, fmt.Errorf("propose: %w", ctx.Err())
		}
		list := members[k]
		if len(list) < fewest || nest(s.elements, list) {
			continue
		}
		list = list[:min(len(list), maxMembers)]
		if same := listKey(list); !known[same] {
			known[same] = true
			if g := s.read(list); g != nil {
				groups = append(groups, g)
			}
		}
	}
	return groups, nil
}

// keys are the groups that an element belongs to: those built like it on the whole page, those in the same kind of place,
// and its siblings; of each, those with a class of its own; and those under elements of a name, wherever these are.
func (s *survey) keys(at int) []groupKey {
	e := &s.elements[at]
	above := 0
	if e.parent >= 0 {
		above = s.elements[e.parent].path
	}
	keys := []groupKey{{under: above, tag: e.node.Data}, {under: -2 - e.parent, tag: e.node.Data}}
	for _, name := range e.names {
		keys = append(keys, groupKey{under: -1, tag: e.node.Data, name: name}, groupKey{under: above, tag: e.node.Data, name: name},
			groupKey{under: -2 - e.parent, tag: e.node.Data, name: name})
	}
	for up, steps := e.parent, 0; up >= 0 && steps < 2; up, steps = s.elements[up].parent, steps+1 {
		if names := s.elements[up].names; len(names) > 0 {
			keys = append(keys, groupKey{under: -1, tag: e.node.Data, name: fmt.Sprint(steps, names[0])}) // no class begins with a number
		}
	}
	return keys
}

// nest says whether of elements one is inside of another.
func nest(elements []element, list []int) bool {
	if !slices.IsSorted(list) {
		return true // the inner one has its link before the outer one
	}
	for i := 1; i < len(list); i++ {
		if list[i] < elements[list[i-1]].end {
			return true
		}
	}
	return false
}

func listKey(list []int) string {
	var b strings.Builder
	for _, i := range list {
		b.WriteString(strconv.Itoa(i))
		b.WriteByte(' ')
	}
	return b.String()
}

// inside are the links in an element.
func (s *survey) inside(at int) (from, to int) {
	end := s.elements[at].end
	from = sort.Search(len(s.links), func(i int) bool { return s.links[i].at >= at })
	to = sort.Search(len(s.links), func(i int) bool { return s.links[i].at >= end })
	return from, min(to, from+maxInside)
}

// read finds the links of a group to its articles, and rates it. It is nil where there are too few.
func (s *survey) read(list []int) *group {
	g := &group{}
	var members []int
	for _, at := range list {
		if class := s.elements[at].advert; class != "" {
			if !slices.Contains(g.adverts, class) && len(g.adverts) < maxNames {
				g.adverts = append(g.adverts, class)
			}
			continue
		}
		members = append(members, at)
	}
	if len(members) < fewest {
		return nil
	}
	s.choose(g, members)
	s.withoutForeign(g)
	if len(g.members) < fewest {
		return nil
	}
	s.rate(g, len(members))
	return g
}

// way is one way to find the links of a group's members.
type way struct {
	members, picks []int
}

// choose finds the way that leads from the members to the most articles, by links that read as titles.
func (s *survey) choose(g *group, members []int) {
	ways := map[string]*way{}
	var order []string
	for _, at := range members {
		from, to := s.inside(at)
		for i := from; i < to; i++ {
			for _, sel := range s.selectorsIn(i, at) {
				w := ways[sel]
				if w == nil {
					w = &way{}
					ways[sel], order = w, append(order, sel)
				}
				if n := len(w.members); n == 0 || w.members[n-1] != at {
					w.members, w.picks = append(w.members, at), append(w.picks, i)
				}
			}
		}
	}
	best, bestCost := -1.0, 0.0
	for _, sel := range order {
		w := ways[sel]
		if len(w.members) < fewest {
			continue
		}
		worth, generic := s.worth(w, len(members))
		cost := 0.01 * selectorCost(sel)
		if worth-cost > best-bestCost+1e-9 {
			best, bestCost = worth, cost
			g.link, g.generic = sel, generic
		}
	}
	if best < 0 {
		return
	}
	known := map[string]bool{}
	w := ways[g.link]
	for i, at := range w.members {
		if address := s.links[w.picks[i]].address; !known[address] {
			known[address] = true
			g.members, g.picks, g.addresses = append(g.members, at), append(g.picks, w.picks[i]), append(g.addresses, address)
		}
	}
}

// worth says how good a way is, and whether its links all say the same.
func (s *survey) worth(w *way, members int) (worth float64, generic bool) {
	addresses, texts := map[string]bool{}, map[string]bool{}
	var weights []int
	content, headings := 0.0, 0.0
	for _, i := range w.picks {
		l := &s.links[i]
		addresses[l.address], texts[l.text] = true, true
		weights = append(weights, l.weight)
		content += l.content
		if l.heading {
			headings++
		}
	}
	n := float64(len(w.picks))
	generic = 2*len(texts) < len(w.picks)+1
	covered := math.Min(1, float64(len(addresses))/(0.9*float64(members))) // the last member may be a link to older articles
	worth = 2*covered + content/n + headings/n
	if !generic {
		worth += 1.5 * titleQuality(median(weights))
	}
	return worth, generic
}

// withoutForeign leaves out the few links of a group that lead to other sites, if most do not.
func (s *survey) withoutForeign(g *group) {
	var foreign []int
	for i, pick := range g.picks {
		if !s.site.has(s.links[pick].address) {
			foreign = append(foreign, i)
		}
	}
	if len(foreign) == 0 || 10*len(foreign) > 4*len(g.picks) {
		return
	}
	for _, i := range foreign {
		g.foreign = append(g.foreign, g.picks[i])
	}
	for _, i := range slices.Backward(foreign) {
		g.members, g.picks, g.addresses = slices.Delete(g.members, i, i+1), slices.Delete(g.picks, i, i+1), slices.Delete(g.addresses, i, i+1)
	}
}

func median(values []int) int {
	if len(values) == 0 {
		return 0
	}
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}
