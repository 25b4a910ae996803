package sqlitecache

import (
	"context"
	"database/sql"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// Revisions returns what the article was before.
func (s history) Revisions(ctx context.Context, id string) (revisions []newswire.Article, err error) {
	defer s.wrap(&err, "revisions of %s", id)
	// One statement, and so one snapshot. The row of the article itself says that it is there.
	rows, err := s.query(ctx, `SELECT 0, 0 AS revision, '', NULL FROM articles WHERE article = ?1
		UNION ALL SELECT 1, 0, '', NULL FROM tombstones WHERE article = ?1
		UNION ALL SELECT 0, revision, `+textAndFrame+` FROM revisions x`+joinDictionary+`WHERE x.article = ?1
		ORDER BY revision`, id)
	found, withdrawn := false, false
	err = each(rows, err, func(rows *sql.Rows) error {
		var stone bool
		var revision int
		var text, frame sql.RawBytes
		if err := rows.Scan(&stone, &revision, &text, &frame); err != nil {
			return err
		}
		found, withdrawn = true, withdrawn || stone
		if len(text) == 0 {
			return nil
		}
		a, err := s.codec.Decode(text, frame)
		revisions = append(revisions, a)
		return damaged(id, err)
	})
	switch {
	case err != nil:
		return nil, err
	case withdrawn:
		return nil, newswire.ErrWithdrawn
	case !found:
		return nil, newswire.ErrNotFound
	}
	return revisions, nil
}

// saveRevision keeps the text that an article has as an earlier revision of it, and drops those that are no longer kept.
func (t *tx) saveRevision(id string, revision int) error {
	err := t.exec(`INSERT OR REPLACE INTO revisions (article, revision, body, packed, dictionary)
		SELECT article, ?2, body, packed, dictionary FROM texts WHERE article = ?1`, id, revision)
	if err != nil {
		return err
	}
	return t.exec(`DELETE FROM revisions WHERE article = ?1
		AND revision NOT IN (SELECT revision FROM revisions WHERE article = ?1 ORDER BY revision DESC LIMIT ?2)
		AND revision > (SELECT min(revision) FROM revisions WHERE article = ?1)`, id, cache.RevisionsKept)
}
