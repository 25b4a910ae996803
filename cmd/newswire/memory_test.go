package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cmd/newswire/internal/stores"
)

// authorsVariable is the environment variable that says of how many authors the feeds are asked for.
const authorsVariable = "NEWSWIRE_AUTHORS"

// together is how many authors write together, and how many articles they write.
const together = 20

// overrun is by how much the heap may be above its limit at a moment, in bytes: the limit is what the collector aims at.
const overrun = 12 << 20

// flood is what a service has to stand within its memory: readers who ask for much more than it can keep, while its config is read
// again.
type flood struct {
	budget  int64 // bytes
	authors int   // whose feeds and pages are asked for, and variants of some
	sources int   // of the config
	length  int   // of an article, in paragraphs
}

// TestTheProcessStaysWithinItsMemory floods the service. A hundred thousand authors are for make memory.
func TestTheProcessStaysWithinItsMemory(t *testing.T) {
	if _, err := os.Stat("/proc/self/status"); err != nil {
		t.Skip("there is no /proc, which says how much memory a process takes")
	}
	f := flood{budget: 96 << 20, authors: 60, sources: 500, length: 600}
	if text := os.Getenv(authorsVariable); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatalf("%s: %v", authorsVariable, err)
		}
		f = flood{budget: 256_000_000, authors: n, sources: 10_000, length: 60}
	} else {
		t.Parallel()
	}
	address := "sqlite:" + filepath.Join(t.TempDir(), "newswire.db")
	f.fill(t, address)
	var lines strings.Builder
	for i := range f.sources {
		fmt.Fprintf(&lines, "  - {id: s%d, name: Source %d, url: \"http://127.0.0.1:1/feed/%d\"}\n", i, i, i)
	}
	fmt.Fprintf(&lines, "memory: %d\n", f.budget)
	s := startService(t, address, lines.String())
	defer s.stop()
	f.pour(t, s)

	said := s.metrics(t)
	kept, bound := said[`newswire_memory_kept_bytes{part="rendered"}`], said[`newswire_memory_bound_bytes{part="rendered"}`]
	if kept < bound/2 || kept > bound {
		t.Errorf("%.0f bytes rendered are kept; want them to be as many as there is room for, which is %.0f", kept, bound)
	}
	heap, limit := said["go_memstats_sys_bytes"]-said["go_memstats_heap_released_bytes"], said["newswire_memory_heap_limit_bytes"]
	if heap > limit+overrun {
		t.Errorf("the heap has %.0f bytes; want hardly more than %.0f", heap, limit)
	}
	peak := s.peak(t)
	t.Logf("a budget of %d MB: %d MB at most, of which %.0f MB rendered are kept; %.0f of these had to make room",
		f.budget/1e6, peak/1e6, kept/1e6, said["newswire_web_evictions_total"])
	if !raceDetector && peak > f.budget {
		t.Errorf("the process took %d bytes; want at most %d", peak, f.budget)
	}
}

// fill has the store have the articles of all authors.
func (f *flood) fill(t *testing.T, address string) {
	store, err := stores.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	for group := range f.authors / together {
		if err := f.visit(t.Context(), store, group); err != nil {
			t.Fatal(err)
		}
	}
}

// visit records what some authors wrote together: text that cannot be compressed to nothing.
func (f *flood) visit(ctx context.Context, store cache.Store, group int) error {
	source := fmt.Sprintf("s%d", group)
	if err := store.Reschedule(ctx, source, time.Time{}, time.Now().Add(-time.Hour)); err != nil {
		return err
	}
	leases, err := store.Claim(ctx, 1, time.Minute, source)
	if err != nil || len(leases) != 1 {
		return errors.Join(err, fmt.Errorf("%d leases", len(leases)))
	}
	var authors []newswire.Person
	for i := range together {
		id := fmt.Sprintf("a%d", group*together+i)
		authors = append(authors, newswire.Person{ID: id, Name: id})
	}
	random := rand.New(rand.NewPCG(1, uint64(group)))
	visit := newswire.Visit{Source: source, At: leases[0].At, State: newswire.State{Source: source, Due: leases[0].At.Add(time.Hour)}}
	for i := range together {
		a := written(source, i, 1)
		var text strings.Builder
		for range f.length {
			fmt.Fprintf(&text, "<p>%x</p>", random.Uint32())
		}
		a.Authors, a.Content = authors, text.String()
		visit.Articles = append(visit.Articles, a)
	}
	return store.Record(ctx, leases[0], visit)
}

