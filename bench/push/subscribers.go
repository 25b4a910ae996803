//go:build linux

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"os"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

// subscribers are a process with any number of callbacks, each at a loopback address of its own, as every subscriber has.
type subscribers struct {
	port, other string // the callbacks of some are at another port, which can be closed
	command     *exec.Cmd
}

// kind says how a subscriber behaves once some are to be bad.
type kind int

const (
	healthy kind = iota
	refusing
	silent
	drippingHead
	drippingBody
)

// kindOf has a tenth be dead, and a tenth dripping, each half of two kinds.
func kindOf(subscriber int) kind {
	switch subscriber % 20 {
	case 1:
		return refusing
	case 6:
		return silent
	case 11:
		return drippingHead
	case 16:
		return drippingBody
	}
	return healthy
}

// startSubscribers starts the process; it ends with ctx.
func startSubscribers(ctx context.Context) (*subscribers, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	s := &subscribers{command: exec.CommandContext(ctx, self, "-role", "subscribers")}
	s.command.Stderr = os.Stderr
	s.command.Cancel = func() error { return s.command.Process.Signal(os.Interrupt) }
	s.command.WaitDelay = time.Second
	out, err := s.command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := s.command.Start(); err != nil {
		return nil, err
	}
	if _, err := fmt.Fscanln(bufio.NewReader(out), &s.port, &s.other); err != nil {
		return nil, fmt.Errorf("subscribers did not start: %w", err)
	}
	return s, nil
}

// callback is a subscriber's address.
func (s *subscribers) callback(subscriber int) string {
	port := s.port
	if kindOf(subscriber) == refusing {
		port = s.other
	}
	ip := netip.AddrFrom4([4]byte{127, 1 + byte(subscriber>>16), byte(subscriber >> 8), byte(subscriber)})
	return "http://" + netip.AddrPortFrom(ip, 0).Addr().String() + ":" + port + "/callback"
}

// ask asks the process itself, which is at an address that no subscriber has.
func (s *subscribers) ask(ctx context.Context, path string) ([]byte, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://127.0.0.1:"+s.port+path, nil)
	if err != nil {
		return nil, err
	}
	reply, err := http.DefaultClient.Do(r)
	if err != nil {
		return nil, err
	}
	defer reply.Body.Close()
	return io.ReadAll(reply.Body)
}

// receipts are what the healthy have received since the last question.
type receipts struct {
	Changes    int // first receipts of a change by a subscriber
	Posts      int // of all, the bare client's too
	P50, P95   time.Duration
	Max        time.Duration
	Duplicates int
}

func (s *subscribers) receipts(ctx context.Context) (r receipts, err error) {
	b, err := s.ask(ctx, "/receipts")
	if err != nil {
		return r, err
	}
	return r, json.Unmarshal(b, &r)
}

// party is the process of the subscribers.
type party struct {
	bad   atomic.Bool
	posts atomic.Int64
	close func() // the other port

	mu     sync.Mutex // guards what follows
	seen   map[[2]int]bool
	delays []time.Duration
	twice  int
	body   []byte // of the last delivery
}

func serveSubscribers(ctx context.Context) error {
	p := &party{seen: map[[2]int]bool{}}
	// One socket for every address of the loopback device, and for that device alone.
	lc := net.ListenConfig{Control: func(_, _ string, c syscall.RawConn) (err error) {
		controlErr := c.Control(func(fd uintptr) { err = syscall.BindToDevice(int(fd), "lo") })
		return errors.Join(err, controlErr)
	}}
	var servers [2]*http.Server
	var ports [2]int
	ended := make(chan error, 2)
	for i := range servers {
		l, err := lc.Listen(ctx, "tcp4", ":0")
		if err != nil {
			return err
		}
		servers[i] = &http.Server{Handler: p, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 5 * time.Minute}
		ports[i] = l.Addr().(*net.TCPAddr).Port
		go func() { ended <- servers[i].Serve(l) }()
	}
	p.close = func() { _ = servers[1].Close() }
	fmt.Println(ports[0], ports[1])
	<-ctx.Done()
	return errors.Join(servers[0].Close(), servers[1].Close())
}

func (p *party) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	address, _ := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	b := address.AddrPort().Addr().Unmap().As4()
	subscriber := int(b[1])<<16 | int(b[2])<<8 | int(b[3]) - 1<<16
	switch {
	case subscriber < 0:
		p.answer(w, r)
	case r.Method == http.MethodGet: // a verification
		_, _ = io.WriteString(w, r.URL.Query().Get("hub.challenge"))
	case p.bad.Load() && kindOf(subscriber) != healthy:
		p.misbehave(w, r, kindOf(subscriber))
	default:
		p.receive(r, subscriber)
	}
}

// answer answers the other process.
func (p *party) answer(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch r.URL.Path {
	case "/bad":
		p.bad.Store(true)
		p.close()
	case "/body":
		_, _ = w.Write(p.body)
	case "/receipts":
		slices.Sort(p.delays)
		out := receipts{Changes: len(p.delays), Posts: int(p.posts.Swap(0)), Duplicates: p.twice}
		if n := len(p.delays); n > 0 {
			out.P50, out.P95, out.Max = p.delays[n/2], p.delays[n*95/100], p.delays[n-1]
		}
		p.delays, p.twice = nil, 0
		_ = json.NewEncoder(w).Encode(out)
	}
}

// marks are in the titles of articles: the number of a change, and when it was recorded.
var marks = regexp.MustCompile(`push-([0-9]+)-([0-9]+)`)

// receive notes what a healthy subscriber gets.
func (p *party) receive(r *http.Request, subscriber int) {
	now := time.Now()
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	p.posts.Add(1)
	if kindOf(subscriber) != healthy {
		return
	}
	found := marks.FindAllSubmatch(body, -1)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.body = body
	here := map[int]bool{}
	for _, m := range found {
		change, _ := strconv.Atoi(string(m[1]))
		recorded, _ := strconv.ParseInt(string(m[2]), 10, 64)
		key := [2]int{subscriber, change}
		switch {
		case here[change]: // in another element of the same entry
		case p.seen[key]:
			p.twice++
		default:
			p.seen[key] = true
			p.delays = append(p.delays, now.Sub(time.Unix(0, recorded)))
		}
		here[change] = true
	}
}

// misbehave never answers, or drips.
func (p *party) misbehave(w http.ResponseWriter, r *http.Request, as kind) {
	_, _ = io.Copy(io.Discard, r.Body)
	if as == silent {
		<-r.Context().Done()
		return
	}
	answer := "HTTP/1.1 200 OK\r\nContent-Length: 4000\r\n\r\n"
	conn, buffer, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}
	defer conn.Close()
	if as == drippingBody {
		_, _ = buffer.WriteString(answer)
		answer = string(make([]byte, 4000))
	}
	for _, b := range []byte(answer) {
		if buffer.WriteByte(b) != nil || buffer.Flush() != nil {
			return
		}
		time.Sleep(300 * time.Millisecond)
	}
}
