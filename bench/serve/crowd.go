package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/newswire/newswire/cache/sqlitecache"
	"github.com/newswire/newswire/internal/heap"
	"github.com/newswire/newswire/syndication/web"
)

// A crowd of readers asks for thousands of feeds by Zipf's law, while nothing happens and while articles arrive through the
// store, in turns. The server has the first core. The load generator and the recorder of articles share the second.
type crowd struct {
	rate  int           // requests a second
	quiet time.Duration // without arrivals in each round; twice as long with them
}

// crowdRounds is how often quiet and arrivals have their turn.
const crowdRounds = 5

// crowdReport is what a crowd found.
type crowdReport struct {
	Feeds         int
	Rounds        []crowdRound
	Arrived       int
	Rendered      float64 // bytes that the server keeps
	Evictions     float64
	RSS, PeakRSS  int64 // of the server, in bytes
	Stalest       time.Duration
	Wrong, Stale  int
	FirstTroubles []string
}

// crowdRound is two stretches that follow each other, so that other work of the machine falls on both.
type crowdRound struct{ Quiet, Busy stretch }

// stretch is a part of the time.
type stretch struct {
	Requests      int
	Whole         int // answers with a body
	P50, P99, Max time.Duration
	CPU           time.Duration // of the server, a request
	Renderings    float64
}

// run measures and prints.
func (c crowd) run(ctx context.Context, profile string) error {
	dir, err := os.MkdirTemp("", "bench-crowd-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	began := time.Now()
	if err := seedStore(ctx, storeFile(dir)); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	s, err := startGo(ctx, "crowd", self, "-serve", "crowd", "-dir", dir, "-profile", profile)
	if err != nil {
		return err
	}
	defer s.stop()
	cmd := exec.CommandContext(ctx, "taskset", "-c", loadCore, self, "-serve", "load", "-dir", dir,
		"-address", strings.TrimSuffix(s.address, feedPath), "-pid", strconv.Itoa(s.process.Process.Pid),
		"-rate", strconv.Itoa(c.rate), "-crowd", c.quiet.String())
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.Stderr = os.Stderr
	out, err := cmd.Output()
	if err != nil {
		return fmt.Errorf("load: %w", err)
	}
	var r crowdReport
	if err := json.Unmarshal(out, &r); err != nil {
		return err
	}
	c.print(&r, time.Since(began))
	if r.Wrong+r.Stale > 0 {
		return errAnswer
	}
	return nil
}

func storeFile(dir string) string { return filepath.Join(dir, "newswire.db") }

func (c crowd) print(r *crowdReport, took time.Duration) {
	fmt.Printf("\n%d feeds, asked for by Zipf's law %d times a second; now and then articles arrive, %d a second, %d in all. (%v)\n\n",
		r.Feeds, c.rate, arrivalsASecond, r.Arrived, took.Round(time.Second))
	ms := func(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
	for _, round := range r.Rounds {
		for _, s := range []struct {
			name string
			stretch
		}{{"quiet", round.Quiet}, {"arrivals", round.Busy}} {
			fmt.Printf("%-9s %7d requests (%d whole)  p50 %6.2f ms  p99 %6.2f ms  max %6.2f ms  CPU/request %6.1f µs  %5.0f renderings\n",
				s.name, s.Requests, s.Whole, ms(s.P50), ms(s.P99), ms(s.Max), float64(s.CPU.Nanoseconds())/1000, s.Renderings)
		}
	}
	const mib = 1 << 20
	fmt.Printf("p99 with arrivals is %.1f × the quiet one of its round: the median of %d; at most %.1f ×.\n",
		median(r.Rounds, crowdRound.ratio), len(r.Rounds), slices.MaxFunc(r.Rounds, func(a, b crowdRound) int { return cmp.Compare(a.ratio(), b.ratio()) }).ratio())
	fmt.Printf("Rendered documents take %.0f MiB of %d, and %.0f made room for others; the process takes %d MiB, at most %d.\n",
		r.Rendered/mib, crowdBytes/mib, r.Evictions, r.RSS/mib, r.PeakRSS/mib)
	fmt.Printf("Wrong answers: %d. Answers that lacked what was committed a second before: %d. The stalest lacked something of %v before.\n",
		r.Wrong, r.Stale, r.Stalest.Round(time.Millisecond))
	for _, t := range r.FirstTroubles {
		fmt.Println("  ", t)
	}
}

func (r crowdRound) ratio() float64 { return float64(r.Busy.P99) / float64(r.Quiet.P99) }

// crowdBytes bounds the rendered documents: the default of newswire serve. All the feeds would take more.
const crowdBytes = 256 << 20

// serveCrowd is the public handler over a real store, and its metrics.
func serveCrowd(ctx context.Context, dir, profile string) error {
	stop, err := startProfile(profile)
	if err != nil {
		return err
	}
	defer stop()
	store, err := sqlitecache.Open(ctx, storeFile(dir), sqlitecache.Options{})
	if err != nil {
		return err
	}
	defer store.Close()
	defer heap.Keep(heapLimit).Stop()
	registry := prometheus.NewRegistry()
	d := crowdDirectory()
	s := web.New(store, func() *web.Directory { return d }, web.Options{Registerer: registry, MaxBytes: crowdBytes})
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = s.Run(ctx)
	}()
	metrics := promhttp.HandlerFor(registry, promhttp.HandlerOpts{})
	err = listen(ctx, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/metrics" {
			metrics.ServeHTTP(w, r)
			return
		}
		s.ServeHTTP(w, r)
	}))
	<-done
	return err
}

// memory is what a process has in memory, now and at most (proc_pid_status(5)).
func memory(pid int) (now, peak int64, err error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, 0, err
	}
	kib := func(name string) (n int64) {
		for line := range strings.Lines(string(status)) {
			if value, ok := strings.CutPrefix(line, name+":"); ok {
				_, err2 := fmt.Sscan(value, &n)
				err = errors.Join(err, err2)
			}
		}
		return n << 10
	}
	return kib("VmRSS"), kib("VmHWM"), err
}
