// Command receive keeps a copy of a newswire's articles by webhook: it answers the deliveries, checks their signatures and
// applies what they say. It is an example for partner sites to begin with; docs/webhooks.md explains it.
//
//	WEBHOOK_SECRET=whsec_… go run ./docs/receive 127.0.0.1:9000 copy.json
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"sync"
	"time"

	standardwebhooks "github.com/standard-webhooks/standard-webhooks/libraries/go"
)

// message is a delivery.
type message struct {
	Type string
	Data struct {
		Changes []struct {
			Article string
			Item    json.RawMessage
		}
		Cursor, Articles string // of a resync
	}
}

type copied struct {
	file   string
	secret *standardwebhooks.Webhook

	mu       sync.Mutex
	articles map[string]json.RawMessage // by ID
}

func main() {
	secret, err := standardwebhooks.NewWebhook(os.Getenv("WEBHOOK_SECRET"))
	if err != nil {
		log.Fatal(err)
	}
	c := &copied{file: os.Args[2], secret: secret, articles: map[string]json.RawMessage{}}
	if text, err := os.ReadFile(c.file); err == nil {
		if err := json.Unmarshal(text, &c.articles); err != nil {
			log.Fatal(err)
		}
	}
	server := &http.Server{Addr: os.Args[1], Handler: c, ReadTimeout: time.Minute}
	log.Fatal(server.ListenAndServe())
}

// ServeHTTP takes a delivery. One that comes twice changes nothing the second time.
func (c *copied) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 32<<20))
	if err != nil {
		http.Error(w, err.Error(), http.StatusRequestEntityTooLarge)
		return
	}
	if err := c.secret.Verify(body, r.Header); err != nil { // the bytes as they came, before anything reads them
		http.Error(w, err.Error(), http.StatusUnauthorized)
		return
	}
	var m message
	if err := json.Unmarshal(body, &m); err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	if err := c.apply(&m); err != nil { // it comes again
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	w.WriteHeader(http.StatusNoContent) // only now: what was accepted does not come again
}

func (c *copied) apply(m *message) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, change := range m.Data.Changes {
		if m.Type == "article.remove" {
			delete(c.articles, change.Article)
		} else if change.Item != nil {
			c.articles[change.Article] = change.Item
		}
	}
	if m.Type == "resync" {
		fmt.Println("changes were missed: copy", m.Data.Articles, "again, as docs/follow does; deliveries go on after", m.Data.Cursor)
	}
	text, err := json.Marshal(c.articles)
	if err == nil {
		err = os.WriteFile(c.file+".new", text, 0o600)
	}
	if err != nil {
		return err
	}
	return os.Rename(c.file+".new", c.file)
}
