package rediscache

import (
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/rediscache/redistest"
)

// setPlain has the articles of source a stand in the store as an earlier version wrote them.
func setPlain(t *testing.T, s *Store, articles ...newswire.Article) {
	t.Helper()
	k := s.keys.source("a")
	for _, a := range articles {
		text, err := json.Marshal(a)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.client.HSet(t.Context(), k.articles, a.ID, text).Err(); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.client.Del(t.Context(), k.dictionaries).Err(); err != nil {
		t.Fatal(err)
	}
}

func TestTextsOfAnEarlierVersionAreReadAndCompressedWhenTheyAreWrittenAgain(t *testing.T) {
	srv := redistest.Start(t, redistest.Options{})
	writer := open(t, srv.URL())
	old := long(4)
	for i := range old {
		old[i].Offer = "first"
	}
	old[3].Rights.Until = time.Now().Add(time.Hour).Truncate(time.Millisecond).UTC()
	recordVisit(t, writer, claim(t, writer, "a"), old...)
	setPlain(t, writer, old...)

	s := open(t, srv.URL()) // which has no frame in memory
	ctx := t.Context()
	for _, want := range old {
		got, err := s.Article(ctx, want.ID)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("Article: %v (-want +got):\n%s", err, diff)
		}
	}
	if got := listed(t, s, newswire.All); len(got) != len(old) {
		t.Errorf("%d articles are listed, want %d", len(got), len(old))
	}
	if _, _, err := s.Archive(ctx, cache.Closing{Topic: newswire.All, Size: 2}); err != nil {
		t.Fatal(err)
	}
	if page, err := s.Archived(ctx, newswire.All, 1); err != nil || len(page.Articles) != 2 {
		t.Errorf("a page of the archive has %d articles, %v; want 2", len(page.Articles), err)
	}
	if stone, err := s.Withdraw(ctx, old[2].ID, "a mistake"); err != nil || stone.AtomID != old[2].AtomID {
		t.Errorf("Withdraw = %+v, %v", stone, err)
	}
	revised := old[1]
	revised.Revision, revised.Offer = 2, "second"
	recordVisit(t, s, claim(t, s, "a"), revised)
	was, err := s.Revisions(ctx, revised.ID)
	if err != nil || len(was) != 1 || !cmp.Equal(was[0], old[1]) {
		t.Errorf("after the article was revised, Revisions = %v, %v; want it as it was", was, err)
	}
	k := s.keys.source("a")
	text, err := s.client.HGet(ctx, k.articles, revised.ID).Result()
	if err != nil || len(text) > 600 {
		t.Errorf("the revised article takes %d bytes, %v; want it compressed", len(text), err)
	}
	if got, err := open(t, srv.URL()).Article(ctx, revised.ID); err != nil || !cmp.Equal(got, revised) {
		t.Errorf("the revised article, read by another process: %+v, %v", got, err)
	}
}

func TestALimitThatPassesCompressesATextOfAnEarlierVersion(t *testing.T) {
	srv := redistest.Start(t, redistest.Options{})
	writer := open(t, srv.URL())
	a := long(1)[0]
	a.Rights.Until = time.Now().Add(time.Hour).Truncate(time.Millisecond).UTC()
	recordVisit(t, writer, claim(t, writer, "a"), a)
	setPlain(t, writer, a)
	s := open(t, srv.URL())
	text, err := s.client.HGet(t.Context(), s.keys.source("a").articles, a.ID).Result()
	if err != nil {
		t.Fatal(err)
	}
	args, err := s.passArgs(t.Context(), []string{a.ID, text}, a.Rights.Until)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.call(t.Context(), passScript, s.keys.source("a").all(), args...); err != nil {
		t.Fatal(err)
	}
	got, err := open(t, srv.URL()).Article(t.Context(), a.ID)
	a.Phase = newswire.Expired
	if diff := cmp.Diff(a, got); err != nil || diff != "" {
		t.Errorf("after its limit passed: %v (-want +got):\n%s", err, diff)
	}
	if n, err := s.client.HLen(t.Context(), s.keys.source("a").dictionaries).Result(); err != nil || n != 1 {
		t.Errorf("%d dictionaries, %v; want the one that the article was compressed with", n, err)
	}
}

// A server that was put back from a copy, or was emptied, lacks what a process has in memory.
func TestADictionaryComesBackWithTheNextArticle(t *testing.T) {
	srv := redistest.Start(t, redistest.Options{})
	s := open(t, srv.URL())
	recordVisit(t, s, claim(t, s, "a"), long(2)...)
	if err := s.client.FlushAll(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}
	recordVisit(t, s, claim(t, s, "a"), long(2)...)
	if got := listed(t, open(t, srv.URL()), newswire.All); len(got) != 2 {
		t.Errorf("another process reads %d articles, want 2", len(got))
	}
}

