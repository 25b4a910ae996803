package fetch_test

import (
	"bytes"
	"context"
	"crypto/tls"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"golang.org/x/net/http2"
	"golang.org/x/net/http2/hpack"

	"github.com/newswire/newswire/sources/fetch"
)

// peer is a server of HTTP/2 that says frame by frame what a test wants.
type peer struct {
	*http2.Framer
	stream uint32 // of the request
	conn   net.Conn
	ctx    context.Context
	table  *hpack.Encoder
	block  bytes.Buffer
}

// header is a header block of names and values.
func (p *peer) header(fields ...string) []byte {
	p.block.Reset()
	for i := 0; i < len(fields); i += 2 {
		_ = p.table.WriteField(hpack.HeaderField{Name: fields[i], Value: fields[i+1]}) // a buffer takes everything
	}
	return bytes.Clone(p.block.Bytes())
}

// answer begins an answer with a status and further header fields.
func (p *peer) answer(status string, fields ...string) error {
	return p.WriteHeaders(http2.HeadersFrameParam{StreamID: p.stream, BlockFragment: p.header(append([]string{":status", status}, fields...)...), EndHeaders: true})
}

// forever does something until it cannot be done any more, for the client is gone.
func (p *peer) forever(do func() error) {
	for p.ctx.Err() == nil && do() == nil {
	}
}

// h2Server is where peers serve.
type h2Server struct {
	address     string
	requests    atomic.Int32
	connections sync.WaitGroup // that are open
}

// h2 serves each request with what serve does.
func h2(t *testing.T, c *fetch.Client, serve func(p *peer)) *h2Server {
	t.Helper()
	template := httptest.NewTLSServer(http.NotFoundHandler())
	template.Close()
	c.Trust(template.Certificate())
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: template.TLS.Certificates, NextProtos: []string{"h2"}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	s := &h2Server{address: "https://" + l.Addr().String() + "/feed"}
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			s.connections.Go(func() {
				defer conn.Close()
				stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
				defer stop()
				if _, err := io.ReadFull(conn, make([]byte, len(http2.ClientPreface))); err != nil {
					return
				}
				p := &peer{Framer: http2.NewFramer(conn, conn), conn: conn, ctx: ctx}
				p.AllowIllegalWrites = true
				p.table = hpack.NewEncoder(&p.block)
				if p.WriteSettings() != nil {
					return
				}
				for {
					f, err := p.ReadFrame()
					if err != nil {
						return
					}
					if f, ok := f.(*http2.HeadersFrame); ok {
						s.requests.Add(1)
						p.stream = f.StreamID
						serve(p)
					}
				}
			})
		}
	})
	t.Cleanup(func() {
		cancel()
		_ = l.Close()
		serving.Wait()
		s.connections.Wait()
	})
	return s
}

// quiet says nothing for a moment, and whether the client is still there.
func (p *peer) quiet() error {
	time.Sleep(time.Millisecond)
	return p.ctx.Err()
}

func TestHTTP2IsSpokenWherePublishersOfferIt(t *testing.T) {
	c := newClient(t, fetch.Options{})
	var streams []uint32
	s := h2(t, c, func(p *peer) {
		streams = append(streams, p.stream)
		_ = p.answer("200", "content-type", "text/xml", "etag", `"1"`)
		if len(streams) == 2 {
			_ = p.WriteGoAway(p.stream, http2.ErrCodeNo, nil)
		}
		_ = p.WriteWindowUpdate(0, 1<<16) // which a guard leaves out, between frames that it lets through
		_ = p.WriteRawFrame(0xfe, 0, p.stream, []byte("of an unknown type"))
		_ = p.WriteData(p.stream, false, []byte(feed[:10]))
		_ = p.WriteData(p.stream, true, []byte(feed[10:]))
	})
	for range 3 {
		if a := get(t, c, fetch.Request{URL: s.address}); string(a.Body) != feed || a.Validators.ETag != `"1"` {
			t.Errorf("answer %+v, want the feed", a)
		}
	}
	c.Close()
	s.connections.Wait() // none is left open
	if want := []uint32{1, 3, 1}; !slices.Equal(streams, want) {
		t.Errorf("requests on streams %v, want %v: two on one connection, and one on another when the server wants no more on it", streams, want)
	}
}

// hostilePeer is a server that answers with too much, or for too long.
type hostilePeer struct {
	name  string
	serve func(p *peer)
	want  error // nil: any, but an error
}

var large = strings.Repeat("x", 16<<10)

// good begins a good answer.
func (p *peer) good() error { return p.answer("200", "content-type", "text/xml") }

