package fetch

import (
	"bytes"
	"compress/zlib"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/klauspost/compress/flate"
	"github.com/klauspost/compress/zstd"
)

// acceptEncoding lists the encodings that are inflated here.
const acceptEncoding = "gzip, zstd, br, deflate"

// maxEncodings bounds a Content-Encoding list: each layer multiplies what a few bytes can become.
const maxEncodings = 2

// Sent is what came over the wire, before anything was inflated.
type Sent struct {
	Sum   [sha256.Size]byte // SHA-256
	Bytes int
	Coded bool // what it is inflated to is something else
}

// document reads the document of an answer, inflated. Neither the bytes on the wire nor those that any layer of encoding becomes
// may exceed the limit of the options. Where the request knows what was sent, nothing is inflated.
func (w *walk) document(a *Answer, response *http.Response) error {
	limit := w.options.MaxBytes
	if response.ContentLength > limit {
		return fmt.Errorf("%w: %d bytes, the limit is %d", ErrTooLarge, response.ContentLength, limit)
	}
	wire, done, err := read(&bounded{r: response.Body, left: limit, limit: limit})
	if err != nil {
		return err
	}
	defer done()
	coding := response.Header.Get("Content-Encoding")
	if w.Known != nil {
		a.Sent = Sent{sha256.Sum256(wire), len(wire), coding != "" || isGzip(wire)}
		if a.Same = w.Known(a); a.Same {
			return nil
		}
	}
	a.Body, err = inflated(wire, coding, limit)
	return err
}

// inflated is what was sent in a coding, with memory of its own. A document that is a gzip file itself, as sitemaps often are, is
// inflated like one that was sent so.
func inflated(wire []byte, coding string, limit int64) ([]byte, error) {
	if coding == "" {
		if isGzip(wire) {
			return readFile(wire, limit)
		}
		return bytes.Clone(wire), nil
	}
	r := io.Reader(bytes.NewReader(wire))
	encodings := strings.Split(coding, ",")
	if len(encodings) > maxEncodings {
		return nil, fmt.Errorf("content-encoding %q: too many layers", coding)
	}
	nameless := ""
	for i := len(encodings) - 1; i >= 0; i-- { // RFC 9110 §8.4: listed in the order they were applied
		name := strings.ToLower(strings.Trim(encodings[i], " \t\""))
		inflated, done, err := inflate(r, name)
		if errors.Is(err, errNoCoding) {
			nameless = name
			continue
		}
		if err != nil {
			return nil, err
		}
		defer done()
		r = &bounded{r: inflated, left: limit, limit: limit}
	}
	body, err := readAll(r)
	if err != nil {
		return nil, err
	}
	if isGzip(body) {
		return readFile(body, limit)
	}
	if nameless != "" && !isText(body) {
		return nil, fmt.Errorf("content-encoding %q is not one that we asked for", nameless)
	}
	return body, nil
}

// errNoCoding says that a Content-Encoding names no coding. Servers write their charset there (UTF-8), or a word such as
// none, binary or aws-chunked; then the body has to speak for itself.
var errNoCoding = errors.New("no coding")

// foreign are the registered codings that are not inflated here.
var foreign = []string{"compress", "x-compress", "aes128gcm", "dcb", "dcz", "exi", "pack200-gzip"}

// isText says whether a body is text by its first bytes, as browsers tell (MIME Sniffing §7): no control characters are in it.
func isText(body []byte) bool { return strings.HasPrefix(http.DetectContentType(body), "text/") }

// isPlain says whether a body begins as a document, and so is not compressed: a tag, an object or a
// list, and nothing but text behind it.
func isPlain(head []byte) bool {
	text := bytes.TrimLeft(bytes.TrimPrefix(head, []byte("\xef\xbb\xbf")), " \t\r\n")
	return len(text) > 0 && strings.IndexByte("<{[", text[0]) >= 0 && isText(head)
}

// isGzip says whether a document begins as gzip does (RFC 1952 §2.3.1), and as nothing does that is read here.
func isGzip(body []byte) bool { return bytes.HasPrefix(body, []byte{0x1f, 0x8b}) }

// readFile reads a document that is a gzip file.
func readFile(file []byte, limit int64) ([]byte, error) {
	inflated, done, err := gzips.inflate(bytes.NewReader(file))
	if err != nil {
		return nil, fmt.Errorf("gzip file: %w", err)
	}
	defer done()
	body, err := readAll(&bounded{r: inflated, left: limit, limit: limit})
	if err != nil {
		return nil, fmt.Errorf("gzip file: %w", err)
	}
	return body, nil
}

// buffers are read into before a body's length is known.
var buffers = sync.Pool{New: func() any { return new(bytes.Buffer) }}

// maxPooled bounds what an idle buffer holds: a few large documents should not fill the memory for good.
const maxPooled = 1 << 20

// readAll reads to the end, into memory of just that size.
func readAll(r io.Reader) ([]byte, error) {
	b, done, err := read(r)
	if err != nil {
		return nil, err
	}
	defer done()
	return bytes.Clone(b), nil
}

// read reads to the end, into memory that is used again after done.
func read(r io.Reader) (_ []byte, done func(), err error) {
	b := buffers.Get().(*bytes.Buffer)
	done = func() {
		if b.Cap() <= maxPooled {
			b.Reset()
			buffers.Put(b)
		}
	}
	if _, err := b.ReadFrom(r); err != nil {
		done()
		return nil, nil, err
	}
	return b.Bytes(), done, nil
}

// inflate undoes one content coding (RFC 9110 §8.4.1). Done is to be called when everything was read. A body is believed
// before its label, where it can be told what it is.
func inflate(r io.Reader, encoding string) (_ io.Reader, done func(), _ error) {
	switch encoding {
	case "", "identity":
		return r, func() {}, nil
	case "gzip", "x-gzip":
		return gzips.inflate(r) // which knows plain documents by themselves
	case "br", "zstd", "deflate":
		b := newPeeker(r)
		switch head, _ := b.Peek(512); {
		case isGzip(head):
			return gzips.inflate(b)
		case isPlain(head):
			return b, func() {}, nil
		case encoding == "br":
			return brotlis.inflate(b)
		case encoding == "zstd":
			return zstds.inflate(b)
		case len(head) >= 2 && head[0]&0x0f == 8 && (uint(head[0])<<8|uint(head[1]))%31 == 0:
			z, err := zlib.NewReader(b)
			return z, func() {}, err
		}
		// The name means zlib (RFC 1950), but some servers send bare deflate (RFC 1951).
		return flate.NewReader(b), func() {}, nil
	}
	if slices.Contains(foreign, encoding) {
		return nil, nil, fmt.Errorf("content-encoding %q is not one that we asked for", encoding)
	}
	return nil, nil, errNoCoding
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
	if errors.Is(err, zstd.ErrWindowSizeExceeded) {
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
