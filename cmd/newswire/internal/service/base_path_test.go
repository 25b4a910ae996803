package service

import (
	"net/http"
	"net/http/httptest"
	"testing"
)

func TestASiteBelowAPathIsServedWithAndWithoutIt(t *testing.T) {
	for _, tt := range []struct{ site, asked, want string }{
		{"https://wire.example", "/feeds/all.atom", "/feeds/all.atom"},
		{"https://wire.example/", "/feeds/all.atom", "/feeds/all.atom"},
		{"https://wire.example/news", "/news/feeds/all.atom?limit=2", "/feeds/all.atom?limit=2"},
		{"https://wire.example/news", "/feeds/all.atom", "/feeds/all.atom"},
		{"https://wire.example/news/", "/news", "/"},
		{"https://wire.example/news", "/news/", "/"},
		{"https://wire.example/news", "/newsletter", "/newsletter"},
		{"https://wire.example/news", "/news//feeds/all.atom", "//feeds/all.atom"},
		{"https://wire.example/a/b", "/a/b/category/x", "/category/x"},
		{"https://wire.example/caf%C3%A9", "/caf%C3%A9/category/x", "/category/x"},
		{"https://wire.example/news", "/news/category/a%2Fb", "/category/a%2Fb"},
	} {
		got := ""
		h := withoutBase(func() string { return basePath(tt.site) }, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
			got = r.URL.RequestURI()
		}))
		h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequestWithContext(t.Context(), http.MethodGet, tt.asked, nil))
		if got != tt.want {
			t.Errorf("%s, asked for %s: serves %s; want %s", tt.site, tt.asked, got, tt.want)
		}
	}
}
