package rediscache

import (
	"encoding/json"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache/rediscache/redistest"
)

// knowns are what may be known of the article a-1.
func knowns() map[string]known {
	at := time.Date(2026, 1, 2, 3, 4, 5, 678e6, time.UTC)
	topics := map[newswire.Topic]bool{newswire.All: true, newswire.SourceTopic("a"): true}
	made := func(listed time.Time, change func(k *known)) known {
		k := known{
			Revision: 2, Digest: "0f45608b", Offer: "offer", Published: at.Add(-time.Hour), FirstSeen: at, Listed: listed,
			AtomID: "tag:example.com,2026:a-1", Member: member(listed, "a-1"), Topics: topics,
		}
		change(&k)
		return k
	}
	return map[string]known{
		"usual":             made(at, func(*known) {}),
		"everything":        made(at, func(k *known) { k.Updated, k.Since, k.Hidden, k.Limit = at.Add(1), at, true, 1 }),
		"all in whole":      made(at, func(k *known) { k.Updated, k.Since, k.Hidden, k.Limit = at, at.Add(-time.Second), true, 1 }),
		"nothing":           {AtomID: "x", Member: member(time.Time{}, "a-1"), Topics: map[newswire.Topic]bool{}},
		"listed long ago":   made(time.Date(1750, 1, 2, 3, 4, 5, 6e6, time.UTC), func(*known) {}),
		"listed far ahead":  made(time.Date(20000, 1, 2, 3, 4, 5, 0, time.UTC), func(k *known) { k.Listed = time.Date(9999, 1, 2, 3, 4, 5, 1, time.UTC) }),
		"nanoseconds":       made(at, func(k *known) { k.Published = at.Add(7) }),
		"a foreign AtomID":  made(at, func(k *known) { k.AtomID = "urn:uuid:1-2" }),
		"a tilde":           made(at, func(k *known) { k.AtomID = "~x" }),
		"a tilde before it": made(at, func(k *known) { k.AtomID = "~xa-1" }),
		"a tab":             made(at, func(k *known) { k.Offer = "a\tb" }),
	}
}

func TestWhatIsKnownIsReadAsItWasWritten(t *testing.T) {
	for name, want := range knowns() {
		text, err := want.encode()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := parseKnown("a-1", string(text))
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s, stored as %q: %v (-want +got):\n%s", name, text, err, diff)
		}
		body, err := json.Marshal(&want)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		old, err := parseKnown("a-1", string(body))
		if diff := cmp.Diff(want, old); err != nil || diff != "" {
			t.Errorf("%s, as an earlier version stored it: %v (-want +got):\n%s", name, err, diff)
		}
	}
	for _, damaged := range []string{"", "{", "=", "=1\td\to\tx\tall\tsoon", "=1\td\to\tx\tall\t1\tx"} {
		if k, err := parseKnown("a-1", damaged); err == nil {
			t.Errorf("%q is %+v, want an error", damaged, k)
		}
	}
}

func TestWhatIsKnownTakesFewBytes(t *testing.T) {
	k := knowns()["usual"]
	body, err := json.Marshal(&k)
	if err != nil {
		t.Fatal(err)
	}
	text, err := k.encode()
	if err != nil || 3*len(text) > len(body) {
		t.Errorf("%d bytes, %v, want at most a third of the %d as JSON: %s", len(text), err, len(body), text)
	}
}

