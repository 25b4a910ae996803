package sources

import (
	"cmp"
	"context"
	"fmt"
	"net/http"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// known is what the store knows of offered articles, by ID. The error is the store's.
func (v *visiting) known(ctx context.Context, list []newswire.Unread) (map[string]cache.Known, error) {
	ids := make([]string, len(list))
	for i := range list {
		ids[i] = list[i].Article.ID
	}
	return v.lookUp(ctx, ids)
}

// lookUp is what the store knows of IDs. It asks for each of them once in a visit. The error is the store's.
func (v *visiting) lookUp(ctx context.Context, ids []string) (map[string]cache.Known, error) {
	var unasked []string
	for _, id := range ids {
		if _, asked := v.lookedUp[id]; !asked {
			unasked = append(unasked, id)
		}
	}
	if len(unasked) > 0 {
		found, err := v.store.Known(ctx, v.source.ID, unasked)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", errStore, err)
		}
		if v.lookedUp == nil {
			v.lookedUp = make(map[string]*cache.Known, len(unasked))
		}
		for _, id := range unasked {
			v.lookedUp[id] = nil
			if k, met := found[id]; met {
				v.lookedUp[id] = &k
			}
		}
	}
	known := make(map[string]cache.Known, len(ids))
	for _, id := range ids {
		if k := v.lookedUp[id]; k != nil {
			known[id] = *k
		}
	}
	return known, nil
}

// unknown leaves out what goes no further: articles that are withdrawn, and those that the store knows just as they are
// offered. Under other settings these make other articles, so then they go on too; but pages that were read are not read
// again for that, and what the settings say of the publisher is put into the stored article. The error is the store's.
func (v *visiting) unknown(ctx context.Context, list []newswire.Unread, known map[string]cache.Known) ([]newswire.Unread, error) {
	if len(known) == 0 {
		return list, nil
	}
	var rest []newswire.Unread
	for i := range list {
		u := &list[i]
		k, met := known[u.Article.ID]
		switch {
		case k.Withdrawn:
		case v.pushed && isOlder(&u.Article, k):
		case !met, k.Offer != u.Article.Offer, v.changed && !v.source.readsPages():
			rest = append(rest, *u)
		case v.changed:
			if err := v.reattribute(ctx, &u.Article); err != nil {
				return nil, err
			}
		}
	}
	return rest, nil
}

// isOlder says whether an offer is of an earlier state than is known. A hub may deliver again, or in another order, what it
// failed to deliver.
func isOlder(a *newswire.Article, k cache.Known) bool {
	return !a.Updated.IsZero() && a.Updated.Before(k.Updated)
}

// reattribute adds the stored article to the visit if the publisher is another now. The error is the store's.
func (v *visiting) reattribute(ctx context.Context, offered *newswire.Article) error {
	article, err := v.store.Article(ctx, offered.ID)
	if err != nil {
		return fmt.Errorf("%w: %w", errStore, err)
	}
	before := article.Digest()
	article.Publisher = offered.Publisher
	v.result.failed(v.setup.Catalog.classifyAgain(&article, v.source))
	if article.Digest() != before {
		article.Revision++
		v.result.Edited++
		v.record.Articles = append(v.record.Articles, article)
	}
	return nil
}

// compare adds an article to the visit if it is new or not what the store knows.
func (v *visiting) compare(article *newswire.Article, u *newswire.Unread, known map[string]cache.Known) {
	k, met := known[article.ID]
	same := met && k.Digest == article.Digest()
	switch {
	case !met:
		introduce(article, u.Position, cmp.Or(u.Dated, v.record.State.Document), v.record.At)
		v.result.New++
	case same && (article.UnderReview() || k.Offer == article.Offer):
		return // what is held, or was released, stands in the store as it is
	case same:
		reoffer(article, k)
	default:
		revise(article, k, u.Dated)
		v.result.Edited++
	}
	v.source.limit(article, k.Since)
	v.result.applied(article)
	if article.UnderReview() && article.Held != newswire.DroppedByRule {
		v.result.Held++
	}
	v.record.Articles = append(v.record.Articles, *article)
}

// isEmpty says whether there is nothing in an article that a reader could read, open or play.
func isEmpty(a *newswire.Article) bool {
	return a.Title == "" && a.Summary == "" && a.Content == "" && a.URL == "" && a.Comments == "" && len(a.Links) == 0 &&
		len(a.Enclosures) == 0 && a.Image == nil
}

// maxAhead is how far ahead of a visit a date may lie that it finds: a zone that is taken for another does not move it
// further.
const maxAhead = 24 * time.Hour

// credible is a date, unless it lies so far ahead that it says nothing: with it the article would be on top of all others,
// and the feeds that list it updated, until then.
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

// introduce gives a new article its first revision and its place in listings. Articles without a date are set a second apart before the
// date of their document, so that they keep its order in every listing and no two claim the same instant.
func introduce(article *newswire.Article, position int, made, at time.Time) {
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
// articles that have none, so that another cache that is built from the same documents gives them the same place. A date
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

// revise makes an article the next revision of what is known. The date of publication that was said first stays; one that
// is later than the first visit which found the article is no first date. It was updated when the publisher says so. Where
// the publisher says nothing of that, a later date of publication counts, or else the date of the document with the
// correction. Without any of these what was known stays.
func revise(article *newswire.Article, k cache.Known, dated time.Time) {
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

// reoffer makes an article what is known, offered in other words: it is recorded in place, so that the offer is known too.
func reoffer(article *newswire.Article, k cache.Known) {
	article.Revision, article.FirstSeen, article.Listed = k.Revision, k.FirstSeen, k.Listed
	article.Published, article.Updated = k.Published, k.Updated
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
