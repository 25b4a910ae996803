package redistest

import (
	"fmt"
	"net"
	"os"
	"path/filepath"
	"testing"
)

// Master is the name under which a Sentinel knows its server.
const Master = "wire"

// Sentinel is a running Redis Sentinel, which tells clients where the master is.
type Sentinel struct{ server *Server }

// StartSentinel starts a Sentinel that watches a server, and returns when it answers. Lines are added to its configuration.
func StartSentinel(t testing.TB, watched *Server, lines ...string) *Sentinel {
	t.Helper()
	host, port, err := net.SplitHostPort(watched.Addr)
	if err != nil {
		t.Fatalf("redistest: start a Sentinel: %v", err)
	}
	// A Sentinel keeps what it learns in its configuration, so it insists on a file that it can write.
	file := filepath.Join(t.TempDir(), "sentinel.conf")
	config := fmt.Appendf(nil, "sentinel monitor %s %s %s 1\nsentinel down-after-milliseconds %[1]s 1000\n", Master, host, port)
	for _, line := range lines {
		config = append(config, line+"\n"...)
	}
	if err := os.WriteFile(file, config, 0o600); err != nil {
		t.Fatalf("redistest: start a Sentinel: %v", err)
	}
	return &Sentinel{start(t, find(t), func() []string { return []string{"--sentinel"} }, file)}
}

// StartReplica starts a replica of a server, and returns when it has all that the server has.
func StartReplica(t testing.TB, of *Server, opts Options) *Server {
	t.Helper()
	host, port, err := net.SplitHostPort(of.Addr)
	if err != nil {
		t.Fatalf("redistest: start a replica: %v", err)
	}
	opts.Args = append([]string{"--replicaof", host + " " + port}, opts.Args...)
	s := Start(t, opts)
	if err := wait(s.follows); err != nil {
		t.Fatalf("redistest: start a replica: %v", err)
	}
	return s
}

// URL is the master's address for rediscache.Open.
func (s *Sentinel) URL() string { return "redis+sentinel://" + s.server.Addr + "/" + Master }
