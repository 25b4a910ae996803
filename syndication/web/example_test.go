package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/webtest"
	"github.com/newswire/newswire/syndication/web"
)

func ExampleNew() {
	store := webtest.NewShop() // any cache.Store
	directory := &web.Directory{
		Site:       newswire.Site{Title: "The Wire", URL: "https://wire.example.org"},
		Categories: []newswire.Category{{ID: "finance", Title: "Finance"}},
	}
	server := web.New(store, func() *web.Directory { return directory }, web.Options{})

	w := httptest.NewRecorder()
	server.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "/feeds/category/finance.atom", nil))
	fmt.Println(w.Code, w.Header().Get("Content-Type"))
	fmt.Println(w.Header().Get("Link"))
	// Output:
	// 200 application/atom+xml; charset=utf-8
	// <https://wire.example.org/feeds/category/finance.atom>; rel="self"
}
