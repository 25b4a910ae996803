package revision_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/revision"
)

// quiet is a change log in which nothing happens.
type quiet struct{}

func (quiet) Changes(context.Context, newswire.Cursor, int) ([]newswire.Change, error) {
	return nil, nil
}
func (quiet) Head(context.Context) (newswire.Cursor, error) { return "", nil }

func (quiet) Await(ctx context.Context, _ newswire.Cursor) error {
	<-ctx.Done()
	return ctx.Err()
}

// slow is a target whose rendering takes a second, and fails when its context ends before.
func slow(topic newswire.Topic) revision.Target {
	return revision.Target{Topic: topic, Name: "slow", Render: func(ctx context.Context, _ *revision.Draft) (revision.Content, error) {
		select {
		case <-time.After(time.Second):
			return revision.Content{MediaType: "text/plain", Body: []byte("done")}, nil
		case <-ctx.Done():
			return revision.Content{}, ctx.Err()
		}
	}}
}

// Of the readers that wait for one rendering, the one whose request began it may go away.
func TestReaderThatGoesAwayFailsNoOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e := revision.New(quiet{}, revision.Options{})
		show := func(ctx context.Context) error {
			return e.Show(httptest.NewRecorder(), httptest.NewRequestWithContext(ctx, http.MethodGet, "/slow", nil), slow(newswire.All))
		}
		var readers sync.WaitGroup
		first, goAway := context.WithCancel(t.Context())
		readers.Go(func() { _ = show(first) })
		synctest.Wait() // its rendering is at work
		readers.Go(func() {
			if err := show(t.Context()); err != nil {
				t.Errorf("a reader that waited for another's rendering got %v", err)
			}
		})
		synctest.Wait()
		goAway()
		readers.Wait()
		if began := time.Now(); show(t.Context()) != nil || time.Since(began) > 0 {
			t.Error("the rendering was lost with the reader that began it")
		}
	})
}
