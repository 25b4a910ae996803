package sqlitecache

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/internal/json"
)

// Record records a visit in one transaction. What the contract would have it do first, to finish what a crashed Record
// left, never arises.
func (s visits) Record(ctx context.Context, lease cache.Lease, v newswire.Visit, turns ...cache.Turn) (err error) {
	defer s.wrap(&err, "record visit to %s", v.Source)
	if lease.Source != v.Source {
		return fmt.Errorf("the lease is for %s", lease.Source)
	}
	state, err := json.Marshal(&v.State)
	if err != nil {
		return err
	}
	return s.write(ctx, func(t *tx) error {
		if err := t.postpone(lease, v.State.Due); err != nil {
			return err
		}
		if err := t.exec(`INSERT INTO states (source, state) VALUES (?1, ?2) ON CONFLICT (source) DO UPDATE SET state = ?2`, v.Source, string(state)); err != nil {
			return err
		}
		if err := t.note(&v); err != nil {
			return err
		}
		if err := t.putAll(&v); err != nil {
			return err
		}
		if v.Offered != nil {
			if err := t.offered(&v); err != nil {
				return err
			}
		}
		for _, turn := range turns {
			if err := t.leave(turn); err != nil && !errors.Is(err, newswire.ErrFenced) {
				return fmt.Errorf("leave %s: %w", turn.Domain, err)
			}
		}
		return nil
	})
}

// update is an article that is written, with what its row says before and after that.
type update struct {
	newswire.Article
	before, now stored
}

// putAll writes a visit's articles.
func (t *tx) putAll(v *newswire.Visit) error {
	if len(v.Articles) == 0 {
		return nil
	}
	updates, err := t.updates(v)
	if err != nil {
		return err
	}
	var topics []newswire.Topic
	for i := range updates {
		topics = append(topics, updates[i].now.topics...)
	}
	if err := t.number(topics); err != nil {
		return err
	}
	for i := range updates {
		if err := t.put(&updates[i]); err != nil {
			return fmt.Errorf("article %s: %w", updates[i].ID, err)
		}
	}
	return nil
}

// updates are a visit's articles, but for those that are withdrawn.
func (t *tx) updates(v *newswire.Visit) ([]update, error) {
	ids := make([]string, len(v.Articles))
	for i := range v.Articles {
		ids[i] = v.Articles[i].ID
	}
	all, err := t.stored(ids...)
	if err != nil {
		return nil, err
	}
	updates := make([]update, 0, len(ids))
	for i, id := range ids {
		u := update{Article: v.Articles[i], before: all[id]}
		if u.Source != v.Source {
			return nil, fmt.Errorf("article %s: it is of source %s", id, u.Source)
		}
		if u.before.withdrawn {
			continue
		}
		t.setPhase(&u.Article)
		u.now = stored{found: true, revision: u.Revision, offer: u.Offer, listed: u.Listed.UnixMilli(), topics: u.Topics()}
		all[id] = u.now // the visit may have it twice
		updates = append(updates, u)
	}
	return updates, nil
}

// put writes an article, lists it where it belongs, and logs its revision if that is not the one already stored.
func (t *tx) put(u *update) error {
	if u.before.found && u.before.revision != u.Revision && u.before.offer != u.Offer {
		if err := t.saveRevision(u.ID, u.before.revision); err != nil {
			return err
		}
	}
	if err := t.write(u); err != nil {
		return err
	}
	return t.listAndLog(u)
}

// write writes an article's row and its text.
func (t *tx) write(u *update) error {
	err := t.exec(`INSERT INTO articles
			(article, source, revision, digest, offer, published, updated, first_seen, listed, topics, since, limit_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (article) DO UPDATE SET
			revision = excluded.revision, digest = excluded.digest, offer = excluded.offer, published = excluded.published, updated = excluded.updated,
			first_seen = excluded.first_seen, listed = excluded.listed, topics = excluded.topics, left_at = NULL,
			since = excluded.since, limit_at = excluded.limit_at`,
		u.ID, u.Source, u.Revision, u.Digest(), u.Offer, millis(u.Published), millis(u.Updated), millis(u.FirstSeen),
		u.now.listed, list(u.now.topics), millis(u.Rights.Since), millis(u.NextLimit()))
	if err != nil {
		return err
	}
	return t.writeText(&u.Article)
}

