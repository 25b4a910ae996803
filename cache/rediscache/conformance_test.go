package rediscache

import (
	"context"
	"crypto/rand"
	"flag"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/cachetest"
	"github.com/newswire/newswire/cache/rediscache/redistest"
)

// The contract is kept by a user with no more rights than docs/redis.md gives it.
func TestOneServerKeepsTheContract(t *testing.T) {
	t.Parallel()
	s := redistest.Start(t, redistest.Options{Args: documentedUser(t, "+ping")})
	t.Cleanup(func() { everyRightIsUsed(t, s) })
	cachetest.Run(t, func(t *testing.T) cachetest.Harness {
		return harness(t, as(s.URL()))
	})
}

// everyRightIsUsed checks that the suite has used each command that the documented user may call, but for those that other
// servers and settings need.
func everyRightIsUsed(t *testing.T, s *redistest.Server) {
	t.Helper()
	if t.Failed() || t.Skipped() || strings.Contains(flag.Lookup("test.run").Value.String(), "/") { // not the whole suite
		return
	}
	client := redis.NewClient(&redis.Options{Addr: s.Addr})
	defer client.Close()
	stats, err := client.Info(context.Background(), "commandstats").Result()
	if err != nil {
		t.Fatal(err)
	}
	elsewhere := []string{"+select", "+client|setname", "+cluster|slots", "+wait"}
	for _, right := range documentedUser(t, "+ping") {
		if command, ok := strings.CutPrefix(right, "+"); ok && !slices.Contains(elsewhere, right) && !strings.Contains(stats, "cmdstat_"+command+":") {
			t.Errorf("docs/redis.md has the right %s, which is not needed", right)
		}
	}
}

// documentedUser are a server's arguments for the user that docs/redis.md has with a right.
func documentedUser(t *testing.T, right string) []string {
	t.Helper()
	text, err := os.ReadFile("../../docs/redis.md")
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		user, ok := strings.CutPrefix(strings.TrimSpace(line), "ACL SETUSER ")
		if ok && strings.Contains(line, " "+right+" ") {
			return append([]string{"--user"}, strings.Fields(user)...)
		}
	}
	t.Fatalf("docs/redis.md has no user with the right %s", right)
	return nil
}

// as is the address with the user that docs/redis.md has.
func as(url string) string { return strings.Replace(url, "://", "://newswire:PASSWORD@", 1) }

func TestClusterKeepsTheContract(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t, redistest.Options{Args: documentedUser(t, "+ping")})
	cachetest.Run(t, func(t *testing.T) cachetest.Harness {
		return harness(t, as(c.URL()))
	})
}

// harness is a store under a prefix of its own on a server that many tests share.
func harness(t *testing.T, url string) cachetest.Harness {
	faults := &cachetest.Faults{}
	prefix := "newswire:" + rand.Text()
	store := openPrefix(t, url, prefix)
	store.client.AddHook(faultHook{faults})
	return cachetest.Harness{
		Store:   store,
		Reopen:  func() cache.Store { return openPrefix(t, url, prefix) },
		Another: func() cache.Store { return openPrefix(t, url, "newswire:"+rand.Text()) },
		Advance: time.Sleep, // the clock is the server's, which no test can move
		Faults:  faults,
	}
}

// open opens a store that is closed with the test.
func open(t testing.TB, url string) *Store {
	t.Helper()
	return openPrefix(t, url, "")
}

// openPrefix opens a store under a prefix, which is closed with the test.
func openPrefix(t testing.TB, url, prefix string) *Store {
	t.Helper()
	s, err := Open(t.Context(), url, Options{Prefix: prefix})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("Close(): %v", err)
		}
	})
	return s
}
