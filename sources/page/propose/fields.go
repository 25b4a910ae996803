package propose

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/newswire/newswire/sources/page"
	"github.com/newswire/newswire/sources/parse"
)

// linkSelectors are the ways to name a link inside of an item, the plainest first.
func (s *survey) linkSelectors(l *link) []linkSelector {
	ways := []linkSelector{{text: "a", within: l.at}}
	for _, name := range s.elements[l.at].names {
		ways = append(ways, linkSelector{text: "a." + name, within: l.at})
	}
	for up, steps := s.elements[l.at].parent, 0; up >= 0 && steps < 4; up, steps = s.elements[up].parent, steps+1 {
		e := &s.elements[up]
		switch {
		case e.heading:
			ways = append(ways, linkSelector{text: e.node.Data + " a", within: up})
		case e.node.Data == "td" || e.node.Data == "th":
			ways = append(ways, linkSelector{text: fmt.Sprintf("%s:nth-of-type(%d) a", e.node.Data, e.nth), within: up})
		case slices.Contains([]string{"dt", "dd", "p", "strong", "b"}, e.node.Data):
			ways = append(ways, linkSelector{text: e.node.Data + " a", within: up})
		}
		for _, name := range e.names[:min(2, len(e.names))] {
			ways = append(ways, linkSelector{text: "." + name + " a", within: up})
		}
	}
	return ways
}

// selectorsIn are the selectors by which a link is found inside of an item; the empty one where it is the item.
func (s *survey) selectorsIn(i, at int) []string {
	l := &s.links[i]
	if l.at == at {
		return []string{""}
	}
	var texts []string
	for _, w := range l.selects {
		if w.within > at {
			texts = append(texts, w.text)
		}
	}
	return texts
}

// selectorCost is how much less plain a link's selector is than another.
func selectorCost(selector string) float64 {
	switch {
	case selector == "" || selector == "a":
		return 0
	case strings.Contains(selector, "nth-of-type"):
		return 5
	case strings.HasPrefix(selector, "."):
		return nameCost(strings.TrimSuffix(selector[1:], " a"))
	case strings.HasPrefix(selector, "a."):
		return nameCost(selector[2:])
	case strings.HasPrefix(selector, "h"):
		return 0.5
	}
	return 2
}

// linkSelector is the selector of the links. Where others of the same form lead elsewhere, it says how the addresses of
// the articles begin.
func (w *writer) linkSelector() string {
	if w.link == "" {
		return "@href"
	}
	if prefix := w.prefix(); len(w.foreign) > 0 && prefix != "" {
		return written(fmt.Sprintf(`%s[href^="%s"]@href`, w.link, prefix))
	}
	return written(w.link + "@href")
}

// prefix is how the addresses of the articles begin as they are written, and those of the others do not; empty where there
// is no such beginning.
func (w *writer) prefix() string {
	common := w.links[w.picks[0]].href
	for _, i := range w.picks {
		href := w.links[i].href
		n := 0
		for n < len(common) && n < len(href) && common[n] == href[n] {
			n++
		}
		common = common[:n]
	}
	common = common[:strings.LastIndexByte(common, '/')+1]
	for _, i := range w.foreign {
		if strings.HasPrefix(w.links[i].href, common) {
			return ""
		}
	}
	if strings.ContainsAny(common, "\"\\\n") {
		return ""
	}
	return common
}

// listed is what the selectors of so far yield, by address.
func (w *writer) yields(ctx context.Context) map[string]*parse.Item {
	items, err := w.doc.List(ctx, w.Selectors)
	if err != nil {
		return nil
	}
	byAddress := map[string]*parse.Item{}
	for i := range items {
		byAddress[items[i].URL] = &items[i]
	}
	return byAddress
}

// place is a way to name something inside of an item, with what it finds in each member; the first one counts.
type place struct {
	selector string
	found    map[int]int // by member: an element, or a date
	heading  bool
}

// places collects the ways to name things inside of the members, in the order in which they are met.
type places struct {
	list []*place
	by   map[string]*place
}

func (p *places) add(selector string, member, found int, heading bool) {
	if p.by == nil {
		p.by = map[string]*place{}
	}
	at := p.by[selector]
	if at == nil {
		at = &place{selector: selector, found: map[int]int{}, heading: heading}
		p.by[selector], p.list = at, append(p.list, at)
	}
	if _, ok := at.found[member]; !ok {
		at.found[member] = found
	}
}

// title writes a selector for titles, where the links' texts are none: they all say "more", or have the whole article in
// them.
func (w *writer) title(ctx context.Context) {
	var ways places
	for i, at := range w.members {
		l := &w.links[w.picks[i]]
		from, to := at+1, w.elements[at].end
		if !w.generic {
			from, to = l.at+1, w.elements[l.at].end
		}
		for d := from; d < min(to, from+maxInside); d++ {
			e := &w.elements[d]
			if text, _ := e.weight(); text == 0 || e.node.Data == "a" && d != l.at {
				continue
			}
			if e.heading {
				ways.add(e.node.Data, at, d, true)
			}
			for _, name := range e.names {
				ways.add("."+name, at, d, false)
			}
			ways.add(w.numbered(d, at), at, d, false)
		}
	}
	best, worth := "", 0.0
	for _, p := range ways.list {
		if v := w.titleWorth(p); v > worth+1e-9 {
			best, worth = p.selector, v
		}
	}
	if best == "" {
		return
	}
	w.Title = w.Item + " " + written(best)
	if !w.changesTitles(ctx) {
		w.Title = ""
	}
}

