package sqlitecache_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/sqlitecache"
)

// A worker makes a source due, claims it, and records the result of its visit.
func ExampleOpen() {
	dir, err := os.MkdirTemp("", "example")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	ctx := context.Background()
	store, err := sqlitecache.Open(ctx, filepath.Join(dir, "newswire.db"), sqlitecache.Options{})
	if err != nil {
		log.Fatal(err)
	}
	defer store.Close()

	if err := store.Reschedule(ctx, "dsb", time.Time{}, time.Now()); err != nil {
		log.Fatal(err)
	}
	leases, err := store.Claim(ctx, 1, time.Minute, "dsb")
	if err != nil {
		log.Fatal(err)
	}
	article := newswire.Article{
		ID: newswire.ArticleID("dsb", "guid-1"), Source: "dsb", GUID: "guid-1", Revision: 1, Title: "A first article",
	}
	visit := newswire.Visit{
		Source: "dsb", At: leases[0].At, Articles: []newswire.Article{article}, Offered: []string{article.ID},
		State: newswire.State{Source: "dsb", Due: leases[0].At.Add(time.Hour)},
	}
	if err := store.Record(ctx, leases[0], visit); err != nil {
		log.Fatal(err)
	}

	page, err := store.Articles(ctx, cache.Query{Topic: newswire.SourceTopic("dsb"), Limit: 50})
	if err != nil {
		log.Fatal(err)
	}
	for _, a := range page.Articles {
		fmt.Println(a.Title)
	}
	// Output: A first article
}
