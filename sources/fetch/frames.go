package fetch

import (
	"bufio"
	"crypto/tls"
	"encoding/binary"
	"errors"
	"io"
	"sync"

	"golang.org/x/net/http2"
)

const (
	maxFrame = 1 << 20 // bytes; we ask for no larger frames

	// maxEmpty bounds the frames of a connection that bring nothing of a document: a server that serves needs a few for
	// each answer.
	maxEmpty = 10_000

	frameHeader = 9 // bytes (RFC 9113 §4.1)
)

// errFrames says that a server sends frames for nothing.
var errFrames = errors.New("the server sends too many frames that hold nothing")

// frames lets through what a client of HTTP/2 has use for of what a server sends, and not without end. Left out are
// frames that we, who send no bodies, need not know: WINDOW_UPDATE, over which net/http in Go 1.26 locks up when a stream's
// window overflows, as processWindowUpdate takes the connection's mutex twice; and PRIORITY and unknown types, each of which
// is a line in the log to those who wrote the client. RFC 9113 §5.5 has unknown types ignored.
type frames struct {
	*tls.Conn
	in      *bufio.Reader
	header  [frameHeader]byte
	pending []byte // of header, still to be passed on
	payload uint32 // of the present frame, still to be passed on
	empty   int    // frames that brought nothing
	closed  func()
	once    sync.Once
}

// newFrames guards a connection. Closed is called once, when it is closed.
func newFrames(c *tls.Conn, closed func()) *frames {
	return &frames{Conn: c, in: bufio.NewReaderSize(c, 4<<10), closed: closed}
}

func (f *frames) Close() error {
	f.once.Do(f.closed)
	return f.Conn.Close()
}

func (f *frames) Read(p []byte) (int, error) {
	if len(f.pending) == 0 && f.payload == 0 {
		if err := f.next(); err != nil {
			return 0, err
		}
	}
	if len(f.pending) > 0 {
		n := copy(p, f.pending)
		f.pending = f.pending[n:]
		return n, nil
	}
	if uint32(min(len(p), maxFrame)) > f.payload { //nolint:gosec // bounded
		p = p[:f.payload]
	}
	n, err := f.in.Read(p[:min(len(p), maxFrame)])
	f.payload -= uint32(n) //nolint:gosec // no more than it was
	return n, err
}

// next reads the header of the next frame that is let through.
func (f *frames) next() error {
	for {
		if _, err := io.ReadFull(f.in, f.header[:]); err != nil {
			return err
		}
		size := binary.BigEndian.Uint32(f.header[:]) >> 8
		kind := http2.FrameType(f.header[3])
		if kind != http2.FrameData || size == 0 || http2.Flags(f.header[4]).Has(http2.FlagDataPadded) {
			if f.empty++; f.empty > maxEmpty {
				return errFrames
			}
		}
		if !isOurs(kind) {
			if _, err := f.in.Discard(int(size)); err != nil { // 24 bits
				return err
			}
			continue
		}
		f.pending, f.payload = f.header[:], size
		return nil
	}
}

// isOurs says whether a frame is of a type that matters to a client without bodies.
func isOurs(kind http2.FrameType) bool {
	switch kind {
	case http2.FrameData, http2.FrameHeaders, http2.FrameContinuation, http2.FrameRSTStream, http2.FrameSettings, http2.FramePushPromise,
		http2.FramePing, http2.FrameGoAway:
		return true
	}
	return false
}