func TestADamagedTextIsAnErrorThatNamesItsArticle(t *testing.T) {
	srv := redistest.Start(t, redistest.Options{})
	a := long(1)[0]
	for name, damage := range map[string]func(s *Store, text string) error{
		"cut off": func(s *Store, text string) error {
			return s.client.HSet(t.Context(), s.keys.source("a").articles, a.ID, text[:len(text)/2]).Err()
		},
		"neither": func(s *Store, text string) error {
			return s.client.HSet(t.Context(), s.keys.source("a").articles, a.ID, "\x00\xff").Err()
		},
		"says it has 4 GB": func(s *Store, text string) error {
			huge := "\x28\xb5\x2f\xfd\xa3" + text[5:9] + "\xff\xff\xff\xff\x01"
			return s.client.HSet(t.Context(), s.keys.source("a").articles, a.ID, huge).Err()
		},
		"without dictionary": func(s *Store, text string) error {
			return s.client.Del(t.Context(), s.keys.source("a").dictionaries).Err()
		},
	} {
		writer := open(t, srv.URL()+"?prefix="+strings.ReplaceAll(name, " ", "-"))
		recordVisit(t, writer, claim(t, writer, "a"), a)
		s := open(t, srv.URL()+"?prefix="+strings.ReplaceAll(name, " ", "-"))
		text, err := s.client.HGet(t.Context(), s.keys.source("a").articles, a.ID).Result()
		if err != nil {
			t.Fatal(err)
		}
		if err := damage(s, text); err != nil {
			t.Fatal(err)
		}
		_, err = s.Article(t.Context(), a.ID)
		_, pageErr := s.Articles(t.Context(), cache.Query{Topic: newswire.All, Limit: 1})
		for _, err := range []error{err, pageErr} {
			if err == nil || !strings.Contains(err.Error(), "the text of article "+a.ID+" is damaged: put back a copy") {
				t.Errorf("%s: error %v; want it to name the article and what to do", name, err)
			}
		}
		if _, err := s.Withdraw(t.Context(), a.ID, "a mistake"); err != nil {
			t.Errorf("%s: Withdraw = %v", name, err)
		}
	}
}

func TestNoWordOfAWithdrawnArticleIsInTheServer(t *testing.T) {
	srv := redistest.Start(t, redistest.Options{})
	s := open(t, srv.URL())
	const word = "Regrettable"
	all := long(2)
	a := &all[0] // the first of its source: it makes the dictionary
	a.Title, a.Summary, a.URL, a.Content = word, "<p>"+word+"</p>", "https://example.com/"+word, "<p>"+strings.Repeat(word+" ", 20)+"</p>"
	a.Authors, a.Terms = []newswire.Person{{Name: word}}, []newswire.Term{{Term: word}}
	a.Rights.Statement, a.Upstream, a.Offer = word, &newswire.Publisher{Title: word}, "first"
	recordVisit(t, s, claim(t, s, "a"), all...)
	a.Revision, a.Offer = 2, "second"
	recordVisit(t, s, claim(t, s, "a"), *a)
	k := s.keys.source("a")
	if found := keysWith(t, s, word); !slices.Equal(found, []string{k.articles, k.revisions}) {
		t.Errorf("a word of a stored article is in %v; want it in texts and revisions alone", found)
	}
	if _, err := s.Withdraw(t.Context(), a.ID, "a mistake"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Article(t.Context(), a.ID); !errors.Is(err, newswire.ErrWithdrawn) {
		t.Errorf("Article = %v, want ErrWithdrawn", err)
	}
	if found := keysWith(t, s, word); len(found) > 0 {
		t.Errorf("a word of a withdrawn article is in %v", found)
	}
}

// keysWith are the hashes that have a word in some value, in order.
func keysWith(t *testing.T, s *Store, word string) (found []string) {
	t.Helper()
	keys, err := s.client.Keys(t.Context(), "*").Result()
	if err != nil {
		t.Fatal(err)
	}
	for _, key := range keys {
		kind, err := s.client.Type(t.Context(), key).Result()
		if err != nil {
			t.Fatal(err)
		}
		if kind != "hash" {
			continue
		}
		all, err := s.client.HGetAll(t.Context(), key).Result()
		if err != nil {
			t.Fatal(err)
		}
		for field, value := range all {
			if strings.Contains(field+value, word) {
				found = append(found, key)
				break
			}
		}
	}
	slices.Sort(found)
	return found
}
