package sqlitecache

import (
	"database/sql"
	"errors"
	"fmt"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache/internal/texts"
)

// Of a row of texts or revisions x and what is stored beside it, for queries: the article as it is stored, and the frame of its
// dictionary.
const (
	textAndFrame   = `coalesce(x.packed, x.body), d.frame`
	joinDictionary = ` LEFT JOIN dictionaries d ON d.id = x.dictionary `
)

// dictionary is what the articles of a source are compressed with.
type dictionary struct {
	source string
	id     int64
	frame  []byte
}

// dictionary is that of an article's source. The first article makes it.
func (t *tx) dictionary(a *newswire.Article) (dictionary, error) {
	if t.dict.source == a.Source {
		return t.dict, nil
	}
	d := dictionary{source: a.Source}
	err := t.row(`SELECT id, frame FROM dictionaries WHERE source = ?`, a.Source).Scan(&d.id, &d.frame)
	if errors.Is(err, sql.ErrNoRows) {
		d, err = t.newDictionary(a)
	}
	if err == nil {
		t.dict = d
	}
	return d, err
}

func (t *tx) newDictionary(a *newswire.Article) (dictionary, error) {
	frame, err := texts.Frame(a)
	if err != nil {
		return dictionary{}, err
	}
	result, err := t.session.exec(t.ctx, `INSERT INTO dictionaries (source, frame) VALUES (?, ?)`, a.Source, frame)
	if err != nil {
		return dictionary{}, err
	}
	id, err := result.LastInsertId()
	return dictionary{a.Source, id, frame}, err
}

// writeText writes an article's text.
func (t *tx) writeText(a *newswire.Article) error {
	d, err := t.dictionary(a)
	if err != nil {
		return err
	}
	packed, err := t.codec.Encode(a, d.frame)
	if err != nil {
		return err
	}
	return t.exec(`INSERT INTO texts (article, body, packed, dictionary) VALUES (?, '', ?, ?)
		ON CONFLICT (article) DO UPDATE SET body = '', packed = excluded.packed, dictionary = excluded.dictionary`, a.ID, packed, d.id)
}

// readText reads an article. The error is sql.ErrNoRows where it is not stored.
func (t *tx) readText(id string) (newswire.Article, error) {
	var text, frame []byte
	err := t.row(`SELECT `+textAndFrame+` FROM texts x`+joinDictionary+`WHERE x.article = ?`, id).Scan(&text, &frame)
	if err != nil {
		return newswire.Article{}, err
	}
	a, err := t.codec.Decode(text, frame)
	return a, damaged(id, err)
}

// damaged says of which article a text cannot be decoded.
func damaged(id string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("the text of article %s is damaged: put back a copy of the file: %w", id, err)
}
