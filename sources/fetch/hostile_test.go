package fetch_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"runtime/metrics"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/newswire/newswire/sources/fetch"
	"github.com/newswire/newswire/sources/sourcetest"
)

// raw answers each connection, after reading the request, with what send writes, until send returns or the client
// is gone, which write reports.
func raw(t *testing.T, send func(write func(string) bool)) string {
	t.Helper()
	var lc net.ListenConfig
	l, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var serving sync.WaitGroup
	serving.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			serving.Go(func() {
				defer c.Close()
				stop := context.AfterFunc(ctx, func() { _ = c.Close() })
				defer stop()
				if _, err := http.ReadRequest(bufio.NewReader(c)); err != nil {
					return
				}
				send(func(s string) bool {
					_, err := io.WriteString(c, s)
					return err == nil && ctx.Err() == nil
				})
			})
		}
	})
	t.Cleanup(func() {
		cancel()
		_ = l.Close()
		serving.Wait()
	})
	return "http://" + l.Addr().String() + "/feed"
}

// forever writes a beginning, and then the same for ever.
func forever(beginning, more string) func(write func(string) bool) {
	return func(write func(string) bool) {
		for ok := write(beginning); ok; ok = write(more) {
		}
	}
}

// drip writes a byte at a time.
func drip(s string) func(write func(string) bool) {
	return func(write func(string) bool) {
		for i := 0; write(s[i : i+1]); i = (i + 1) % len(s) {
			time.Sleep(time.Millisecond)
		}
	}
}

// once writes one answer.
func once(s string) func(write func(string) bool) { return func(write func(string) bool) { write(s) } }

// peak runs f and returns the most that the heap grew meanwhile, in bytes.
func peak(f func()) uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	live := func() uint64 {
		metrics.Read(sample)
		return sample[0].Value.Uint64()
	}
	before, most := live(), uint64(0)
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			most = max(most, live())
			select {
			case <-stop:
				return
			case <-time.After(time.Millisecond):
			}
		}
	}()
	f()
	close(stop)
	<-stopped
	return most - min(most, before)
}

// repeated is a compressed gigabyte, in frames that are each sent whole: bomb after bomb.
func repeated(t *testing.T, encoding string, frames int) string {
	t.Helper()
	return strings.Repeat(string(compressed(t, encoding, make([]byte, 16<<20))), frames)
}

// The bounds of a visit to a hostile server.
const (
	limit  = 1_000_000
	short  = 150 * time.Millisecond
	memory = 32 << 20 // a window of zstd is 8 MiB of it, and the collector lets as much again lie about
)

// hostile is a server that answers with too much, or for too long.
type hostile struct {
	name string
	send func(write func(string) bool)
	want error // nil: any
}

const ok = "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\n"

