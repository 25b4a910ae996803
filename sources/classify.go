package sources

import (
	"cmp"
	"context"
	"iter"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/sources/identity"
	"github.com/newswire/newswire/sources/rules"
)

// classify fills in what an article is in the operator's terms: categories, the ids of the article and of its authors, and
// rights; then the operator's rules are applied. It depends on nothing but the publisher's words and the catalog, so that an
// article in the store can be classified again when the operator's settings have changed. It returns the rules that failed.
func (c *Catalog) classify(a *newswire.Article, s *scheduled) []rules.Failure {
	rules.Restore(a)
	a.Categories = slices.Clone(s.Categories)
	for _, t := range a.Terms {
		a.Categories = append(a.Categories, c.byTerm[identity.Fold(t.Term)]...)
		if t.Label != "" {
			a.Categories = append(a.Categories, c.byTerm[identity.Fold(t.Label)]...)
		}
	}
	slices.Sort(a.Categories)
	a.Categories = slices.Compact(a.Categories)

	c.identity.Identify(a, s.Source)
	a.Rights = newswire.Rights{
		Policy:    s.Rights.Policy,
		License:   cmp.Or(a.Stated.License, s.Rights.License),
		Statement: cmp.Or(a.Stated.Statement, s.Rights.Statement),
		Contact:   cmp.Or(a.Stated.Contact, s.Rights.Contact),
		Partners:  s.Rights.Partners,
		Usage:     a.Stated.Usage.And(s.Rights.Usage.Denied()), // an operator can deny, and allow nothing
	}
	a.NoCredit = s.NoCredit
	failures := rules.Apply(s.rules, a)
	if a.Held == "" {
		a.Released = false // of what held it before
	}
	return failures
}

// limit gives an article the limits that the operator's rights, and the publisher's words, make of its date. That is the one
// its publisher gave first, or else the one by which it was first listed; since is that date where limits were counted from it
// before. It is frozen, so that a publisher which dates its articles again moves no limit.
//
// An article that waits is listed by the time at which it opens: by its date it would come below what readers have seen by
// then, and below the end of a full feed.
func (s *scheduled) limit(a *newswire.Article, since time.Time) {
	counted := !since.IsZero()
	switch {
	case counted:
	case !a.Published.IsZero():
		since = a.Published
	default:
		since = a.Listed
	}
	from, until := a.Stated.From, a.Stated.Until
	if embargo := s.Rights.Embargo; embargo > 0 {
		from = later(from, since.Add(embargo))
	}
	if end := since.Add(s.Rights.Expires); s.Rights.Expires > 0 && (until.IsZero() || end.Before(until)) {
		until = end
	}
	if !from.IsZero() || !until.IsZero() {
		a.Rights.Since, a.Rights.From, a.Rights.Until = since, from, until
		counted = true
	}
	if counted {
		a.Listed = later(earlier(since, a.FirstSeen), from)
	}
}

// sameLimits says whether two rights have the same limits.
func sameLimits(a, b *newswire.Rights) bool {
	return a.Since.Equal(b.Since) && a.From.Equal(b.From) && a.Until.Equal(b.Until)
}

// attribute completes what a feed said of itself with what the operator knows.
func attribute(p newswire.Publisher, s *scheduled) newswire.Publisher {
	p.FeedURL = cmp.Or(p.FeedURL, withoutUser(s.URL))
	p.ID = cmp.Or(p.ID, p.FeedURL)
	p.URL = cmp.Or(p.URL, s.Site, origin(s.URL))
	p.Title = cmp.Or(p.Title, s.Name, host(s.URL))
	return p
}

// withoutUser is an address without the credentials that an operator may have put into it.
func withoutUser(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	u.User = nil
	return u.String()
}

func origin(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Scheme + "://" + u.Host + "/"
}