// hostileHeaders are peers that are hostile in how they send header fields.
func hostileHeaders() []hostilePeer {
	return []hostilePeer{
		{"silence", func(p *peer) { p.forever(p.quiet) }, fetch.ErrTimeout},
		{"CONTINUATION without end", func(p *peer) {
			_ = p.WriteHeaders(http2.HeadersFrameParam{StreamID: p.stream, BlockFragment: p.header(":status", "200")})
			p.forever(func() error { return p.WriteContinuation(p.stream, false, p.header("x", large)) })
		}, nil},
		{"CONTINUATION of nothing without end", func(p *peer) {
			_ = p.WriteHeaders(http2.HeadersFrameParam{StreamID: p.stream, BlockFragment: p.header(":status", "200")})
			p.forever(func() error { return p.WriteContinuation(p.stream, false, nil) })
		}, nil},
		{"a header of a gigabyte in a few bytes", func(p *peer) {
			_ = p.WriteHeaders(http2.HeadersFrameParam{StreamID: p.stream, BlockFragment: p.header(":status", "200", "x", strings.Repeat("x", 3<<10))})
			again := bytes.Repeat([]byte{0x80 | 62}, 16<<10) // the newest entry of the table, again and again
			for range 20 {
				_ = p.WriteContinuation(p.stream, false, again)
			}
			_ = p.WriteContinuation(p.stream, true, again)
			p.forever(p.quiet)
		}, nil},
		{"a table of headers that grows", func(p *peer) {
			_ = p.WriteHeaders(http2.HeadersFrameParam{StreamID: p.stream, BlockFragment: []byte{0x3f, 0xe1, 0xff, 0xff, 0xff, 0x0f}, EndHeaders: true})
			p.forever(p.quiet)
		}, nil},
		{"garbage for a header", func(p *peer) {
			_ = p.WriteHeaders(http2.HeadersFrameParam{StreamID: p.stream, BlockFragment: []byte(large), EndHeaders: true})
			p.forever(p.quiet)
		}, nil},
	}
}

// hostileControl are peers that are hostile in frames that are about the connection.
func hostileControl() []hostilePeer {
	return []hostilePeer{
		{"100 Continue without end", func(p *peer) { p.forever(func() error { return p.answer("100") }) }, nil},
		{"103 Early Hints without end", func(p *peer) { p.forever(func() error { return p.answer("103", "link", large) }) }, nil},
		{"SETTINGS without end", func(p *peer) {
			p.forever(func() error { return p.WriteSettings(http2.Setting{ID: http2.SettingInitialWindowSize, Val: 1 << 20}) })
		}, nil},
		{"PING without end", func(p *peer) { p.forever(func() error { return p.WritePing(false, [8]byte{}) }) }, nil},
		{"PING without end in a body", func(p *peer) {
			_ = p.good()
			p.forever(func() error {
				_ = p.WriteData(p.stream, false, []byte("x"))
				return p.WritePing(false, [8]byte{})
			})
		}, nil},
		{"PRIORITY without end", func(p *peer) {
			p.forever(func() error { return p.WritePriority(p.stream, http2.PriorityParam{StreamDep: 5}) })
		}, nil},
		{"WINDOW_UPDATE without end", func(p *peer) { p.forever(func() error { return p.WriteWindowUpdate(0, 1) }) }, nil},
		{"a window that overflows", func(p *peer) { p.forever(func() error { return p.WriteWindowUpdate(p.stream, 1<<31-1) }) }, nil},
		{"server push", func(p *peer) {
			p.forever(func() error {
				return p.WritePushPromise(http2.PushPromiseParam{StreamID: p.stream, PromiseID: p.stream + 1, BlockFragment: p.header(":path", "/x"), EndHeaders: true})
			})
		}, nil},
		{"no streams allowed", func(p *peer) {
			_ = p.WriteSettings(http2.Setting{ID: http2.SettingMaxConcurrentStreams, Val: 0})
			_ = p.WriteRSTStream(p.stream, http2.ErrCodeRefusedStream)
			p.forever(p.quiet)
		}, nil},
	}
}

// hostileData are peers that are hostile in how they send a body.
func hostileData() []hostilePeer {
	return []hostilePeer{
		{"a frame of 16 MB", func(p *peer) {
			_ = p.good()
			_, _ = p.conn.Write([]byte{0xff, 0xff, 0xff, byte(http2.FrameData), 0, 0, 0, 0, byte(p.stream)}) //nolint:gosec // the first stream
			p.forever(func() error { _, err := io.WriteString(p.conn, large); return err })
		}, nil},
		{"DATA before HEADERS", func(p *peer) { p.forever(func() error { return p.WriteData(p.stream, false, []byte(large)) }) }, nil},
		{"DATA of nothing without end", func(p *peer) {
			_ = p.good()
			p.forever(func() error { return p.WriteData(p.stream, false, nil) })
		}, nil},
		{"DATA of nothing but padding", func(p *peer) {
			_ = p.good()
			p.forever(func() error { return p.WriteDataPadded(p.stream, false, nil, make([]byte, 255)) })
		}, nil},
		{"DATA without end", func(p *peer) {
			_ = p.good()
			p.forever(func() error { return p.WriteData(p.stream, false, []byte(large)) }) // heeds no window
		}, nil},
		{"DATA beyond the length", func(p *peer) {
			_ = p.answer("200", "content-length", "1")
			p.forever(func() error { return p.WriteData(p.stream, false, []byte("xx")) })
		}, nil},
		{"a length that is a lie", func(p *peer) {
			_ = p.answer("200", "content-length", "900000")
			_ = p.WriteData(p.stream, true, []byte("x"))
		}, nil},
		{"a length beyond the limit", func(p *peer) {
			_ = p.answer("200", "content-length", "9223372036854775807")
			p.forever(p.quiet)
		}, fetch.ErrTooLarge},
	}
}

