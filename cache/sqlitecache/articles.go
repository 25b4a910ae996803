package sqlitecache

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/internal/json"
)

var errLimit = errors.New("the limit is not positive")

// Article returns one article.
func (s articles) Article(ctx context.Context, id string) (a newswire.Article, err error) {
	defer s.wrap(&err, "article %s", id)
	rows, err := s.query(ctx, `SELECT 0, `+textAndFrame+` FROM texts x`+joinDictionary+`WHERE x.article = ?1
		UNION ALL SELECT 1, NULL, NULL FROM tombstones WHERE article = ?1`, id)
	var withdrawn bool
	var text, frame []byte
	err = row{rows, err}.Scan(&withdrawn, &text, &frame)
	switch {
	case errors.Is(err, sql.ErrNoRows):
		return a, newswire.ErrNotFound
	case err != nil:
		return a, err
	case withdrawn:
		return a, newswire.ErrWithdrawn
	}
	a, err = s.codec.Decode(text, frame)
	return a, damaged(id, err)
}

// Articles returns a page of a topic. Its cursor is the place of the page's last article, so that neither what arrives
// nor what goes moves the next page.
func (s articles) Articles(ctx context.Context, q cache.Query) (p cache.Page, err error) {
	defer s.wrap(&err, "page of %s", q.Topic)
	if q.Limit <= 0 {
		return p, errLimit
	}
	listed, article, err := parseListingCursor(q.After)
	if err != nil {
		return p, err
	}
	// One statement, and so one snapshot: the time of change fits what is listed.
	rows, err := s.query(ctx, `
		SELECT t.changed, l.listed, l.article, `+textAndFrame+`
		FROM topics t
		LEFT JOIN (
			SELECT listed, article FROM listings
			WHERE topic = (SELECT id FROM topics WHERE topic = ?1) AND (listed, article) < (?2, ?3)
			ORDER BY listed DESC, article DESC LIMIT ?4
		) l
		LEFT JOIN texts x ON x.article = l.article`+joinDictionary+`
		WHERE t.topic = ?1
		ORDER BY l.listed DESC, l.article DESC`, q.Topic, listed, article, q.Limit+1)
	more := false
	err = each(rows, err, func(rows *sql.Rows) error {
		var changed int64
		var at sql.Null[int64]
		var id, text, frame sql.RawBytes
		if err := rows.Scan(&changed, &at, &id, &text, &frame); err != nil {
			return err
		}
		p.Changed = moment(sql.Null[int64]{V: changed, Valid: true})
		more = len(p.Articles) == q.Limit
		if !at.Valid || more {
			return nil
		}
		a, err := s.decoded.Decode(&s.codec, text, frame)
		if err != nil {
			return damaged(string(id), err)
		}
		if p.Articles == nil {
			p.Articles = make([]newswire.Article, 0, min(q.Limit, 100))
		}
		p.Articles = append(p.Articles, a)
		p.Next = listingCursor(at.V, a.ID)
		return nil
	})
	if err != nil {
		return cache.Page{}, err
	}
	if !more {
		p.Next = ""
	}
	return p, nil
}

// listingCursor is the cursor after an article: its place in listings.
func listingCursor(listed int64, article string) newswire.Cursor {
	return newswire.Cursor(fmt.Sprintf("%d.%s", listed, article))
}

func parseListingCursor(c newswire.Cursor) (listed int64, article string, err error) {
	if c == "" {
		return math.MaxInt64, "", nil
	}
	ms, article, ok := strings.Cut(string(c), ".")
	listed, err = strconv.ParseInt(ms, 10, 64)
	if !ok || err != nil || !newswire.ValidID(article) {
		return 0, "", fmt.Errorf("%w: %q", newswire.ErrCursor, c)
	}
	return listed, article, nil
}

// Topics returns the topics of a kind. Its cursor is the last one.
func (s articles) Topics(
	ctx context.Context, kind newswire.Kind, after newswire.Cursor, limit int,
) (topics []cache.Listing, next newswire.Cursor, err error) {
	defer s.wrap(&err, "topics of kind %s", kind)
	if limit <= 0 {
		return nil, "", errLimit
	}
	if after != "" {
		if t := newswire.Topic(after); t.Kind() != kind || t != newswire.All && !newswire.ValidID(t.ID()) {
			return nil, "", fmt.Errorf("%w: %q", newswire.ErrCursor, after)
		}
	}
	// All topics of the kind are between the kind and the kind with the character that follows the slash. One lower bound: of two,
	// SQLite seeks the one and tries the other on each row.
	first := string(kind)
	if after != "" {
		first = string(after) + "!" // which is before all characters of topics
	}
	rows, err := s.query(ctx, `SELECT topic, name, articles, changed FROM topics
		WHERE topic >= ?1 AND topic < ?2 AND articles > 0 ORDER BY topic LIMIT ?3`,
		first, kind+"0", limit+1)
	err = each(rows, err, func(rows *sql.Rows) error {
		var l cache.Listing
		var changed sql.Null[int64]
		err := rows.Scan(&l.Topic, &l.Name, &l.Articles, &changed)
		l.Changed = moment(changed)
		topics = append(topics, l)
		return err
	})
	if err != nil {
		return nil, "", err
	}
	if len(topics) > limit {
		topics = topics[:limit]
		next = newswire.Cursor(topics[limit-1].Topic)
	}
	return topics, next, nil
}

func parseTopics(text []byte) (topics []newswire.Topic, err error) {
	return topics, json.Unmarshal(text, &topics)
}
