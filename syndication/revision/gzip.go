package revision

import (
	"bytes"
	"encoding/binary"
	"hash/crc32"
	"sync"

	"github.com/klauspost/compress/flate"
)

// A gzip member (RFC 1952) holds one deflate stream, and that can be put together from pieces, if each ends on a byte's
// boundary and refers to nothing but itself and a window of plain text before it. So what a body has in common with the
// revision before it is not compressed again: it is cut where the text says so and not at a distance
// (content-defined chunking), and a piece is taken over when the piece and its window are the same as before. The bytes are
// a pure function of the body all the same, for a piece that is compressed again comes out as it was.
const (
	pieceLeast  = 12 << 10 // bytes; but for the last
	pieceMost   = 32 << 10 // bytes
	pieceExtra  = 8 << 10  // bytes beyond the least, on average; a power of two
	pieceWindow = 12 << 10 // bytes before a piece that it may refer to
)

// piece is a part of a body, and of its gzip form.
type piece struct {
	end  int // in the body
	gzip int // its end in the gzip form
}

// nextCut is where the piece ends that begins at start. Where exactly is decided by the 64 bytes before: they are added up
// in a way that shifts out what is older (a gear hash), and one sum in so many ends the piece.
func nextCut(body []byte, start int) int {
	if len(body)-start <= pieceLeast {
		return len(body)
	}
	last := min(len(body), start+pieceMost)
	sum := uint64(0)
	for i := start + pieceLeast - 64; i < last; i++ {
		sum = sum<<1 + gears[body[i]]
		if i >= start+pieceLeast && sum>>32%pieceExtra == 0 {
			return i
		}
	}
	return last
}

// gears are numbers without a pattern, the same in every process (SplitMix64).
var gears = func() (g [256]uint64) {
	state := uint64(0)
	for i := range g {
		state += 0x9e3779b97f4a7c15
		z := state
		z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
		z = (z ^ z>>27) * 0x94d049bb133111eb
		g[i] = z ^ z>>31
	}
	return g
}()

// window is what a piece that begins at start may refer to.
func window(body []byte, start int) []byte { return body[max(0, start-pieceWindow):start] }

// gzipped is a body in the gzip form, with its pieces for the next one. Those that it has in common with an earlier
// representation in that form are taken from there.
func gzipped(body []byte, before *representation) ([]byte, []piece) {
	d := deflaters.Get().(*deflater)
	defer deflaters.Put(d)
	return d.gzip(body, before)
}

func (d *deflater) gzip(body []byte, before *representation) ([]byte, []piece) {
	d.out.Reset()
	d.out.Write(gzipHeader)
	var pieces []piece
	for start := 0; start < len(body); {
		end := nextCut(body, start)
		if known := before.gzipPiece(window(body, start), body[start:end]); known != nil {
			d.out.Write(known)
		} else {
			d.deflate(window(body, start), body[start:end])
		}
		pieces = append(pieces, piece{end, d.out.Len()})
		start = end
	}
	d.out.Write(deflateEnd)
	var trailer [8]byte
	binary.LittleEndian.PutUint32(trailer[:], crc32.ChecksumIEEE(body))
	binary.LittleEndian.PutUint32(trailer[4:], uint32(len(body)))
	d.out.Write(trailer[:])
	return bytes.Clone(d.out.Bytes()), pieces
}

var (
	gzipHeader = []byte{0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff} // deflate, no flags, no time, no system (RFC 1952 §2.3)
	deflateEnd = []byte{0x03, 0x00}                            // an empty block that is the last (RFC 1951 §3.2.3)
)

// gzipPiece is a piece of the body with some text before it, as it is in the gzip form; nil if there is no such piece, or no
// such form yet, or rep is nil.
func (rep *representation) gzipPiece(before, text []byte) []byte {
	if rep == nil || !rep.forms[gz].made.Load() {
		return nil
	}
	f := &rep.forms[gz]
	start, at := 0, len(gzipHeader)
	for _, p := range f.pieces {
		if bytes.Equal(rep.body[start:p.end], text) && bytes.Equal(window(rep.body, start), before) {
			return f.body[at:p.gzip]
		}
		start, at = p.end, p.gzip
	}
	return nil
}

// deflater compresses pieces. Its tables are large, so deflaters are used again.
type deflater struct {
	w      *flate.Writer
	out    bytes.Buffer
	window [pieceWindow]byte // a copy, for the writer holds on to it
}

var deflaters = sync.Pool{New: func() any { return newDeflater() }}

func newDeflater() *deflater {
	d := new(deflater)
	w, err := flate.NewWriter(&d.out, 6) // one more than the default, for what the cuts and the short windows cost
	must(0, err)
	d.w = w
	return d
}

// deflate appends a piece to out, up to a byte's boundary.
func (d *deflater) deflate(window, text []byte) {
	d.w.ResetDict(&d.out, d.window[:copy(d.window[:], window)])
	must(d.w.Write(text))
	must(0, d.w.Flush())
}
