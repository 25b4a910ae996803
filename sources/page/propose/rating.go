package propose

import (
	"math"
	"net/url"
	"sort"
	"strings"

	"github.com/newswire/newswire/sources/page"
)

func attributeOf(s *survey, at int, key string) string {
	return page.Attribute(s.elements[at].node, key)
}

// site is the host of a page, without www.
type site string

// has says whether an address is of the site, or of one above or below it.
func (s site) has(address string) bool {
	u, err := url.Parse(address)
	if err != nil {
		return false
	}
	host := strings.TrimPrefix(u.Hostname(), "www.")
	return host == string(s) || strings.HasSuffix(host, "."+string(s)) || strings.HasSuffix(string(s), "."+host)
}

// titleQuality says how much a text of a weight may be a title: from 0 to 1.
func titleQuality(weight int) float64 {
	q := math.Max(0, math.Min(1, float64(weight-6)/24))
	if weight > 250 {
		q /= 2
	}
	return q
}

// traits are what of a group speaks for a list of articles, each between 0 and 1.
type traits struct {
	titles   float64 // links read as titles
	dates    float64 // members have a date that is not the title
	headings float64
	text     float64 // besides links
	content  float64 // addresses look like those of articles; down to -1
	local    float64 // links lead to the same site
	aside    float64 // members stand beside the page's matter
	main     float64
	pure     float64 // members have no links to other documents that might be articles too
	covered  float64 // members have a link to an article of their own
	share    float64 // of all text of the page
	named    float64 // members say by a class what they are
}

// rate rates a group, of which so many members were looked at.
func (s *survey) rate(g *group, all int) {
	t := s.traits(g, all)
	quality := 2.6*t.titles + 1.6*t.dates + 1.0*t.headings + 0.9*t.text + 1.0*t.content + 0.5*t.local + 0.6*t.main + 1.2*t.share + 0.4*t.named -
		3.5*t.aside - 1.2*(1-t.pure) - 1.5*(1-t.covered)
	size := math.Pow(math.Log2(1+math.Min(float64(len(g.members)), 40)), 0.6)
	if quality < 0 {
		size = 1 / size
	}
	g.score = quality * size
	g.cost = s.ownCost(g)
}

func (s *survey) traits(g *group, all int) traits {
	var t traits
	var weights []int
	text := 0
	n := float64(len(g.members))
	for i, at := range g.members {
		e, l := &s.elements[at], &s.links[g.picks[i]]
		weights = append(weights, s.titleWeight(g, i))
		if s.hasDate(at, l) {
			t.dates += 1 / n
		}
		if l.heading || g.generic && s.headingIn(at) >= 0 {
			t.headings += 1 / n
		}
		whole, linked := e.weight()
		t.text += math.Min(1, float64(whole-linked)/120) / n
		t.content += l.content / n
		if s.site.has(l.address) {
			t.local += 1 / n
		}
		t.aside += math.Max(e.aside, s.elements[l.at].aside) / n
		if e.main {
			t.main += 1 / n
		}
		if len(e.names) > 0 && rank(e.names[0]) == 3 || e.node.Data == "article" {
			t.named += 1 / n
		}
		t.pure += s.purity(at, l) / n
		text += whole
	}
	t.titles = titleQuality(median(weights))
	t.covered = n / float64(max(all, 1))
	t.share = math.Min(1, 1.5*float64(text)/float64(max(s.text, 1)))
	return t
}

// titleWeight is the weight of what may be the title of a member: the link's text, if that is more than a date or a word
// that all links have.
func (s *survey) titleWeight(g *group, i int) int {
	l := &s.links[g.picks[i]]
	switch {
	case g.generic:
		if h := s.headingIn(g.members[i]); h >= 0 {
			w, _ := s.elements[h].weight()
			return w
		}
		return 0
	case l.date:
		return 0
	}
	return l.weight
}

// headingIn is the first heading in an element; -1 for none.
func (s *survey) headingIn(at int) int {
	for i := at; i < s.elements[at].end && i < at+maxInside; i++ {
		if s.elements[i].heading {
			return i
		}
	}
	return -1
}

// datesIn are the dates in an element.
func (s *survey) datesIn(at int) []dated {
	end := s.elements[at].end
	from := sort.Search(len(s.dates), func(i int) bool { return s.dates[i].at >= at })
	to := sort.Search(len(s.dates), func(i int) bool { return s.dates[i].at >= end })
	return s.dates[from:min(to, from+maxInside)]
}

// hasDate says whether a member has a date besides its title.
func (s *survey) hasDate(at int, l *link) bool {
	inLink := s.elements[l.at]
	for _, d := range s.datesIn(at) {
		if d.at < l.at || d.at >= inLink.end || d.whole && l.weight > 30 {
			return true
		}
	}
	return false
}

// purity is 1 where a member leads to one article, and less the more others there are in it.
func (s *survey) purity(at int, picked *link) float64 {
	from, to := s.inside(at)
	other := map[string]bool{}
	for i := from; i < to; i++ {
		l := &s.links[i]
		if l.address != picked.address && withoutFragment(l.address) != withoutFragment(picked.address) && l.weight >= 15 && l.content >= 0 {
			other[l.address] = true
		}
	}
	return 1 / (1 + float64(len(other)))
}
