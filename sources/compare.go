package sources

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// errStore marks an error as the store's: the visit is not recorded, and nothing is held against the publisher.
var errStore = errors.New("store")

func storeError(err error) bool { return errors.Is(err, errStore) }

// settle brings offers, in the order of their document, through the rest of the pipeline: what the store knows just as it
// is offered goes no further; the others have their pages read where that is the way of the source, are cleaned and
// classified, and those that are new or have changed join the visit. It returns how many of the articles the store has met
// before.
func (a *Aggregator) settle(ctx context.Context, setup *Setup, s *scheduled, list []newswire.Unread, v *newswire.Visit, r *Result) (met int, err error) {
	ids := make([]string, len(list))
	for i := range list {
		ids[i] = list[i].Article.ID
	}
	known, err := a.store.Known(ctx, s.ID, ids)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", errStore, err)
	}
	list = slices.DeleteFunc(list, func(u newswire.Unread) bool {
		k, old := known[u.Article.ID]
		return old && (k.Withdrawn || k.Offer == u.Article.Offer)
	})
	ready, err := a.readPages(ctx, setup, s, list, v, r)
	if err != nil {
		return 0, err
	}
	j := judge{source: s}
	ahead, empty := 0, 0
	for _, u := range ready {
		article := u.Article
		if !believe(&article, v.At) {
			ahead++
		}
		j.clean(&article, u.Base)
		if isEmpty(&article) {
			empty++
			continue
		}
		setup.Catalog.classify(&article, s)
		k, old := known[article.ID]
		same := old && k.Digest == article.Digest()
		switch {
		case !old:
			begin(&article, u.Position, cmp.Or(u.Dated, v.State.Document), v.At)
			r.New++
		case same && !article.Public():
			continue // it is held, or was released: that stands in the store
		case same:
			again(&article, k)
		default:
			amend(&article, k, u.Dated)
			r.Edited++
		}
		if !article.Public() {
			r.Held++
		}
		v.Articles = append(v.Articles, article)
	}
	if ahead > 0 {
		r.Repairs = append(r.Repairs, fmt.Sprintf("dates of %d articles lie more than a day ahead: they count as not said", ahead))
	}
	if empty > 0 {
		r.Repairs = append(r.Repairs, fmt.Sprintf("%d articles without title, text, address and media were left out", empty))
	}
	return len(known), nil
}

// isEmpty says whether there is nothing in an article that a reader could read, open or play.
func isEmpty(a *newswire.Article) bool {
	return a.Title == "" && a.Summary == "" && a.Content == "" && a.URL == "" && a.Comments == "" && len(a.Links) == 0 &&
		len(a.Enclosures) == 0 && a.Image == nil
}

// maxAhead is how far ahead of a visit a date may lie that it finds: a zone that is taken for another does not move it
// further.
const maxAhead = 24 * time.Hour

// credible is a date, unless it lies so far ahead that it says nothing: whoever believed it would have the article on top of
// all others, and the feeds that list it updated, until then.
func credible(said, at time.Time) time.Time {
	if said.After(at.Add(maxAhead)) {
		return time.Time{}
	}
	return said
}

// believe leaves an article the dates that are credible. It says whether they all are.
func believe(article *newswire.Article, at time.Time) bool {
	published, updated := credible(article.Published, at), credible(article.Updated, at)
	all := published.Equal(article.Published) && updated.Equal(article.Updated)
	article.Published, article.Updated = published, updated
	return all
}

// begin gives a new article its first revision and its place. Articles without a date are set a second apart before the
// date of their document, so that they keep its order in every listing and no two claim the same instant.
func begin(article *newswire.Article, position int, made, at time.Time) {
	article.Revision = 1
	article.FirstSeen = at.Truncate(time.Second)
	said := article.Published
	if said.IsZero() {
		said = article.Updated
	}
	if said.IsZero() {
		article.FirstSeen = made.Truncate(time.Second).Add(-time.Duration(position) * time.Second)
		said = article.FirstSeen
	}
	// An article from the future would stay on top of every listing until then.
	article.Listed = earlier(said, article.FirstSeen)
}

// documentDate is the date that a document bears: what the feed says, or its Last-Modified. It holds for those of its
// articles that have none, so that a cache that is built anew from the same documents gives them the same place. A date
// that has not moved since the last document, or lies ahead, says nothing: then it is zero.
func documentDate(said time.Time, header http.Header, last, now time.Time) time.Time {
	for _, t := range []time.Time{said, lastModified(header)} {
		if t.After(last) && !t.After(now) {
			return t
		}
	}
	return time.Time{}
}

func lastModified(h http.Header) time.Time {
	t, err := http.ParseTime(h.Get("Last-Modified"))
	if err != nil {
		return time.Time{}
	}
	return t
}

// amend makes an article the next revision of what is known. What was said first of its date stays, and none that is later
// than we met it is taken for the first. It was updated when the publisher says so; where it says nothing of that, on a later
// date of publication, or else on the date of the document with the correction. Where there is no such date either, nobody
// knows when, and what was known stays.
func amend(article *newswire.Article, k cache.Known, dated time.Time) {
	article.Revision = k.Revision + 1
	article.FirstSeen, article.Listed = k.FirstSeen, k.Listed
	began := k.Published
	if began.IsZero() {
		began = k.FirstSeen
	}
	if article.Updated.IsZero() {
		before := newswire.Article{Published: k.Published, Updated: k.Updated, FirstSeen: k.FirstSeen}
		switch {
		case article.Published.After(began):
			article.Updated = article.Published
		case dated.After(before.Modified()):
			article.Updated = dated
		}
	}
	if !k.Published.IsZero() || article.Published.After(began) {
		article.Published = k.Published
	}
	if k.Updated.After(article.Updated) {
		article.Updated = k.Updated
	}
}

// again makes an article what is known, offered in other words: it is recorded in place, so that the offer is known too.
func again(article *newswire.Article, k cache.Known) {
	article.Revision, article.FirstSeen, article.Listed = k.Revision, k.FirstSeen, k.Listed
	article.Published, article.Updated = k.Published, k.Updated
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}

// pageOf is how many stored articles are looked at together.
const pageOf = 200

// reclassify looks at a source's stored articles again when the operator's words about them have changed, and adds those
// that come out differently to the visit.
func (a *Aggregator) reclassify(ctx context.Context, c *Catalog, s *scheduled, v *newswire.Visit) error {
	if v.State.Settings == s.settings {
		return nil
	}
	inVisit := make(map[string]bool, len(v.Articles))
	for i := range v.Articles {
		inVisit[v.Articles[i].ID] = true
	}
	for _, topic := range []newswire.Topic{newswire.SourceTopic(s.ID), newswire.HeldTopic(s.ID)} {
		for article, err := range listed(ctx, a.store, topic) {
			if err != nil {
				return err
			}
			before := article.Digest()
			c.classify(&article, s)
			if !inVisit[article.ID] && article.Digest() != before {
				article.Revision++
				v.Articles = append(v.Articles, article)
			}
		}
	}
	v.State.Settings = s.settings
	return nil
}
