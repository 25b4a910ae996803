package main

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/newswire/newswire/cache/rediscache/redistest"
	"github.com/newswire/newswire/cmd/newswire/internal/stores"
)

// changesVariable is the environment variable that says how many changes are followed.
const changesVariable = "NEWSWIRE_CHANGES"

// fewChanges is how many changes are followed without that variable.
const fewChanges = 1000

// TestThreeClientsHearEveryChangeOnce has a poll, a long poll and a stream follow the change log. Meanwhile the service is
// killed and started again, and so are the servers of its store. A million changes are for make changes.
func TestThreeClientsHearEveryChangeOnce(t *testing.T) {
	for name, start := range map[string]func(t *testing.T) pursuit{
		"sqlite":  sqlitePursuit,
		"redis":   redisPursuit,
		"cluster": clusterPursuit,
	} {
		t.Run(name, func(t *testing.T) {
			if os.Getenv(changesVariable) == "" {
				t.Parallel() // a long run has the machine for itself
			}
			p := start(t)
			p.run(t)
		})
	}
}

// pursuit is a store that changes are written to, and what disturbs those who follow.
type pursuit struct {
	address string
	strikes []strike // at servers of the store; the service is killed between any two

	want int           // changes to write at least
	calm time.Duration // between two strikes, on average
	most int           // strikes; 0 for no bound
}

// strike is something that goes wrong with a store.
type strike struct {
	name string
	do   func()
}

func sqlitePursuit(t *testing.T) pursuit {
	return pursuit{address: "sqlite:" + filepath.Join(t.TempDir(), "newswire.db")}
}

func redisPursuit(t *testing.T) pursuit {
	server := redistest.Start(t, redistest.Options{AppendOnly: true})
	return pursuit{address: server.URL(), strikes: []strike{{"restarts of Redis", server.Restart}}}
}

func clusterPursuit(t *testing.T) pursuit {
	c := redistest.StartReplicatedCluster(t, redistest.Options{AppendOnly: true, Args: []string{"--appendfsync", "everysec"}})
	return pursuit{address: c.URL(), strikes: []strike{
		{"failovers of a primary that lives", func() { c.HandOver(rand.IntN(3)) }},
		{"failovers of a primary that was killed", func() { c.FailOver(rand.IntN(3)) }},
	}}
}

// run writes, disturbs and follows, and then compares.
func (p *pursuit) run(t *testing.T) {
	p.want, p.calm, p.most = fewChanges, 200*time.Millisecond, 6
	if text := os.Getenv(changesVariable); text != "" {
		var err error
		if p.want, err = strconv.Atoi(text); err != nil {
			t.Fatalf("%s: %v", changesVariable, err)
		}
		p.calm, p.most = 4*time.Second, 0
	}
	store, err := stores.Open(t.Context(), p.address)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	began := time.Now()
	s := startService(t, p.address, "")
	defer s.stop()
	clients := follow(t, s.url+"/api/v1/")
	w := &writer{store: store, want: p.want, done: make(chan struct{})}
	struck := make(chan map[string]int)
	go func() { struck <- p.disturb(t.Context(), s, w.done) }()
	w.run(t)
	counts := <-struck
	written := time.Since(began)
	if t.Failed() {
		return
	}
	check(t, w, clients)
	t.Logf("%d changes: written in %v, heard by all after %v; %v", w.total(), written.Round(time.Second/10), time.Since(began).Round(time.Second/10), counts)
}

