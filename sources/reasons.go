package sources

import (
	"fmt"
	"slices"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/identity"
)

// CategoryReason says why an article is in a category.
type CategoryReason struct {
	Category string   `json:"category"`
	Why      []string `json:"why"`
}

// CategoryReasons says of each of an article's categories why it is in it, by the catalog as it is now: the source has it,
// the publisher's term matches it, or a rule put the article there. A category for which the catalog has no reason is one of
// settings that have changed since.
func (c *Catalog) CategoryReasons(a *newswire.Article) []CategoryReason {
	var out []CategoryReason
	for _, id := range a.Categories {
		r := CategoryReason{Category: id}
		if s := c.source(a.Source); s != nil && slices.Contains(s.Categories, id) {
			r.Why = append(r.Why, "every article of the source is in it")
		}
		for _, t := range a.Terms {
			switch {
			case slices.Contains(c.byTerm[identity.Fold(t.Term)], id):
				r.Why = append(r.Why, fmt.Sprintf("the publisher's term %q matches it", t.Term))
			case t.Label != "" && slices.Contains(c.byTerm[identity.Fold(t.Label)], id):
				r.Why = append(r.Why, fmt.Sprintf("the publisher's label %q matches it", t.Label))
			}
		}
		if a.Ruled != nil {
			for _, rule := range a.Ruled.Rules {
				if slices.Contains(rule.Do, "category "+id) {
					r.Why = append(r.Why, rule.Name+" puts it there")
				}
			}
		}
		if r.Why == nil {
			r.Why = []string{"by settings that have changed since: its source's next visit looks again"}
		}
		out = append(out, r)
	}
	return out
}
