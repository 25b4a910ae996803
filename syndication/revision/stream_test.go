package revision_test

import (
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/revision"
	"github.com/newswire/newswire/syndication/snapshot"
)

// long is a target that is streamed, and counts how often it was.
func long(text, tag string, streamed *atomic.Int32) revision.Target {
	return revision.Target{Topic: newswire.All, Name: "long", Render: func(context.Context, *revision.Draft) (revision.Content, error) {
		return revision.Content{MediaType: "text/plain", Tag: tag, Stream: func(w io.Writer) error {
			streamed.Add(1)
			_, err := io.WriteString(w, text)
			return err
		}}, nil
	}}
}

func asked(method string, fields ...string) *http.Request {
	r := httptest.NewRequest(method, "/long", nil)
	for i := 0; i < len(fields); i += 2 {
		r.Header.Set(fields[i], fields[i+1])
	}
	return r
}

func TestStreamIsAnsweredAsABodyIs(t *testing.T) {
	text := strings.Repeat("All of it, and more. ", 10_000)
	e, streamed := revision.New(quiet{}, revision.Options{}), new(atomic.Int32)
	target := long(text, "1", streamed)
	decoders := map[string]func(io.Reader) (io.Reader, error){
		"":     func(r io.Reader) (io.Reader, error) { return r, nil },
		"gzip": func(r io.Reader) (io.Reader, error) { return gzip.NewReader(r) },
		"br":   func(r io.Reader) (io.Reader, error) { return brotli.NewReader(r), nil },
		"zstd": func(r io.Reader) (io.Reader, error) { return zstd.NewReader(r) },
	}
	for coding, decode := range decoders {
		w := httptest.NewRecorder()
		if err := e.Show(w, asked(http.MethodGet, "Accept-Encoding", coding), target); err != nil {
			t.Fatal(err)
		}
		if got := w.Header().Get("Content-Encoding"); w.Code != http.StatusOK || got != coding || w.Header().Get("Content-Length") != "" {
			t.Errorf("%q: %d in %q, of length %q", coding, w.Code, got, w.Header().Get("Content-Length"))
		}
		r, err := decode(w.Body)
		if err != nil {
			t.Fatal(err)
		}
		if body, err := io.ReadAll(r); err != nil || string(body) != text {
			t.Errorf("%q: %d bytes, %v; want %d", coding, len(body), err, len(text))
		}
		etag, before := w.Header().Get("ETag"), streamed.Load()
		if want := map[bool]string{true: `-` + coding + `"`, false: `"`}[coding != ""]; !strings.HasSuffix(etag, want) {
			t.Errorf("%q: ETag %s, want one that ends in %s", coding, etag, want)
		}
		for method, fields := range map[string][]string{http.MethodGet: {"If-None-Match", etag}, http.MethodHead: nil} {
			again := httptest.NewRecorder()
			if err := e.Show(again, asked(method, append(fields, "Accept-Encoding", coding)...), target); err != nil {
				t.Fatal(err)
			}
			want := map[string]int{http.MethodGet: http.StatusNotModified, http.MethodHead: http.StatusOK}[method]
			if again.Code != want || again.Body.Len() > 0 || again.Header().Get("ETag") != etag || streamed.Load() != before {
				t.Errorf("%q: %s = %d, %d bytes, ETag %s", coding, method, again.Code, again.Body.Len(), again.Header().Get("ETag"))
			}
		}
	}
}

// The tag decides whether it is another one, and what is no longer in force is streamed no more.
func TestStreamIsReplacedWithItsTag(t *testing.T) {
	e, streamed := revision.New(quiet{}, revision.Options{}), new(atomic.Int32)
	show := func(text, tag string) (etag, body string) {
		t.Helper()
		e.Invalidate()
		w := httptest.NewRecorder()
		if err := e.Show(w, asked(http.MethodGet), long(text, tag, streamed)); err != nil {
			t.Fatal(err)
		}
		return w.Header().Get("ETag"), w.Body.String()
	}
	one, _ := show("one", "1")
	if etag, body := show("one again", "1"); etag != one || body != "one again" {
		t.Errorf("with the same tag: %s, %q", etag, body)
	}
	if etag, _ := show("two", "2"); etag == one {
		t.Error("with another tag: the same ETag")
	}
}

// stuck takes in nothing until it is released.
type stuck struct {
	http.ResponseWriter
	released chan struct{}
}

func (w stuck) Write(p []byte) (int, error) {
	<-w.released
	return w.ResponseWriter.Write(p)
}

func TestNoReaderWaitsForOneThatReadsAStreamSlowly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		e, target := revision.New(quiet{}, revision.Options{}), long("all of it", "1", new(atomic.Int32))
		slow, done := stuck{httptest.NewRecorder(), make(chan struct{})}, make(chan error, 1)
		go func() { done <- e.Show(slow, asked(http.MethodGet), target) }()
		synctest.Wait()
		w := httptest.NewRecorder()
		if err := e.Show(w, asked(http.MethodGet), target); err != nil || w.Body.String() != "all of it" {
			t.Errorf("Show = %v, %q", err, w.Body)
		}
		close(slow.released)
		if err := <-done; err != nil {
			t.Error(err)
		}
	})
}

// A snapshot has the whole of what is streamed.
func TestStreamOutlivesTheProcess(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		folder, err := snapshot.Open(t.TempDir(), 0)
		if err != nil {
			t.Fatal(err)
		}
		o := revision.Options{Snapshot: folder}
		target := long("all of it", "1", new(atomic.Int32))
		target.Persist = true
		first := revision.New(&log{}, o)
		ctx, cancel := context.WithCancel(t.Context())
		done := make(chan error, 1)
		go func() { done <- first.Run(ctx) }()
		synctest.Wait()
		if err := first.Show(httptest.NewRecorder(), asked(http.MethodGet), target); err != nil {
			t.Fatal(err)
		}
		cancel()
		<-done
		target.Render = func(context.Context, *revision.Draft) (revision.Content, error) {
			return revision.Content{}, io.ErrUnexpectedEOF
		}
		w := httptest.NewRecorder()
		if err := revision.New(&log{}, o).Show(w, asked(http.MethodGet), target); err != nil || !bytes.Equal(w.Body.Bytes(), []byte("all of it")) {
			t.Errorf("after a restart without the store: %v, %q", err, w.Body)
		}
	})
}
