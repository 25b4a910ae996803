package service

import (
	"cmp"
	"net/http"
	"net/url"
	"strings"
)

// basePath is the path of a site's address: what stands before the addresses of everything in it. It is empty for a site that
// has a host of its own.
func basePath(siteURL string) string {
	if _, rest, _ := strings.Cut(siteURL, "://"); !strings.Contains(rest, "/") {
		return "" // as most have none, and each request asks
	}
	u, err := url.Parse(siteURL)
	if err != nil {
		return ""
	}
	return strings.TrimRight(u.Path, "/")
}

// withoutBase takes the path of the site's address off requests, where they have it: a proxy in front of us may have taken it
// off or left it.
func withoutBase(base func() string, h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		prefix := base()
		if rest, ok := strings.CutPrefix(r.URL.Path, prefix); ok && prefix != "" && (rest == "" || rest[0] == '/') {
			inner := *r
			inner.URL = new(url.URL)
			*inner.URL = *r.URL
			inner.URL.Path = cmp.Or(rest, "/")
			if inner.URL.RawPath != "" { // some character of the rest is escaped that need not be
				escaped := (&url.URL{Path: prefix}).EscapedPath()
				inner.URL.RawPath = cmp.Or(strings.TrimPrefix(inner.URL.RawPath, escaped), "/")
			}
			r = &inner
		}
		h.ServeHTTP(w, r)
	})
}