// relist moves an article from the listings it was in to those it belongs to.
func (t *tx) relist(id string, from, to stored) error {
	less, more := from.topics, to.topics
	if from.listed == to.listed {
		less, more = without(from.topics, to.topics), without(to.topics, from.topics)
	}
	if err := t.unlist(id, from.listed, less...); err != nil {
		return err
	}
	return t.enlist(id, to.listed, more...)
}

// without are the topics that are not among others.
func without(topics, others []newswire.Topic) (rest []newswire.Topic) {
	for _, topic := range topics {
		if !slices.Contains(others, topic) {
			rest = append(rest, topic)
		}
	}
	return rest
}

// offered marks which articles of the source its publisher offers, and since when it does not offer the others. Mostly these are
// the same as before: then it looks, and writes nothing.
func (t *tx) offered(v *newswire.Visit) error {
	is := make(map[string]bool, len(v.Offered)) // whether it was offered before
	for _, id := range v.Offered {
		is[id] = false
	}
	were, err := t.ids(`SELECT article FROM articles WHERE source = ? AND left_at IS NULL`, v.Source)
	if err != nil {
		return err
	}
	var left, back []string
	for _, id := range were {
		if _, ok := is[id]; ok {
			is[id] = true
		} else {
			left = append(left, id)
		}
	}
	for id, before := range is {
		if !before {
			back = append(back, id)
		}
	}
	return errors.Join(t.setLeft(v.Source, v.At.UnixMilli(), left), t.setLeft(v.Source, nil, back))
}

// setLeft sets when the publisher stopped offering articles of a source; nil for those that it offers.
func (t *tx) setLeft(source string, at any, ids []string) error {
	if len(ids) == 0 {
		return nil
	}
	// The plus keeps SQLite from walking all articles of the source.
	return t.exec(`UPDATE articles SET left_at = ?1
		WHERE article IN (SELECT value FROM json_each(?2)) AND +source = ?3`, at, list(ids), source)
}

// Known returns what is remembered of the articles, without reading their texts.
func (s visits) Known(ctx context.Context, source string, ids []string) (_ map[string]cache.Known, err error) {
	defer s.wrap(&err, "known articles of %s", source)
	known := make(map[string]cache.Known, len(ids))
	if len(ids) == 0 {
		return known, nil
	}
	rows, err := s.query(ctx, `
		SELECT article, revision, digest, offer, published, updated, first_seen, listed, since, 0 FROM articles
		WHERE article IN (SELECT value FROM json_each(?1)) AND +source = ?2
		UNION ALL
		SELECT article, 0, '', '', NULL, NULL, NULL, NULL, NULL, 1 FROM tombstones
		WHERE article IN (SELECT value FROM json_each(?1)) AND source = ?2`, list(ids), source)
	err = each(rows, err, func(rows *sql.Rows) error {
		var id string
		var k cache.Known
		var published, updated, firstSeen, listed, since sql.Null[int64]
		err := rows.Scan(&id, &k.Revision, &k.Digest, &k.Offer, &published, &updated, &firstSeen, &listed, &since, &k.Withdrawn)
		k.Published, k.Updated, k.FirstSeen, k.Listed = moment(published), moment(updated), moment(firstSeen), moment(listed)
		k.Since = moment(since)
		known[id] = k
		return err
	})
	return known, err
}

// States returns what is remembered of the sources.
func (s visits) States(ctx context.Context, sources ...string) (_ map[string]newswire.State, err error) {
	defer s.wrap(&err, "states of %d sources", len(sources))
	states := make(map[string]newswire.State, len(sources))
	rows, err := s.query(ctx, `SELECT source, state FROM states
		WHERE source IN (SELECT value FROM json_each(?))`, list(sources))
	var source string
	var text sql.RawBytes // decoded before the next row
	var state newswire.State
	err = each(rows, err, func(rows *sql.Rows) error {
		if err := rows.Scan(&source, &text); err != nil {
			return err
		}
		state = newswire.State{}
		err := json.Unmarshal(text, &state)
		states[source] = state
		return err
	})
	return states, err
}

