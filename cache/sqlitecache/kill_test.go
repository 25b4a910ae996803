package sqlitecache

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// killedFile names the file on which this test binary, run again as a child, records visits until it is killed.
const killedFile = "SQLITECACHE_KILLED_FILE"

func TestMain(m *testing.M) {
	if path := os.Getenv(killedFile); path != "" {
		fmt.Fprintln(os.Stderr, recordUntilKilled(context.Background(), path))
		os.Exit(1)
	}
	os.Exit(m.Run())
}

// recordUntilKilled records visits without end, and prints the number of each when it is recorded. Visit n offers articles
// n to n+4, each revised once more than at the visit before. Those that left are dropped when they are many, and some are
// withdrawn.
func recordUntilKilled(ctx context.Context, path string) error {
	s, err := Open(ctx, path, Options{})
	if err != nil {
		return err
	}
	due, err := s.Due(ctx)
	if err != nil {
		return err
	}
	past := time.UnixMilli(1)
	if err := s.Reschedule(ctx, "a", due["a"], past); err != nil {
		return err
	}
	states, err := s.States(ctx, "a")
	if err != nil {
		return err
	}
	for n := states["a"].Health.Offered + 1; ; n++ {
		leases, err := s.Claim(ctx, 1, time.Hour, "a")
		if err != nil || len(leases) != 1 {
			return fmt.Errorf("claim: %v, %w", leases, err)
		}
		v := newswire.Visit{Source: "a", At: leases[0].At, State: newswire.State{Source: "a", Due: past}}
		v.State.Health.Offered = n // remembers where to go on
		for i := range 5 {
			a := killedArticle(n + i)
			a.Revision = 5 - i
			v.Articles = append(v.Articles, a)
			v.Offered = append(v.Offered, a.ID)
		}
		if _, err := s.Sweep(ctx, leases[0], newswire.Retention{Articles: 10}); err != nil {
			return err
		}
		if n%7 == 0 {
			if _, err := s.Withdraw(ctx, killedArticle(n-1).ID, "r"); err != nil {
				return err
			}
		}
		if err := s.Record(ctx, leases[0], v); err != nil {
			return err
		}
		fmt.Println(n)
	}
}

func killedArticle(n int) newswire.Article {
	at := time.UnixMilli(int64(n)).UTC()
	return newswire.Article{
		ID: newswire.ArticleID("a", strconv.Itoa(n)), Source: "a", GUID: strconv.Itoa(n), Title: fmt.Sprint("Article ", n),
		Categories: []string{fmt.Sprint("c", n%3)}, FirstSeen: at, Listed: at,
	}
}

func TestNothingRecordedIsLostWhenTheProcessIsKilled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "newswire.db")
	for round := range 20 {
		child := exec.CommandContext(t.Context(), os.Args[0])
		child.Env = append(os.Environ(), killedFile+"="+path)
		child.Stderr = os.Stderr
		out, err := child.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := child.Start(); err != nil {
			t.Fatal(err)
		}
		lines := bufio.NewScanner(out)
		if !lines.Scan() {
			t.Fatal("the child recorded nothing")
		}
		// In the middle of one of the next visits, wherever that is.
		kill := time.AfterFunc(time.Duration(round*round%23)*time.Millisecond/2, func() { _ = child.Process.Kill() })
		last := lines.Text()
		for lines.Scan() {
			last = lines.Text()
		}
		kill.Stop()
		if err := child.Wait(); err == nil || child.ProcessState.ExitCode() != -1 {
			t.Fatalf("the child ended by itself: %v", err)
		}
		reported, err := strconv.Atoi(last)
		if err != nil {
			t.Fatal(err)
		}
		checkAfterKill(t, path, reported)
		if t.Failed() {
			t.Fatalf("round %d, killed after visit %d", round, reported)
		}
	}
}

// checkAfterKill compares all that the file says, given that visit reported, at least, was recorded.
func checkAfterKill(t *testing.T, path string, reported int) {
	t.Helper()
	ctx := t.Context()
	s, err := Open(ctx, path, Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	var integrity string
	rows, err := s.query(ctx, `PRAGMA integrity_check`)
	if err := (row{rows, err}).Scan(&integrity); err != nil || integrity != "ok" {
		t.Errorf("PRAGMA integrity_check = %q, %v", integrity, err)
	}
	states, err := s.States(ctx, "a")
	if err != nil {
		t.Fatal(err)
	}
	n := states["a"].Health.Offered // the last visit that was recorded, whether or not the child could still say so
	if n < reported {
		t.Errorf("visit %d was reported and is lost: the last is %d", reported, n)
	}

	page, err := s.Articles(ctx, cache.Query{Topic: newswire.All, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	listed := map[string]int{}
	perTopic := map[newswire.Topic]int{}
	for _, a := range page.Articles {
		listed[a.ID] = a.Revision
		for _, topic := range a.Topics() {
			perTopic[topic]++
		}
	}
	for i := range 5 {
		_, err := s.Tombstone(ctx, killedArticle(n).ID)
		if i == 0 && err == nil {
			continue // the next visit began by withdrawing it
		}
		if got, want := listed[killedArticle(n+i).ID], 5-i; got != want {
			t.Errorf("after visit %d, article %d is at revision %d, want %d", n, n+i, got, want)
		}
	}
	if diff := cmp.Diff(heard(t, s), listed); diff != "" {
		t.Errorf("what the change log says (-) against what is listed (+):\n%s", diff)
	}
	checkCounts(t, s, perTopic)
}

// checkCounts compares how many articles topics list, and say that they list.
func checkCounts(t *testing.T, s *Store, perTopic map[newswire.Topic]int) {
	t.Helper()
	ctx := t.Context()
	for topic, want := range perTopic {
		p, err := s.Articles(ctx, cache.Query{Topic: topic, Limit: 100})
		if err != nil || len(p.Articles) != want {
			t.Errorf("%s lists %d articles, %v, want %d", topic, len(p.Articles), err, want)
		}
	}
	for _, kind := range []newswire.Kind{newswire.KindCategory, newswire.KindSource, newswire.KindAll} {
		topics, _, err := s.Topics(ctx, kind, "", 10)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range topics {
			if l.Articles != perTopic[l.Topic] {
				t.Errorf("%s counts %d articles, want %d", l.Topic, l.Articles, perTopic[l.Topic])
			}
		}
	}
}

// heard is the revision of each article as the change log has it, of which each record must be a step.
func heard(t *testing.T, s *Store) map[string]int {
	t.Helper()
	view, gone := map[string]int{}, map[string]bool{}
	var after newswire.Cursor
	for {
		changes, err := s.Changes(t.Context(), after, 500)
		if err != nil {
			t.Fatal(err)
		}
		if len(changes) == 0 {
			return view
		}
		for _, c := range changes {
			after = c.Cursor
			was, there := view[c.Article]
			switch {
			case c.Op == newswire.Remove && there:
				delete(view, c.Article)
				gone[c.Article] = true
			case c.Op == newswire.Put && !gone[c.Article] && (!there || c.Revision == was+1):
				view[c.Article] = c.Revision
			default:
				t.Errorf("change %+v follows revision %d", c, was)
			}
		}
	}
}
