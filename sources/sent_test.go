package sources_test

import (
	"bytes"
	"compress/gzip"
	"context"
	"testing"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/fetch"
	"github.com/newswire/newswire/sources/sourcetest"
)

// spy is a fetcher that keeps the last answer.
type spy struct {
	sources.Fetcher
	last *fetch.Answer
}

func (s *spy) Get(ctx context.Context, r fetch.Request) (*fetch.Answer, error) {
	a, err := s.Fetcher.Get(ctx, r)
	s.last = a
	return a, err
}

// gzipped is a text in gzip, at a level.
func gzipped(t *testing.T, text string, level int) string {
	t.Helper()
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, level)
	if err != nil {
		t.Fatal(err)
	}
	_, _ = z.Write([]byte(text)) // into memory
	if err := z.Close(); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A publisher without validators sends its document each time. What comes as it came the last time is not inflated, and what is
// known though it comes otherwise is not read.
func TestADocumentThatIsSentOnceMoreIsNotInflated(t *testing.T) {
	one, two := rss("1 One"), rss("2 Two", "1 One")
	h, pub := newHarness(t), sourcetest.NewPublisher(t, one)
	fetcher := &spy{Fetcher: h.client}
	plain := func(text string, header ...string) func() {
		return func() { pub.Answer(sourcetest.Document("application/rss+xml", text, header...)) }
	}
	packed := func(text string, level int, header ...string) func() {
		header = append(header, "Content-Encoding", "gzip")
		return func() {
			pub.Answer(sourcetest.Document("application/rss+xml", gzipped(t, text, level), header...))
		}
	}
	s := newswire.Source{ID: "pub", URL: pub.URL(), Schedule: "@every 1h", Rights: newswire.Rights{Policy: newswire.PolicyFull}}
	for _, step := range []struct {
		name    string
		set     func()
		outcome sources.Outcome
		same    bool
	}{
		{"plain", plain(one), sources.Changed, false},
		{"plain again", plain(one), sources.Unchanged, true},
		{"in gzip", packed(one, 9), sources.Unchanged, false},
		{"in gzip again", packed(one, 9), sources.Unchanged, true},
		{"in gzip of another level", packed(one, 0), sources.Unchanged, false},
		{"in gzip of that level again", packed(one, 0), sources.Unchanged, true},
		{"another document in gzip", packed(two, 9), sources.Changed, false},
		{"that again", packed(two, 9), sources.Unchanged, true},
		{"that on other terms", packed(two, 9, "Content-Usage", "train-ai=n"), sources.Changed, false},
		{"that again", packed(two, 9, "Content-Usage", "train-ai=n"), sources.Unchanged, true},
		{"that under a name that is none", plain(gzipped(t, two, 9), "Content-Usage", "train-ai=n", "Content-Encoding", "utf-8"), sources.Unchanged, false},
		{"plain once more", plain(two, "Content-Usage", "train-ai=n"), sources.Unchanged, true},
		{"as a gzip file", plain(gzipped(t, two, 9), "Content-Usage", "train-ai=n"), sources.Unchanged, false},
		{"that again", plain(gzipped(t, two, 9), "Content-Usage", "train-ai=n"), sources.Unchanged, true},
	} {
		step.set()
		catalog, err := sources.NewCatalog([]newswire.Source{s}, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		var r sources.Result
		o := sources.Options{Report: func(got sources.Result) { r = got }}
		if err := sources.NewAggregator(h.store, sources.Setup{Catalog: catalog, Fetcher: fetcher}, o).Round(t.Context(), "pub"); err != nil {
			t.Fatal(err)
		}
		if r.Outcome != step.outcome || fetcher.last.Same != step.same || step.same != (fetcher.last.Body == nil) {
			t.Errorf("%s: %s %s, same %v with %d bytes; want %s, same %v", step.name, r.Outcome, r.Error, fetcher.last.Same, len(fetcher.last.Body), step.outcome, step.same)
		}
		notes, err := h.store.Notes(t.Context(), "pub")
		if err != nil || len(notes) == 0 || notes[0].Bytes != len(one) && notes[0].Bytes != len(two) {
			t.Errorf("%s: of the visit is noted %+v, %v; want the length of the document", step.name, notes, err)
		}
	}
	// By other settings it is another document.
	s.Name = "Another name"
	catalog, err := sources.NewCatalog([]newswire.Source{s}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	if err := sources.NewAggregator(h.store, sources.Setup{Catalog: catalog, Fetcher: fetcher}, sources.Options{}).Round(t.Context(), "pub"); err != nil || fetcher.last.Same {
		t.Errorf("read by other settings: same %v, %v; want that it is inflated", fetcher.last.Same, err)
	}
}
