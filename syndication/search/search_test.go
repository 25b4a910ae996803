package search_test

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/webtest"
	"github.com/newswire/newswire/syndication/search"
)

// running is an index that follows a store until it is stopped.
type running struct {
	*search.Index
	changes atomic.Int32
	stop    func()
}

func run(t *testing.T, path string, store search.Store) *running {
	t.Helper()
	r := &running{}
	index, err := search.Open(t.Context(), path, store, search.Options{
		Poll: 2 * time.Millisecond, Changed: func(bool) { r.changes.Add(1) },
	})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- index.Run(ctx) }()
	stopped := false
	r.Index, r.stop = index, func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if err := <-done; !errors.Is(err, context.Canceled) {
			t.Errorf("Run returned %v", err)
		}
		if err := index.Close(); err != nil {
			t.Error(err)
		}
	}
	t.Cleanup(r.stop)
	webtest.Until(t, "the index is made", index.Complete)
	return r
}

// guids are the guids of what a query finds, newest first.
func (r *running) guids(t *testing.T, query string) string {
	t.Helper()
	q, err := search.Parse(query)
	if err != nil {
		t.Fatal(err)
	}
	found, err := r.Find(t.Context(), search.Wanted{Query: q, Limit: 10})
	if errors.Is(err, search.ErrFilling) {
		return "not all is known"
	}
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]string{}
	for _, guid := range []string{"a", "b", "c", "d", "e", "f"} {
		names[newswire.ArticleID("dsb", guid)] = guid
	}
	var guids []string
	for i := range found.Articles {
		guids = append(guids, names[found.Articles[i].ID])
	}
	return strings.Join(guids, " ")
}

func (r *running) becomes(t *testing.T, query, want string) {
	t.Helper()
	webtest.Until(t, fmt.Sprintf("%q finds %q", query, want), func() bool { return r.guids(t, query) == want })
}

// article is one with a title and a text.
func article(guid, clock, title, content string) newswire.Article {
	a := webtest.Article(guid, webtest.At(clock))
	a.Title, a.Summary, a.Content = title, "", content
	a.Rights.Policy = newswire.PolicyFull
	return a
}

func samples() []newswire.Article {
	reis := article("c", "11:00:00.000", "Storm over Zürich", "<p>It will not <b>snow</b>, says the city council.</p>")
	reis.Authors = []newswire.Person{{ID: "ana", Name: "Ana Reis"}}
	return []newswire.Article{
		article("a", "09:00:00.000", "Rain tomorrow", "<p>The city will be wet.</p>"),
		article("b", "10:00:00.000", "Snow and rain", "<p>The council of the city met.</p>"),
		reis,
		article("d", "12:00:00.000", "東京都の芯片", "<p>人工智能芯片，越南。</p>"),
	}
}

func TestArticlesAreFoundByTheirWords(t *testing.T) {
	r := run(t, filepath.Join(t.TempDir(), "search"), webtest.NewShop(samples()...))
	for query, want := range map[string]string{
		"rain": "b a", "RAIN snow": "b", "rain -snow": "a", "snow": "c b", "title:snow": "b",
		`"city council"`: "c", "city council": "c b", "author:reis": "c", "reis": "c", "author:rain": "",
		"zurich": "c", "Zürich": "c", "Ｚürich": "c", "tomor*": "a", "tomor": "",
		"東京": "d", "京都": "d", "芯片": "d", "智能": "d", "能智": "", "越": "d", "南": "d", "東": "d", "片": "d", "金江": "d b a",
		"nothing": "", "b>": "", `"snow says"`: "c", `"says snow"`: "", `"snow says the cit"*`: "c", `"snow and"`: "b", `snow -"snow and"`: "c",
		`title:"snow and"`: "b", `title:"snow says"`: "", `author:"ana reis"`: "c", `author:"reis ana"`: "", `"reis storm"`: "",
		`-"city council" city`: "b a", "東京都": "d", "京東": "", "東京都の芯片": "d", "title:東京都": "d", "title:越南": "", "-東京都 越": "",
	} {
		if got := r.guids(t, query); got != want {
			t.Errorf("%s finds %q, want %q", query, got, want)
		}
	}
}

