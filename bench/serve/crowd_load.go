package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/newswire/newswire"
)

// readers is how many connections the crowd has. A request is sent as soon as it is due if one of
// them is free, and does not wait for the answers to others.
const readers = 64

// accepts are the codings that readers ask for, a tenth of them each.
var accepts = []string{"gzip", "gzip", "gzip", "gzip", "gzip", "gzip", "gzip", "identity", "gzip, deflate", "gzip, deflate, br, zstd"}

// warm is how many feeds are asked for in every coding before anything is measured; all are in gzip.
const warm = 1000

// audience is what asks.
type audience struct {
	dir     string // where the diary is
	address string
	pid     int // of the server
	paths   []string
	client  *http.Client

	mu     sync.Mutex // guards what follows
	seen   []sighting
	bodies map[version]*body
	latest map[version]string // by feed and Accept-Encoding: the tag to ask with
	err    error
}

// version is a feed's representation: by its tag, or by what a reader accepts.
type version struct {
	feed int
	name string
}

// body is a representation as it was first seen.
type body struct {
	coding string
	bytes  []byte
	sum    uint64
}

// sighting is one answer.
type sighting struct {
	version      version
	began, ended time.Time
	took         time.Duration // from when it was due
	whole        bool
}

var sums = maphash.MakeSeed()

// serveLoad is the process that asks: for everything once, then by Zipf's law, in stretches without arrivals and with them. It
// writes a report.
func serveLoad(ctx context.Context, dir, address string, pid int, c crowd) error {
	l := &audience{
		dir: dir, address: address, pid: pid, paths: crowdPaths(), bodies: map[version]*body{}, latest: map[version]string{},
		client: &http.Client{Transport: &http.Transport{DisableCompression: true, MaxIdleConnsPerHost: readers}, Timeout: 10 * time.Second},
	}
	l.warmUp(ctx, func(newswire.Topic) bool { return true })
	l.seen = nil
	r := crowdReport{Feeds: len(l.paths)}
	first, err := l.metrics(ctx)
	if err != nil {
		return err
	}
	for n := range crowdRounds {
		var round crowdRound
		if round.Quiet, err = l.stretch(ctx, c.rate, c.quiet, uint64(2*n)); err != nil {
			return err
		}
		if round.Busy, err = l.busy(ctx, c.rate, 2*c.quiet, uint64(2*n+1)); err != nil {
			return err
		}
		r.Rounds = append(r.Rounds, round)
	}
	last, err := l.metrics(ctx)
	if err != nil {
		return err
	}
	r.Rendered = last["newswire_web_rendered_bytes"]
	r.Evictions = last["newswire_web_evictions_total"] - first["newswire_web_evictions_total"]
	if r.RSS, r.PeakRSS, err = memory(pid); err != nil {
		return err
	}
	arrivals, err := readDiary(dir)
	if err != nil {
		return err
	}
	r.Arrived = len(arrivals) * arrivalsAtOnce
	l.check(&r, arrivals)
	return json.NewEncoder(os.Stdout).Encode(r)
}

// warmUp asks for the feeds of some topics.
func (l *audience) warmUp(ctx context.Context, about func(newswire.Topic) bool) {
	for _, accept := range slices.Compact(slices.Sorted(slices.Values(accepts))) {
		for feed, path := range slices.Backward(l.paths) { // what is asked for most comes last, and so stays
			if (accept == "gzip" || feed < warm) && about(topicOf(path)) {
				l.ask(ctx, feed, accept, false, time.Now())
			}
		}
	}
}

// busy asks while articles arrive, and then once for what has changed, so that nothing of it is left for the quiet that follows.
func (l *audience) busy(ctx context.Context, rate int, while time.Duration, seed uint64) (s stretch, err error) {
	before, err := readDiary(l.dir)
	if err != nil {
		return s, err
	}
	self, err := os.Executable()
	if err != nil {
		return s, err
	}
	first := crowdSeeds + len(before)*arrivalsAtOnce
	news := exec.CommandContext(ctx, self, "-serve", "news", "-dir", l.dir, "-first", strconv.Itoa(first))
	news.Cancel = func() error { return news.Process.Signal(os.Interrupt) }
	news.Stderr = os.Stderr
	if err := news.Start(); err != nil {
		return s, err
	}
	s, err = l.stretch(ctx, rate, while, seed)
	_ = news.Process.Signal(os.Interrupt)
	if err2 := news.Wait(); err == nil && err2 != nil {
		err = fmt.Errorf("recording news: %w", err2)
	}
	if err != nil {
		return s, err
	}
	time.Sleep(time.Second) // by then, the server has heard of everything
	arrivals, err := readDiary(l.dir)
	if err != nil {
		return s, err
	}
	changed := map[newswire.Topic]bool{}
	for n := first; n < crowdSeeds+len(arrivals)*arrivalsAtOnce; n++ {
		a := crowdArticle(n)
		for _, t := range a.Topics() {
			changed[t] = true
		}
	}
	l.warmUp(ctx, func(t newswire.Topic) bool { return changed[t] })
	return s, l.err
}

