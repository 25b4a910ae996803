package rediscache

import (
	"slices"
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