// hostileSlowness are peers that are hostile in how slowly, or after how much, they send.
func hostileSlowness() []hostilePeer {
	return []hostilePeer{
		{"a body a byte at a time", func(p *peer) {
			_ = p.good()
			p.forever(func() error { _ = p.quiet(); return p.WriteData(p.stream, false, []byte("x")) })
		}, fetch.ErrTimeout},
		{"a frame a byte at a time", func(p *peer) {
			_ = p.good()
			_, _ = p.conn.Write([]byte{0, 0x40, 0, byte(http2.FrameData), 0, 0, 0, 0, byte(p.stream)}) //nolint:gosec // the first stream
			p.forever(func() error { _ = p.quiet(); _, err := io.WriteString(p.conn, "x"); return err })
		}, fetch.ErrTimeout},
		{"trailers without end", func(p *peer) {
			_ = p.good()
			_ = p.WriteData(p.stream, false, []byte("x"))
			_ = p.WriteHeaders(http2.HeadersFrameParam{StreamID: p.stream, BlockFragment: p.header("x", "y"), EndStream: true})
			p.forever(func() error { return p.WriteContinuation(p.stream, false, p.header("x", large)) })
		}, nil},
	}
}

// hostileEndings are peers that are hostile in how they end.
func hostileEndings(t *testing.T) []hostilePeer {
	bomb := repeated(t, "gzip", 240)
	return []hostilePeer{
		{"a reset in the middle", func(p *peer) {
			_ = p.good()
			_ = p.WriteData(p.stream, false, []byte("x"))
			p.forever(func() error { return p.WriteRSTStream(p.stream, http2.ErrCodeNo) })
		}, nil},
		{"a reset for a protocol error", func(p *peer) { _ = p.WriteRSTStream(p.stream, http2.ErrCodeProtocol) }, nil},
		{"streams that are refused", func(p *peer) { _ = p.WriteRSTStream(p.stream, http2.ErrCodeRefusedStream) }, nil},
		{"GOAWAY before the answer", func(p *peer) { _ = p.WriteGoAway(0, http2.ErrCodeNo, nil); _ = p.conn.Close() }, nil},
		{"GOAWAY without end", func(p *peer) {
			p.forever(func() error { return p.WriteGoAway(p.stream, http2.ErrCodeNo, []byte(large)) })
		}, nil},
		{"GOAWAY and DATA without end", func(p *peer) {
			_ = p.good()
			_ = p.WriteGoAway(p.stream, http2.ErrCodeNo, nil)
			p.forever(func() error { return p.WriteData(p.stream, false, nil) })
		}, nil},
		{"redirects with bodies that do not end", func(p *peer) {
			_ = p.answer("302", "location", "/feed")
			_ = p.WriteData(p.stream, false, []byte(large))
		}, fetch.ErrRedirects},
		{"PING without end, and no ear for the answers", func(p *peer) {
			_ = p.conn.(*tls.Conn).NetConn().(*net.TCPConn).SetReadBuffer(1 << 10)
			_ = p.good()
			_ = p.WriteData(p.stream, false, []byte("x"))
			p.forever(func() error { return p.WritePing(false, [8]byte{}) })
		}, nil},
		{"a gzip bomb of a gigabyte", func(p *peer) {
			_ = p.answer("200", "content-encoding", "gzip")
			for rest := []byte(bomb); len(rest) > 0; rest = rest[min(len(rest), 16<<10):] {
				if p.WriteData(p.stream, false, rest[:min(len(rest), 16<<10)]) != nil {
					return
				}
			}
		}, fetch.ErrTooLarge},
	}
}

// TestHostileServersOfHTTP2AreBounded does in HTTP/2's own ways what TestHostileServersAreBounded does in HTTP/1's.
func TestHostileServersOfHTTP2AreBounded(t *testing.T) {
	for _, tt := range slices.Concat(hostileHeaders(), hostileControl(), hostileData(), hostileSlowness(), hostileEndings(t)) {
		t.Run(tt.name, func(t *testing.T) {
			timeout := timeoutFor(tt.want)
			c := newClient(t, fetch.Options{Timeout: timeout, MaxBytes: limit})
			s := h2(t, c, tt.serve)
			began := time.Now()
			var err error
			grown := peak(func() { _, err = c.Get(t.Context(), fetch.Request{URL: s.address}) })
			took := time.Since(began)
			if err == nil || tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			checkBounds(t, took, timeout, grown)
			if want := int32(1); s.requests.Load() > want && !errors.Is(err, fetch.ErrRedirects) {
				t.Errorf("%d requests, want no more than %d: a server that refuses is not asked again", s.requests.Load(), want)
			}
			t.Logf("%v, %d KiB, %d requests: %v", took.Round(time.Millisecond), grown>>10, s.requests.Load(), err)
		})
	}
}