// Scripts read the same of it, and those of an earlier version fail where it is a line.
func TestScriptsReadWhatIsKnown(t *testing.T) {
	s := open(t, redistest.Start(t, redistest.Options{}).URL())
	library, err := sources.ReadFile("lua/source.lua")
	if err != nil {
		t.Fatal(err)
	}
	reading := &script{text: string(library) + "\nreturn cjson.encode(parse(ARGV[1], ARGV[2]))", hash: "0"}
	decoding := &script{text: "return cjson.decode(ARGV[1]).place", hash: "0"}
	for name, want := range knowns() {
		text, err := want.encode()
		if err != nil {
			t.Fatal(err)
		}
		reply, err := s.call(t.Context(), reading, s.keys.source("a").all(), "a-1", text)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var got struct {
			Revision int                     `json:"revision"`
			Offer    string                  `json:"offer"`
			AtomID   string                  `json:"atom_id"`
			Place    string                  `json:"place"`
			Hidden   bool                    `json:"hidden"`
			Topics   map[newswire.Topic]bool `json:"topics"`
		}
		if err := json.Unmarshal([]byte(reply.Val().(string)), &got); err != nil {
			t.Fatalf("%s: %s: %v", name, reply.Val(), err)
		}
		k := known{Revision: got.Revision, Offer: got.Offer, AtomID: got.AtomID, Member: got.Place, Hidden: got.Hidden, Topics: got.Topics}
		read := known{Revision: want.Revision, Offer: want.Offer, AtomID: want.AtomID, Member: want.Member, Hidden: want.Hidden, Topics: want.Topics}
		if diff := cmp.Diff(read, k); diff != "" {
			t.Errorf("%s, stored as %q (-want +got):\n%s", name, text, diff)
		}
		_, err = s.call(t.Context(), decoding, []any{s.keys.meta("a")}, text)
		if line := strings.HasPrefix(string(text), string(lineSign)); line != (err != nil) {
			t.Errorf("%s, stored as %q: a script of an earlier version has error %v", name, text, err)
		}
	}
}

// What an earlier version wrote is read, and is a line from the next visit on that has the article.
func TestWhatIsKnownAsJSONIsWrittenAnew(t *testing.T) {
	s := open(t, redistest.Start(t, redistest.Options{}).URL())
	ctx, lease, list := t.Context(), claim(t, s, "a"), firstArticles("a", 2)
	recordVisit(t, s, lease, list...)
	of := s.keys.source("a").known
	for i := range list {
		k := newKnown(&list[i])
		body, err := json.Marshal(&k)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.client.HSet(ctx, of, list[i].ID, body).Err(); err != nil {
			t.Fatal(err)
		}
	}
	if met, err := s.Known(ctx, "a", []string{list[0].ID}); err != nil || met[list[0].ID].Digest != list[0].Digest() {
		t.Errorf("Known = %+v, %v", met, err)
	}
	if changes, err := s.Changes(ctx, "", 10); err != nil || len(changes) != 2 {
		t.Fatalf("changes %v, %v, want 2", changes, err)
	}
	recordVisit(t, s, lease, list...)
	if changes, err := s.Changes(ctx, "", 10); err != nil || len(changes) != 2 {
		t.Errorf("changes %v, %v, want no more than before", changes, err)
	}
	stored, err := s.client.HGetAll(ctx, of).Result()
	if err != nil {
		t.Fatal(err)
	}
	for id, text := range stored {
		if text[0] != lineSign {
			t.Errorf("beside %s stands %s, want a line", id, text)
		}
	}
	if found := listed(t, s, newswire.All); len(found) != 2 {
		t.Errorf("%d articles are listed, want 2", len(found))
	}
}

// A script of an earlier version that notes which articles a publisher has stopped offering stops at the first that it cannot read.
func TestWhatAnEarlierVersionLeftHalfNotedIsNotedWhole(t *testing.T) {
	s := open(t, redistest.Start(t, redistest.Options{}).URL())
	ctx, lease, list := t.Context(), claim(t, s, "a"), firstArticles("a", 3)
	recordVisit(t, s, lease, list...)
	k := s.keys.source("a")
	half := redis.Z{Member: list[0].ID, Score: float64(lease.At.UnixMilli())}
	if err := errors.Join(s.client.SRem(ctx, k.offered, list[0].ID).Err(), s.client.ZAdd(ctx, k.left, half).Err()); err != nil {
		t.Fatal(err)
	}
	recordVisit(t, s, lease, list[1:]...)
	if n, err := s.Sweep(ctx, lease, newswire.Retention{Articles: 2}); err != nil || n != 1 {
		t.Errorf("%d articles were dropped, %v, want the one that is no longer offered", n, err)
	}
}
