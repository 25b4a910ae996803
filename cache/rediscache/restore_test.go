package rediscache

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/redis/go-redis/v9"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache/cachetest"
	"github.com/newswire/newswire/cache/rediscache/redistest"
)

// TestWhatANodeHasLostIsListedAgain empties the part of a store that one node of a Cluster may have: one hash tag.
func TestWhatANodeHasLostIsListedAgain(t *testing.T) {
	s := open(t, redistest.Start(t, redistest.Options{}).URL())
	var all []newswire.Article
	for n := range 450 { // more than are restored at once
		all = append(all, article("a", n))
	}
	recordVisit(t, s, claim(t, s, "a"), all...)
	recordVisit(t, s, claim(t, s, "b"), firstArticles("b", 5)...)
	for i, tag := range []string{"all", "author/author-1", "changes"} {
		t.Run(tag, func(t *testing.T) {
			before, err := cachetest.Dump(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			lost, err := s.client.Keys(t.Context(), "newswire:{"+tag+"}:*").Result()
			if err != nil || len(lost) == 0 {
				t.Fatalf("keys %v, %v", lost, err)
			}
			if err := s.client.Del(t.Context(), lost...).Err(); err != nil {
				t.Fatal(err)
			}
			for _, source := range []string{"a", "b"} { // by an author of each topic
				recordVisit(t, s, claim(t, s, source), article(source, 1000+3*i))
			}
			after, err := cachetest.Dump(t.Context(), s)
			if err != nil {
				t.Fatal(err)
			}
			var kept []string
			for line := range strings.Lines(string(after)) {
				if !strings.Contains(line, fmt.Sprint(":", 1000+3*i, `"`)) {
					kept = append(kept, line)
				}
			}
			if diff := cmp.Diff(string(before), strings.Join(kept, "")); diff != "" {
				t.Errorf("what readers see, but for two new articles (-before the loss +after it):\n%.2000s", diff)
			}
			changes, err := s.Changes(t.Context(), "", 1000)
			if err != nil {
				t.Fatal(err)
			}
			if tag == "changes" && len(changes) != 2 {
				t.Errorf("the new log has %d records; want those of the two new articles", len(changes))
			}
		})
	}
}

// A new author is no loss: what is stored is not read for it, however much that is.
func TestAnAuthorsFirstArticleReadsNoOthers(t *testing.T) {
	s := open(t, redistest.Start(t, redistest.Options{}).URL())
	recordVisit(t, s, claim(t, s, "a"), firstArticles("a", 20)...)
	read := commands{}
	s.client.AddHook(read)
	lease := claim(t, s, "a")
	novel := article("a", 20)
	novel.Authors = []newswire.Person{{ID: "a-new", Name: "A. New"}}
	recordVisit(t, s, lease, novel)
	if read["hgetall"] > 0 {
		t.Errorf("%d commands read all articles for the first of an author", read["hgetall"])
	}
	// A store of a program that did not note topics learns them once.
	fields, err := s.client.HKeys(t.Context(), s.keys.source("a").meta).Result()
	if err != nil {
		t.Fatal(err)
	}
	for _, field := range fields {
		if field == toldTopics || strings.HasPrefix(field, "+") {
			if err := s.client.HDel(t.Context(), s.keys.source("a").meta, field).Err(); err != nil {
				t.Fatal(err)
			}
		}
	}
	for n := range 2 {
		novel := article("a", 21+n)
		novel.Authors = []newswire.Person{{ID: fmt.Sprint("a-novel-", n), Name: "A. Novel"}}
		recordVisit(t, s, claim(t, s, "a"), novel)
	}
	if read["hgetall"] != 1 {
		t.Errorf("%d commands read all articles of a store without topics; want one", read["hgetall"])
	}
}

// commands counts commands that are sent by themselves, by name.
type commands map[string]int

func (c commands) DialHook(next redis.DialHook) redis.DialHook { return next }

func (c commands) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		c[cmd.Name()]++
		return next(ctx, cmd)
	}
}

func (c commands) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}