// hostileMessages are hostile in the parts of a message.
func hostileMessages() []hostile {
	chunk := "10000\r\n" + strings.Repeat("x", 0x10000) + "\r\n"
	return []hostile{
		{"silence", func(write func(string) bool) {
			for write("") {
				time.Sleep(10 * time.Millisecond)
			}
		}, fetch.ErrTimeout},
		{"a header a byte at a time", drip(ok + "X: " + strings.Repeat("x", 1<<20)), fetch.ErrTimeout},
		{"a status line without end", forever("HTTP/1.1 200 ", strings.Repeat("x", 1<<16)), nil},
		{"a header line without end", forever(ok+"X: ", strings.Repeat("x", 1<<16)), nil},
		{"headers without end", forever(ok, "X-Header: value\r\n"), nil},
		{"one header many times", forever(ok, strings.Repeat("Set-Cookie: a=b\r\n", 1000)), nil},
		{"folded header lines without end", forever(ok+"X: y\r\n", strings.Repeat(" z\r\n", 1000)), nil},
		{"100 Continue without end", forever("", "HTTP/1.1 100 Continue\r\n\r\n"), nil},
		{"103 Early Hints without end", forever("", "HTTP/1.1 103 Early Hints\r\nLink: </a>; rel=preload\r\n\r\n"), nil},
		{"103 with large headers", forever("", "HTTP/1.1 103 Early Hints\r\nLink: "+strings.Repeat("x", 1<<15)+"\r\n\r\n"), nil},
		{"a body without end", forever(ok+"\r\n", strings.Repeat("x", 1<<16)), fetch.ErrTooLarge},
		{"chunks without end", forever(ok+"Transfer-Encoding: chunked\r\n\r\n", chunk), fetch.ErrTooLarge},
		{"a body a byte at a time", drip(ok + "Content-Length: 1000000\r\n\r\n" + strings.Repeat("x", 1<<20)), fetch.ErrTimeout},
		{"a length that is a lie", once(ok + "Content-Length: 900000\r\n\r\nx"), nil},
		{"a length beyond the limit", once(ok + "Content-Length: 9223372036854775807\r\n\r\nx"), fetch.ErrTooLarge},
		{"two lengths", once(ok + "Content-Length: 1\r\nContent-Length: 2\r\n\r\nxx"), nil},
		{"a chunk of a petabyte", once(ok + "Transfer-Encoding: chunked\r\n\r\n3ffffffffffff\r\nx"), nil},
		{"a chunk extension without end", forever(ok+"Transfer-Encoding: chunked\r\n\r\n1;", strings.Repeat("x", 1<<16)), nil},
		{"tiny chunks with huge extensions", forever(ok+"Transfer-Encoding: chunked\r\n\r\n", "1;"+strings.Repeat("x", 4000)+"\r\nx\r\n"), nil},
		{"empty lines between chunks", forever(ok+"Transfer-Encoding: chunked\r\n\r\n", strings.Repeat("\r\n", 1000)), nil},
		{"trailers without end", forever(ok+"Transfer-Encoding: chunked\r\nTrailer: X\r\n\r\n1\r\nx\r\n0\r\n", strings.Repeat("X: y\r\n", 1000)), nil},
		{"a trailer line without end", forever(ok+"Transfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nX: ", strings.Repeat("x", 1<<16)), nil},
		{"redirects with bodies without end", forever("HTTP/1.1 302 Found\r\nLocation: /feed\r\n\r\n", strings.Repeat("x", 1<<16)), fetch.ErrRedirects},
		{"an error page without end", forever("HTTP/1.1 404 Not Found\r\n\r\n", strings.Repeat("x", 1<<16)), nil},
		{"not HTTP", forever("", "SSH-2.0-OpenSSH_9.9\r\n"), nil},
		{"a protocol switch", forever("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\n", "x"), nil},
	}
}

// hostileEncodings are hostile in what is compressed.
func hostileEncodings(t *testing.T) []hostile {
	encoded := func(encoding, body string) func(func(string) bool) {
		return once(fmt.Sprintf("%sContent-Encoding: %s\r\nContent-Length: %d\r\n\r\n%s", ok, encoding, len(body), body))
	}
	gzipBomb := repeated(t, "gzip", 240)
	return []hostile{
		{"a gzip bomb of a gigabyte", encoded("gzip", gzipBomb), fetch.ErrTooLarge},
		{"a gzip bomb in a gzip bomb", encoded("gzip, gzip", string(compressed(t, "gzip", []byte(gzipBomb)))), fetch.ErrTooLarge},
		{"a file that is a gzip bomb", encoded("", gzipBomb[:900_000]), fetch.ErrTooLarge},
		{"a gzip bomb in a file that is one, in gzip", encoded("gzip", string(compressed(t, "gzip", []byte(gzipBomb)))), fetch.ErrTooLarge},
		{"gzip that inflates to gzip without end", encoded("gzip, gzip", string(compressed(t, "gzip", bytes.Repeat(compressed(t, "gzip", nil), 1<<18)))), fetch.ErrTooLarge},
		{"gzip with a name without end", encoded("gzip", "\x1f\x8b\x08\x08\x00\x00\x00\x00\x00\x03"+strings.Repeat("x", 900_000)), nil},
		{"gzip members of nothing", encoded("gzip", strings.Repeat(string(compressed(t, "gzip", nil)), 30_000)), nil},
		{"a zstd bomb of a gigabyte", encoded("zstd", repeated(t, "zstd", 240)), fetch.ErrTooLarge},
		{"zstd with a window of 2 GB", encoded("zstd", "\x28\xb5\x2f\xfd\x00\xa8\x01\x00\x00"), fetch.ErrTooLarge},
		{"zstd frames to be skipped", encoded("zstd", strings.Repeat("\x50\x2a\x4d\x18\x00\x00\x00\x00", 20_000)), nil},
		{"a br bomb", encoded("br", string(compressed(t, "br", make([]byte, 16<<20)))), fetch.ErrTooLarge},
		{"br in br", encoded("br, br", string(compressed(t, "br", compressed(t, "br", make([]byte, 4<<20))))), fetch.ErrTooLarge},
		{"zlib in gzip", encoded("deflate, gzip", string(compressed(t, "gzip", compressed(t, "zlib", make([]byte, 4<<20))))), fetch.ErrTooLarge},
		{"gzip that is cut off", encoded("gzip", gzipBomb[:1000]), nil},
		{"a gzip file that is cut off", encoded("", gzipBomb[:1000]), nil},
		{"garbage as gzip", encoded("gzip", "\x1f\x8b"+strings.Repeat("x", 1000)), nil},
		{"garbage as br", encoded("br", strings.Repeat("\xff", 1000)), nil},
		{"garbage as zstd", encoded("zstd", strings.Repeat("\xff", 1000)), nil},
	}
}

