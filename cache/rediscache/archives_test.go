package rediscache

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/rediscache/redistest"
)

// shelve closes pages of two of everything, and returns how many articles each page has.
func shelve(t *testing.T, s *Store) (lengths []int) {
	t.Helper()
	newest, err := cache.Close(t.Context(), s, cache.Closing{Topic: newswire.All, Settings: "s", Size: 2})
	if err != nil {
		t.Fatal(err)
	}
	for n := 1; n <= newest; n++ {
		p, err := s.Archived(t.Context(), newswire.All, n)
		if err != nil {
			t.Fatal(err)
		}
		lengths = append(lengths, len(p.Articles))
	}
	return lengths
}

func equalLengths(t *testing.T, what string, got []int, want ...int) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("%s: pages of %v articles, want %v", what, got, want)
	}
}

func TestWhatWasListedBeforeThereWereArchivesComesIntoPages(t *testing.T) {
	srv := redistest.Start(t, redistest.Options{})
	s := open(t, srv.URL())
	recordVisit(t, s, claim(t, s, "a"), firstArticles("a", 3)...)
	all := s.keys.topic(newswire.All)
	if err := s.client.Del(t.Context(), all.pages, all.versions).Err(); err != nil {
		t.Fatal(err)
	}
	equalLengths(t, "at first", shelve(t, s), 2, 1)
	equalLengths(t, "read again", shelve(t, s), 2, 1)
	// The versions that were found when the pages were read are theirs.
	revised := article("a", 0)
	revised.Revision, revised.Title = 2, "Another title"
	recordVisit(t, s, claim(t, s, "a"), revised)
	equalLengths(t, "with the first revised", shelve(t, s), 0, 1, 2)
}

// A process of an earlier version may go on for a while beside a new one. It knows nothing of pages.
func TestWhatAnEarlierVersionListsAndUnlistsIsNoticed(t *testing.T) {
	srv := redistest.Start(t, redistest.Options{})
	s := open(t, srv.URL())
	recordVisit(t, s, claim(t, s, "a"), firstArticles("a", 4)...)
	equalLengths(t, "at first", shelve(t, s), 2, 2)

	all, k := s.keys.topic(newswire.All), s.keys.source("a")
	gone := article("a", 0)
	pipe := s.client.Pipeline()
	pipe.ZRem(t.Context(), all.listing, member(gone.Listed, gone.ID))
	pipe.HDel(t.Context(), k.articles, gone.ID)
	pipe.HDel(t.Context(), k.known, gone.ID)
	if _, err := pipe.Exec(t.Context()); err != nil {
		t.Fatal(err)
	}
	equalLengths(t, "with one gone", shelve(t, s), 0, 2, 1)

	if err := s.client.ZRem(t.Context(), all.pages, member(article("a", 3).Listed, article("a", 3).ID)).Err(); err != nil {
		t.Fatal(err)
	}
	equalLengths(t, "with one that was listed without a word", shelve(t, s), 0, 1, 1, 1)
}

// openly lists six articles of everything in the order in which they are listed, of which none is in a page, and returns their members.
func openly(t *testing.T, s *Store) (members []any) {
	t.Helper()
	list := firstArticles("a", 6)
	recordVisit(t, s, claim(t, s, "a"), list...)
	for i := range list {
		members = append(members, member(list[i].Listed, list[i].ID))
	}
	all := s.keys.topic(newswire.All)
	if n, err := s.client.Exists(t.Context(), all.pages, all.versions).Result(); err != nil || n != 0 {
		t.Fatalf("%d keys of pages, %v, want none before there are any", n, err)
	}
	return members
}

// bounded fails where there is anything among the pages but the first so many members.
func bounded(t *testing.T, s *Store, members []any, want int) {
	t.Helper()
	all := s.keys.topic(newswire.All)
	among := s.client.ZRange(t.Context(), all.pages, 0, -1).Val()
	var first []string
	for _, m := range members[:want] {
		first = append(first, m.(string))
	}
	slices.Sort(among)
	if bound := s.client.HGet(t.Context(), all.guard, "bound").Val(); !slices.Equal(among, first) || bound != members[want-1] {
		t.Errorf("up to the bound %s there are %q among the pages, want %q", bound, among, first)
	}
}

// earlier does what an earlier version does that has each listed member among the pages, and closes one of members.
func earlier(t *testing.T, s *Store, members, page []any) {
	t.Helper()
	all := s.keys.topic(newswire.All)
	for _, m := range members {
		s.client.ZAddNX(t.Context(), all.pages, redis.Z{Member: m})
	}
	number := s.client.HIncrBy(t.Context(), all.guard, "pages", 1).Val()
	for _, m := range page {
		s.client.ZAdd(t.Context(), all.pages, redis.Z{Member: m, Score: float64(number)})
	}
	if err := s.client.HSet(t.Context(), all.guard, "settings", "s").Err(); err != nil {
		t.Fatal(err)
	}
}

func TestPagesOfAnEarlierVersionStand(t *testing.T) {
	s := open(t, redistest.Start(t, redistest.Options{}).URL())
	members := openly(t, s)
	earlier(t, s, members, members[1:3])
	equalLengths(t, "after one page of an earlier version", shelve(t, s), 2, 2, 2)
	bounded(t, s, members, 6)
}

func TestAnEarlierVersionMayCloseAPageMeanwhile(t *testing.T) {
	s := open(t, redistest.Start(t, redistest.Options{}).URL())
	members := openly(t, s)
	after := cache.Closing{Topic: newswire.All, Settings: "s", Size: 2, After: newswire.Cursor(members[2].(string))}
	if newest, err := cache.Close(t.Context(), s, after); err != nil || newest != 1 {
		t.Fatalf("newest page %d, %v, want 1", newest, err)
	}
	bounded(t, s, members, 2)
	earlier(t, s, members, members[2:4])
	if newest, err := cache.Close(t.Context(), s, after); err != nil || newest != 2 {
		t.Fatalf("newest page %d, %v, want that of the earlier version", newest, err)
	}
	bounded(t, s, members, 6)
	equalLengths(t, "in the end", shelve(t, s), 2, 2, 2)
}

