package redistest_test

import (
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
