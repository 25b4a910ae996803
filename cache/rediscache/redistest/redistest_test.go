package redistest_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/redis/go-redis/v9"

	"github.com/newswire/newswire/cache/rediscache/redistest"
)

func TestServerKeepsWhatItAnsweredAcrossAKill(t *testing.T) {
	s := redistest.Start(t, redistest.Options{AppendOnly: true})
	c := redis.NewClient(&redis.Options{Addr: s.Addr})
	defer c.Close()
	if err := c.Set(t.Context(), "k", "v", 0).Err(); err != nil {
		t.Fatal(err)
	}
	s.Restart()
	if got, err := c.Get(t.Context(), "k").Result(); err != nil || got != "v" {
		t.Errorf("after a restart k = %q, %v, want %q", got, err, "v")
	}
	s.Flush()
	if n, err := c.DBSize(t.Context()).Result(); err != nil || n != 0 {
		t.Errorf("after a flush %d keys, %v, want none", n, err)
	}
}

func TestTransactionThatWasCutOffStaysOut(t *testing.T) {
	s := redistest.Start(t, redistest.Options{AppendOnly: true})
	c := redis.NewClient(&redis.Options{Addr: s.Addr})
	defer c.Close()
	push := func(what string) {
		t.Helper()
		if err := c.Eval(t.Context(), "for i = 1, 5 do redis.call('RPUSH', KEYS[1], ARGV[1] .. i) end", []string{"list"}, what).Err(); err != nil && !errors.Is(err, redis.Nil) {
			t.Fatal(err)
		}
	}
	push("lost")
	dir, err := c.ConfigGet(t.Context(), "dir").Result()
	if err != nil {
		t.Fatal(err)
	}
	s.Kill()
	file := filepath.Join(dir["dir"], "appendonlydir", "appendonly.aof.1.incr.aof")
	info, err := os.Stat(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(file, info.Size()-60); err != nil { // as a kill in the middle of a write does
		t.Fatal(err)
	}
	s.Restart()
	push("kept")
	s.Restart()
	if got, err := c.LRange(t.Context(), "list", 0, -1).Result(); err != nil || len(got) != 5 || got[0] != "kept1" {
		t.Errorf("after two restarts there are %v, %v, want what was answered", got, err)
	}
}

func TestClusterSpreadsItsKeysOverThreeMasters(t *testing.T) {
	cl := redistest.StartCluster(t, redistest.Options{})
	var addrs []string
	for _, n := range cl.Nodes {
		addrs = append(addrs, n.Addr)
	}
	c := redis.NewClusterClient(&redis.ClusterOptions{Addrs: addrs})
	defer c.Close()
	for _, key := range []string{"a", "b", "c", "d", "e", "f", "g", "h"} {
		if err := c.Set(t.Context(), key, key, 0).Err(); err != nil {
			t.Fatalf("set %s: %v", key, err)
		}
	}
	for i, n := range cl.Nodes {
		node := redis.NewClient(&redis.Options{Addr: n.Addr})
		defer node.Close()
		if size, err := node.DBSize(t.Context()).Result(); err != nil || size == 0 {
			t.Errorf("node %d holds %d of 8 keys, %v, want some", i, size, err)
		}
	}
	cl.Flush()
}
