package fetch

import (
	"bufio"
	"io"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// inflater undoes one content coding, again and again.
type inflater interface {
	io.Reader
	Reset(r io.Reader) error
}

// inflaters are kept for the next body: their windows and tables are larger than most documents.
type inflaters struct{ pool sync.Pool }

var (
	gzips   = newInflaters(func() inflater { return &gunzip{peek: newPeeker(nil)} })
	brotlis = newInflaters(func() inflater { return new(brotli.Reader) })
	zstds   = newInflaters(func() inflater {
		d, err := zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderLowmem(true), zstd.WithDecoderMaxWindow(maxWindow))
		if err != nil {
			panic("fetch: zstd refuses constant options: " + err.Error())
		}
		return d
	})
)

// maxWindow bounds the memory of a zstd stream; it is what RFC 9659 allows as a content coding.
const maxWindow = 8 << 20

func newInflaters(make func() inflater) *inflaters {
	return &inflaters{pool: sync.Pool{New: func() any { return make() }}}
}

// inflate begins a body. Done gives the inflater back.
func (s *inflaters) inflate(r io.Reader) (_ io.Reader, done func(), err error) {
	z := s.pool.Get().(inflater)
	if err := z.Reset(r); err != nil {
		return nil, nil, err
	}
	return z, func() {
		_ = z.Reset(strings.NewReader("")) // lets go of the connection
		s.pool.Put(z)
	}, nil
}

// gunzip reads gzip, and what is merely called gzip: some servers label plain documents so; the magic number tells.
type gunzip struct {
	peek  *bufio.Reader
	z     gzip.Reader
	plain bool
}

func (g *gunzip) Reset(r io.Reader) error {
	g.peek.Reset(r)
	magic, err := g.peek.Peek(2)
	if g.plain = err != nil || !isGzip(magic); g.plain {
		return nil
	}
	return g.z.Reset(g.peek)
}

func (g *gunzip) Read(p []byte) (int, error) {
	if g.plain {
		return g.peek.Read(p)
	}
	return g.z.Read(p)
}

func newPeeker(r io.Reader) *bufio.Reader { return bufio.NewReaderSize(r, 4<<10) }