// TestHostileServersAreBounded has publishers that are hostile in every part of an answer. A visit to any of them ends within
// its time, and takes no more memory than a few documents of the largest size.
func TestHostileServersAreBounded(t *testing.T) {
	for _, tt := range slices.Concat(hostileMessages(), hostileEncodings(t)) {
		t.Run(tt.name, func(t *testing.T) {
			timeout := timeoutFor(tt.want)
			c := newClient(t, fetch.Options{Timeout: timeout, MaxBytes: limit})
			address := raw(t, tt.send)
			began := time.Now()
			var a *fetch.Answer
			var err error
			grown := peak(func() { a, err = c.Get(t.Context(), fetch.Request{URL: address}) })
			took := time.Since(began)
			if tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("error %v, want %v", err, tt.want)
			}
			if err == nil && len(a.Body) > limit {
				t.Errorf("a body of %d bytes", len(a.Body))
			}
			checkBounds(t, took, timeout, grown)
			t.Logf("%v, %d KiB: %v", took.Round(time.Millisecond), grown>>10, err)
		})
	}
}

// timeoutFor is the timeout of a request that is to end with an error: where that is not of the clock, the clock must not
// be what ends it, however busy the machine is.
func timeoutFor(want error) time.Duration {
	if want != nil && !errors.Is(want, fetch.ErrTimeout) {
		return time.Minute
	}
	return short
}

// checkBounds checks what a request took. What is not bounded never ends; the machine may be busy.
func checkBounds(t *testing.T, took, timeout time.Duration, grown uint64) {
	t.Helper()
	if took > timeout+time.Minute {
		t.Errorf("took %v, want no more than the timeout of %v", took, timeout)
	}
	if grown > memory {
		t.Errorf("took %d KiB of memory, want at most %d", grown>>10, memory>>10)
	}
}

// TestWhatIsInflatedInTurnsIsKeptApart reads documents in every encoding with one client, good and bad in turns: an
// inflater that failed serves the next body as if nothing had been.
func TestWhatIsInflatedInTurnsIsKeptApart(t *testing.T) {
	pub := sourcetest.NewPublisher(t, feed)
	c := newClient(t, fetch.Options{})
	for i := range 40 {
		encoding := []string{"gzip", "br", "zstd", "deflate"}[i%4]
		document := fmt.Sprintf("%s<!-- %d -->", feed, i)
		body := compressed(t, encoding, []byte(document))
		if i%8 >= 4 {
			body = body[:len(body)/2]
		}
		pub.Answer(sourcetest.Document("text/xml", string(body), "Content-Encoding", encoding))
		a, err := c.Get(t.Context(), fetch.Request{URL: pub.URL()})
		switch {
		case i%8 >= 4:
			if err == nil && string(a.Body) == document {
				t.Errorf("half of a body in %s was a whole document", encoding)
			}
		case err != nil:
			t.Errorf("%s: %v", encoding, err)
		case string(a.Body) != document:
			t.Errorf("%s: body %q, want %q", encoding, a.Body, document)
		}
	}
}
