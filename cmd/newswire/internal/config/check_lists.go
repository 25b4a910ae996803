package config

import (
	"cmp"
	"net/url"
	"regexp"
	"strings"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/identity"
	"github.com/newswire/newswire/sources/page"
)

func (c *checker) categories(in []category) []newswire.Category {
	var out []newswire.Category
	seen := map[string]at{}
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

// FeedKey is what the addresses of one feed have in common: with and without TLS, credentials, a slash at the end or a
// fragment.
func FeedKey(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return feedKey(u)
}

func feedKey(u *url.URL) string {
	return strings.ToLower(u.Host) + strings.TrimRight(u.EscapedPath(), "/") + "?" + u.RawQuery
}

// settings overrides what a source has from the defaults by what it says itself.
func (c *checker) settings(p path, s *newswire.Source, own settings) {
	if own.Timezone != "" {
		location, err := c.common.zone(own.Timezone)
		if err != nil {
			c.problem(append(p, "timezone"), "timezone %q is not known; use a name such as Asia/Shanghai", own.Timezone)
		} else {
			s.Timezone = location
		}
	}
	if own.Schedule != "" {
		s.Schedule = c.common.text(own.Schedule)
		if err := c.common.schedule(s.Schedule, s.Timezone); err != nil {
			c.problem(append(p, "schedule"), "schedule %q: %v%s", own.Schedule, err, scheduleHint(own.Schedule))
		}
	}
	c.rights(append(p, "rights"), &s.Rights, own.Rights)
	if own.Credit != nil {
		s.NoCredit = !*own.Credit
	}
	c.retention(append(p, "retention"), &s.Retention, own.Retention)
	switch trust := newswire.Trust(own.Withdrawals); trust {
	case "":
	case newswire.TrustUsual, newswire.TrustAll, newswire.TrustNone:
		s.Withdrawals = trust
	default:
		c.problem(append(p, "withdrawals"), "withdrawals is trust, all or ignore, not %q", own.Withdrawals)
	}
}

func (c *checker) rights(p path, r *newswire.Rights, own rights) {
	r.Policy = cmp.Or(c.policy(append(p, "policy"), "rights.policy", own.Policy), r.Policy)
	r.Partners = cmp.Or(c.policy(append(p, "partners"), "rights.partners", own.Partners), r.Partners)
	if own.License != "" {
		r.License = c.common.text(own.License)
		c.webAddress(append(p, "license"), own.License)
	}
	r.Statement = cmp.Or(c.common.text(own.Statement), r.Statement)
	r.Contact = cmp.Or(c.common.text(own.Contact), r.Contact)
	if denied, ok := denials(own.Usage); ok {
		r.Usage = cmp.Or(denied, r.Usage)
	} else {
		c.problem(append(p, "usage"), "rights.usage denies what machines may do, as in \"train-ai=n, search=n\", not %q; what is allowed is for the publisher to say", own.Usage)
	}
	c.limit(append(p, "embargo"), &r.Embargo, own.Embargo)
	c.limit(append(p, "expires"), &r.Expires, own.Expires)
	if r.Expires > 0 && r.Expires <= r.Embargo && (own.Expires != nil || own.Embargo != nil) {
		c.problem(p, "rights.expires is %v and rights.embargo %v: no article would ever be shown", r.Expires, r.Embargo)
	}
}

// longestLimit is longer than any publisher asks for.
const longestLimit = 10 * 366 * 24 * time.Hour

// limit overrides how long after its date an article may be shown at the earliest, or at the latest.
func (c *checker) limit(p path, limit, own *time.Duration) {
	if own == nil {
		return
	}
	switch key := p[len(p)-1]; {
	case *own < 0:
		c.problem(p, "rights.%s must not be negative; 0 is none", key)
	case *own > longestLimit:
		c.problem(p, "rights.%s is more than ten years: 0 is none", key)
	default:
		*limit = own.Truncate(time.Millisecond)
	}
}

// denial is one label of what an operator denies to machines, in AI Preferences.
var denial = regexp.MustCompile(`^([a-z*][a-z0-9_.*-]*)=n$`)

// denials reads what an operator denies. What is allowed is for publishers to say.
func denials(text string) (_ newswire.Usage, ok bool) {
	if text == "" {
		return "", true
	}
	denied := map[string]bool{}
	for part := range strings.SplitSeq(text, ",") {
		found := denial.FindStringSubmatch(strings.TrimSpace(part))
		if found == nil {
			return "", false
		}
		denied[found[1]] = false
	}
	return newswire.NewUsage(denied), true
}

func (c *checker) retention(p path, r *newswire.Retention, own retention) {
	if own.Age != nil {
		r.Age = *own.Age
		if r.Age < 0 {
			c.problem(append(p, "age"), "retention.age must not be negative; 0 keeps for ever")
		}
	}
	if own.Articles != nil {
		r.Articles = *own.Articles
		if r.Articles < 0 {
			c.problem(append(p, "articles"), "retention.articles must not be negative; 0 keeps all")
		}
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
	if len(in) == 0 {
		return nil
	}
	var out []newswire.Author
	seen := map[string]at{}
	ids := make([]string, len(known))
	there := make(map[string]bool, len(known))
	for i := range known {
		ids[i] = known[i].ID
		there[ids[i]] = true
	}
	for i, a := range in {
		p := path{"authors", i}
		c.id(p, "author", a.ID, seen)
		if a.Name == "" {
			c.problem(p, "author %s has no name", name(a.ID))
		}
		c.authorID(append(p, "id"), a.ID, known)
		author := newswire.Author{ID: a.ID, Name: a.Name}
		for j, alias := range a.Aliases {
			if alias.Source != "" && !there[alias.Source] {
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

// authorID warns of an author's id that begins as those of a source's own authors do. It is the operator's all the same: an
// author of the source whose name makes that id goes by a longer one.
func (c *checker) authorID(p path, id string, known []newswire.Source) {
	for i := range known {
		s := &known[i]
		if made, ok := strings.CutPrefix(id, s.ID+identity.Separator(s.ID)); ok && made != "" {
			c.notice(p, "author id %q is like those of the authors of source %s: its author %q, if there is one, goes by another id", id, s.ID, made)
		}
	}
}
