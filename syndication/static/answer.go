package static

import (
	"bytes"
	"context"
	"mime"
	"net/http"
)

// answer is what a handler answered, as its [http.ResponseWriter].
type answer struct {
	code   int
	header http.Header
	body   bytes.Buffer
}

// ask asks a handler for a path, as a reader without any wishes would.
func ask(ctx context.Context, handler http.Handler, path string) (*answer, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, path, http.NoBody)
	if err != nil {
		return nil, err
	}
	r.RequestURI = path
	a := &answer{header: http.Header{}}
	handler.ServeHTTP(a, r)
	if a.code == 0 {
		a.code = http.StatusOK
	}
	return a, ctx.Err()
}

func (a *answer) Header() http.Header { return a.header }

func (a *answer) WriteHeader(code int) {
	if a.code == 0 {
		a.code = code
	}
}

func (a *answer) Write(p []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(p)
}

// isHTML says whether the answer is a page.
func (a *answer) isHTML() bool {
	mediaType, _, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	return err == nil && mediaType == "text/html"
}
