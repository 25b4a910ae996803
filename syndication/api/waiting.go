package api

import (
	"errors"
	"net"
	"net/http"
	"strconv"
	"sync"
	"time"
)

// errDetached says that a request is answered by a goroutine of its own.
var errDetached = errors.New("answered elsewhere")

// waiters are the clients that wait for changes.
type waiters struct {
	most int

	mu     sync.Mutex
	n      int
	ended  bool // there will be no changes any more
	leaves sync.WaitGroup
}

// enter lets a client wait, unless there are too many, or nothing is to come.
func (w *waiters) enter() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.ended || w.n >= w.most {
		return false
	}
	w.n++
	w.leaves.Add(1)
	return true
}

func (w *waiters) leave() {
	w.mu.Lock()
	w.n--
	w.mu.Unlock()
	w.leaves.Done()
}

func (w *waiters) count() float64 {
	w.mu.Lock()
	defer w.mu.Unlock()
	return float64(w.n)
}

// end lets no further client wait, and returns when all have their answers.
func (w *waiters) end() {
	w.mu.Lock()
	w.ended = true
	w.mu.Unlock()
	w.leaves.Wait()
}

// detach has a request that waits answered by a goroutine of its own, which has the connection to itself and closes it in
// the end. What net/http keeps for a request that it serves (two buffers, a reader, a stack that has grown) is three
// quarters of what a client that waits would cost. Where the connection cannot be taken over, as with HTTP/2, the request
// is answered where it is.
func (c *call) detach(answer func(c *call) error) error {
	w := &c.api.waiters
	if !w.enter() {
		return &fault{kind: "unavailable", detail: "Too many clients wait for changes, or the service is about to end. Please try again shortly."}
	}
	if !c.r.ProtoAtLeast(1, 1) || c.r.ProtoMajor > 1 {
		defer w.leave()
		return answer(c)
	}
	header := c.w.Header()
	conn, _, err := http.NewResponseController(c.w).Hijack()
	if err != nil {
		defer w.leave()
		return answer(c)
	}
	d := *c
	d.w = &detached{conn: conn, header: header}
	d.r = &http.Request{Method: c.r.Method, URL: c.r.URL, Header: http.Header{}, RemoteAddr: c.r.RemoteAddr}
	for _, name := range []string{"Accept-Encoding", "If-None-Match"} {
		if values, ok := c.r.Header[name]; ok {
			d.r.Header[name] = values
		}
	}
	go func() {
		defer w.leave()
		defer conn.Close()
		d.finish(answer(&d))
	}()
	return errDetached
}

// detached writes an answer to a connection that net/http has given away (RFC 9112). The answer ends with the connection.
type detached struct {
	conn   net.Conn
	header http.Header
	head   []byte // that was not sent yet
}

// Header implements [http.ResponseWriter].
func (d *detached) Header() http.Header { return d.header }

// WriteHeader implements [http.ResponseWriter].
func (d *detached) WriteHeader(code int) {
	var b headBuffer
	b = append(b, "HTTP/1.1 "+strconv.Itoa(code)+" "+http.StatusText(code)+"\r\nDate: "...)
	b = append(b, time.Now().UTC().Format(http.TimeFormat)+"\r\nConnection: close\r\n"...)
	_ = d.header.Write(&b) // to memory
	d.head, d.header = append(b, "\r\n"...), nil
}

// Write implements [http.ResponseWriter].
func (d *detached) Write(b []byte) (int, error) {
	if err := d.FlushError(); err != nil {
		return 0, err
	}
	return d.conn.Write(b)
}

// FlushError sends what WriteHeader made, as [http.ResponseController] asks for.
func (d *detached) FlushError() error {
	if len(d.head) == 0 {
		return nil
	}
	_, err := d.conn.Write(d.head)
	d.head = nil
	return err
}

// SetReadDeadline is there for [http.ResponseController].
func (d *detached) SetReadDeadline(t time.Time) error { return d.conn.SetReadDeadline(t) }

// SetWriteDeadline is there for [http.ResponseController].
func (d *detached) SetWriteDeadline(t time.Time) error { return d.conn.SetWriteDeadline(t) }

// headBuffer is what was written to it.
type headBuffer []byte

// Write implements io.Writer.
func (b *headBuffer) Write(p []byte) (int, error) {
	*b = append(*b, p...)
	return len(p), nil
}
