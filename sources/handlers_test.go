package sources_test

import "net/http"

// partial answers 226 IM Used (RFC 3229) with a document that holds only what is new.
func partial(document string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("IM", "feed")
		w.Header().Set("ETag", `"partial"`)
		w.WriteHeader(http.StatusIMUsed)
		_, _ = w.Write([]byte(document)) // a client that went away is the test's doing
	})
}
