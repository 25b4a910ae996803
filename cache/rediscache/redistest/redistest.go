// Package redistest starts real Redis servers for tests: one server with [Start], a Redis Cluster of three masters with
// [StartCluster], or a Sentinel that watches a server with [StartSentinel]. They run on free ports of the loopback
// interface, keep their files in the test's own folder, and end with the test.
//
// The binary is the distribution's redis-server, or valkey-server, version 7 or later. Where there is none, the test is
// skipped and says so; with NEWSWIRE_REQUIRE_REDIS=1 in the environment it fails instead, so that a gate never passes by
// leaving out what it claims to test.
package redistest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
)

// patience bounds every wait for a server.
const patience = time.Minute

// Options say how a server runs. The zero value keeps everything in memory.
type Options struct {
	AppendOnly bool     // write each command to disk before it is answered, so that Kill loses nothing
	Args       []string // further arguments: "--requirepass", "secret"
}

// arguments are a server's, without address and files.
func (o Options) arguments() []string {
	return append([]string{
		"--save", "", "--appendonly", yes(o.AppendOnly), "--appendfsync", "always", "--aof-load-truncated", "no",
	}, o.Args...)
}

// Server is a running redis-server.
type Server struct {
	Addr string // host:port

	t      testing.TB
	binary string
	dir    string
	config []string // the configuration file, if there is one
	args   []string
	cmd    *exec.Cmd
	ended  chan struct{} // closed when cmd has ended
}

// Start starts a server and returns when it answers.
func Start(t testing.TB, opts Options) *Server {
	t.Helper()
	return start(t, find(t), opts.arguments)
}

// find returns the path of the server's binary, or ends the test.
func find(t testing.TB) string {
	t.Helper()
	for _, name := range []string{"redis-server", "valkey-server"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	const missing = "neither redis-server nor valkey-server is installed: nothing was tested against a real Redis"
	if os.Getenv("NEWSWIRE_REQUIRE_REDIS") == "1" {
		t.Fatal(missing + ", which NEWSWIRE_REQUIRE_REDIS=1 demands")
	}
	t.Skip(missing)
	return ""
}

// start starts a server. Its arguments are asked for with each attempt: they may name ports too.
func start(t testing.TB, binary string, args func() []string, config ...string) *Server {
	t.Helper()
	var err error
	// Another process may bind a free port before the server does.
	for range 5 {
		s := &Server{Addr: "127.0.0.1:" + freePort(t), t: t, binary: binary, dir: t.TempDir(), config: config, args: args()}
		if err = s.launch(); err == nil {
			t.Cleanup(s.Kill)
			return s
		}
	}
	t.Fatalf("redistest: %v", err)
	return nil
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// freePort is a port of the loopback interface on which no process listens.
func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("redistest: find a free port: %v", err)
	}
	defer l.Close()
	return strconv.Itoa(l.Addr().(*net.TCPAddr).Port)
}

// launch starts the process and waits until it listens.
func (s *Server) launch() error {
	host, port, err := net.SplitHostPort(s.Addr)
	if err != nil {
		return err
	}
	log := filepath.Join(s.dir, "server.log")
	s.cmd = exec.Command(s.binary, slices.Concat(s.config, []string{
		"--bind", host, "--port", port, "--dir", s.dir, "--logfile", log, "--daemonize", "no",
	}, s.args)...)
	if err := s.cmd.Start(); err != nil {
		return err
	}
	s.ended = make(chan struct{})
	go func(cmd *exec.Cmd, ended chan struct{}) {
		_ = cmd.Wait() // a server that was killed reports just that
		close(ended)
	}(s.cmd, s.ended)

	err = wait(func() error {
		select {
		case <-s.ended:
			text, _ := os.ReadFile(log)
			return final{fmt.Errorf("%s on %s ended at once:\n%s", s.binary, s.Addr, text)}
		default:
		}
		return s.answers()
	})
	if err != nil {
		s.Kill()
	}
	return err
}

