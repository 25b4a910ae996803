package snapshot_test

import (
	"fmt"
	"os"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/snapshot"
)

func ExampleOpen() {
	dir, err := os.MkdirTemp("", "newswire-snapshot-")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)

	folder, err := snapshot.Open(dir, snapshot.DefaultLimit)
	if err != nil {
		fmt.Println(err)
		return
	}
	key := snapshot.Key{Topic: newswire.CategoryTopic("finance"), Name: "atom"}
	served := &snapshot.Document{MediaType: "application/atom+xml", Body: []byte("<feed/>"), Current: time.Date(2026, 3, 1, 8, 30, 0, 0, time.UTC)}
	if err := folder.Put(key, served); err != nil {
		fmt.Println(err)
		return
	}

	// After a restart the document is there, and says when it was up to date.
	folder, err = snapshot.Open(dir, snapshot.DefaultLimit)
	if err != nil {
		fmt.Println(err)
		return
	}
	d, err := folder.Get(key)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(folder.Len(), string(d.Body), d.Current.UTC().Format(time.RFC3339))
	// Output: 1 <feed/> 2026-03-01T08:30:00Z
}
