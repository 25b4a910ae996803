package fetch

import (
	"bufio"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// acceptEncoding lists the encodings that readBody inflates.
const acceptEncoding = "gzip, zstd, br, deflate"

// maxEncodings bounds a Content-Encoding list: each layer multiplies what a few bytes can become.
const maxEncodings = 2

// readBody reads a response's body, inflated. Neither the bytes on the wire nor the document may exceed limit.
func readBody(response *http.Response, limit int64) ([]byte, error) {
	if response.ContentLength > limit {
		return nil, fmt.Errorf("%w: %d bytes, the limit is %d", ErrTooLarge, response.ContentLength, limit)
	}
	wire := &bounded{r: response.Body, left: limit, limit: limit}
	r := io.Reader(wire)
	encodings := strings.Split(response.Header.Get("Content-Encoding"), ",")
	if len(encodings) > maxEncodings {
		return nil, fmt.Errorf("content-encoding %q: too many layers", response.Header.Get("Content-Encoding"))
	}
	for i := len(encodings) - 1; i >= 0; i-- { // RFC 9110 §8.4: listed in the order they were applied
		inflated, err := inflate(r, strings.ToLower(strings.TrimSpace(encodings[i])), limit)
		if err != nil {
			return nil, err
		}
		defer inflated.Close()
		r = inflated
	}
	body, err := io.ReadAll(&bounded{r: r, left: limit, limit: limit})
	if err != nil && wire.left < 0 { // an inflater may have put the reason into words of its own
		err = wire.tooLarge()
	}
	return body, err
}

// inflate undoes one content coding (RFC 9110 §8.4.1).
func inflate(r io.Reader, encoding string, limit int64) (io.ReadCloser, error) {
	switch encoding {
	case "", "identity":
		return io.NopCloser(r), nil
	case "gzip", "x-gzip":
		// Some servers label plain documents as gzip; the magic number tells.
		b := bufio.NewReader(r)
		if magic, err := b.Peek(2); err != nil || magic[0] != 0x1f || magic[1] != 0x8b {
			return io.NopCloser(b), nil
		}
		return gzip.NewReader(b)
	case "deflate":
		// The name means zlib (RFC 1950), but some servers send bare deflate (RFC 1951).
		b := bufio.NewReader(r)
		if head, err := b.Peek(2); err == nil && head[0]&0x0f == 8 && (uint(head[0])<<8|uint(head[1]))%31 == 0 {
			return zlib.NewReader(b)
		}
		return flate.NewReader(b), nil
	case "br":
		return io.NopCloser(brotli.NewReader(r)), nil
	case "zstd":
		d, err := zstd.NewReader(r, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(8<<20),
			zstd.WithDecoderMaxMemory(uint64(limit)))
		if err != nil {
			return nil, fmt.Errorf("zstd: %w", err)
		}
		return d.IOReadCloser(), nil
	}
	return nil, fmt.Errorf("content-encoding %q is not one that we asked for", encoding)
}

// bounded reads at most limit bytes and fails with ErrTooLarge when there are more.
type bounded struct {
	r     io.Reader
	left  int64 // of limit; below zero once it was exceeded
	limit int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left < 0 {
		return 0, b.tooLarge()
	}
	if int64(len(p)) > b.left+1 {
		p = p[:b.left+1] // one more than allowed, to see whether there is more
	}
	n, err := b.r.Read(p)
	if errors.Is(err, zstd.ErrDecoderSizeExceeded) || errors.Is(err, zstd.ErrWindowSizeExceeded) {
		err = b.tooLarge()
	}
	if b.left -= int64(n); b.left < 0 {
		return n - 1, b.tooLarge()
	}
	return n, err
}

func (b *bounded) tooLarge() error {
	return fmt.Errorf("%w: more than %d bytes", ErrTooLarge, b.limit)
}
