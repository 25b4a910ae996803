package revision

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net/http"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// streamsAtOnce is how many streams are made at a time: they are long, and the rest of the service is to have a processor.
const streamsAtOnce = 1

// stream makes the form of a representation that is streamed: it has no body, and no length that would be known.
func (f *form) stream(rep *representation, c coding) {
	f.etag = `"` + rep.tag + `"`
	f.payload = []Field{rep.kind}
	if c != identity {
		f.etag = `"` + rep.tag + `-` + c.String() + `"`
		f.payload = append(f.payload, NewField("Content-Encoding", c.String()))
	}
	f.tag = NewField("ETag", f.etag)
	f.made.Store(true)
}

// sendStream answers with a representation that is streamed. The header says everything else already.
func (e *Engine) sendStream(w http.ResponseWriter, r *http.Request, rep *representation, c coding) error {
	if r.Method == http.MethodHead {
		w.WriteHeader(http.StatusOK)
		return nil
	}
	y := &yielding{to: w, slots: e.streamSlots}
	if err := y.begin(r.Context()); err != nil {
		return err
	}
	defer y.end()
	w.WriteHeader(http.StatusOK)
	_ = c.writeStream(y, rep.stream) // a reader that went away is no error of ours
	return nil
}

// yielding is what a stream writes to. It has a slot while the stream is being made, and none while the reader takes it in,
// which may be as slowly as it likes.
type yielding struct {
	to    io.Writer
	slots chan struct{}
}

func (y *yielding) begin(ctx context.Context) error {
	select {
	case y.slots <- struct{}{}:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("stream: %w: %w", ErrBusy, ctx.Err())
	}
}

func (y *yielding) end() { <-y.slots }

func (y *yielding) Write(p []byte) (int, error) {
	y.end()
	n, err := y.to.Write(p)
	y.slots <- struct{}{} // nothing else is waited for by those that have one
	return n, err
}

// writeStream writes a stream in a coding. It is compressed for one answer, and so as fast as may be.
func (c coding) writeStream(to io.Writer, stream func(w io.Writer) error) error {
	var w io.WriteCloser
	switch c {
	case br:
		w = brotli.NewWriterLevel(to, 1)
	case zst:
		encoder, err := zstd.NewWriter(to, zstd.WithEncoderConcurrency(1), zstd.WithEncoderLevel(zstd.SpeedFastest), zstd.WithWindowSize(1<<20))
		must(0, err)
		w = encoder
	case gz:
		encoder, err := gzip.NewWriterLevel(to, gzip.BestSpeed)
		must(0, err)
		w = encoder
	default:
		return stream(to)
	}
	err := stream(w)
	if err == nil {
		err = w.Close()
	}
	return err
}

// whole is the body, also of a representation that is streamed.
func (rep *representation) whole() []byte {
	if rep.stream == nil {
		return rep.body
	}
	var b bytes.Buffer
	must(0, rep.stream(&b))
	return b.Bytes()
}
