// Command follow keeps a copy of a newswire's articles in a file: first all there are, then what changes, over restarts of
// either side. It is an example for partner sites to begin with; docs/api.md explains it.
//
//	NEWSWIRE_KEY=nwk_… go run ./docs/follow https://wire.example.org copy.json
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"net/http"
	"os"
	"time"
)

type item struct {
	Title    string
	HTML     string `json:"content_html"`
	Newswire struct {
		ID       string
		Revision int
	} `json:"_newswire"`
}

// copied is the articles by ID, and the place in the change log that they are from; empty before the first snapshot.
type copied struct {
	Next     string
	Articles map[string]item
}

func main() {
	api, file := os.Args[1]+"/api/v1/", os.Args[2]
	c := copied{Articles: map[string]item{}}
	if text, err := os.ReadFile(file); err == nil {
		if err := json.Unmarshal(text, &c); err != nil {
			log.Fatal(err)
		}
	}
	for {
		err := c.step(api)
		if text, merr := json.Marshal(c); err == nil { // only now: what a crash takes back is asked for again
			err = errors.Join(merr, os.WriteFile(file+".new", text, 0o600), os.Rename(file+".new", file))
		}
		if err != nil {
			log.Print(err, "; trying again")
			time.Sleep(time.Second)
		}
	}
}

// step takes a snapshot, or waits for changes and follows them.
func (c *copied) step(api string) error {
	var page struct {
		Changes []struct {
			Op, Article string
			Item        *item
		}
		Next string
	}
	if c.Next == "" {
		return c.snapshot(api)
	}
	err := get(api+"changes?wait=30s&after="+c.Next, &page)
	if errors.Is(err, errGone) {
		c.Next = "" // away for too long
		return nil
	}
	for _, change := range page.Changes {
		if change.Op == "remove" {
			c.remove(change.Article)
		} else if change.Item != nil {
			c.put(*change.Item)
		}
	}
	if err == nil {
		c.Next = page.Next
	}
	return err
}

// snapshot copies what there is. Its place in the log is asked for first, so that no change falls between the two.
func (c *copied) snapshot(api string) error {
	var begin, page struct {
		Items []item
		Next  string
	}
	there := map[string]bool{}
	err := get(api+"changes", &begin)
	for more := true; more && err == nil; more = page.Next != "" {
		address := api + "articles?limit=100&after=" + page.Next
		page.Items, page.Next = nil, ""
		err = get(address, &page)
		for _, it := range page.Items {
			there[it.Newswire.ID] = true
			c.put(it)
		}
	}
	if err != nil {
		return err
	}
	for id := range c.Articles {
		if !there[id] {
			c.remove(id)
		}
	}
	c.Next = begin.Next
	return nil
}

// put takes an article in, unless this revision of it is there: after a snapshot a change may come again.
func (c *copied) put(it item) {
	if it.Newswire.Revision > c.Articles[it.Newswire.ID].Newswire.Revision {
		c.Articles[it.Newswire.ID] = it
		fmt.Println("put", it.Newswire.ID, it.Newswire.Revision, it.Title)
	}
}

func (c *copied) remove(id string) {
	if _, there := c.Articles[id]; there {
		delete(c.Articles, id)
		fmt.Println("remove", id)
	}
}

var errGone = errors.New("the cursor is older than the log")

func get(address string, answer any) error {
	r, err := http.NewRequestWithContext(context.Background(), http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	if key := os.Getenv("NEWSWIRE_KEY"); key != "" {
		r.Header.Set("Authorization", "Bearer "+key)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	switch response.StatusCode {
	case http.StatusOK:
		return json.NewDecoder(response.Body).Decode(answer)
	case http.StatusGone:
		return errGone
	}
	return fmt.Errorf("%s: %s", address, response.Status)
}
