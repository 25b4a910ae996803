package rediscache

import (
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/rediscache/redistest"
)

// article is the n-th article of a source, by one of three authors.
func article(source string, n int) newswire.Article {
	guid := fmt.Sprintf("urn:example:%s:%d", source, n)
	at := time.Date(2026, 11, 1, 0, n, 0, 0, time.UTC)
	return newswire.Article{
		ID: newswire.ArticleID(source, guid), Source: source, Revision: 1, GUID: guid, AtomID: guid,
		Title: fmt.Sprint("Article ", n), Published: at, FirstSeen: at, Listed: at,
		Authors: []newswire.Person{{ID: fmt.Sprint("author-", n%3), Name: fmt.Sprint("Author ", n%3)}},
	}
}

// firstArticles are the first n articles of a source.
func firstArticles(source string, n int) []newswire.Article {
	out := make([]newswire.Article, n)
	for i := range out {
		out[i] = article(source, i)
	}
	return out
}

// claim puts a source into the index and takes the lease.
func claim(t testing.TB, s *Store, source string) cache.Lease {
	t.Helper()
	ctx := t.Context()
	due, err := s.Due(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Reschedule(ctx, source, due[source], time.Unix(1, 0)); err != nil {
		t.Fatal(err)
	}
	leases, err := s.Claim(ctx, 1, time.Minute, source)
	if err != nil || len(leases) != 1 {
		t.Fatalf("Claim(%s) = %v, %v, want one lease", source, leases, err)
	}
	return leases[0]
}

func recordVisit(t testing.TB, s *Store, lease cache.Lease, articles ...newswire.Article) {
	t.Helper()
	if err := s.Record(t.Context(), lease, visitOf(lease, articles)); err != nil {
		t.Fatal(err)
	}
}

func visitOf(lease cache.Lease, articles []newswire.Article) newswire.Visit {
	v := newswire.Visit{
		Source: lease.Source, At: lease.At, Articles: articles,
		State: newswire.State{Source: lease.Source, Due: lease.At.Add(time.Hour)},
	}
	for _, a := range articles {
		v.Offered = append(v.Offered, a.ID)
	}
	return v
}

func listed(t testing.TB, s *Store, topic newswire.Topic) []newswire.Article {
	t.Helper()
	p, err := s.Articles(t.Context(), cache.Query{Topic: topic, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	return p.Articles
}

func TestARestartedServerStillHasEverything(t *testing.T) {
	srv := redistest.Start(t, redistest.Options{AppendOnly: true})
	s := open(t, srv.URL())
	lease := claim(t, s, "a")
	recordVisit(t, s, lease, firstArticles("a", 5)...)
	want := listed(t, s, newswire.All)
	head, err := s.Head(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	srv.Restart()

	if diff := cmp.Diff(want, listed(t, s, newswire.All)); diff != "" || len(want) != 5 {
		t.Errorf("listing of %d after the restart (-want +got):\n%s", len(want), diff)
	}
	// The server has lost its scripts, not its data: the change log goes on, and so do the tokens.
	next := claim(t, s, "a")
	if next.Token <= lease.Token {
		t.Errorf("token after the restart is %d, before it was %d", next.Token, lease.Token)
	}
	recordVisit(t, s, next, firstArticles("a", 6)...)
	if changes, err := s.Changes(t.Context(), head, 10); err != nil || len(changes) != 1 {
		t.Errorf("changes after the restart: %v, %v, want the one new article", changes, err)
	}
}

func TestCallsFailWhileTheServerIsAwayAndHealByThemselves(t *testing.T) {
	srv := redistest.Start(t, redistest.Options{AppendOnly: true})
	s := open(t, srv.URL())
	lease := claim(t, s, "a")
	srv.Kill()

	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	calls := map[string]func() error{
		"Ping":     func() error { return s.Ping(ctx) },
		"Articles": func() error { _, err := s.Articles(ctx, cache.Query{Topic: newswire.All, Limit: 1}); return err },
		"Claim":    func() error { _, err := s.Claim(ctx, 1, time.Minute); return err },
		"Record":   func() error { return s.Record(ctx, lease, visitOf(lease, firstArticles("a", 3))) },
	}
	for name, call := range calls {
		var op *net.OpError
		if err := call(); !errors.As(err, &op) || op.Addr.String() != srv.Addr {
			t.Errorf("%s without a server: %v, want a network error that names %s", name, err, srv.Addr)
		}
	}

	srv.Restart()
	for _, name := range []string{"Ping", "Articles", "Record"} {
		if err := calls[name](); err != nil {
			t.Errorf("%s after the server came back: %v", name, err)
		}
	}
	if got := listed(t, s, newswire.All); len(got) != 3 {
		t.Errorf("%d articles listed after the server came back, want 3", len(got))
	}
}

func TestAPlaceWithoutItsArticleIsPassedOverAndTakenOut(t *testing.T) {
	srv := redistest.Start(t, redistest.Options{})
	s := open(t, srv.URL())
	recordVisit(t, s, claim(t, s, "a"), firstArticles("a", 4)...)
	// One whose article went, and one whose article says that it is listed elsewhere.
	gone, moved := article("a", 2), article("a", 3)
	if err := s.client.HDel(t.Context(), s.keys.source("a").articles, gone.ID).Err(); err != nil {
		t.Fatal(err)
	}
	stray := member(moved.Listed.Add(time.Hour), moved.ID)
	if err := s.client.ZAdd(t.Context(), s.keys.topic(newswire.All).listing, redis.Z{Member: stray}).Err(); err != nil {
		t.Fatal(err)
	}
	page, err := s.Articles(t.Context(), cache.Query{Topic: newswire.All, Limit: 2})
	if err != nil {
		t.Fatal(err)
	}
	if len(page.Articles) != 2 || page.Articles[0].ID != moved.ID || page.Articles[1].ID != article("a", 1).ID || page.Next == "" {
		t.Errorf("page of 2 = %v, next %q, want articles 3 and 1 and a cursor", page.Articles, page.Next)
	}
	members, err := s.client.ZRange(t.Context(), s.keys.topic(newswire.All).listing, 0, -1).Result()
	if err != nil || len(members) != 3 {
		t.Errorf("members after the page was read: %q, %v, want the three that have articles", members, err)
	}
}

func TestAPlaceIsNotTakenOutOnceItsListingHasChanged(t *testing.T) {
	srv := redistest.Start(t, redistest.Options{})
	s := open(t, srv.URL())
	recordVisit(t, s, claim(t, s, "a"), firstArticles("a", 1)...)
	all := s.keys.topic(newswire.All)
	version, err := s.client.HGet(t.Context(), all.guard, "version").Result()
	if err != nil {
		t.Fatal(err)
	}
	recordVisit(t, s, claim(t, s, "a"), firstArticles("a", 2)...)
	a := article("a", 0)
	if _, err := s.call(t.Context(), healScript, all.all(), version, "-"+member(a.Listed, a.ID)); err != nil {
		t.Fatal(err)
	}
	if got := listed(t, s, newswire.All); len(got) != 2 {
		t.Errorf("%d articles listed, want 2: a reader's old view took one out", len(got))
	}
}

func TestARepeatedClaimHandsOutTheSameLeases(t *testing.T) {
	srv := redistest.Start(t, redistest.Options{})
	s := open(t, srv.URL())
	for _, source := range []string{"a", "b"} {
		if err := s.Reschedule(t.Context(), source, time.Time{}, time.Unix(1, 0)); err != nil {
			t.Fatal(err)
		}
	}
	keys := append(slices.Clip(s.keys.index), s.keys.claim("nonce"))
	first, err := s.call(t.Context(), claimScript, keys, 1, 60000)
	if err != nil {
		t.Fatal(err)
	}
	again, err := s.call(t.Context(), claimScript, keys, 1, 60000)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(first.Val(), again.Val()); diff != "" {
		t.Errorf("claim sent twice (-first +second):\n%s", diff)
	}
}

func TestTrimmingTakesTheMarksAlong(t *testing.T) {
	srv := redistest.Start(t, redistest.Options{})
	s := open(t, srv.URL())
	recordVisit(t, s, claim(t, s, "a"), firstArticles("a", 10)...)
	if _, err := s.Withdraw(t.Context(), article("a", 1).ID, "test"); err != nil {
		t.Fatal(err)
	}
	if err := s.TrimChanges(t.Context(), time.Now().Add(time.Hour)); err != nil {
		t.Fatal(err)
	}
	marks, err := s.client.HKeys(t.Context(), s.keys.marks()).Result()
	if err != nil || len(marks) != 1 || marks[0] != "@a" {
		t.Errorf("marks after the log was trimmed empty: %q, %v, want only the source's token", marks, err)
	}
}

func TestACursorAheadOfTheLogIsRefused(t *testing.T) {
	srv := redistest.Start(t, redistest.Options{})
	s := open(t, srv.URL())
	recordVisit(t, s, claim(t, s, "a"), firstArticles("a", 1)...)
	if _, err := s.Changes(t.Context(), "99999999999999-0", 1); !errors.Is(err, newswire.ErrCursor) {
		t.Errorf("Changes after the end of the log: %v, want ErrCursor", err)
	}
}

func TestStoresWithDifferentPrefixesShareAServer(t *testing.T) {
	srv := redistest.Start(t, redistest.Options{})
	a := open(t, srv.URL())
	b, err := Open(t.Context(), srv.URL()+"?prefix=other", Options{Prefix: "newswire"})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	recordVisit(t, a, claim(t, a, "a"), firstArticles("a", 2)...)
	if got := listed(t, b, newswire.All); len(got) != 0 {
		t.Errorf("the other store lists %d articles, want none", len(got))
	}
	recordVisit(t, b, claim(t, b, "a"), firstArticles("a", 1)...)
	keys, err := b.client.Keys(t.Context(), "other:{*").Result()
	if err != nil || len(keys) == 0 {
		t.Errorf("keys of the other store: %v, %v", keys, err)
	}
}

func TestASentinelLeadsToItsMaster(t *testing.T) {
	srv := redistest.Start(t, redistest.Options{})
	s := open(t, redistest.StartSentinel(t, srv).URL())
	recordVisit(t, s, claim(t, s, "a"), firstArticles("a", 2)...)
	if got := listed(t, open(t, srv.URL()), newswire.All); len(got) != 2 {
		t.Errorf("the master lists %d articles, want the 2 recorded through its Sentinel", len(got))
	}
}

func TestAServerWithAPasswordWantsIt(t *testing.T) {
	srv := redistest.Start(t, redistest.Options{Args: []string{"--requirepass", "hunter2"}})
	s := open(t, "redis://:hunter2@"+srv.Addr)
	if err := s.Ping(t.Context()); err != nil {
		t.Errorf("Ping with the password: %v", err)
	}
	for _, address := range []string{srv.URL(), "redis://:wrong@" + srv.Addr, "redis://me:hunter2@" + srv.Addr} {
		if _, err := Open(t.Context(), address, Options{}); !errors.Is(err, cache.ErrMisconfigured) {
			t.Errorf("Open(%q) without the password: %v; want ErrMisconfigured", address, err)
		}
	}
}

func TestOpenTellsWhatIsWrongFromWhatIsAway(t *testing.T) {
	srv := redistest.Start(t, redistest.Options{})
	for _, tt := range []struct {
		name, address string
		wrong         bool
	}{
		{"no address", "redis:/127.0.0.1", true},
		{"unknown setting", srv.URL() + "?colour=red", true},
		{"a database that is not there", srv.URL() + "/99", true},
		{"a user where there is none", "redis://me:hunter2@" + srv.Addr, true},
		{"no process listens", "redis://127.0.0.1:1", false},
		{"no such name", "redis://redis.invalid:6379", false},
	} {
		_, err := Open(t.Context(), tt.address, Options{})
		if err == nil || errors.Is(err, cache.ErrMisconfigured) != tt.wrong {
			t.Errorf("%s: Open = %v; misconfigured: want %v", tt.name, err, tt.wrong)
		}
	}
}

func TestNothingOfAWithdrawnArticleIsLeft(t *testing.T) {
	srv := redistest.Start(t, redistest.Options{})
	s := open(t, srv.URL())
	for revision := 1; revision <= 3; revision++ {
		a := article("a", 1)
		a.Revision, a.Offer = revision, strconv.Itoa(revision)
		recordVisit(t, s, claim(t, s, "a"), a)
	}
	if _, err := s.Withdraw(t.Context(), article("a", 1).ID, "a mistake"); err != nil {
		t.Fatal(err)
	}
	k := s.keys.source("a")
	for _, key := range []string{k.articles, k.known, k.revisions, k.pending} {
		if left, err := s.client.HKeys(t.Context(), key).Result(); err != nil || len(left) > 0 {
			t.Errorf("%s has %q, %v, want nothing", key, left, err)
		}
	}
}