// Notes returns what was noted of the last visits to a source.
func (s visits) Notes(ctx context.Context, source string) (notes []newswire.Note, err error) {
	defer s.wrap(&err, "notes of visits to %s", source)
	rows, err := s.query(ctx, `SELECT note FROM notes WHERE source = ?`, source)
	err = each(rows, err, func(rows *sql.Rows) error {
		var text sql.RawBytes // decoded before the next row
		if err := rows.Scan(&text); err != nil {
			return err
		}
		var n newswire.Note
		err := json.Unmarshal(text, &n)
		notes = append(notes, n)
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(notes, func(a, b newswire.Note) int { return b.At.Compare(a.At) })
	return notes, nil
}

// note keeps the note of a visit, if there is one.
func (t *tx) note(v *newswire.Visit) error {
	if v.Note == nil {
		return nil
	}
	text, err := json.Marshal(v.Note)
	if err != nil {
		return err
	}
	return t.exec(`INSERT OR REPLACE INTO notes (source, place, note) VALUES (?, ?, ?)`, v.Source, v.State.Noted%newswire.NotesKept, string(text))
}

// Forget leaves of a source its fencing token alone.
func (s visits) Forget(ctx context.Context, lease cache.Lease) (err error) {
	defer s.wrap(&err, "forget %s", lease.Source)
	return s.write(ctx, func(t *tx) error {
		if err := t.postpone(lease, time.Time{}); err != nil {
			return err
		}
		if err := t.exec(`DELETE FROM states WHERE source = ?`, lease.Source); err != nil {
			return err
		}
		return t.exec(`DELETE FROM notes WHERE source = ?`, lease.Source)
	})
}

// Sweep drops what is beyond its retention, in one transaction.
func (s visits) Sweep(ctx context.Context, lease cache.Lease, keep newswire.Retention) (n int, err error) {
	defer s.wrap(&err, "sweep %s", lease.Source)
	if idle, err := s.swept(ctx, lease, keep); err != nil || idle {
		return 0, err
	}
	err = s.write(ctx, func(t *tx) error {
		n = 0
		if err := t.fence(lease); err != nil {
			return err
		}
		if keep.Age > 0 {
			old, err := t.removeAll(`SELECT article FROM articles WHERE source = ? AND left_at < ?`,
				lease.Source, t.clock-keep.Age.Milliseconds())
			if err != nil {
				return err
			}
			n += old
		}
		if keep.Articles > 0 {
			many, err := t.removeAll(`SELECT article FROM articles WHERE source = ?1 AND left_at IS NOT NULL
				ORDER BY listed, article
				LIMIT max(0, `+countOf("?2")+` - ?3)`,
				lease.Source, allOf(lease.Source), keep.Articles+n)
			if err != nil {
				return err
			}
			n += many
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	return n, nil
}

// allOf are the topics that list each article of a source once, as a parameter of [countOf].
func allOf(source string) string {
	return list([]newswire.Topic{newswire.SourceTopic(source), newswire.HeldTopic(source), newswire.UnlistedTopic(source)})
}

// countOf counts what the topics in a parameter list.
func countOf(parameter string) string {
	return `coalesce((SELECT sum(articles) FROM topics WHERE topic IN (SELECT value FROM json_each(` + parameter + `))), 0)`
}

// swept looks, without the write lock, whether there is nothing to sweep.
func (s visits) swept(ctx context.Context, lease cache.Lease, keep newswire.Retention) (idle bool, err error) {
	rows, err := s.query(ctx, `SELECT
			NOT EXISTS (SELECT 1 FROM articles WHERE source = ?1 AND left_at < ?3) AND
			(?4 = 0 OR `+countOf("?5")+` <= ?4)
		FROM sources WHERE source = ?1 AND token = ?2`,
		lease.Source, lease.Token, s.oldest(keep), keep.Articles, allOf(lease.Source))
	found := false
	err = each(rows, err, func(rows *sql.Rows) error {
		found = true
		return rows.Scan(&idle)
	})
	if err == nil && !found {
		err = newswire.ErrFenced
	}
	return idle, err
}

// oldest is when an article may have left at the earliest to be kept; NULL for any time.
func (s visits) oldest(keep newswire.Retention) any {
	if keep.Age <= 0 {
		return nil
	}
	return s.now().UnixMilli() - keep.Age.Milliseconds()
}

// removeAll removes the articles that a query names.
func (t *tx) removeAll(query string, args ...any) (int, error) {
	ids, err := t.ids(query, args...)
	if err != nil || len(ids) == 0 {
		return 0, err
	}
	all, err := t.stored(ids...)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		if err := t.remove(id, all[id]); err != nil {
			return 0, err
		}
	}
	return len(ids), nil
}
