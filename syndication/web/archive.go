package web

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strconv"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication"
	"github.com/newswire/newswire/syndication/revision"
)

// archiveEdition is raised whenever a page of an archive would come out with other bytes than before: all pages are then
// closed again, under addresses that no reader has met yet. A test knows the bytes, and fails when they change.
const archiveEdition = 7

// archiveCacheControl does without "immutable" and a year, which a page's bytes would allow: a shared cache must not show
// an article for so long that was withdrawn. Little is lost, for a reader that keeps archives asks for each page once.
var archiveCacheControl = revision.NewField("Cache-Control", "max-age=3600, stale-if-error=86400")

// archivePath stands between a topic and the number of a page.
const archivePath = "/archive/"

// retired is the answer where a page of an archive was: the number of the next older one.
type retired int

func (r retired) Error() string {
	return fmt.Sprintf("the page was retired; the next older one is %d", int(r))
}

// archivePage answers at /feeds/TOPIC/archive/N.EXTENSION. A page that was retired sends its readers to the next older one
// that stands: what it had is in newer ones. Page 0 is always there and has no articles, so that a reader that follows the
// links comes to an end and never to an error.
func (s *Server) archivePage(w http.ResponseWriter, r *http.Request, topic newswire.Topic, number string, format *Format) error {
	n, err := strconv.Atoi(number)
	if err != nil || n < 0 || strconv.Itoa(n) != number {
		return fmt.Errorf("page %q of the archive of %s: %w", number, topic, newswire.ErrNotFound)
	}
	if r.URL.RawQuery != "" || r.URL.ForceQuery {
		return moved(w, r, path.Base(r.URL.Path))
	}
	t := revision.Target{Topic: topic, Name: number + "." + format.Extension, Archive: true, Variant: true, Persist: true}
	t.Render = func(ctx context.Context, draft *revision.Draft) (revision.Content, error) {
		d := s.directory()
		articles, err := s.lists.archived(ctx, d, topic, n, draft)
		if err != nil {
			return revision.Content{}, err
		}
		c, err := format.encodeArchived(archiveFeed(d, topic, n, articles), articles)
		c.Until = revision.Until(articles)
		return c, err
	}
	err = s.engine.Show(w, r, t)
	var older retired
	if errors.As(err, &older) {
		return moved(w, r, strconv.Itoa(int(older))+"."+format.Extension)
	}
	return err
}

// encodeArchived writes a page of an archive, with articles as the store has them.
func (f *Format) encodeArchived(feed newswire.Feed, articles []newswire.Article) (revision.Content, error) {
	doc, err := f.Encode(&feed)
	if err != nil {
		return revision.Content{}, fmt.Errorf("encode page %s of the archive of %s as %s: %w", feed.Page, feed.Topic, f.Extension, err)
	}
	c := revision.Content{
		MediaType: f.MediaType,
		Body:      doc.Body,
		Articles:  revision.Hashes(articles),
		Fields:    append(dataFields(feed.URL(f.Extension), "", articles...), archiveCacheControl),
	}
	for i := range articles {
		c.Changed = later(c.Changed, articles[i].FirstSeen)
	}
	return c, nil
}

// archived is the articles of a page that stands, and none of page 0. ErrNotFound; retired.
func (l *lists) archived(
	ctx context.Context, d *Directory, topic newswire.Topic, n int, draft *revision.Draft,
) ([]newswire.Article, error) {
	if n == 0 {
		_, err := l.read(ctx, d, cache.Query{Topic: topic, Limit: 1})
		return nil, err
	}
	page, err := l.store.Archived(ctx, topic, n)
	settings := archiveSettings(d, topic)
	switch {
	case errors.Is(err, newswire.ErrNotFound):
		if _, gone := l.read(ctx, d, cache.Query{Topic: topic, Limit: 1}); gone != nil {
			return nil, gone // all of the topic is, or its author has another ID
		}
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("read page %d of the archive of %s: %w: %w", n, topic, errStore, err)
	case page.Settings != settings: // it goes, with all others, when the feed is next made
		if draft.Strike(settings) { // by this process, a moment ago
			l.log.WarnContext(ctx, "archive closed under other names by another process: all that share a store have one config and one release",
				"topic", topic)
		}
		return nil, retired(0)
	case len(page.Articles) == 0, len(current(page.Articles, l.now())) < len(page.Articles):
		return nil, retired(page.Older)
	}
	return page.Articles, nil
}

