package web

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"path"
	"slices"
	"strings"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// renamed says that an author has another ID than a topic once had. To a reader that asks for something else than that topic
// it is [newswire.ErrNotFound].
type renamed struct {
	from newswire.Topic
	id   string // of today
}

func (e renamed) Error() string { return fmt.Sprintf("topic %q: the author is %q now", e.from, e.id) }

func (e renamed) Unwrap() error { return newswire.ErrNotFound }

// leadOn is an error, [renamed], if articles of a topic are of an author that has another ID today. It is for a topic without
// articles.
func (l *lists) leadOn(ctx context.Context, topic newswire.Topic) error {
	if topic.Kind() != newswire.KindAuthor {
		return nil
	}
	former := topic.ID()
	page, err := l.store.Articles(ctx, cache.Query{Topic: newswire.FormerTopic(former), Limit: 1})
	if err != nil {
		return fmt.Errorf("look for the author that was %q: %w: %w", former, errStore, err)
	}
	for i := range page.Articles {
		for _, p := range page.Articles[i].Authors {
			if slices.Contains(strings.Fields(p.Former), former) {
				return renamed{topic, p.ID}
			}
		}
	}
	return nil
}

// leads has what was published under an ID that an author had lead to the address of today: its feeds, also as variants, and
// its page. The pages of an archive lead to the feed, which leads to the articles in its own pages.
func leads(serve func(http.ResponseWriter, *http.Request) error) func(http.ResponseWriter, *http.Request) error {
	return func(w http.ResponseWriter, r *http.Request) error {
		err := serve(w, r)
		if err == nil {
			return nil // before there is something to allocate
		}
		var to renamed
		if !errors.As(err, &to) {
			return err
		}
		address := strings.TrimPrefix(strings.TrimPrefix(r.URL.Path, "/"), strings.TrimPrefix(feedsPath, "/"))
		rest, ok := strings.CutPrefix(address, string(to.from))
		switch {
		case !ok: // it is one of a variant's conditions
			return err
		case strings.HasPrefix(rest, archivePath):
			return moved(w, r, "../../"+to.id+path.Ext(rest))
		default:
			return moved(w, r, withQuery(to.id+rest, r.URL.RawQuery))
		}
	}
}