// disturb kills the service and strikes at the store, by turns and at random moments, until the writer has written all. It
// returns how often it did each, at least once.
func (p *pursuit) disturb(ctx context.Context, s *servant, done <-chan struct{}) map[string]int {
	const kills = "kills of newswire"
	counts := map[string]int{}
	all := append([]strike{{kills, s.kill}}, p.strikes...)
	took := time.Duration(0) // the larger a store, the longer its start
	for n := 0; ctx.Err() == nil; n++ {
		if p.most > 0 && n >= p.most {
			<-done
		}
		select {
		case <-time.After(rand.N(2*p.calm) + 2*took):
		case <-done:
			if len(counts) == len(all) {
				return counts
			}
		}
		strike := all[0]
		if n%2 == 1 && len(p.strikes) > 0 {
			strike = p.strikes[n/2%len(p.strikes)]
		}
		began := time.Now()
		strike.do()
		took = time.Since(began)
		counts[strike.name]++
	}
	return counts
}

// servant is newswire serve in a process of its own. It is started again whenever it ends.
type servant struct {
	url     string // what the addresses of its public listener begin with
	admin   string // and those of its admin listener
	role    string
	config  string        // path
	binary  string        // of the command; default: this one
	env     []string      // default: ours
	said    *bytes.Buffer // what the last process wrote
	mu      sync.Mutex    // guards process and ended
	process *os.Process
	ended   bool
	done    chan struct{}
}

// startService starts the service on a store for readers alone, with a config that ends with some lines.
func startService(t *testing.T, store, lines string) *servant {
	t.Helper()
	s := newServant(t, "serve", newPorts())
	s.configure(t, s.url, store, "sources:\n  - {id: news, url: \"http://127.0.0.1:1/feed\"}\n"+lines)
	s.start(t)
	return s
}

// newServant is a service in a role on two free ports. It is to be configured and started.
func newServant(t *testing.T, role string, free *ports) *servant {
	t.Helper()
	var addresses [2]string
	for i := range addresses {
		port, err := free.take(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		addresses[i] = "127.0.0.1:" + port
	}
	return &servant{
		url: "http://" + addresses[0], admin: "http://" + addresses[1], role: role,
		config: filepath.Join(t.TempDir(), "newswire.yaml"), done: make(chan struct{}),
	}
}

// configure writes the config, which ends with some lines. The process reads it when it starts, and soon after.
func (s *servant) configure(t *testing.T, site, store, lines string) {
	t.Helper()
	listener := func(base string) string { return strings.TrimPrefix(base, "http://") }
	config := fmt.Sprintf("site: {title: The Wire, url: %q}\nlisten: %q\nadmin: %q\nstore: %q\n%s",
		site, listener(s.url), listener(s.admin), store, lines)
	if err := os.WriteFile(s.config, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
}

// start starts the service, until stop.
func (s *servant) start(t *testing.T) {
	go func() {
		defer close(s.done)
		for s.serve(t) {
			time.Sleep(10 * time.Millisecond)
		}
	}()
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("the service said: %s", s.said)
		}
	})
}

// serve runs the service once, until it ends. It returns false when it is not to run again.
func (s *servant) serve(t *testing.T) bool {
	this, err := os.Executable()
	if err != nil {
		t.Error(err)
		return false
	}
	said := &bytes.Buffer{}
	command := &exec.Cmd{
		Path: cmp.Or(s.binary, this), Args: []string{"newswire", "serve", "--role", s.role, "-c", s.config}, Env: s.env,
		Dir: filepath.Dir(s.config), Stdout: io.Discard, Stderr: said,
	}
	s.mu.Lock()
	if s.ended {
		s.mu.Unlock()
		return false
	}
	err = command.Start()
	s.process = command.Process
	s.mu.Unlock()
	if err != nil {
		t.Error(err)
		return false
	}
	_ = command.Wait() // it was killed, or its store is away
	s.said = said
	return true
}

// kill ends the process as kill -9 does.
func (s *servant) kill() { s.signal(os.Kill) }

// signal sends a signal to the process that there is, and returns that.
func (s *servant) signal(what os.Signal) *os.Process {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.process != nil {
		_ = s.process.Signal(what)
	}
	return s.process
}

// stop ends the service for good.
func (s *servant) stop() {
	s.mu.Lock()
	s.ended = true
	s.mu.Unlock()
	s.kill()
	<-s.done
}
