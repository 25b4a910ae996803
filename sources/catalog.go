package sources

import (
	"fmt"
	"slices"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/clean"
	"github.com/newswire/newswire/sources/identity"
	"github.com/newswire/newswire/sources/pace"
)

// Catalog is what the operator configured: the sources, and what their articles are classified by. It is immutable; a
// reload builds another and replaces it whole.
type Catalog struct {
	sources    map[string]*scheduled
	ids        []string // of the sources, sorted
	categories []newswire.Category
	byTerm     map[string][]string // folded term → category IDs
	identity   *identity.Registry
}

// scheduled is a source with all that is computed from its settings.
type scheduled struct {
	*newswire.Source
	plan    *pace.Plan
	digests digests
	block   *clean.Terms
}

// NewCatalog makes a catalog, which keeps the lists. It fails on a schedule that cannot be read and on a source that is there twice.
func NewCatalog(list []newswire.Source, categories []newswire.Category, authors []newswire.Author) (*Catalog, error) {
	c := &Catalog{
		sources:    make(map[string]*scheduled, len(list)),
		categories: categories,
		byTerm:     map[string][]string{},
		identity:   identity.New(list, authors),
	}
	for _, k := range categories {
		for _, term := range append([]string{k.ID, k.Title}, k.Match...) {
			t := identity.Fold(term)
			if !slices.Contains(c.byTerm[t], k.ID) {
				c.byTerm[t] = append(c.byTerm[t], k.ID)
			}
		}
	}
	for i := range list {
		s := &list[i]
		if c.sources[s.ID] != nil {
			return nil, fmt.Errorf("source %s is there twice", s.ID)
		}
		plan, err := pace.NewPlan(s)
		if err != nil {
			return nil, fmt.Errorf("source %s: %w", s.ID, err)
		}
		c.sources[s.ID] = &scheduled{
			Source: s, plan: plan, digests: digestsOf(s, categories, authors, c.identity.Homes()), block: clean.NewTerms(s.Block...),
		}
		c.ids = append(c.ids, s.ID)
	}
	slices.Sort(c.ids)
	return c, nil
}

// Sources are the IDs of all sources, sorted.
func (c *Catalog) Sources() []string { return slices.Clone(c.ids) }
