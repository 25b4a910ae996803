package fetch_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"strings"
	"time"

	"github.com/newswire/newswire/sources/fetch"
)

// The second request says what is known already, and the publisher need not send it again.
func ExampleClient_Get() {
	publisher := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("ETag", `"1"`)
		http.ServeContent(w, r, "feed.xml", time.Time{}, strings.NewReader("<rss/>"))
	}))
	defer publisher.Close()
	ctx, feed := context.Background(), publisher.URL+"/feed.xml"
	c := fetch.NewClient(fetch.Options{
		UserAgent:    "newswire/1.0 (+https://wire.example.org/about/fetcher)",
		AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}, // for the example alone
	})
	defer c.Close()

	answer, err := c.Get(ctx, fetch.Request{URL: feed})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(answer.Status, string(answer.Body))
	answer, err = c.Get(ctx, fetch.Request{URL: feed, Validators: answer.Validators, ValidFor: feed})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(answer.Status)
	// Output:
	// 200 <rss/>
	// 304
}