// answers returns nil once the server has loaded its data. While it says that it loads, that is waited for.
func (s *Server) answers() error {
	for {
		if err := s.ping(); !errors.Is(err, errLoading) {
			return err
		}
		time.Sleep(10 * time.Millisecond)
	}
}

var errLoading = errors.New("the server loads its data")

func (s *Server) ping() error {
	conn, err := net.DialTimeout("tcp", s.Addr, time.Second)
	if err != nil {
		return err
	}
	defer conn.Close()
	_ = conn.SetDeadline(time.Now().Add(time.Second))
	if _, err := conn.Write([]byte("PING\r\n")); err != nil {
		return err
	}
	reply := make([]byte, 64)
	n, err := conn.Read(reply)
	if err != nil {
		return err
	}
	switch text := string(reply[:n]); {
	case text == "+PONG\r\n", text == "-NOAUTH Authentication required.\r\n":
		return nil
	case strings.HasPrefix(text, "-LOADING"):
		return errLoading
	default:
		return fmt.Errorf("%s answers %q", s.Addr, text)
	}
}

// URL is the server's address for rediscache.Open.
func (s *Server) URL() string { return "redis://" + s.Addr }

// Kill ends the server as kill -9 does. It is no error when it has ended already.
func (s *Server) Kill() {
	_ = s.cmd.Process.Kill()
	<-s.ended
}

// Restart kills the server and starts it again on the same address and the same files. What it was just writing when it was
// killed is taken out of these first, as docs/redis.md has operators do it.
func (s *Server) Restart() {
	s.t.Helper()
	s.Kill()
	err := s.launch()
	for range 20 {
		var ended final
		if !errors.As(err, &ended) {
			break
		}
		_ = s.mend()                       // it fails where nothing is written to disk
		time.Sleep(100 * time.Millisecond) // a client that dialed meanwhile may have been given the port for a moment
		err = s.launch()
	}
	if err != nil {
		s.t.Errorf("redistest: restart: %v", err) // and not Fatalf: the caller may be no test's own goroutine
	}
}

// mend takes a transaction that was cut off out of the append-only file. A server that loads such a file by itself drops the
// transaction, but leaves its beginning in the file, which the next start then reads as part of what follows.
func (s *Server) mend() error {
	check := exec.Command(strings.Replace(s.binary, "-server", "-check-aof", 1), "--fix", filepath.Join(s.dir, "appendonlydir", "appendonly.aof.manifest"))
	check.Stdin = strings.NewReader("y\n")
	if said, err := check.CombinedOutput(); err != nil {
		return fmt.Errorf("%s: %w: %s", check.Path, err, said)
	}
	return nil
}

// Flush empties the server.
func (s *Server) Flush() {
	s.t.Helper()
	if err := s.do("FLUSHALL"); err != nil {
		s.t.Fatalf("redistest: flush %s: %v", s.Addr, err)
	}
}

// Fill leaves the server no memory for anything new, so that it answers reads and refuses writes; Drain ends that.
func (s *Server) Fill() { s.limit("1") }

// Drain gives a server that was filled all the memory that it wants.
func (s *Server) Drain() { s.limit("0") }

func (s *Server) limit(bytes string) {
	s.t.Helper()
	if err := s.do("CONFIG", "SET", "maxmemory", bytes); err != nil {
		s.t.Fatalf("redistest: limit the memory of %s: %v", s.Addr, err)
	}
}

// do sends one command to this server, and to no other of its cluster.
func (s *Server) do(args ...any) error {
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	defer cancel()
	c := redis.NewClient(&redis.Options{Addr: s.Addr})
	defer c.Close()
	return c.Do(ctx, args...).Err()
}

// final is an error that waiting longer does not mend.
type final struct{ error }

// wait calls ready until it returns nil or a final error, or patience ends.
func wait(ready func() error) error {
	deadline := time.Now().Add(patience)
	for {
		err := ready()
		var f final
		if err == nil || errors.As(err, &f) {
			return err
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("not ready after %v: %w", patience, err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}