func TestChangesAreFoundSoonAndWhatIsGoneIsNot(t *testing.T) {
	store := webtest.NewShop(samples()...)
	r := run(t, filepath.Join(t.TempDir(), "search"), store)
	webtest.Until(t, "Changed is called for the index that was made", func() bool { return r.changes.Load() > 0 })
	before := r.changes.Load()
	store.Put(article("e", "13:00:00.000", "More rain", ""), webtest.At("13:00:00.000"))
	r.becomes(t, "rain", "e b a")
	webtest.Until(t, "Changed is called for the other article", func() bool { return r.changes.Load() > before })
	edited := article("e", "13:00:00.000", "Less sun", "")
	edited.Revision = 2
	store.Put(edited, webtest.At("13:01:00.000"))
	r.becomes(t, "sun", "e")
	r.becomes(t, "rain", "b a")
	store.Withdraw(newswire.ArticleID("dsb", "b"), webtest.At("13:02:00.000"))
	r.becomes(t, "rain", "a")
	held := article("a", "09:00:00.000", "Rain tomorrow", "")
	held.Held = "words"
	store.Put(held, webtest.At("13:03:00.000"))
	r.becomes(t, "rain", "")
}

// TestNobodyFindsWhatReadersDoNotSee looks for the words of texts that rights keep back.
func TestNobodyFindsWhatReadersDoNotSee(t *testing.T) {
	long := strings.Repeat("<p>Words that say little but take their room. </p>", 40) + "<p>zanzibar</p>"
	var articles []newswire.Article
	for guid, policy := range map[string]newswire.Policy{"a": newswire.PolicyFull, "b": newswire.PolicyExcerpt, "c": newswire.PolicyTitle} {
		a := article(guid, "09:00:00.000", "Of "+guid, "<p>beginning</p>"+long)
		a.Rights.Policy, a.Rights.Partners = policy, newswire.PolicyFull
		articles = append(articles, a)
	}
	r := run(t, filepath.Join(t.TempDir(), "search"), webtest.NewShop(articles...))
	if got := r.guids(t, "zanzibar"); got != "a" {
		t.Errorf("the end of a text is found in %q, want a", got)
	}
	if got := strings.Fields(r.guids(t, "beginning")); len(got) != 2 || slices.Contains(got, "c") {
		t.Errorf("the beginning of a text is found in %q, want a and b", got)
	}
}

// TestPagesAreInTheOrderOfListings has many articles of one moment, which come in any order.
func TestPagesAreInTheOrderOfListings(t *testing.T) {
	var articles []newswire.Article
	for i := range 60 {
		a := webtest.Article(fmt.Sprint("n", i), webtest.At("08:00:00.000").Add(time.Duration(i/20)*300*time.Millisecond))
		a.Title = "Rain"
		articles = append(articles, a)
	}
	var want []string
	for _, a := range slices.SortedFunc(slices.Values(articles), func(a, b newswire.Article) int {
		return cmp.Or(b.Listed.Compare(a.Listed), strings.Compare(b.ID, a.ID))
	}) {
		want = append(want, a.ID)
	}
	for seed := range uint64(3) {
		store := webtest.NewShop()
		r := run(t, filepath.Join(t.TempDir(), "search"), store)
		rand.New(rand.NewPCG(seed, 1)).Shuffle(len(articles), func(i, j int) { articles[i], articles[j] = articles[j], articles[i] })
		for _, a := range articles {
			store.Put(a, a.Listed)
		}
		webtest.Until(t, "all are found", func() bool { return len(r.all(t, "rain", 100)) == len(articles) })
		for _, limit := range []int{1, 4, 19, 60} {
			if got := r.all(t, "rain", limit); !slices.Equal(got, want) {
				t.Errorf("in pages of %d: %v, want %v", limit, got, want)
			}
		}
	}
}

// all are the IDs of what a query finds, read in pages.
func (r *running) all(t *testing.T, query string, limit int) (ids []string) {
	t.Helper()
	q, err := search.Parse(query)
	if err != nil {
		t.Fatal(err)
	}
	for w := (search.Wanted{Query: q, Limit: limit}); ; {
		found, err := r.Find(t.Context(), w)
		if err != nil {
			t.Fatal(err)
		}
		for i := range found.Articles {
			ids = append(ids, found.Articles[i].ID)
		}
		if w.After = found.Last; !found.More {
			return ids
		}
	}
}

func TestAnIndexGoesOnAfterARestart(t *testing.T) {
	path, store := filepath.Join(t.TempDir(), "search"), webtest.NewShop(samples()...)
	r := run(t, path, store)
	r.becomes(t, "rain", "b a")
	r.stop()
	calls := store.CallCount()
	store.Put(article("e", "13:00:00.000", "More rain", ""), webtest.At("13:00:00.000"))
	store.Withdraw(newswire.ArticleID("dsb", "a"), webtest.At("13:02:00.000"))
	r = run(t, path, store)
	webtest.Until(t, "both changes were heard", func() bool { return r.changes.Load() > 0 })
	if n := store.CallCount() - calls; n != 2 {
		t.Errorf("the store was asked %d times after two changes", n)
	}
	r.becomes(t, "rain", "e b")
}

