package sqlitecache

import (
	"context"
	"database/sql"
	"encoding/json"
	"slices"

	"github.com/newswire/newswire"
)

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
