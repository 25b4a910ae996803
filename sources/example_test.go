package sources_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"os"
	"path/filepath"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/sqlitecache"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/fetch"
)

// A round visits each source once. Run goes on until its context ends.
func ExampleAggregator_Round() {
	publisher := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, `<rss version="2.0"><channel><title>Harbour News</title>
			<item><guid>crane</guid><title>A crane has fallen</title></item></channel></rss>`)
	}))
	defer publisher.Close()
	if err := round(context.Background(), publisher.URL+"/feed"); err != nil {
		fmt.Println(err)
	}
	// Output:
	// harbour: changed, 1 new
	// A crane has fallen, by Harbour News
}

func round(ctx context.Context, feed string) error {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	store, err := sqlitecache.Open(ctx, filepath.Join(dir, "wire.db"), sqlitecache.Options{})
	if err != nil {
		return err
	}
	defer store.Close()
	catalog, err := sources.NewCatalog([]newswire.Source{{ID: "harbour", URL: feed, Schedule: "@every 1h"}}, nil, nil)
	if err != nil {
		return err
	}
	client := fetch.NewClient(fetch.Options{
		AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, // for the example alone
	})
	defer client.Close()
	a := sources.NewAggregator(store, sources.Setup{Catalog: catalog, Fetcher: client}, sources.Options{
		Report: func(r sources.Result) { fmt.Printf("%s: %s, %d new\n", r.Source, r.Outcome, r.New) },
	})
	if err := a.Round(ctx); err != nil {
		return err
	}
	page, err := store.Articles(ctx, cache.Query{Topic: newswire.All, Limit: 10})
	for _, article := range page.Articles {
		fmt.Printf("%s, by %s\n", article.Title, article.Publisher.Title)
	}
	return err
}
