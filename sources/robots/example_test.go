package robots_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"

	"github.com/newswire/newswire/sources/fetch"
	"github.com/newswire/newswire/sources/robots"
)

func ExampleCache_Allowed() {
	publisher := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		fmt.Fprint(w, "User-agent: *\nDisallow: /drafts/\nCrawl-delay: 5\n")
	}))
	defer publisher.Close()
	client := fetch.NewClient(fetch.Options{
		AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, // for the example alone
	})
	defer client.Close()

	c := robots.NewCache(client)
	for _, path := range []string{"/news/crane", "/drafts/crane"} {
		allowed, delay, err := c.Allowed(context.Background(), "newswire/1.0", publisher.URL+path)
		fmt.Println(path, allowed, delay, err)
	}
	// Output:
	// /news/crane true 5s <nil>
	// /drafts/crane false 5s <nil>
}