func TestAPageHasItsVersionsInOneValue(t *testing.T) {
	s := open(t, redistest.Start(t, redistest.Options{}).URL())
	members := openly(t, s)
	equalLengths(t, "at first", shelve(t, s), 2, 2, 2)
	all := s.keys.topic(newswire.All)
	if fields := s.client.HKeys(t.Context(), all.versions).Val(); len(fields) != 3 {
		t.Errorf("versions have %q, want a field for each page", fields)
	}
	// An earlier version has them by member.
	noted := s.client.HGet(t.Context(), all.versions, "#1").Val()
	for i, version := range strings.Fields(noted) {
		s.client.HSet(t.Context(), all.versions, members[i], version)
	}
	if n, err := s.client.HDel(t.Context(), all.versions, "#1").Result(); err != nil || n != 1 {
		t.Fatalf("%d fields, %v, want one", n, err)
	}
	equalLengths(t, "with those of an earlier version", shelve(t, s), 2, 2, 2)
	same := backlog{}
	for _, n := range []int{1, 3} {
		a := article("a", n)
		k := newKnown(&a)
		same[a.ID] = new(k.pending(&a))
	}
	if _, err := s.list(t.Context(), "a", noToken, same); err != nil {
		t.Fatal(err)
	}
	equalLengths(t, "with two listed again as they were", shelve(t, s), 2, 2, 2)
	for _, n := range []int{1, 3} {
		revised := article("a", n)
		revised.Revision, revised.Title = 2, "Another title"
		recordVisit(t, s, claim(t, s, "a"), revised)
	}
	equalLengths(t, "with two revised", shelve(t, s), 0, 0, 2, 2, 2)
	if n := s.client.HExists(t.Context(), all.versions, "#2").Val(); n {
		t.Error("a page that was retired still has versions")
	}
}

// What comes in below the bound goes into the next page, as what a retired page leaves.
func TestAnArticleThatIsListedLateComesIntoAPage(t *testing.T) {
	s := open(t, redistest.Start(t, redistest.Options{}).URL())
	list := firstArticles("a", 4)
	recordVisit(t, s, claim(t, s, "a"), list[0], list[2], list[3])
	equalLengths(t, "at first", shelve(t, s), 2, 1)
	recordVisit(t, s, claim(t, s, "a"), list...)
	equalLengths(t, "with one between them", shelve(t, s), 2, 1, 1)
}

// One that passes limits late takes an article out only where it is listed in the version that it has seen.
func TestAVersionIsNotedWhereALimitIsAhead(t *testing.T) {
	s := open(t, redistest.Start(t, redistest.Options{}).URL())
	a := firstArticles("a", 1)[0]
	a.Rights.Until = time.Now().Add(time.Hour)
	recordVisit(t, s, claim(t, s, "a"), a)
	k := newKnown(&a)
	late := k.pending(&a)
	late.Op, late.Passed, late.Hidden = newswire.Remove, true, true
	for topic := range late.Topics {
		late.Topics[topic] = false
	}
	a.Revision, a.Title, a.Rights.Until = 2, "Another title", time.Time{}
	recordVisit(t, s, claim(t, s, "a"), a)
	if _, err := s.list(t.Context(), "a", noToken, backlog{a.ID: &late}); err != nil {
		t.Fatal(err)
	}
	if found := listed(t, s, newswire.All); len(found) != 1 {
		t.Errorf("%d articles are listed, want the one whose limit is no more", len(found))
	}
}

// README.md tells operators who put a copy back how to keep it from giving numbers again.
func TestAnOperatorMayRaiseTheNumbersOfPages(t *testing.T) {
	srv := redistest.Start(t, redistest.Options{})
	s := open(t, srv.URL())
	recordVisit(t, s, claim(t, s, "a"), firstArticles("a", 2)...)
	equalLengths(t, "at first", shelve(t, s), 2)
	keys, err := s.client.Keys(t.Context(), "newswire:*:guard").Result()
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		if err := s.client.HIncrBy(t.Context(), key, "pages", 10000).Err(); err != nil {
			t.Fatal(err)
		}
	}
	if newest, err := cache.Close(t.Context(), s, cache.Closing{Topic: newswire.All, Settings: "other settings", Size: 2}); newest != 10002 || err != nil {
		t.Errorf("Archive = %d, %v; want page 10002", newest, err)
	}
	if p, err := s.Archived(t.Context(), newswire.All, 10001); len(p.Articles) != 0 || err != nil {
		t.Errorf("page 10001 = %v, %v; want it to be one that was retired", p, err)
	}
}

func TestAPlaceWithoutItsArticleRetiresItsPageOnceItIsRead(t *testing.T) {
	srv := redistest.Start(t, redistest.Options{})
	s := open(t, srv.URL())
	recordVisit(t, s, claim(t, s, "a"), firstArticles("a", 2)...)
	stray := member(article("a", 1).Listed.Add(-time.Hour), article("a", 1).ID)
	if err := s.client.ZAdd(t.Context(), s.keys.topic(newswire.All).listing, redis.Z{Member: stray}).Err(); err != nil {
		t.Fatal(err)
	}
	equalLengths(t, "with a stray place", shelve(t, s), 0, 1)
	equalLengths(t, "once it was found", shelve(t, s), 0, 1, 1)
}
