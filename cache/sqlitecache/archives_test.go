package sqlitecache

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"testing"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

func TestWhatAFileOfAnEarlierVersionListsComesIntoPages(t *testing.T) {
	path := filepath.Join(t.TempDir(), "old.db")
	script := scriptOf(t, 4) + `INSERT INTO topics (topic, articles, changed) VALUES ('all', 3, 1);`
	for n := range 3 {
		a := numbered(n)
		body, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		script += fmt.Sprintf(`
			INSERT INTO articles (article, source, revision, digest, listed, topics) VALUES ('%s', 'a', 1, '', %d, '["all"]');
			INSERT INTO texts (article, body) VALUES ('%[1]s', '%[3]s');
			INSERT INTO listings (topic, listed, article) VALUES ('all', %[2]d, '%[1]s');`, a.ID, a.Listed.UnixMilli(), body)
	}
	if err := run(path, script); err != nil {
		t.Fatal(err)
	}
	s := openFile(t, path)
	if newest, err := cache.Close(t.Context(), s, cache.Closing{Topic: newswire.All, Settings: "s", Size: 2}); newest != 2 || err != nil {
		t.Fatalf("Archive = %d, %v; want 2 pages", newest, err)
	}
	for i, want := range []int{2, 1} {
		if p, err := s.Archived(t.Context(), newswire.All, i+1); len(p.Articles) != want || err != nil {
			t.Errorf("page %d has %d articles, %v; want %d", i+1, len(p.Articles), err, want)
		}
	}
}

// README.md tells operators who put a copy back how to keep it from giving numbers again.
func TestAnOperatorMayRaiseTheNumbersOfPages(t *testing.T) {
	path := filepath.Join(t.TempDir(), "newswire.db")
	s := openFile(t, path)
	a := numbered(1)
	err := s.write(t.Context(), func(t *tx) error { return t.enlist(newswire.All, 1, a.ID) })
	if err != nil {
		t.Fatal(err)
	}
	if newest, err := cache.Close(t.Context(), s, cache.Closing{Topic: newswire.All, Settings: "s", Size: 2}); newest != 1 || err != nil {
		t.Fatalf("Archive = %d, %v; want page 1", newest, err)
	}
	if err := run(path, `UPDATE topics SET pages = pages + 10000`); err != nil {
		t.Fatal(err)
	}
	if newest, err := cache.Close(t.Context(), s, cache.Closing{Topic: newswire.All, Settings: "other settings", Size: 2}); newest != 10002 || err != nil {
		t.Errorf("Archive = %d, %v; want page 10002", newest, err)
	}
	if p, err := s.Archived(t.Context(), newswire.All, 10001); len(p.Articles) != 0 || err != nil {
		t.Errorf("page 10001 = %v, %v; want it to be one that was retired", p, err)
	}
}
