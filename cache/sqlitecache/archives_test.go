package sqlitecache

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"testing"
	"time"

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

// The articles are all listed at one time, so that their IDs alone make their order.
func TestWhatIsInNoPageOfAnEarlierVersionComesIntoPages(t *testing.T) {
	path := filepath.Join(t.TempDir(), "old.db")
	var ids []string
	for n := range 5 {
		ids = append(ids, numbered(n).ID)
	}
	slices.Sort(ids)
	script := scriptOf(t, 17) + `INSERT INTO topics (topic, articles, pages, settings) VALUES ('all', 5, 9, 's'), ('category/c1', 2, 0, '');`
	for i, page := range []int{8, 0, 9, 0, 0} { // the second came in late
		body, err := json.Marshal(newswire.Article{ID: ids[i], Source: "a"})
		if err != nil {
			t.Fatal(err)
		}
		script += fmt.Sprintf(`
			INSERT INTO articles (article, source, revision, digest, listed, topics) VALUES ('%s', 'a', 1, '', 7, '["all"]');
			INSERT INTO texts (article, body) VALUES ('%[1]s', '%[2]s');
			INSERT INTO listings (topic, listed, article, page) VALUES (1, 7, '%[1]s', %[3]d);`, ids[i], body, page)
		if i < 2 {
			script += fmt.Sprintf(`INSERT INTO listings (topic, listed, article) VALUES (2, 7, '%s');`, ids[i])
		}
	}
	if err := run(path, script); err != nil {
		t.Fatal(err)
	}
	s := openFile(t, path)
	checkPlaces(t, s)
	for topic, newest := range map[newswire.Topic]int{newswire.All: 11, newswire.CategoryTopic("c1"): 1} {
		if n, err := cache.Close(t.Context(), s, cache.Closing{Topic: topic, Settings: "s", Size: 2}); n != newest || err != nil {
			t.Fatalf("Archive of %s = %d, %v; want page %d", topic, n, err, newest)
		}
	}
	for page, want := range map[int][]string{8: {ids[0]}, 9: {ids[2]}, 10: {ids[3], ids[1]}, 11: {ids[4]}} {
		p, err := s.Archived(t.Context(), newswire.All, page)
		var got []string
		for _, a := range p.Articles {
			got = append(got, a.ID)
		}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("page %d has %v, %v; want %v", page, got, err, want)
		}
	}
	checkPlaces(t, s)
}

// checkPlaces checks that just the places behind all that was closed are out of the index of pages.
func checkPlaces(t *testing.T, s *Store) {
	t.Helper()
	var wrong int
	err := s.pool.QueryRowContext(t.Context(), `SELECT count(*) FROM listings l JOIN topics t ON t.id = l.topic
		WHERE (l.page IS NULL) <> (t.closed_listed IS NULL OR (l.listed, l.article) > (t.closed_listed, t.closed_article))`).Scan(&wrong)
	if err != nil || wrong != 0 {
		t.Errorf("%d listings are wrongly in the index of pages, or wrongly out of it: %v", wrong, err)
	}
}

func TestPlacesBehindAllPagesStayOutOfTheirIndex(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "newswire.db"), Options{Hasty: true})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	random := rand.New(rand.NewPCG(3, 4))
	for step := range 60 {
		var articles []newswire.Article
		for range 1 + random.IntN(8) { // new ones, late ones, and some again with another revision
			a := numbered(random.IntN(300))
			a.Revision = 1 + step
			a.Listed = time.UnixMilli(int64(random.IntN(10 + step))).UTC()
			articles = append(articles, a)
		}
		recordArticles(t, s, articles...)
		checkPlaces(t, s)
		page, err := s.Articles(t.Context(), cache.Query{Topic: newswire.All, Limit: 5})
		if err != nil {
			t.Fatal(err)
		}
		closing := cache.Closing{Topic: newswire.All, Settings: fmt.Sprint(step / 25), Size: 4, After: page.Next}
		if random.IntN(5) == 0 {
			closing.After = ""
		}
		if closing.After == "" && page.Next != "" && step%2 == 0 {
			if _, err := s.Withdraw(t.Context(), page.Articles[0].ID, "a mistake"); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := cache.Close(t.Context(), s, closing); err != nil {
			t.Fatal(err)
		}
		checkPlaces(t, s)
		if n := inNoPage(t, s, closing); n != 0 {
			t.Fatalf("step %d: %d articles after %q are in no page of the archive", step, n, closing.After)
		}
	}
}

// inNoPage counts the articles that closing pages was to put in one and did not.
func inNoPage(t *testing.T, s *Store, c cache.Closing) (n int) {
	t.Helper()
	listed, article, err := parseListingCursor(c.After)
	if err != nil {
		t.Fatal(err)
	}
	err = s.pool.QueryRowContext(t.Context(), `SELECT count(*) FROM listings WHERE topic = `+topicID+`
		AND coalesce(page, 0) = 0 AND (listed, article) < (?2, ?3)`, c.Topic, listed, article).Scan(&n)
	if err != nil {
		t.Fatal(err)
	}
	return n
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
