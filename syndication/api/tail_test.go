package api

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/change"
)

// longArticles is a store whose articles are long.
type longArticles struct{ Store }

func (longArticles) Article(_ context.Context, id string) (newswire.Article, error) {
	return newswire.Article{ID: id, Content: strings.Repeat("x", 100<<10)}, nil
}

func TestArticlesOfNewChangesTakeNoMoreMemoryThanTheyMay(t *testing.T) {
	const limit = 1 << 20
	tail := newTail(4096, limit, slog.New(slog.DiscardHandler))
	now := time.Now()
	for n := range 3 {
		var changes []newswire.Change
		for i := range 50 {
			id := fmt.Sprintf("a%d", (n*30+i)%100) // some change again
			changes = append(changes, newswire.Change{Cursor: newswire.Cursor(fmt.Sprintf("%d-%d", n, i)), Article: id})
		}
		if err := tail.Changed(t.Context(), changes); err != nil {
			t.Fatal(err)
		}
		for _, r := range tail.records {
			known, err := r.subject.load(t.Context(), longArticles{}, r.Article, now)
			if err != nil {
				t.Fatal(err)
			}
			body := strings.Repeat("y", 10<<10)
			_, err = r.subject.items(known)(change.Item{}, func() ([]byte, error) { return []byte(body), nil })
			if err != nil {
				t.Fatal(err)
			}
			if size := tail.size.Load(); size > limit {
				t.Fatalf("%d bytes; want at most %d", size, limit)
			}
		}
		if size := tail.size.Load(); n == 0 && size < limit/2 {
			t.Errorf("%d bytes; want the newest to be kept", size)
		}
	}
	counted := int64(0)
	for _, s := range tail.subjects {
		counted += s.size
		if (s.known == nil) != (s.size == 0) {
			t.Errorf("an article that is known: %t counts %d bytes", s.known != nil, s.size)
		}
	}
	if size := tail.size.Load(); size != counted {
		t.Errorf("%d bytes are counted in all, and %d of the articles", size, counted)
	}
	tail.trim(len(tail.records))
	if size := tail.size.Load(); size != 0 {
		t.Errorf("%d bytes are left of no records", size)
	}
}
