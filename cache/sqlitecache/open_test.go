package sqlitecache

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

func TestOpenSaysWhatIsWrongWithAFileAndWhatToDo(t *testing.T) {
	dir := t.TempDir()
	for _, tt := range []struct {
		name string
		path string
		make func(path string) error
		want []string
		away bool // it may come back as it is
	}{
		{"nothing named", "", nil, []string{"no file is named", "store: sqlite:newswire.db"}, false},
		{"missing directory", "missing/newswire.db", nil, []string{"missing", "make the directory"}, true},
		{"directory", "directory", func(p string) error { return os.Mkdir(p, 0o755) }, []string{"it is a directory", "name a file in it"}, false},
		{
			"text file", "notes.txt", func(p string) error { return os.WriteFile(p, []byte(strings.Repeat("notes ", 1000)), 0o600) },
			[]string{"not a database", "move that file away"},
			true,
		},
		{
			"another program's", "other.db", func(p string) error { return run(p, `CREATE TABLE bookmarks (a)`) },
			[]string{"database of another program", "name another file"},
			false,
		},
		{
			"newer version", "newer.db", func(p string) error {
				return run(p, fmt.Sprintf(`CREATE TABLE a (a); PRAGMA application_id = %d; PRAGMA user_version = 999`, applicationID))
			},
			[]string{"newer newswire", "version 999", "update"},
			false,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			path := tt.path
			if path != "" {
				path = filepath.Join(dir, tt.path)
			}
			if tt.make != nil {
				if err := tt.make(path); err != nil {
					t.Fatal(err)
				}
			}
			s, err := Open(t.Context(), path, Options{})
			if err == nil {
				s.Close()
				t.Fatal("Open succeeded")
			}
			if errors.Is(err, cache.ErrMisconfigured) == tt.away {
				t.Errorf("Open = %q; want the file to be away: %v", err, tt.away)
			}
			for _, want := range append(tt.want, path) {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("Open = %q, want it to say %q", err, want)
				}
			}
		})
	}
}

// run makes a database as another program would.
func run(path, statements string) error {
	db, err := sql.Open("sqlite", path)
	if err != nil {
		return err
	}
	_, err = db.Exec(statements)
	return errors.Join(err, db.Close())
}

func TestANameWithOddCharactersIsStillAFile(t *testing.T) {
	for _, name := range []string{":memory:", "file:x?mode=memory", "a b%20c#d&e.db", "電.db"} {
		t.Chdir(t.TempDir())
		s := openFile(t, name)
		if err := s.Reschedule(t.Context(), "a", time.Time{}, time.UnixMilli(1)); err != nil {
			t.Error(err)
		}
		if _, err := os.Stat(name); err != nil {
			t.Errorf("Open(%q) made no such file: %v", name, err)
		}
	}
}

func openFile(tb testing.TB, path string) *Store {
	tb.Helper()
	s, err := Open(tb.Context(), path, Options{})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { s.Close() })
	return s
}

func TestConnectionsShareThePagesInMemory(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "newswire.db"), Options{Pages: 10_000 << 10})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	type connection interface {
		QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
	}
	for _, c := range []connection{s.writer.conn, s.pool} { // the writer's is the only one of s.db
		var kib int
		if err := c.QueryRowContext(t.Context(), "PRAGMA cache_size").Scan(&kib); err != nil || kib != -2000 {
			t.Errorf("a connection keeps %d, %v; want a fifth, which is negative as it is in KiB", kib, err)
		}
	}
}

func TestManyOpenANewFileAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "newswire.db")
	var wg sync.WaitGroup
	for i := range 16 {
		wg.Go(func() {
			s, err := Open(t.Context(), path, Options{})
			if err != nil {
				t.Error(err)
				return
			}
			if err := errors.Join(s.Reschedule(t.Context(), fmt.Sprint("s", i), time.Time{}, time.UnixMilli(1)), s.Close()); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	due, err := openFile(t, path).Due(t.Context())
	if err != nil || len(due) != 16 {
		t.Errorf("Due() = %d sources, %v, want 16", len(due), err)
	}
}

func TestAFullDiskLosesNothingAndHeals(t *testing.T) {
	s := openFile(t, filepath.Join(t.TempDir(), "newswire.db"))
	record := func(n int, size int) error {
		due, err := s.Due(t.Context())
		if err != nil {
			return err
		}
		if err := s.Reschedule(t.Context(), "a", due["a"], time.UnixMilli(1)); err != nil {
			return err
		}
		leases, err := s.Claim(t.Context(), 1, time.Hour)
		if err != nil {
			return err
		}
		a := numbered(n)
		a.Content = strings.Repeat("x", size)
		return s.Record(t.Context(), leases[0], newswire.Visit{Source: "a", Articles: []newswire.Article{a}, Offered: []string{a.ID}})
	}
	if err := record(1, 10); err != nil {
		t.Fatal(err)
	}
	limit := func(pages int) {
		t.Helper()
		if _, err := s.writer.conn.ExecContext(t.Context(), fmt.Sprint("PRAGMA max_page_count = ", pages)); err != nil {
			t.Fatal(err)
		}
	}
	limit(1) // as many as there are
	err := record(2, 1<<20)
	if err == nil || !strings.Contains(err.Error(), "full") || !strings.Contains(err.Error(), "free space on its disk") {
		t.Errorf("Record on a full disk: %v, want it to say so and what to do", err)
	}
	page, err := s.Articles(t.Context(), cache.Query{Topic: newswire.All, Limit: 10})
	if err != nil || len(page.Articles) != 1 {
		t.Errorf("a full disk leaves %d articles, %v, want the one that was there", len(page.Articles), err)
	}
	if s.writer != nil {
		limit(1 << 30)
	}
	if err := record(2, 1<<20); err != nil {
		t.Errorf("Record once there is space again: %v", err)
	}
}

func TestACursorFromBeyondTheLogIsRefused(t *testing.T) {
	s := openFile(t, filepath.Join(t.TempDir(), "newswire.db"))
	if _, err := s.Changes(t.Context(), "1", 10); !errors.Is(err, newswire.ErrCursor) {
		t.Errorf("Changes(after 1) of an empty log: %v, want ErrCursor", err)
	}
}

func TestErrorsSayWhichFileButNotForWhatTheContractNames(t *testing.T) {
	s := openFile(t, filepath.Join(t.TempDir(), "newswire.db"))
	_, err := s.Article(t.Context(), "a-b")
	if want := "sqlitecache: article a-b: not found"; err == nil || err.Error() != want {
		t.Errorf("Article(a-b): %v, want %s", err, want)
	}
}

// scriptOf makes a file of an earlier version.
func scriptOf(t *testing.T, version int) string {
	t.Helper()
	script := fmt.Sprintf("PRAGMA application_id = %d; PRAGMA user_version = %d;", applicationID, version)
	for _, name := range migrations()[:version] {
		migration, err := statements.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		script += string(migration)
	}
	const state = `'{"source":"a","url":"https://a.example/feed"}'`
	switch {
	case version > slices.Index(migrations(), "states.sql"):
		script += `INSERT INTO sources (source, due) VALUES ('a', 1), ('new', 1); INSERT INTO states VALUES ('a', ` + state + `);`
	case version > 0:
		script += `INSERT INTO sources (source, due, state) VALUES ('a', 1, ` + state + `), ('new', 1, NULL);`
	}
	return script
}

func TestAFileOfAnEarlierVersionIsBroughtUpToDate(t *testing.T) {
	for version := range migrations() {
		path := filepath.Join(t.TempDir(), "old.db")
		if err := run(path, scriptOf(t, version)); err != nil {
			t.Fatal(err)
		}
		s, err := Open(t.Context(), path, Options{})
		if err != nil {
			t.Fatalf("open a file of version %d: %v", version, err)
		}
		if turn, err := s.Enter(t.Context(), "a.example", time.Hour); err != nil || turn.Key == "" {
			t.Errorf("in a file of version %d: Enter = %+v, %v", version, turn, err)
		}
		if states, err := s.States(t.Context(), "a", "new"); version > 0 && (err != nil || len(states) != 1 || states["a"].URL != "https://a.example/feed") {
			t.Errorf("in a file of version %d: States = %+v, %v", version, states, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}
