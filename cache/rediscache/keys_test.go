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

// TestKeysOfOneScriptShareASlot asks a real node, which has its own idea of a hash tag.
func TestKeysOfOneScriptShareASlot(t *testing.T) {
	s := redistest.StartCluster(t, redistest.Options{})
	node := redis.NewClient(&redis.Options{Addr: s.Nodes[0].Addr})
	defer node.Close()
	slot := func(key any) int64 {
		n, err := node.ClusterKeySlot(t.Context(), key.(string)).Result()
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	k := newKeys("some:prefix")
	topic := newswire.AuthorTopic("jin-jiang")
	for _, group := range [][]any{
		k.source("dsb").all(),
		k.topic(topic).all(),
		{k.log(), k.trimmed(), k.logID(), k.marks(), k.changed(), k.names(), k.topics(newswire.KindAll), k.topics(newswire.KindAuthor)},
		append(slices.Clip(k.index), k.claim("nonce")),
		append(k.subscriptions(cache.ChannelHub).all(), k.subscriptionsClaim(cache.ChannelHub, "nonce")),
		k.limits(),
	} {
		for _, key := range group[1:] {
			if slot(key) != slot(group[0]) {
				t.Errorf("slot of %s is %d, of %s %d, want the same", key, slot(key), group[0], slot(group[0]))
			}
		}
	}
	if whole := k.source("dsb"); k.meta("dsb") != whole.meta || k.pending("dsb") != whole.pending {
		t.Errorf("of all keys %s and %s, of themselves %s and %s, want the same", whole.meta, whole.pending, k.meta("dsb"), k.pending("dsb"))
	}
	for _, pair := range [][2]string{
		{k.source("a").meta, k.source("b").meta},
		{k.domain("a.example"), k.domain("b.example")},
		{k.subscriptions(cache.ChannelHub).ids, k.subscriptions(cache.ChannelWebhook).ids},
	} {
		if a, b := pair[0], pair[1]; slot(a) == slot(b) {
			t.Errorf("%s and %s share slot %d, want them spread", a, b, slot(a))
		}
	}
}

func TestPlacesOrderAsTheirTimesDo(t *testing.T) {
	times := []time.Time{
		{},
		time.Date(1969, 12, 31, 23, 59, 59, 0, time.UTC),
		time.Unix(0, 0),
		time.Date(2026, 11, 23, 0, 0, 0, 0, time.UTC),
		time.Date(2026, 11, 23, 0, 0, 0, 1e6, time.UTC),
		time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC),
	}
	var members []string
	for _, at := range times {
		members = append(members, member(at, "a-1"))
	}
	if !slices.IsSorted(members) {
		t.Errorf("members of %v are %q, want them sorted", times, members)
	}
	for _, p := range members {
		if !memberForm.MatchString(p) || memberID(p) != "a-1" {
			t.Errorf("place %q does not read back: %q", p, memberID(p))
		}
	}
}
