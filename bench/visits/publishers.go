//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/klauspost/compress/gzip"
)

// publishers are a process that serves any number of feeds, each from a loopback address of its own, as every publisher
// has: 127.1.0.0 is the first, 127.1.0.1 the second.
type publishers struct {
	port    string
	control string // address of the process itself, which serves no feed
	command *exec.Cmd
}

// startPublishers starts the process; it ends with ctx.
func startPublishers(ctx context.Context) (*publishers, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &publishers{command: exec.CommandContext(ctx, self, "-role", "publishers")}
	p.command.Stderr = os.Stderr
	p.command.Cancel = func() error { return p.command.Process.Signal(os.Interrupt) }
	p.command.WaitDelay = time.Second
	out, err := p.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := p.command.Start(); err != nil {
		return nil, err
	}
	if _, err := fmt.Fscanln(out, &p.port); err != nil {
		return nil, fmt.Errorf("publishers did not start: %w", err)
	}
	p.control = "http://127.0.0.1:" + p.port
	return p, nil
}

func (p *publishers) wait() { _ = p.command.Wait() } // it was interrupted

// url is the address of a publisher's feed.
func (p *publishers) url(publisher int) string {
	return "http://" + publisherAddress(publisher) + ":" + p.port + "/feed"
}

// set has all publishers serve a revision, with validators or without.
func (p *publishers) set(ctx context.Context, revision int, validators bool) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, fmt.Sprintf("%s/?revision=%d&validators=%v", p.control, revision, validators), nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	return response.Body.Close()
}

func publisherAddress(publisher int) string {
	return netip.AddrFrom4([4]byte{127, 1 + byte(publisher>>16), byte(publisher >> 8), byte(publisher)}).String()
}

// publisherAt is the publisher that an address belongs to, negative if it is none.
func publisherAt(host string) int {
	ip, err := netip.ParseAddrPort(host)
	if err != nil || !ip.Addr().Is4() {
		return -1
	}
	b := ip.Addr().As4()
	return int(b[1])<<16 | int(b[2])<<8 | int(b[3]) - 1<<16
}

// site serves all feeds.
type site struct {
	revision   atomic.Int64
	validators atomic.Bool
	mu         sync.Mutex // guards compressed
	compressed map[[2]int][]byte
}

// servePublishers is the process of the publishers.
func servePublishers(ctx context.Context) error {
	// One socket for every address of the loopback device, and for that device alone.
	lc := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) (err error) {
		controlErr := c.Control(func(fd uintptr) { err = syscall.BindToDevice(int(fd), "lo") })
		return errors.Join(err, controlErr)
	}}
	l, err := lc.Listen(ctx, "tcp4", ":0")
	if err != nil {
		return err
	}
	s := &site{compressed: map[[2]int][]byte{}}
	s.validators.Store(true)
	server := &http.Server{Handler: s, ReadHeaderTimeout: 10 * time.Second}
	stop := context.AfterFunc(ctx, func() { _ = server.Close() })
	defer stop()
	fmt.Println(l.Addr().(*net.TCPAddr).Port)
	if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	publisher := publisherAt(r.Host)
	if publisher < 0 {
		if n, err := strconv.Atoi(r.FormValue("revision")); err == nil {
			s.revision.Store(int64(n))
			s.validators.Store(r.FormValue("validators") == "true")
		}
		return
	}
	revision := int(s.revision.Load())
	h := w.Header()
	h.Set("Content-Type", "application/xml; charset=utf-8")
	if s.validators.Load() {
		tag := fmt.Sprintf(`"%d-%d"`, publisher, revision)
		h.Set("ETag", tag)
		h.Set("Last-Modified", epoch.Add(time.Duration(revision)*3*time.Hour).Format(http.TimeFormat))
		if r.Header.Get("If-None-Match") == tag {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	if !strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		_, _ = io.WriteString(w, feed(publisher, revision, "http://"+r.Host))
		return
	}
	h.Set("Content-Encoding", "gzip")
	_, _ = w.Write(s.gzip(publisher, revision, "http://"+r.Host))
}

// gzip is a feed compressed, once while its revision is current.
func (s *site) gzip(publisher, revision int, address string) []byte {
	key := [2]int{publisher, revision}
	s.mu.Lock()
	b, ok := s.compressed[key]
	s.mu.Unlock()
	if ok {
		return b
	}
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = io.WriteString(z, feed(publisher, revision, address)) // a bytes.Buffer takes everything
	_ = z.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.compressed, [2]int{publisher, revision - 1})
	s.compressed[key] = out.Bytes()
	return out.Bytes()
}

// warm has the publishers make their documents before anything is measured.
func (p *publishers) warm(ctx context.Context, feeds int) error {
	for i := range feeds {
		request, err := http.NewRequestWithContext(ctx, http.MethodGet, p.url(i), nil)
		if err != nil {
			return err
		}
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			return err
		}
		_ = response.Body.Close()
		http.DefaultClient.CloseIdleConnections()
	}
	return nil
}
