package config

import (
	"crypto/sha256"
	"encoding/json"
	"net/url"
	"slices"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/rules"
)

// sourceChecker checks sources, part after part.
type sourceChecker struct {
	*checker
	base       newswire.Source // what holds for each that says nothing else
	settings   []byte          // a digest of all outside of a part that its sources depend on
	categories []newswire.Category

	ids, addresses map[string]at

	out    []newswire.Source
	access map[string]Access
	rules  []*rules.Rule
	parts  []extent
}

func (c *checker) newSourceChecker(d *document, categories []newswire.Category) *sourceChecker {
	s := &sourceChecker{
		checker: c, categories: categories, ids: map[string]at{}, addresses: map[string]at{}, access: map[string]Access{},
		base: newswire.Source{
			Schedule:  defaultSchedule,
			Timezone:  time.UTC,
			Rights:    newswire.Rights{Policy: newswire.PolicyExcerpt},
			Retention: newswire.Retention{Age: defaultAge, Articles: defaultArticles},
			Block:     c.block(path{"clean", "block"}, d.Clean.Block),

			Withdrawals: newswire.TrustUsual,
		},
	}
	c.settings(path{"defaults"}, &s.base, d.Defaults)
	settings, err := json.Marshal([]any{d.Clean, d.Defaults, categories})
	if err != nil {
		panic("config: settings of strings do not marshal: " + err.Error())
	}
	sum := sha256.Sum256(settings)
	s.settings = sum[:]
	s.rules = ruleChecker{c, categories}.rules(nil, "", "", d.Rules)
	return s
}

// add checks the sources of the part that is checked at the moment.
func (c *sourceChecker) add(list []source) {
	for i := range list {
		c.addOne(path{"sources", i}, &list[i])
	}
}

func (c *sourceChecker) addOne(p path, s *source) {
	c.id(p, "source", s.ID, c.ids)
	if s.URL == "" {
		c.problem(p, "source %s has no url", name(s.ID))
	} else if u, ok := c.webAddress(append(p, "url"), s.URL); ok {
		c.address(append(p, "url"), s.ID, sourceKey(s.URL, s.Page, u))
	}
	if s.Site != "" {
		c.webAddress(append(p, "site"), s.Site)
	}
	source := c.base
	source.ID, source.Name, source.URL, source.Site, source.Categories = s.ID, s.Name, s.URL, s.Site, s.Categories
	source.Pinned = s.Settings.Schedule != ""
	c.checker.settings(p, &source, s.Settings)
	for j, id := range s.Categories {
		c.knownCategory(append(p, "categories", j), id, c.categories)
	}
	if own := c.block(append(p, "clean", "block"), s.Clean.Block); len(own) > 0 {
		source.Block = slices.Concat(c.base.Block, own)
	}
	source.FullText = s.FullText
	if s.Page != nil {
		source.Page = c.page(append(p, "page"), s.Page)
	}
	c.out = append(c.out, source)
	if a, own := (accessChecker{c.checker}).access(p, s); own {
		c.access[s.ID] = a
	}
	if s.ID != "" {
		c.rules = append(c.rules, ruleChecker{c.checker, c.categories}.rules(p, " of "+s.ID, s.ID, s.Rules)...)
	}
}

// address checks that no source has the address of another.
func (c *sourceChecker) address(p path, id, key string) {
	if first, repeated := c.addresses[key]; repeated {
		c.problem(p, "source %s has the address of the source %s: each article would be there twice", name(id), first.in(c.at(p)))
		return
	}
	c.addresses[key] = c.at(p)
}

// sourceKey is what tells a source from others by its address. Two lists of one page are two sources, and so are the feeds
// that two users get at one address.
func sourceKey(address string, page *pageKeys, u *url.URL) string {
	key := u.User.String() + "@" + feedKey(u)
	if page != nil {
		key += " " + page.Item
	}
	return key
}