func renderings(metrics map[string]float64) (n float64) {
	for _, result := range []string{"new", "same", "failed"} {
		n += metrics[`newswire_web_renderings_total{result="`+result+`"}`]
	}
	return n
}

// stretch asks for a while.
func (l *audience) stretch(ctx context.Context, rate int, while time.Duration, seed uint64) (s stretch, err error) {
	rng := rand.New(rand.NewPCG(seed, 3))
	zipf := rand.NewZipf(rng, 1.1, 1, uint64(len(l.paths)-1))
	type request struct {
		feed        int
		accept      string
		conditional bool
		due         time.Time
	}
	queue := make(chan request, 4096)
	var wg sync.WaitGroup
	for range readers {
		wg.Go(func() {
			for r := range queue {
				l.ask(ctx, r.feed, r.accept, r.conditional, r.due)
			}
		})
	}
	first := len(l.seen)
	metrics, err := l.metrics(ctx)
	if err != nil {
		return s, err
	}
	before, err := used([]int{l.pid})
	if err != nil {
		return s, err
	}
	for due, end := time.Now(), time.Now().Add(while); due.Before(end) && ctx.Err() == nil; {
		time.Sleep(time.Until(due))
		queue <- request{int(zipf.Uint64()), accepts[rng.IntN(len(accepts))], rng.IntN(2) == 0, time.Now()}
		due = due.Add(time.Duration(rng.ExpFloat64() * float64(time.Second) / float64(rate)))
	}
	close(queue)
	wg.Wait()
	after, err := used([]int{l.pid})
	if err != nil {
		return s, err
	}
	s.Renderings = -renderings(metrics)
	if metrics, err = l.metrics(ctx); err != nil {
		return s, err
	}
	s.Renderings += renderings(metrics)
	if l.err != nil {
		return s, l.err
	}
	took := make([]time.Duration, 0, len(l.seen)-first)
	for _, one := range l.seen[first:] {
		took = append(took, one.took)
		if one.whole {
			s.Whole++
		}
	}
	slices.Sort(took)
	s.Requests, s.P50, s.P99, s.Max = len(took), took[len(took)/2], took[len(took)*99/100], took[len(took)-1]
	s.CPU = (after - before) / time.Duration(len(took))
	return s, ctx.Err()
}

// ask sends one request, with the tag of the last answer if it is conditional.
func (l *audience) ask(ctx context.Context, feed int, accept string, conditional bool, due time.Time) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, l.address+l.paths[feed], nil)
	if err != nil {
		l.fail(err)
		return
	}
	req.Header.Set("Accept-Encoding", accept)
	l.mu.Lock()
	tag := l.latest[version{feed, accept}]
	l.mu.Unlock()
	if conditional && tag != "" {
		req.Header.Set("If-None-Match", tag)
	}
	began := time.Now()
	resp, err := l.client.Do(req)
	if err != nil {
		l.fail(err)
		return
	}
	defer resp.Body.Close()
	var b bytes.Buffer
	if _, err := io.Copy(&b, resp.Body); err != nil {
		l.fail(err)
		return
	}
	ended := time.Now()
	one := sighting{
		version: version{feed, resp.Header.Get("ETag")}, began: began, ended: ended, took: ended.Sub(due), whole: resp.StatusCode == http.StatusOK,
	}
	if resp.StatusCode != http.StatusOK && (resp.StatusCode != http.StatusNotModified || one.version.name != tag) {
		l.fail(fmt.Errorf("GET %s: %w: %s, ETag %s", l.paths[feed], errAnswer, resp.Status, one.version.name))
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.seen = append(l.seen, one)
	l.latest[version{feed, accept}] = one.version.name
	if !one.whole {
		return
	}
	sum := maphash.Bytes(sums, b.Bytes())
	if known := l.bodies[one.version]; known == nil {
		l.bodies[one.version] = &body{resp.Header.Get("Content-Encoding"), b.Bytes(), sum}
	} else if known.sum != sum && l.err == nil {
		l.err = fmt.Errorf("GET %s: %w: two bodies for the ETag %s", l.paths[feed], errAnswer, one.version.name)
	}
}

func (l *audience) fail(err error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.err == nil {
		l.err = err
	}
}

// metrics are the server's, by name and labels.
func (l *audience) metrics(ctx context.Context) (map[string]float64, error) {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, l.address+"/metrics", nil)
	if err != nil {
		return nil, err
	}
	resp, err := l.client.Do(req)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	if err != nil {
		return nil, err
	}
	found := map[string]float64{}
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), " ")
		if n, err := strconv.ParseFloat(value, 64); err == nil {
			found[name] = n
		}
	}
	return found, nil
}
