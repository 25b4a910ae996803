package revision_test

import (
	"bytes"
	"io"
	"math/rand/v2"
	"testing"

	"github.com/andybalholm/brotli"

	"github.com/newswire/newswire/syndication/internal/feedtest"
	"github.com/newswire/newswire/syndication/revision"
)

// What writers were used for before must not show in what they write, or replicas would differ.
func TestCompressorsForget(t *testing.T) {
	used := revision.Gzip()
	for n, length := range []int{40, 3, 200, 0, 25, 200, 25} {
		rng := rand.New(rand.NewPCG(uint64(length), 1))
		body := []byte(feedtest.Paragraphs(rng, 20*length))
		if got, want := used(body), revision.Gzip()(body); !bytes.Equal(got, want) {
			t.Errorf("document %d, of %d bytes, is %d bytes of gzip from a writer that was used, and %d from a new one", n, len(body), len(got), len(want))
		}
		var want bytes.Buffer
		w := brotli.NewWriterV2(&want, 4)
		_, _ = w.Write(body)
		_ = w.Close()
		got := revision.Brotli(body)
		if !bytes.Equal(got, want.Bytes()) {
			t.Errorf("document %d, of %d bytes, is %d bytes of brotli from a writer that was used, and %d from a new one", n, len(body), len(got), want.Len())
		}
		if plain, err := io.ReadAll(brotli.NewReader(bytes.NewReader(got))); err != nil || !bytes.Equal(plain, body) {
			t.Errorf("document %d, of %d bytes: %d are read from brotli, %v", n, len(body), len(plain), err)
		}
	}
}