func TestAnIndexIsMadeAgain(t *testing.T) {
	path, store := filepath.Join(t.TempDir(), "search"), webtest.NewShop(samples()...)
	run(t, path, store).stop()

	t.Run("when the log was trimmed", func(t *testing.T) {
		store.Put(article("e", "13:00:00.000", "More rain", ""), webtest.At("13:00:00.000"))
		store.Withdraw(newswire.ArticleID("dsb", "a"), webtest.At("13:02:00.000"))
		store.Set(func(s *webtest.Shop) { s.Trimmed = len(s.Log) })
		r := run(t, path, store)
		r.becomes(t, "rain", "e b")
		r.stop()
	})
	t.Run("when it is damaged", func(t *testing.T) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		for i := 100; i < len(data); i++ {
			data[i] ^= 0xff
		}
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		r := run(t, path, store)
		r.becomes(t, "rain", "e b")
		r.stop()
	})
	t.Run("but not in place of another program's file", func(t *testing.T) {
		other := filepath.Join(t.TempDir(), "notes")
		if err := os.WriteFile(other, []byte(strings.Repeat("my notes\n", 100)), 0o600); err != nil {
			t.Fatal(err)
		}
		if _, err := search.Open(t.Context(), other, store, search.Options{}); err == nil || !strings.Contains(err.Error(), "another program") {
			t.Errorf("error %v", err)
		}
		if data, err := os.ReadFile(other); err != nil || !strings.HasPrefix(string(data), "my notes") {
			t.Errorf("the file is now %.20q, %v", data, err)
		}
	})
}

func TestNothingIsFoundBeforeAllIsKnown(t *testing.T) {
	store := webtest.NewShop(samples()...)
	store.Set(func(s *webtest.Shop) { s.Broken = errors.New("away") })
	index, err := search.Open(t.Context(), filepath.Join(t.TempDir(), "search"), store, search.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer index.Close()
	q, err := search.Parse("rain")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := index.Find(t.Context(), search.Wanted{Query: q, Limit: 1}); !errors.Is(err, search.ErrFilling) {
		t.Errorf("error %v, want ErrFilling", err)
	}
}

// TestEveryStoreHasTheSameIndex fills an index from two stores, in two orders.
func TestEveryStoreHasTheSameIndex(t *testing.T) {
	articles := samples()
	one := run(t, filepath.Join(t.TempDir(), "search"), webtest.NewShop(articles...))
	slices.Reverse(articles)
	real := webtest.OpenStore(t)
	two := run(t, filepath.Join(t.TempDir(), "search"), real)
	for _, a := range articles {
		webtest.Record(t, real, "dsb", a)
	}
	for _, query := range []string{"rain", "city", "東京", "金江", "snow"} {
		two.becomes(t, query, one.guids(t, query))
	}
}

// TestAPhraseThatFewArticlesHaveIsLookedForInParts has many articles that have the words, and one, the oldest, that has them
// one after the other.
func TestAPhraseThatFewArticlesHaveIsLookedForInParts(t *testing.T) {
	articles := []newswire.Article{article("a", "00:00:00.000", "City council", "")}
	for i := range 1200 {
		a := webtest.Article(fmt.Sprint("n", i), webtest.At("08:00:00.000").Add(time.Duration(i)*time.Second))
		a.Title = "Council of the city"
		articles = append(articles, a)
	}
	store := webtest.NewShop(articles...)
	r := run(t, filepath.Join(t.TempDir(), "search"), store)
	q, err := search.Parse(`"city council"`)
	if err != nil {
		t.Fatal(err)
	}
	before := store.CallCount()
	found, err := r.Find(t.Context(), search.Wanted{Query: q, Limit: 50})
	if err != nil || len(found.Articles) != 0 || !found.More {
		t.Errorf("the first part: %d articles, more: %v, %v; want none, and that there may be more", len(found.Articles), found.More, err)
	}
	if read := store.CallCount() - before; read > 500 {
		t.Errorf("%d articles were read for one part", read)
	}
	if got, want := r.all(t, `"city council"`, 50), []string{newswire.ArticleID("dsb", "a")}; !slices.Equal(got, want) {
		t.Errorf("in parts it is found in %v, want %v", got, want)
	}
}
