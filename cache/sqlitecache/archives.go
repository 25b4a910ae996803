package sqlitecache

import (
	"context"
	"database/sql"
	"errors"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// closedAtOnce is how many pages one transaction closes or retires, so that a long archive does not keep other writers waiting.
const closedAtOnce = 20

// Archive closes pages where some are to be closed, which a reader finds out. The triggers in archives.sql retire them.
func (s archives) Archive(ctx context.Context, c cache.Closing) (newest int, more bool, err error) {
	defer s.wrap(&err, "archive %s", c.Topic)
	if c.Size <= 0 {
		return 0, false, errLimit
	}
	o := archiving{topic: c.Topic, settings: c.Settings, size: c.Size}
	if o.listed, o.article, err = parseListingCursor(c.After); err != nil {
		return 0, false, err
	}
	newest, more, err = s.archive(ctx, o)
	if err != nil || !more {
		return newest, more, err
	}
	if err := s.write(ctx, func(t *tx) error { return archivist{t}.closePages(o) }); err != nil {
		return 0, false, err
	}
	return s.archive(ctx, o)
}

// archiving is what Archive is to do: to put into pages what is listed after a place.
type archiving struct {
	topic    newswire.Topic
	settings string
	listed   int64
	article  string
	size     int
}

// topicID is the topic's, for queries whose first parameter is the topic.
const topicID = `(SELECT id FROM topics WHERE topic = ?1)`

// Of these queries too, with a place as the third and fourth parameter: the listings before the place that are in no page. Those that
// were closed before, or came in late, are in the index of pages; the others are behind the last place that ever was in a page.
const (
	openBefore = ` FROM listings WHERE topic = ` + topicID + ` AND page = 0 AND (listed, article) < (?3, ?4)`
	openBehind = ` FROM listings WHERE topic = ` + topicID + ` AND page IS NULL AND (listed, article) < (?3, ?4) AND (listed, article) >
		(SELECT coalesce(closed_listed, -9223372036854775808), coalesce(closed_article, '') FROM topics WHERE topic = ?1)`
)

// archive says which page is the newest that stands, and whether there is something to be done.
func (s archives) archive(ctx context.Context, o archiving) (newest int, open bool, err error) {
	rows, err := s.query(ctx, `SELECT
			CASE settings WHEN ?2 THEN coalesce((SELECT max(page) FROM listings WHERE topic = `+topicID+` AND page > 0), 0) ELSE 0 END,
			settings <> ?2 OR EXISTS (SELECT 1`+openBefore+`) OR EXISTS (SELECT 1`+openBehind+`)
		FROM topics WHERE topic = ?1`, o.topic, o.settings, o.listed, o.article)
	err = row{rows, err}.Scan(&newest, &open)
	if errors.Is(err, sql.ErrNoRows) { // the topic never listed an article
		return 0, false, nil
	}
	return newest, open, err
}

// Newest returns the number of a topic's newest page.
func (s archives) Newest(ctx context.Context, topic newswire.Topic, settings string) (newest int, err error) {
	defer s.wrap(&err, "newest page of the archive of %s", topic)
	newest, _, err = s.archive(ctx, archiving{topic: topic, settings: settings})
	return newest, err
}

// archivist is a transaction that closes pages and retires them.
type archivist struct{ *tx }

// closePages closes some pages, or retires some while there are any of other settings.
func (t archivist) closePages(o archiving) error {
	var newest int
	var settings string
	if err := t.row(`SELECT pages, settings FROM topics WHERE topic = ?`, o.topic).Scan(&newest, &settings); err != nil {
		return err
	}
	if settings != o.settings {
		if more, err := t.retirePages(o.topic); err != nil || more {
			return err
		}
	}
	for range closedAtOnce {
		n, err := t.closePage(newest+1, o)
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
		newest++
		if n < o.size {
			if err := t.fillPage(newest, o.size-n, o); err != nil {
				return err
			}
			if err := t.closedUpTo(newest, o); err != nil {
				return err
			}
			break
		}
	}
	return t.exec(`UPDATE topics SET pages = ?, settings = ? WHERE topic = ?`, newest, o.settings, o.topic)
}

// retirePages retires some pages, each as a whole, and says whether there are more.
func (t archivist) retirePages(topic newswire.Topic) (more bool, err error) {
	err = t.exec(`UPDATE listings SET page = 0 WHERE topic = `+topicID+` AND page IN (
			SELECT DISTINCT page FROM listings WHERE topic = `+topicID+` AND page > 0 ORDER BY page LIMIT ?2)`, topic, closedAtOnce)
	if err != nil {
		return false, err
	}
	return more, t.row(`SELECT EXISTS (SELECT 1 FROM listings WHERE topic = `+topicID+` AND page > 0)`, topic).Scan(&more)
}

// closePage makes a page of the oldest articles that are in none and listed after the place, and says of how many.
func (t archivist) closePage(page int, o archiving) (n int, err error) {
	for _, open := range []string{openBefore, openBehind} {
		result, err := t.session.exec(t.ctx, `UPDATE listings SET page = ?2 WHERE topic = `+topicID+` AND (listed, article) IN (
			SELECT listed, article`+open+` ORDER BY listed, article LIMIT ?5)`, o.topic, page, o.listed, o.article, o.size-n)
		if err != nil {
			return 0, err
		}
		more, err := result.RowsAffected()
		if err != nil {
			return 0, err
		}
		if n += int(more); n == o.size {
			break
		}
	}
	return n, t.closedUpTo(page, o)
}

// fillPage gives what room there is in a page to articles that are listed at the place and before it.
func (t archivist) fillPage(page, room int, o archiving) error {
	return t.exec(`UPDATE listings SET page = ?2 WHERE topic = `+topicID+` AND (listed, article) IN (
			SELECT listed, article FROM (
				SELECT listed, article, page FROM listings WHERE topic = `+topicID+` AND (listed, article) >= (?3, ?4)
				ORDER BY listed, article LIMIT ?5)
			WHERE coalesce(page, 0) = 0 ORDER BY listed, article LIMIT ?6)`, o.topic, page, o.listed, o.article, o.size/2, room)
}

// closedUpTo notes the last place in a page that was closed, if it is behind those of all others.
func (t archivist) closedUpTo(page int, o archiving) error {
	return t.exec(`UPDATE topics SET (closed_listed, closed_article) = (l.listed, l.article)
		FROM (SELECT listed, article FROM listings WHERE topic = `+topicID+` AND page = ?2 ORDER BY listed DESC, article DESC LIMIT 1) l
		WHERE topic = ?1 AND (closed_listed IS NULL OR (l.listed, l.article) > (closed_listed, closed_article))`, o.topic, page)
}

// Archived returns a page of a topic's archive, from one snapshot of the file.
func (s archives) Archived(ctx context.Context, topic newswire.Topic, number int) (p cache.ArchivePage, err error) {
	defer s.wrap(&err, "page %d of the archive of %s", number, topic)
	rows, err := s.query(ctx, `
		SELECT t.settings, coalesce((SELECT max(page) FROM listings WHERE topic = `+topicID+` AND page > 0 AND page < ?2), 0), l.article, `+textAndFrame+`
		FROM topics t
		LEFT JOIN listings l ON l.topic = t.id AND l.page = ?2
		LEFT JOIN texts x ON x.article = l.article`+joinDictionary+`
		WHERE t.topic = ?1 AND ?2 BETWEEN 1 AND t.pages
		ORDER BY l.listed DESC, l.article DESC`, topic, number)
	found := false
	err = each(rows, err, func(rows *sql.Rows) error {
		found = true
		var id, text, frame sql.RawBytes
		if err := rows.Scan(&p.Settings, &p.Older, &id, &text, &frame); err != nil || text == nil {
			return err
		}
		a, err := s.codec.Decode(text, frame)
		if err != nil {
			return damaged(string(id), err)
		}
		p.Articles = append(p.Articles, a)
		return nil
	})
	if err == nil && !found {
		err = newswire.ErrNotFound
	}
	if err != nil {
		return cache.ArchivePage{}, err
	}
	return p, nil
}