// numbered names an element inside of an item by its place in its parent.
func (w *writer) numbered(at, item int) string {
	e := &w.elements[at]
	parent := ""
	if e.parent != item {
		parent = w.elements[e.parent].node.Data + " "
	}
	if e.twins[e.node.Data] < 2 {
		return parent + "> " + e.node.Data
	}
	return fmt.Sprintf("%s> %s:nth-of-type(%d)", parent, e.node.Data, e.nth)
}

// titleWorth says how well a place serves for titles; 0 for not at all.
func (w *writer) titleWorth(p *place) float64 {
	covered := float64(len(p.found)) / float64(len(w.members))
	if covered < 0.8 {
		return 0
	}
	texts := map[string]bool{}
	var weights []int
	dates := 0
	for _, at := range w.members {
		d, ok := p.found[at]
		if !ok {
			continue
		}
		text := page.Text(w.elements[d].node)
		texts[text] = true
		weights = append(weights, weight(text))
		if weight(text) < 40 && w.isDate(text) {
			dates++
		}
	}
	n := float64(len(weights))
	v := covered + float64(len(texts))/n + 1.5*titleQuality(median(weights)) - 2*float64(dates)/n
	if median(weights) > 110 {
		v--
	}
	if p.heading {
		v++
	}
	switch {
	case strings.HasPrefix(p.selector, "."):
		if has(p.selector, set("title headline ttl tit heading subject")) {
			v += 0.8
		}
		v += 0.2 / nameCost(p.selector[1:])
	case strings.Contains(p.selector, ">"):
		v -= 0.1
	}
	return v
}

// changesTitles says whether the selector for titles makes others of them.
func (w *writer) changesTitles(ctx context.Context) bool {
	with := w.yields(ctx)
	plain := *w
	plain.Title = ""
	without := plain.yields(ctx)
	for address, item := range with {
		if other := without[address]; other != nil && other.Title != item.Title {
			return true
		}
	}
	return false
}

// published writes a selector for dates, where without one there are fewer, or others than stand there.
func (w *writer) published(ctx context.Context) {
	byItself := w.yields(ctx)
	found := 0
	for _, item := range byItself {
		if !item.Published.IsZero() {
			found++
		}
	}
	var ways places
	for i, at := range w.members {
		l := &w.links[w.picks[i]]
		for _, d := range w.datesIn(at) {
			if d.attribute == "" && d.at >= l.at && d.at < w.elements[l.at].end && !d.whole {
				continue
			}
			for _, selector := range w.dateSelectors(&d, at) {
				ways.add(selector, at, int(d.time.Unix()/secondsADay), false)
			}
		}
	}
	var best *place
	for _, p := range ways.list {
		if best == nil || len(p.found) > len(best.found) {
			best = p
		}
	}
	if best == nil || len(best.found) < found || 2*len(best.found) < len(w.members) {
		return
	}
	agreed := 0
	for i, at := range w.members {
		day, ok := best.found[at]
		if item := byItself[w.addresses[i]]; ok && item != nil && item.Published.Unix()/secondsADay == int64(day) {
			agreed++
		}
	}
	if 10*agreed < 9*len(best.found) {
		w.Published = w.Item + " " + written(best.selector)
		if strings.HasPrefix(best.selector, "@") {
			w.Published = best.selector
		}
	}
}

const secondsADay = 24 * 60 * 60

// dateSelectors are the ways to name where a date stands in an item.
func (w *writer) dateSelectors(d *dated, item int) []string {
	e := &w.elements[d.at]
	suffix := ""
	if d.attribute != "" {
		suffix = "@" + d.attribute
	}
	if d.at == item {
		if d.attribute == "" {
			return nil
		}
		return []string{suffix}
	}
	var selectors []string
	if e.node.Data == "time" {
		selectors = append(selectors, "time"+suffix)
	}
	for _, name := range e.names {
		selectors = append(selectors, "."+name+suffix)
	}
	if d.attribute != "" {
		return append(selectors, "["+d.attribute+"]"+suffix)
	}
	return append(selectors, w.numbered(d.at, item))
}

// author writes a selector for authors, where a class says that they are that.
func (w *writer) author() {
	var ways places
	for _, at := range w.members {
		for d := at + 1; d < min(w.elements[at].end, at+maxInside); d++ {
			for _, name := range w.elements[d].names {
				if text, _ := w.elements[d].weight(); text > 0 && text < 80 && has(name, set("author authors byline writer autor autore auteur")) {
					ways.add("."+name, at, d, false)
				}
			}
		}
	}
	for _, p := range ways.list {
		if 2*len(p.found) > len(w.members) {
			w.Author = w.Item + " " + written(p.selector)
			return
		}
	}
}
