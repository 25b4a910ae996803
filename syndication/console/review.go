package console

import (
	"cmp"
	"context"
	"errors"
	"net/http"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

const (
	mostHeld   = 100  // on a page
	mostLooked = 2000 // at articles for these: rules may drop many, which do not wait
	atOnce     = 100
)

// heldArticles are articles that wait for the operator.
type heldArticles struct {
	Articles []newswire.Article
	More     bool // than these
}

// waiting returns articles that wait for the operator's review, of a source or of all.
func (c *console) waiting(ctx context.Context, source string) (h heldArticles, err error) {
	looked := 0
	for after := newswire.Cursor(""); ; {
		topics, next, err := c.store.Topics(ctx, newswire.KindHeld, after, atOnce)
		if err != nil {
			return h, err
		}
		for _, l := range topics {
			if source != "" && l.Topic != newswire.HeldTopic(source) {
				continue
			}
			if err := h.addFrom(ctx, c.store, l.Topic, &looked); err != nil || h.More {
				return h, err
			}
		}
		if after = next; after == "" {
			return h, nil
		}
	}
}

// addFrom adds those of one topic. It counts the articles that it looked at.
func (h *heldArticles) addFrom(ctx context.Context, store cache.Articles, topic newswire.Topic, looked *int) error {
	for after := newswire.Cursor(""); ; {
		page, err := store.Articles(ctx, cache.Query{Topic: topic, After: after, Limit: atOnce})
		if err != nil {
			return err
		}
		for _, a := range page.Articles {
			*looked++
			if *looked > mostLooked || len(h.Articles) >= mostHeld {
				h.More = true
				return nil
			}
			if a.Held != newswire.DroppedByRule {
				h.Articles = append(h.Articles, a)
			}
		}
		if after = page.Next; after == "" {
			return nil
		}
	}
}

func (c *console) held(r *http.Request) (page, title string, data any, err error) {
	h, err := c.waiting(r.Context(), "")
	return "held", "Held articles", h, err
}

// articleData is one article, or the tombstone in its place.
type articleData struct {
	Article   *newswire.Article
	Tombstone *newswire.Tombstone
	Sides     []comparison // of one that is held
}

func (c *console) article(r *http.Request) (page, title string, data any, err error) {
	id := r.FormValue("id")
	a, err := c.store.Article(r.Context(), id)
	d := articleData{Article: &a}
	if errors.Is(err, newswire.ErrWithdrawn) {
		stone, err := c.store.Tombstone(r.Context(), id)
		d.Tombstone = &stone
		return "article", "Withdrawn", d, err
	}
	if err == nil && a.UnderReview() {
		d.Sides, err = comparisons(r.Context(), c.store, &a)
	}
	return "article", cmp.Or(a.Title, "Without a title"), d, err
}
