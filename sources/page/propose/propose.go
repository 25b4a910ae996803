// Package propose finds selectors for a page that lists articles, by what repeats on it.
//
//	proposals, err := propose.Propose(ctx, body, page.Options{URL: address, ContentType: header})
//
// It looks at the page as a person would: groups of elements that are built alike (groups.go), each with a link to a
// document of its own. A group is the likelier to be the list of articles the more its links read as titles, the more of its
// elements have a date, a heading and some text, and the less it stands among menus, related articles and the like (rating.go).
// For the best groups it writes selectors (item.go, fields.go) that name what the page itself names, such as ".news-item", and
// neither numbers nor names that a program has made up (names.go).
//
// Each proposal was tried: what it says that it yields is what [page.List] makes of its selectors. The package asks for no
// document, and decides nothing: a person looks at the proposals and takes one.
package propose

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/newswire/newswire/sources/page"
	"github.com/newswire/newswire/sources/parse"
)

// Proposal is a set of selectors and what it yields.
type Proposal struct {
	Selectors page.Selectors
	Items     []parse.Item // what the page lists by these selectors, in its order
}

const (
	// fewest is how many articles a page lists at least that is a list.
	fewest = 3

	// most bounds the proposals for a page.
	most = 5
)

// Propose returns sets of selectors for a page that lists articles, the likeliest first; none where nothing on it looks like
// a list. Equal pages have equal proposals. Time and memory are bounded by the length of the page.
//
// The error wraps [page.ErrNotPage] or [page.ErrTooCostly], or is that of ctx.
func Propose(ctx context.Context, body []byte, o page.Options) ([]Proposal, error) {
	doc, err := page.Open(ctx, body, o)
	if err != nil {
		return nil, err
	}
	s := newSurvey(doc)
	ranked, err := s.ranked(ctx)
	if err != nil {
		return nil, err
	}
	var proposals []Proposal
	tried := map[string]bool{}
	for _, g := range ranked {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("propose: %w", err)
		}
		p, ok := s.propose(ctx, g)
		if !ok || tried[p.key()] {
			continue
		}
		tried[p.key()] = true
		if proposals = append(proposals, p); len(proposals) == most {
			break
		}
	}
	return proposals, ctx.Err()
}

// key tells proposals apart by the articles that they list.
func (p *Proposal) key() string {
	addresses := make([]string, len(p.Items))
	for i := range p.Items {
		addresses[i] = p.Items[i].URL
	}
	return strings.Join(addresses, "\n")
}

// propose writes the selectors of a group, and tries them.
func (s *survey) propose(ctx context.Context, g *group) (Proposal, bool) {
	w := newWriter(s, g)
	w.item()
	if w.Item == "" {
		return Proposal{}, false
	}
	w.Link = w.linkSelector()
	w.title(ctx)
	w.published(ctx)
	w.author()
	items, err := s.doc.List(ctx, w.Selectors)
	if err != nil || len(items) < fewest {
		return Proposal{}, false
	}
	untitled := 0
	for i := range items {
		if items[i].Title == "" {
			untitled++
		}
	}
	if 4*untitled > len(items) { // pictures that lead somewhere
		return Proposal{}, false
	}
	return Proposal{Selectors: w.Selectors, Items: items}, true
}

// maxTries bounds the groups for which selectors are written.
const maxTries = 12

// ranked are the groups of a page that may be its list of articles, the likeliest first. Groups that list the same
// articles stand for one: the one whose elements say most of each.
func (s *survey) ranked(ctx context.Context) ([]*group, error) {
	groups, err := s.groups(ctx)
	if err != nil {
		return nil, err
	}
	slices.SortStableFunc(groups, func(a, b *group) int {
		return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(a.cost, b.cost), cmp.Compare(a.members[0], b.members[0]), cmp.Compare(len(b.members), len(a.members)))
	})
	var ranked []*group
	lists := map[string]int{}
	for _, g := range groups {
		list := strings.Join(g.addresses, "\n")
		if lists[list]++; lists[list] > 1 || g.score <= 0 { // such as menus
			continue
		}
		if ranked = append(ranked, g); len(ranked) == maxTries {
			break
		}
	}
	return ranked, nil
}
