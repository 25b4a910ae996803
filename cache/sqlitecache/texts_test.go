package sqlitecache

import (
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// lease takes a lease of source a, which then is due at once.
func lease(t *testing.T, s *Store) cache.Lease {
	t.Helper()
	due, err := s.Due(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Reschedule(t.Context(), "a", due["a"], time.UnixMilli(1)); err != nil {
		t.Fatal(err)
	}
	leases, err := s.Claim(t.Context(), 1, time.Minute, "a")
	if err != nil || len(leases) != 1 {
		t.Fatalf("Claim = %v, %v; want one lease", leases, err)
	}
	return leases[0]
}

// recordArticles records a visit that found them.
func recordArticles(t *testing.T, s *Store, articles ...newswire.Article) {
	t.Helper()
	l := lease(t, s)
	v := newswire.Visit{Source: "a", At: l.At, Articles: articles, State: newswire.State{Source: "a"}}
	if err := s.Record(t.Context(), l, v); err != nil {
		t.Fatal(err)
	}
}

// articleOfLength has a text that is worth compressing.
func articleOfLength(n int) newswire.Article {
	a := numbered(n)
	a.Revision = 1
	a.Content = fmt.Sprintf("<p>Article %d. %s</p>", n, strings.Repeat("Ships waited in the harbour. ", 40))
	return a
}

// setPlain has texts and revisions stand in the file as an earlier version wrote them.
func setPlain(t *testing.T, s *Store, articles ...newswire.Article) {
	t.Helper()
	for _, a := range articles {
		text, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		for _, query := range []string{
			`UPDATE texts SET body = ?2, packed = NULL, dictionary = NULL WHERE article = ?1`,
			`UPDATE revisions SET body = ?2, packed = NULL, dictionary = NULL WHERE article = ?1`,
		} {
			execute(t, s, query, a.ID, string(text))
		}
	}
	execute(t, s, `DELETE FROM dictionaries`)
}

// execute changes the file behind the store's back.
func execute(t *testing.T, s *Store, query string, args ...any) {
	t.Helper()
	if err := s.write(t.Context(), func(t *tx) error { return t.exec(query, args...) }); err != nil {
		t.Fatal(err)
	}
}

func TestTextsOfAnEarlierVersionAreReadAndCompressedWhenTheyAreWrittenAgain(t *testing.T) {
	s := openFile(t, filepath.Join(t.TempDir(), "newswire.db"))
	ctx := t.Context()
	var old []newswire.Article
	for n := range 4 {
		a := articleOfLength(n)
		a.Offer = "first"
		if n == 3 {
			a.Rights.Until = time.Now().Add(time.Hour).Truncate(time.Millisecond).UTC()
		}
		old = append(old, a)
	}
	recordArticles(t, s, old...)
	revised := old[1]
	revised.Revision, revised.Offer = 2, "second"
	recordArticles(t, s, revised)
	setPlain(t, s, old[0], old[2], old[3])
	first := old[1]
	setPlain(t, s, first)
	execute(t, s, `UPDATE articles SET revision = 1, offer = 'first' WHERE article = ?`, first.ID)

	for _, want := range old {
		got, err := s.Article(ctx, want.ID)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("Article: %v (-want +got):\n%s", err, diff)
		}
	}
	p, err := s.Articles(ctx, cache.Query{Topic: newswire.All, Limit: 10})
	if err != nil || len(p.Articles) != len(old) {
		t.Errorf("a page has %d articles, %v; want %d", len(p.Articles), err, len(old))
	}
	if _, _, err := s.Archive(ctx, cache.Closing{Topic: newswire.All, Size: 2}); err != nil {
		t.Fatal(err)
	}
	if page, err := s.Archived(ctx, newswire.All, 1); err != nil || len(page.Articles) != 2 {
		t.Errorf("a page of the archive has %d articles, %v; want 2", len(page.Articles), err)
	}
	if was, err := s.Revisions(ctx, first.ID); err != nil || len(was) != 1 || was[0].Title != first.Title {
		t.Errorf("Revisions = %v, %v; want the first", was, err)
	}
	if stone, err := s.Withdraw(ctx, old[2].ID, "a mistake"); err != nil || stone.Article != old[2].ID {
		t.Errorf("Withdraw = %+v, %v", stone, err)
	}

	recordArticles(t, s, revised)
	was, err := s.Revisions(ctx, first.ID)
	if err != nil || len(was) != 1 || !cmp.Equal(was[0], first) {
		t.Errorf("after the article was revised, Revisions = %v, %v; want it as it was", was, err)
	}
	if got, err := s.Article(ctx, revised.ID); err != nil || !cmp.Equal(got, revised) {
		t.Errorf("after it was revised, Article = %+v, %v", got, err)
	}
	if n := compressed(t, s); n != 1 {
		t.Errorf("%d texts are compressed; want the one that was written again", n)
	}
	err = s.write(ctx, func(t *tx) error { return t.pass(old[3].ID) })
	if n := compressed(t, s); err != nil || n != 2 {
		t.Errorf("after an article's limit passed, %d texts are compressed, %v; want it too", n, err)
	}
}

// compressed is how many texts are.
func compressed(t *testing.T, s *Store) (n int) {
	t.Helper()
	err := s.pool.QueryRowContext(t.Context(), `SELECT count(*) FROM texts WHERE packed IS NOT NULL AND body = '' AND length(packed) < 600`).Scan(&n)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func TestADamagedTextIsAnErrorThatNamesItsArticle(t *testing.T) {
	for name, query := range map[string]string{
		"cut off":            `UPDATE texts SET packed = substr(packed, 1, length(packed) / 2)`,
		"empty":              `UPDATE texts SET packed = x''`,
		"neither":            `UPDATE texts SET packed = x'00ff00ff'`,
		"says it has 4 GB":   `UPDATE texts SET packed = cast(x'28b52ffda3' || substr(packed, 6, 4) || x'ffffffff01' AS BLOB)`,
		"without dictionary": `DELETE FROM dictionaries`,
		"of another source":  `UPDATE dictionaries SET frame = x'7b7d'`,
		"half of JSON":       `UPDATE texts SET packed = NULL, body = '{"id":'`,
	} {
		t.Run(name, func(t *testing.T) {
			s := openFile(t, filepath.Join(t.TempDir(), "newswire.db"))
			a := articleOfLength(1)
			recordArticles(t, s, a)
			execute(t, s, query)
			_, err := s.Article(t.Context(), a.ID)
			_, pageErr := s.Articles(t.Context(), cache.Query{Topic: newswire.All, Limit: 1})
			_, withdrawErr := s.Withdraw(t.Context(), a.ID, "a mistake")
			for _, err := range []error{err, pageErr, withdrawErr} {
				if err == nil || !strings.Contains(err.Error(), "the text of article "+a.ID+" is damaged: put back a copy") {
					t.Errorf("error %v; want it to name the article and what to do", err)
				}
			}
			recordArticles(t, s, a)
			if got, err := s.Article(t.Context(), a.ID); name != "of another source" && (err != nil || !cmp.Equal(got, a)) {
				t.Errorf("after its publisher offered the article again: %v", err)
			}
		})
	}
}

func TestNoWordOfAWithdrawnArticleIsInAnyRow(t *testing.T) {
	s := openFile(t, filepath.Join(t.TempDir(), "newswire.db"))
	const word = "Regrettable"
	a := articleOfLength(1) // the first of its source: it makes the dictionary
	a.Title, a.Summary, a.URL, a.Content = word, "<p>"+word+"</p>", "https://example.com/"+word, "<p>"+strings.Repeat(word+" ", 20)+"</p>"
	a.Authors, a.Terms = []newswire.Person{{Name: word}}, []newswire.Term{{Term: word}}
	a.Rights.Statement, a.Upstream = word, &newswire.Publisher{Title: word}
	recordArticles(t, s, a, articleOfLength(2))
	a.Revision, a.Offer = 2, "second"
	recordArticles(t, s, a)
	if found := rowsWith(t, s, word); !slices.Equal(found, []string{"texts.packed", "revisions.packed"}) {
		t.Errorf("a word of a stored article is in %v; want it in texts and revisions alone", found)
	}
	if _, err := s.Withdraw(t.Context(), a.ID, "a mistake"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Article(t.Context(), a.ID); !errors.Is(err, newswire.ErrWithdrawn) {
		t.Errorf("Article = %v, want ErrWithdrawn", err)
	}
	if found := rowsWith(t, s, word); len(found) > 0 {
		t.Errorf("a word of a withdrawn article is in the tables %v", found)
	}
	if got, err := s.Article(t.Context(), articleOfLength(2).ID); err != nil || !cmp.Equal(got, articleOfLength(2)) {
		t.Errorf("the source's other article: %v", err)
	}
}

// rowsWith are the tables that have a word in some row.
func rowsWith(t *testing.T, s *Store, word string) (tables []string) {
	t.Helper()
	rows, err := s.pool.QueryContext(t.Context(), `SELECT t.name, c.name FROM sqlite_schema t, pragma_table_info(t.name) c WHERE t.type = 'table'`)
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var table, column string
		if err := rows.Scan(&table, &column); err != nil {
			t.Fatal(err)
		}
		var n int
		query := fmt.Sprintf(`SELECT count(*) FROM %s WHERE instr(cast(%s AS BLOB), cast(? AS BLOB)) > 0`, table, column)
		if err := s.pool.QueryRowContext(t.Context(), query, word).Scan(&n); err != nil {
			t.Fatal(err)
		}
		if n > 0 {
			tables = append(tables, table+"."+column)
		}
	}
	if err := rows.Err(); err != nil {
		t.Fatal(err)
	}
	return tables
}
