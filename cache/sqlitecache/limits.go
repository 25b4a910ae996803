package sqlitecache

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"time"

	"github.com/newswire/newswire"
)

// NextLimit says how long it is until the next limit of an article passes.
func (s limits) NextLimit(ctx context.Context) (in time.Duration, any bool, err error) {
	defer s.wrap(&err, "next limit of an article")
	var at sql.Null[int64]
	rows, err := s.query(ctx, `SELECT min(limit_at) FROM articles WHERE limit_at IS NOT NULL`)
	if err := (row{rows, err}).Scan(&at); err != nil || !at.Valid {
		return 0, false, err
	}
	return moment(at).Sub(s.now()), true, nil
}

// PassLimits moves articles whose limits have passed, in one transaction. It looks before it takes the write lock.
func (s limits) PassLimits(ctx context.Context, n int) (passed int, err error) {
	defer s.wrap(&err, "pass limits of articles")
	if n <= 0 {
		return 0, errLimit
	}
	if in, any, err := s.NextLimit(ctx); err != nil || !any || in > 0 {
		return 0, err
	}
	err = s.write(ctx, func(t *tx) error {
		ids, err := t.ids(`SELECT article FROM articles WHERE limit_at <= ? ORDER BY limit_at, article LIMIT ?`, t.clock, n)
		if err != nil {
			return err
		}
		for _, id := range ids {
			if err := t.pass(id); err != nil {
				return fmt.Errorf("article %s: %w", id, err)
			}
		}
		passed = len(ids)
		return nil
	})
	if err != nil {
		return 0, err
	}
	return passed, nil
}

// pass gives a stored article the phase that it is in.
func (t *tx) pass(id string) error {
	all, err := t.stored(id)
	if err != nil {
		return err
	}
	a, err := t.readText(id)
	if err != nil {
		return err
	}
	t.setPhase(&a)
	u := update{a, all[id], all[id]}
	u.now.topics = a.Topics()
	err = t.exec(`UPDATE articles SET topics = ?, limit_at = ? WHERE article = ?`, list(u.now.topics), millis(a.NextLimit()), id)
	if err != nil {
		return err
	}
	if err := t.writeText(&a); err != nil {
		return err
	}
	return t.listAndLog(&u)
}

// now is the store's time when the transaction began.
func (t *tx) now() time.Time { return time.UnixMilli(t.clock).UTC() }

// setPhase gives an article the phase that it is in.
func (t *tx) setPhase(a *newswire.Article) { a.Phase = a.Rights.PhaseAt(t.now()) }

// unlisted says whether topics are those of an article that is not at its time. The log never names these alone: nothing was
// there for readers, and nothing is.
func unlisted(topics []newswire.Topic) bool {
	return len(topics) == 1 && topics[0].Kind() == newswire.KindUnlisted
}

// listAndLog lists an article that was written, and logs what readers are to hear of it.
func (t *tx) listAndLog(u *update) error {
	if err := t.relist(u.ID, u.before, u.now); err != nil {
		return err
	}
	t.nameAuthors(&u.Article)
	all := slices.Concat(u.before.topics, u.now.topics)
	slices.Sort(all)
	r := record{newswire.Put, u.ID, u.Revision, slices.Compact(all)}
	was, is := unlisted(u.before.topics), unlisted(u.now.topics)
	switch {
	case is && (was || !u.before.found):
		return nil
	case is:
		r.op = newswire.Remove
	case u.before.found && !was && u.before.revision == u.Revision:
		return nil
	}
	return t.append(r)
}

// nameAuthors has the directory name the authors of an article that readers see.
func (t *tx) nameAuthors(a *newswire.Article) {
	if !a.Public() {
		return
	}
	for _, p := range a.Authors {
		if p.ID != "" && p.Name != "" {
			if m := t.touched.of(newswire.AuthorTopic(p.ID)); m.name == "" || !newswire.Loud(p.Name) {
				m.name = p.Name
			}
		}
	}
}

// ids are the articles that a query names.
func (t *tx) ids(query string, args ...any) ([]string, error) {
	var ids []string
	rows, err := t.query(query, args...)
	err = each(rows, err, func(rows *sql.Rows) error {
		var id string
		err := rows.Scan(&id)
		ids = append(ids, id)
		return err
	})
	return ids, err
}
