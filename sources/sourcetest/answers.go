package sourcetest

import (
	"net/http"
	"time"
)

// Status is a handler that answers with a status, its text as the body, and headers given as pairs of key and value:
// Status(503, "Retry-After", "120").
func Status(code int, header ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		setPairs(w.Header(), header)
		http.Error(w, http.StatusText(code), code)
	})
}

// Redirect is a handler that sends visitors to another address, which goes into Location as it is.
func Redirect(code int, to string, header ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		setPairs(w.Header(), header)
		w.Header().Set("Location", to)
		w.WriteHeader(code)
	})
}

// Document is a handler that answers 200 with a body, without validators. An empty media type sends none.
func Document(mediaType, body string, header ...string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = nil // net/http would guess one
		if mediaType != "" {
			w.Header().Set("Content-Type", mediaType)
		}
		setPairs(w.Header(), header)
		_, _ = w.Write([]byte(body)) // a client that left is the test's business
	})
}

// Delay is a handler that waits before next answers, or until the client goes away.
func Delay(d time.Duration, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-timer.C:
			next.ServeHTTP(w, r)
		case <-r.Context().Done():
		}
	})
}

func setPairs(h http.Header, pairs []string) {
	for i := 0; i+1 < len(pairs); i += 2 {
		h.Set(pairs[i], pairs[i+1])
	}
}
