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
		for i := range v.Articles {
			if err := t.put(v.Source, &v.Articles[i]); err != nil {
				return fmt.Errorf("article %s: %w", v.Articles[i].ID, err)
			}
		}
		if v.Offered != nil {
			if err := t.offered(v); err != nil {
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

// put writes an article, lists it where it belongs, and logs its revision if that is not the one already stored.
func (t *tx) put(source string, a *newswire.Article) error {
	if a.Source != source {
		return fmt.Errorf("it is of source %s", a.Source)
	}
	var withdrawn bool
	if err := t.row(`SELECT EXISTS (SELECT 1 FROM tombstones WHERE article = ?)`, a.ID).Scan(&withdrawn); err != nil || withdrawn {
		return err
	}
	before, found, err := t.stored(a.ID)
	if err != nil {
		return err
	}
	if found && before.revision != a.Revision && before.offer != a.Offer {
		if err := t.saveRevision(a.ID, before.revision); err != nil {
			return err
		}
	}
	now := *a
	t.setPhase(&now)
	if err := t.write(&now); err != nil {
		return err
	}
	return t.listAndLog(&now, before, found)
}

func (t *tx) write(a *newswire.Article) error {
	err := t.exec(`INSERT INTO articles
			(article, source, revision, digest, offer, published, updated, first_seen, listed, topics, since, limit_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT (article) DO UPDATE SET
			revision = excluded.revision, digest = excluded.digest, offer = excluded.offer, published = excluded.published, updated = excluded.updated,
			first_seen = excluded.first_seen, listed = excluded.listed, topics = excluded.topics, left_at = NULL,
			since = excluded.since, limit_at = excluded.limit_at`,
		a.ID, a.Source, a.Revision, a.Digest(), a.Offer, millis(a.Published), millis(a.Updated), millis(a.FirstSeen),
		a.Listed.UnixMilli(), list(a.Topics()), millis(a.Rights.Since), millis(a.NextLimit()))
	if err != nil {
		return err
	}
	return t.writeText(a)
}

// relist moves an article from the listings it was in to those it belongs to.
func (t *tx) relist(id string, from, to stored) error {
	moved := from.listed != to.listed
	for _, topic := range from.topics {
		if moved || !slices.Contains(to.topics, topic) {
			if err := t.unlist(topic, from.listed, id); err != nil {
				return err
			}
		}
	}
	for _, topic := range to.topics {
		if moved || !slices.Contains(from.topics, topic) {
			if err := t.enlist(topic, to.listed, id); err != nil {
				return err
			}
		}
	}
	return nil
}

// offered marks which articles of the source its publisher offers, and since when it does not offer the others.
func (t *tx) offered(v newswire.Visit) error {
	offered := list(v.Offered)
	err := t.exec(`UPDATE articles SET left_at = ?
		WHERE source = ? AND left_at IS NULL AND article NOT IN (SELECT value FROM json_each(?))`, v.At.UnixMilli(), v.Source, offered)
	if err != nil {
		return err
	}
	// The plus keeps SQLite from walking all that the source no longer offers, instead of looking up the few it does.
	return t.exec(`UPDATE articles SET left_at = NULL
		WHERE article IN (SELECT value FROM json_each(?)) AND +source = ? AND left_at IS NOT NULL`, offered, v.Source)
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
	for _, id := range ids {
		_, e := t.remove(id)
		err = errors.Join(err, e)
	}
	return len(ids), err
}
