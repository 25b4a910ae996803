package config

import (
	"slices"
	"strings"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/page"
)

func (c *checker) categories(in []category) []newswire.Category {
	var out []newswire.Category
	seen := map[string]int{}
	for i, k := range in {
		p := path{"categories", i}
		c.id(p, "category", k.ID, seen)
		if k.Title == "" {
			k.Title = k.ID
		}
		out = append(out, newswire.Category{ID: k.ID, Title: k.Title, Match: k.Match})
	}
	return out
}

func (c *checker) sources(d *document, categories []newswire.Category) ([]newswire.Source, newswire.Retention) {
	base := newswire.Source{
		Schedule:  defaultSchedule,
		Timezone:  time.UTC,
		Rights:    newswire.Rights{Policy: newswire.PolicyExcerpt},
		Retention: newswire.Retention{Age: defaultAge, Articles: defaultArticles},
		Block:     c.block(path{"clean", "block"}, d.Clean.Block),

		Withdrawals: newswire.TrustUsual,
	}
	p := path{"defaults"}
	c.settings(p, &base, d.Defaults.Schedule, d.Defaults.Timezone, d.Defaults.Rights, d.Defaults.Credit, d.Defaults.Retention)
	c.trust(p, &base, d.Defaults.Withdrawals)

	var out []newswire.Source
	seen := map[string]int{}
	for i, s := range d.Sources {
		p := path{"sources", i}
		c.id(p, "source", s.ID, seen)
		if s.URL == "" {
			c.problem(p, "source %s has no url", name(s.ID))
		} else {
			c.webAddress(append(p, "url"), s.URL)
		}
		if s.Site != "" {
			c.webAddress(append(p, "site"), s.Site)
		}
		source := base
		source.ID, source.Name, source.URL, source.Site, source.Categories = s.ID, s.Name, s.URL, s.Site, s.Categories
		source.Pinned = s.Schedule != ""
		c.settings(p, &source, s.Schedule, s.Timezone, s.Rights, s.Credit, s.Retention)
		c.trust(p, &source, s.Withdrawals)
		for j, id := range s.Categories {
			c.knownCategory(append(p, "categories", j), id, categories)
		}
		source.Block = slices.Concat(base.Block, c.block(append(p, "clean", "block"), s.Clean.Block))
		source.FullText = s.FullText
		if s.Page != nil {
			source.Page = c.page(append(p, "page"), s.Page)
		}
		out = append(out, source)
	}
	return out, base.Retention
}

// settings overrides what a source has from the defaults by what it says itself.
func (c *checker) settings(p path, s *newswire.Source, schedule, timezone string, r rights, credit *bool, keep retention) {
	if timezone != "" {
		location, err := time.LoadLocation(timezone)
		if err != nil || timezone == "Local" {
			c.problem(append(p, "timezone"), "timezone %q is not known; use a name such as Asia/Shanghai", timezone)
		} else {
			s.Timezone = location
		}
	}
	if schedule != "" {
		s.Schedule = schedule
		if _, err := sources.ParseSchedule(schedule, s.ID, s.Timezone); err != nil {
			c.problem(append(p, "schedule"), "schedule %q: %v", schedule, err)
		}
	}
	if r.Policy != "" {
		s.Rights.Policy = newswire.Policy(r.Policy)
		switch s.Rights.Policy {
		case newswire.PolicyFull, newswire.PolicyExcerpt, newswire.PolicyTitle:
		default:
			c.problem(append(p, "rights", "policy"), "rights.policy is full, excerpt or title, not %q", r.Policy)
		}
	}
	if r.License != "" {
		s.Rights.License = r.License
		c.webAddress(append(p, "rights", "license"), r.License)
	}
	if r.Statement != "" {
		s.Rights.Statement = r.Statement
	}
	if r.Contact != "" {
		s.Rights.Contact = r.Contact
	}
	if credit != nil {
		s.NoCredit = !*credit
	}
	if keep.Age != nil {
		s.Retention.Age = *keep.Age
		if *keep.Age < 0 {
			c.problem(append(p, "retention", "age"), "retention.age must not be negative; 0 keeps for ever")
		}
	}
	if keep.Articles != nil {
		s.Retention.Articles = *keep.Articles
		if *keep.Articles < 0 {
			c.problem(append(p, "retention", "articles"), "retention.articles must not be negative; 0 keeps all")
		}
	}
}

// trust overrides which of the publisher's own withdrawals are followed.
func (c *checker) trust(p path, s *newswire.Source, withdrawals string) {
	switch t := newswire.Trust(withdrawals); t {
	case "":
	case newswire.TrustUsual, newswire.TrustAll, newswire.TrustNone:
		s.Withdrawals = t
	default:
		c.problem(append(p, "withdrawals"), "withdrawals is trust, all or ignore, not %q", withdrawals)
	}
}

func (c *checker) page(p path, s *pageKeys) *newswire.Page {
	if s.Item == "" {
		c.problem(p, "page needs at least item, a CSS selector of what stands for one article in the list")
	}
	out := newswire.Page(*s)
	if err := page.Selectors(out).Check(); err != nil {
		for line := range strings.SplitSeq(err.Error(), "\n") {
			c.problem(p, "page: %s", line)
		}
	}
	return &out
}

func (c *checker) authors(in []author, known []newswire.Source) []newswire.Author {
	var out []newswire.Author
	seen := map[string]int{}
	for i, a := range in {
		p := path{"authors", i}
		c.id(p, "author", a.ID, seen)
		if a.Name == "" {
			c.problem(p, "author %s has no name", name(a.ID))
		}
		author := newswire.Author{ID: a.ID, Name: a.Name}
		for j, alias := range a.Aliases {
			ids := make([]string, len(known))
			found := alias.Source == ""
			for k, s := range known {
				ids[k] = s.ID
				found = found || s.ID == alias.Source
			}
			if !found {
				c.unknown(append(p, "aliases", j, "source"), "source", alias.Source, ids)
			}
			if alias.Name == "" {
				c.problem(append(p, "aliases", j), "alias of author %s has no name", name(a.ID))
			}
			author.Aliases = append(author.Aliases, newswire.Alias(alias))
		}
		out = append(out, author)
	}
	return out
}

func (c *checker) partners(in []partner, categories []newswire.Category) {
	seen := map[string]int{}
	for i, partner := range in {
		p := path{"partners", i}
		c.id(p, "partner", partner.ID, seen)
		for j, id := range partner.Categories {
			c.knownCategory(append(p, "categories", j), id, categories)
		}
	}
	if len(in) > 0 {
		c.notice(path{"partners"}, "this version has no partner API; partners are left out")
	}
}