// pour asks for everything, from several places at once, and has the config be read again now and then.
func (f *flood) pour(t *testing.T, s *servant) {
	const readers, reloads = 8, 4
	s.untilAnswered(t)
	var next atomic.Int64
	var wg sync.WaitGroup
	for range readers {
		wg.Go(func() {
			client := &http.Client{Transport: &http.Transport{}}
			defer client.CloseIdleConnections()
			for n := int(next.Add(1)) - 1; n < f.authors && !t.Failed(); n = int(next.Add(1)) - 1 {
				for _, path := range f.paths(n) {
					if err := drink(t.Context(), client, s.url+path, []string{"gzip", "br", "zstd", "identity"}[n%4]); err != nil {
						t.Error(err)
					}
				}
				if n%(f.authors/reloads) == 0 {
					s.reload(t)
				}
			}
		})
	}
	wg.Wait()
}

// paths are what is asked for of an author. A variant is kept when it is asked for again.
func (f *flood) paths(n int) []string {
	format := []string{"atom", "rss", "json"}[n%3]
	paths := []string{fmt.Sprintf("/feeds/author/a%d.%s", n, format), fmt.Sprintf("/author/a%d", n)}
	if n%10 == 0 {
		variant := fmt.Sprintf("/feeds/source/s%d.%s?limit=%d", n/together, format, 1+n%together)
		paths = append(paths, variant, variant)
	}
	return paths
}

// drink takes an answer in, which may be that there is too much to do.
func drink(ctx context.Context, client *http.Client, url, coding string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	req.Header.Set("Accept-Encoding", coding)
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	defer resp.Body.Close()
	if _, err := io.Copy(io.Discard, resp.Body); err != nil {
		return err
	}
	if resp.StatusCode != http.StatusOK && resp.StatusCode != http.StatusServiceUnavailable { // as a slow machine has it
		return fmt.Errorf("GET %s: %s", url, resp.Status)
	}
	return nil
}

// reload has the service read its config again, which has changed by a comment.
func (s *servant) reload(t *testing.T) {
	text, err := os.ReadFile(s.config)
	if err == nil {
		err = os.WriteFile(s.config, append(text, "# again\n"...), 0o600)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := errors.Join(err, s.process.Signal(syscall.SIGHUP)); err != nil {
		t.Error(err)
	}
}

// untilAnswered waits until the service answers.
func (s *servant) untilAnswered(t *testing.T) {
	t.Helper()
	for began := time.Now(); ; time.Sleep(20 * time.Millisecond) {
		err := drink(t.Context(), http.DefaultClient, s.url+"/robots.txt", "identity")
		if err == nil {
			return
		}
		if time.Since(began) > atMost {
			t.Fatal(err)
		}
	}
}

// peak is the most memory that the service has taken at once, in bytes.
func (s *servant) peak(t *testing.T) int64 {
	t.Helper()
	s.mu.Lock()
	defer s.mu.Unlock()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", s.process.Pid))
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile(`VmHWM:\s+(\d+) kB`).FindSubmatch(text)
	if m == nil {
		t.Fatalf("no VmHWM in %s", text)
	}
	n, err := strconv.ParseInt(string(m[1]), 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n << 10
}

// metrics are what the admin listener says, by the name of each with its labels.
func (s *servant) metrics(t *testing.T) map[string]float64 {
	t.Helper()
	resp, err := http.Get(s.admin + "/metrics")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}
	said := map[string]float64{}
	for _, m := range regexp.MustCompile(`(?m)^(\w+(?:\{.*\})?) (\S+)$`).FindAllSubmatch(body, -1) {
		if said[string(m[1])], err = strconv.ParseFloat(string(m[2]), 64); err != nil {
			t.Fatal(err)
		}
	}
	return said
}
