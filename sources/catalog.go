package sources

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/clean"
	"github.com/newswire/newswire/sources/identity"
	"github.com/newswire/newswire/sources/pace"
	"github.com/newswire/newswire/sources/rules"
)

// Catalog is what the operator configured: the sources, and what their articles are classified by. It is immutable; a
// reload builds another and replaces it whole.
type Catalog struct {
	ids        []string    // of the sources, sorted
	list       []scheduled // the sources, in that order
	categories []newswire.Category
	byTerm     map[string][]string // folded term → category IDs
	identity   *identity.Registry
}

// scheduled is a source with all that is computed from its settings.
type scheduled struct {
	*newswire.Source
	plan   pace.Plan
	block  *clean.Terms
	rules  []*rules.Rule
	common *common

	computed atomic.Pointer[digests] // nil before they were asked for
}

// digests are those of the source's settings. They are computed when a visit first asks: to do so for all at a reload would
// keep the new config waiting.
func (s *scheduled) digests() *digests {
	if d := s.computed.Load(); d != nil {
		return d
	}
	d := digestsOf(s.Source, s.common)
	if len(s.rules) > 0 {
		settings := []any{d.classify}
		for _, r := range s.rules {
			settings = append(settings, r.When, r.Do)
		}
		d.classify = digest(settings...)
	}
	s.computed.Store(&d)
	return &d
}

// common are the settings of a catalog that are in the digests of each of its sources.
type common struct {
	categories, authors, homes any // lists, or digests of long ones
}

// manyCommon is how long a list is at most that is in each source's digests as it is. With longer ones the work would grow with
// the square of the sources.
const manyCommon = 1000

func newCommon(categories []newswire.Category, authors []newswire.Author, homes []string) *common {
	return &common{condensed(categories), condensed(authors), condensed(homes)}
}

func condensed[E any](list []E) any {
	if len(list) > manyCommon {
		return digest(list)
	}
	return list
}

// NewCatalog makes a catalog, which keeps the lists. It fails on a schedule that cannot be read and on a source that is there twice.
func NewCatalog(list []newswire.Source, categories []newswire.Category, authors []newswire.Author) (*Catalog, error) {
	c := &Catalog{
		ids:        make([]string, len(list)),
		list:       make([]scheduled, len(list)),
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
	common := newCommon(categories, authors, c.identity.Homes())
	var specs pace.Specs
	order := make([]int, len(list))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(list[a].ID, list[b].ID) })
	for n, i := range order {
		s := &list[i]
		if n > 0 && c.ids[n-1] == s.ID {
			return nil, fmt.Errorf("source %s is there twice", s.ID)
		}
		plan, err := specs.Plan(s)
		if err != nil {
			return nil, fmt.Errorf("source %s: %w", s.ID, err)
		}
		c.ids[n], c.list[n] = s.ID, scheduled{Source: s, plan: plan, block: clean.NewTerms(s.Block...), common: common}
	}
	return c, nil
}

// source is the source of an ID; nil where there is none.
func (c *Catalog) source(id string) *scheduled {
	i, found := slices.BinarySearch(c.ids, id)
	if !found {
		return nil
	}
	return &c.list[i]
}

// WithRules is the catalog with an operator's rules, which are applied to all that it classifies.
func (c *Catalog) WithRules(set *rules.Set) *Catalog {
	if !slices.ContainsFunc(c.ids, func(id string) bool { return len(c.source(id).rules)+len(set.For(id)) > 0 }) {
		return c
	}
	with := *c
	with.list = make([]scheduled, len(c.list))
	for i := range c.list {
		s := &c.list[i]
		with.list[i] = scheduled{Source: s.Source, plan: s.plan, block: s.block, common: s.common, rules: set.For(s.ID)}
	}
	return &with
}

// syncVersion is another one for each way in which a due index is brought in line with a catalog.
const syncVersion = 1

// schedule is a digest of all that the due index follows from: [cache.Upcoming.Catalog] of an index that is in line with the
// catalog.
func (c *Catalog) schedule() string {
	h := sha256.New()
	line := strconv.AppendInt(nil, syncVersion, 10)
	for i := range c.list {
		s := &c.list[i]
		for _, setting := range []string{s.ID, s.URL, s.Schedule} {
			line = strconv.AppendQuote(line, setting)
		}
		h.Write(line)
		line = line[:0]
	}
	return hex.EncodeToString(h.Sum(nil))
}

// Sources are the IDs of all sources, sorted. The caller does not change the list.
func (c *Catalog) Sources() []string { return c.ids }

// Source is the source of an ID; nil where there is none.
func (c *Catalog) Source(id string) *newswire.Source {
	if s := c.source(id); s != nil {
		return s.Source
	}
	return nil
}

// Categories are the operator's categories, in order. The caller does not change the list.
func (c *Catalog) Categories() []newswire.Category { return c.categories }

// digests tell whether an operator has changed the settings of a source. Each setting that makes something else of what is
// stored already, or of a document that has not changed, is in one of them.
type digests struct {
	// classify is of the settings by which stored articles are classified: [newswire.State].Settings.
	classify string

	// read is of the settings by which a document and its articles' pages are read: [newswire.State].Reading. When it
	// has changed, the document is asked for and read even if the publisher has not changed it.
	read string

	// offer is of those among them that make another article of what the publisher offers. It is a part of
	// [newswire.Article].Offer: all articles of a source go through the pipeline again when it changes.
	offer string
}

// digestsOf makes the digests of a source in a catalog with these settings.
func digestsOf(s *newswire.Source, of *common) digests {
	zone := "UTC"
	if s.Timezone != nil {
		zone = s.Timezone.String()
	}
	return digests{
		classify: digest(s.Name, s.Site, s.Categories, s.Rights, s.NoCredit, of.categories, of.authors, identity.HomesOf(s), of.homes),
		// Of the degrees of trust one is enough: a document that TrustAll makes a difference to is in doubt until then, and
		// is asked for at every visit.
		read:  digest(s.Name, s.Site, zone, s.Page, s.FullText, s.Block, s.Withdrawals == newswire.TrustNone),
		offer: digest(s.Page, s.FullText, s.Block),
	}
}

// digest identifies settings.
func digest(settings ...any) string {
	b, err := json.Marshal(settings)
	if err != nil {
		panic("sources: settings of strings do not marshal: " + err.Error())
	}
	return strings.Clone(newswire.Hash(string(b))[:16]) // so that the rest of the hash is not kept in memory
}
