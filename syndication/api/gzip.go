package api

import (
	"bytes"
	"strings"
	"sync"

	"github.com/klauspost/compress/gzip"
)

// compressible is the least length of a body, in bytes, that is worth compressing.
const compressible = 512

// compressed is a buffer with a body in gzip.
type compressed struct {
	bytes.Buffer
	writer *gzip.Writer
}

// compressors are used again, for their tables are large.
var compressors = sync.Pool{New: func() any {
	w, err := gzip.NewWriterLevel(nil, gzip.BestSpeed)
	if err != nil {
		panic("api: a constant level of compression is none: " + err.Error())
	}
	return &compressed{writer: w}
}}

// compress makes the gzip form of a body. Its bytes are good until free.
func compress(body []byte) *compressed {
	c := compressors.Get().(*compressed)
	c.Reset()
	c.writer.Reset(&c.Buffer)
	if _, err := c.writer.Write(body); err != nil {
		panic("api: compressing in memory: " + err.Error())
	}
	if err := c.writer.Close(); err != nil {
		panic("api: compressing in memory: " + err.Error())
	}
	return c
}

// free gives the buffer back.
func (c *compressed) free() {
	const largest = 1 << 20
	if c.Cap() <= largest {
		compressors.Put(c)
	}
}

// acceptsGzip says whether a client wants gzip. It reports false when the client refuses the plain form as well (RFC 9110
// §12.5.3).
func acceptsGzip(fields []string) (gzip, ok bool) {
	if len(fields) == 0 {
		return false, true
	}
	const unsaid = -1.0
	named, plain, others := unsaid, unsaid, unsaid
	for _, field := range fields {
		for item := range strings.SplitSeq(field, ",") {
			name, parameters, _ := strings.Cut(item, ";")
			switch strings.ToLower(strings.TrimSpace(name)) {
			case "gzip", "x-gzip":
				named = weight(parameters)
			case "identity":
				plain = weight(parameters)
			case "*":
				others = weight(parameters)
			}
		}
	}
	if named == unsaid {
		named = max(0, others)
	}
	if plain == unsaid && others != 0 {
		plain = 0.0001 // acceptable, and less than anything that was asked for
	}
	return named > 0 && named >= plain, named > 0 || plain > 0
}
