package revision_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/revision"
)

// One rendering answers every request until the topic changes.
func ExampleEngine_Show() {
	store := quiet{} // a cache.ChangeLog
	engine := revision.New(store, revision.Options{})

	count := 0
	target := revision.Target{Topic: newswire.All, Name: "count", Render: func(context.Context, *revision.Draft) (revision.Content, error) {
		count++
		return revision.Content{MediaType: "text/plain", Body: fmt.Appendf(nil, "rendered %d time", count)}, nil
	}}
	for range 2 {
		w := httptest.NewRecorder()
		if err := engine.Show(w, httptest.NewRequest(http.MethodGet, "/count", nil), target); err != nil {
			fmt.Println(err)
		}
		fmt.Println(w.Code, w.Body)
	}
	// Output:
	// 200 rendered 1 time
	// 200 rendered 1 time
}