func host(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// reclassify looks at the source's stored articles again when what they are classified by has changed, and adds those that
// come out differently to the visit. What the visit has no time for, the next one goes on with.
func (v *visiting) reclassify(ctx context.Context) error {
	state, digest := &v.record.State, v.source.digests().classify
	if state.Settings == digest {
		return nil
	}
	s, at := sweep{visiting: v, inVisit: make(map[string]bool, len(v.record.Articles))}, sweepFrom(state.Settings, digest)
	for i := range v.record.Articles {
		s.inVisit[v.record.Articles[i].ID] = true
	}
	for _, topic := range v.source.topics() {
		if at.topic != "" && at.topic != topic {
			continue // an earlier visit has been through it
		}
		for at.topic = topic; ; {
			if s.pages > 0 && short(ctx, 0) {
				state.Settings = at.in(digest)
				return nil
			}
			s.pages++
			page, err := v.store.Articles(ctx, cache.Query{Topic: topic, After: at.after, Limit: pageOf})
			if err != nil {
				return err
			}
			for i := range page.Articles {
				s.reclassify(&page.Articles[i])
			}
			if at.after = page.Next; at.after == "" {
				break
			}
		}
		at = sweepPlace{}
	}
	state.Settings = digest
	return nil
}

// sweep is a visit that looks at stored articles.
type sweep struct {
	*visiting
	inVisit map[string]bool // articles that the visit has anyway, by ID
	pages   int             // that were read; one always is, so that a sweep ends
}

// reclassify adds a stored article to the visit if it comes out differently: as its next revision, or in place where that is
// for the operator alone.
func (s *sweep) reclassify(article *newswire.Article) {
	if s.inVisit[article.ID] {
		return
	}
	before, limits, ruled := article.Digest(), article.Rights, article.Ruled
	s.result.failed(s.setup.Catalog.classifyAgain(article, s.source))
	changed := article.Digest() != before || !sameLimits(&article.Rights, &limits)
	if !changed && reflect.DeepEqual(article.Ruled, ruled) {
		return
	}
	if changed {
		article.Revision++
		s.result.applied(article)
	}
	s.record.Articles = append(s.record.Articles, *article)
}

// sweepPlace is how far a sweep over a source's stored articles has come. The zero value is its beginning.
type sweepPlace struct {
	topic newswire.Topic
	after newswire.Cursor
}

// in is the place as it stands in [newswire.State].Settings, behind the digest of the settings that the sweep is by.
func (p sweepPlace) in(digest string) string {
	return digest + " " + string(p.topic) + " " + string(p.after)
}

// sweepFrom is the place in stored settings, if these are of a sweep by the digest.
func sweepFrom(settings, digest string) sweepPlace {
	rest, ok := strings.CutPrefix(settings, digest+" ")
	if !ok {
		return sweepPlace{}
	}
	topic, after, _ := strings.Cut(rest, " ")
	return sweepPlace{newswire.Topic(topic), newswire.Cursor(after)}
}

// topics list all stored articles of a source, those that no reader sees too.
func (s *scheduled) topics() []newswire.Topic { return topicsOf(s.ID) }

func topicsOf(source string) []newswire.Topic {
	return []newswire.Topic{newswire.SourceTopic(source), newswire.HeldTopic(source), newswire.UnlistedTopic(source)}
}

// pageOf is how many stored articles are read together.
const pageOf = 200

// lister pages through a topic.
type lister interface {
	Articles(ctx context.Context, q cache.Query) (cache.Page, error)
}

// listed are all articles of a topic, newest first. An error ends them.
func listed(ctx context.Context, store lister, topic newswire.Topic) iter.Seq2[newswire.Article, error] {
	return func(yield func(newswire.Article, error) bool) {
		for after := newswire.Cursor(""); ; {
			page, err := store.Articles(ctx, cache.Query{Topic: topic, After: after, Limit: pageOf})
			if err != nil {
				yield(newswire.Article{}, err)
				return
			}
			for _, article := range page.Articles {
				if !yield(article, nil) {
					return
				}
			}
			if after = page.Next; after == "" {
				return
			}
		}
	}
}
