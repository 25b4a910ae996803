package revision

import (
	"bytes"
	"io"
	"runtime"
	"strconv"
	"strings"
	"sync"

	"github.com/andybalholm/brotli"
	"github.com/andybalholm/brotli/matchfinder"
	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
)

// coding is a content coding (RFC 9110 §8.4.1). Of those that a reader likes equally, the first here is chosen.
type coding int

const (
	br coding = iota
	zst
	gz
	identity
	codings // how many there are
)

var codingNames = [codings]string{br: "br", zst: "zstd", gz: "gzip", identity: "identity"}

// String is the coding's name in a header.
func (c coding) String() string { return codingNames[c] }

// compressors has one for each body that is being compressed. What compresses has tables of several megabytes, and more of them at work
// than there are processors would only take memory.
var compressors = make(chan struct{}, runtime.GOMAXPROCS(0))

// encode compresses a body, but for gzip, which [gzipped] does. It is called once for each revision, so it may take
// its time; the same bytes always give the same bytes.
func (c coding) encode(body []byte) []byte {
	switch c {
	case br:
		var buf bytes.Buffer
		w := brotliWriters.Get().(*matchfinder.Writer)
		defer brotliWriters.Put(w)
		w.Reset(&buf)
		must(w.Write(body))
		must(0, w.Close())
		return bytes.Clone(buf.Bytes()) // without the room that the buffer grew for
	case zst:
		return bytes.Clone(zstdEncoder().EncodeAll(body, nil)) // without the room for a body that cannot be compressed
	default:
		return body
	}
}

// brotliWriters are used again, for their tables are large. They are of the newer of the two that the library has: at level 4
// it makes of a feed what the older one makes at level 5, to within 2 %, and takes less than half of the time. Beyond that, time
// grows much faster than the gain.
var brotliWriters = sync.Pool{New: func() any { return brotli.NewWriterV2(nil, 4) }}

// zstdEncoder is one for all, for its tables are large. It keeps twice the window in memory for each body that is being compressed; every
// browser can hold eight times as much (RFC 9659 §3), but few feeds are longer than this.
var zstdEncoder = sync.OnceValue(func() *zstd.Encoder {
	e, err := zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(1<<20))
	must(0, err)
	return e
})

// must is for what cannot fail: an encoder with constant settings that writes into memory.
func must(_ int, err error) {
	if err != nil {
		panic("revision: compressing in memory: " + err.Error())
	}
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

// negotiate chooses the coding of an answer from the Accept-Encoding fields of a request (RFC 9110 §12.5.3). Without
// any, every coding would do, and the plain form is what such a reader expects. It reports false when the request
// refuses all that there is.
func negotiate(accept []string) (coding, bool) {
	if len(accept) == 0 {
		return identity, true
	}
	const unsaid = -1
	weights := [codings]int{unsaid, unsaid, unsaid, unsaid}
	others := unsaid // of "*": what is not named
	for _, line := range accept {
		for line != "" {
			var item string
			item, line, _ = strings.Cut(line, ",")
			name, weight, ok := parseCoding(item)
			if !ok {
				continue
			}
			if name == "*" {
				others = weight
				continue
			}
			for c, known := range codingNames {
				if strings.EqualFold(name, known) || coding(c) == gz && strings.EqualFold(name, "x-gzip") {
					weights[c] = weight
				}
			}
		}
	}
	best, bestWeight := identity, 0
	for c, weight := range weights {
		if weight == unsaid {
			weight = others
		}
		if weight > bestWeight {
			best, bestWeight = coding(c), weight
		}
	}
	if bestWeight > 0 {
		return best, true
	}
	// Nothing is wanted. The plain form is acceptable unless it was refused, by name or with all the rest.
	refused := weights[identity] == 0 || weights[identity] == unsaid && others == 0
	return identity, !refused
}

// parseCoding reads one item of Accept-Encoding, such as "gzip;q=0.5", and gives its weight in thousandths.
func parseCoding(item string) (name string, weight int, ok bool) {
	name, params, _ := strings.Cut(item, ";")
	name = strings.TrimSpace(name)
	weight = 1000
	for params != "" {
		var param string
		param, params, _ = strings.Cut(params, ";")
		key, value, _ := strings.Cut(param, "=")
		if !strings.EqualFold(strings.TrimSpace(key), "q") {
			continue
		}
		q, err := strconv.ParseFloat(strings.TrimSpace(value), 64)
		if err != nil || !(q >= 0 && q <= 1) {
			return "", 0, false // a malformed item says nothing
		}
		weight = int(q*1000 + 0.5)
	}
	return name, weight, name != ""
}