// archivedPage is what people see of a page of an archive that stands, and the number of the next older one; 0 for none.
// [lists.archived] has its errors.
func (l *lists) archivedPage(ctx context.Context, d *Directory, topic newswire.Topic, n int, draft *revision.Draft) (listed, int, error) {
	articles, err := l.archived(ctx, d, topic, n, draft)
	if err != nil {
		return listed{}, 0, err
	}
	older := n - 1
	if older > 0 {
		page, err := l.store.Archived(ctx, topic, older)
		if err != nil {
			return listed{}, 0, fmt.Errorf("read page %d of the archive of %s: %w: %w", older, topic, errStore, err)
		}
		if len(page.Articles) == 0 {
			older = page.Older
		}
	}
	v := l.variants.plain()
	articles = adjusted(current(articles, l.now()), &v, withoutCredit)
	name, _ := d.name(topic)
	name = cmp.Or(name, nameFrom(articles, topic))
	title, subtitle := titles(d, topic, name, articles)
	found := listed{name: name, feed: syndication.Gather(d.Site, topic, title, subtitle, articles)}
	for i := range articles {
		found.changed = later(found.changed, articles[i].FirstSeen)
	}
	found.changed = later(found.changed, d.Changed)
	return found, older, nil
}

// archive has everything after a feed's last article put into pages that stand, and returns the number of the newest: at
// once, though a long archive takes longer. The feed was read first, so that in the end nothing is in neither.
func (l *lists) archive(
	ctx context.Context, d *Directory, topic newswire.Topic, after newswire.Cursor, draft *revision.Draft,
) (string, error) {
	settings := archiveSettings(d, topic)
	newest, err := l.closer.start(ctx, cache.Closing{Topic: topic, Settings: settings, After: after, Size: l.variants.limit})
	if err != nil {
		return "", fmt.Errorf("archive %s: %w: %w", topic, errStore, err)
	}
	draft.Note(settings)
	return strconv.Itoa(newest), nil
}

// archiveSettings names what the pages of a topic's archive are made of besides articles.
func archiveSettings(d *Directory, topic newswire.Topic) string {
	name, _ := d.name(topic)
	return newswire.Hash(strconv.Itoa(archiveEdition), d.Site.Title, d.Site.URL, d.Site.Contact, d.Site.Language, name)
}

// archiveFeed is a page of a topic's archive. Everything in it is of the page's own articles and of the settings; page 0
// does without these as well.
func archiveFeed(d *Directory, topic newswire.Topic, n int, articles []newswire.Article) newswire.Feed {
	var feed newswire.Feed
	if n == 0 {
		feed = syndication.Build(newswire.Site{URL: d.Site.URL}, topic, "The archive ends here", "", nil)
	} else {
		name, _ := d.name(topic)
		// Nothing of the config is in a page but what archiveSettings names.
		title, subtitle := titles(&Directory{Site: d.Site}, topic, cmp.Or(name, nameFrom(articles, topic)), nil)
		feed = syndication.Build(d.Site, topic, title, subtitle, frozen(articles))
		feed.Older = strconv.Itoa(n - 1) // it may be retired by now: what is written here stays
	}
	feed.Page = strconv.Itoa(n)
	return feed
}

// frozen are articles without what changes while their version stays (cache.Known.Version): when the feeds that they were
// taken from were last updated. These were when the article was, and a reader cannot tell more from an archive anyway.
func frozen(articles []newswire.Article) []newswire.Article {
	articles = slices.Clone(articles)
	for i := range articles {
		a := &articles[i]
		a.Publisher.Updated = a.Modified()
		if a.Upstream != nil {
			upstream := *a.Upstream
			upstream.Updated = a.Modified()
			a.Upstream = &upstream
		}
	}
	return articles
}
