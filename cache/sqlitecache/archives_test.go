package sqlitecache

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
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

func TestPagesOfAnEarlierVersionStandAsTheyWere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "old.db")
	script := scriptOf(t, 15) + `INSERT INTO topics (topic, articles, changed, pages, settings) VALUES ('category/c1', 1, 1, 0, ''), ('all', 3, 7, 9, 's');`
	for n := range 3 {
		a := numbered(n)
		body, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		script += fmt.Sprintf(`
			INSERT INTO articles (article, source, revision, digest, listed, topics) VALUES ('%s', 'a', 1, '', %d, '["all"]');
			INSERT INTO texts (article, body) VALUES ('%[1]s', '%[3]s');
			INSERT INTO listings (topic, listed, article, page) VALUES ('all', %[2]d, '%[1]s', %[4]d);`, a.ID, a.Listed.UnixMilli(), body, 8+n/2)
	}
	if err := run(path, script); err != nil {
		t.Fatal(err)
	}
	s := openFile(t, path)
	for page, want := range map[int][]string{8: {numbered(1).ID, numbered(0).ID}, 9: {numbered(2).ID}} {
		p, err := s.Archived(t.Context(), newswire.All, page)
		var got []string
		for _, a := range p.Articles {
			got = append(got, a.ID)
		}
		if err != nil || !slices.Equal(got, want) || p.Settings != "s" {
			t.Errorf("page %d has %v, settings %q, %v; want %v", page, got, p.Settings, err, want)
		}
	}
	all, _, err := s.Topics(t.Context(), newswire.KindAll, "", 10)
	if err != nil || len(all) != 1 || all[0].Articles != 3 || all[0].Changed.UnixMilli() != 7 {
		t.Errorf("Topics = %+v, %v; want all, with 3 articles", all, err)
	}
	if _, err := s.Withdraw(t.Context(), numbered(0).ID, "a mistake"); err != nil {
		t.Fatal(err)
	}
	if p, err := s.Archived(t.Context(), newswire.All, 8); err != nil || len(p.Articles) != 0 {
		t.Errorf("page 8 has %d articles after one was withdrawn, %v; want it retired", len(p.Articles), err)
	}
}

// README.md tells operators who put a copy back how to keep it from giving numbers again.
func TestAnOperatorMayRaiseTheNumbersOfPages(t *testing.T) {
	path := filepath.Join(t.TempDir(), "newswire.db")
	s := openFile(t, path)
	a := numbered(1)
	err := s.write(t.Context(), func(t *tx) error { return t.enlist(a.ID, 1, newswire.All) })
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
