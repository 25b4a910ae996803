//go:build linux

package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/pprof"
	"slices"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"
)

// subject is something whose cost is measured, over all feeds.
type subject struct {
	name    string
	prepare func(ctx context.Context) error // not measured
	run     func(ctx context.Context) error
	floor   *subject        // what it cannot do without; nil where that is the baseline
	cpu     []time.Duration // for each visit, by round
	wall    []time.Duration
	allocs  []int64 // objects, likewise
	bytes   []int64
}

// comparison is one line of the issue: subjects side by side, the first of which is the baseline.
type comparison struct {
	title    string
	bar      string
	subjects []*subject
	floors   map[string]*subject // of the visits, by the name of their store; nil where that is the baseline
}

// run measures what was asked for.
func (o options) run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	pubs, err := startPublishers(ctx)
	if err != nil {
		cancel()
		return err
	}
	defer pubs.wait()
	defer cancel()
	dir, err := os.MkdirTemp("", "visits")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	r := &rig{options: o, publishers: pubs, dir: dir}
	defer r.close()
	if o.wants("304") || o.wants("new") || o.wants("one") || o.wants("unchanged") {
		if err := pubs.warm(ctx, o.feeds); err != nil {
			return err
		}
		comparisons, err := r.comparisons(ctx)
		if err != nil {
			return err
		}
		for _, c := range comparisons {
			if err := o.measure(ctx, c); err != nil {
				return fmt.Errorf("%s: %w", c.title, err)
			}
		}
	}
	if o.wants("memory") {
		return r.memory(ctx)
	}
	return nil
}

// measure runs the subjects of a comparison in turns and prints what it found.
func (o options) measure(ctx context.Context, c comparison) error {
	for round := range o.rounds {
		for _, s := range c.subjects {
			if err := s.prepare(ctx); err != nil {
				return fmt.Errorf("%s: prepare: %w", s.name, err)
			}
			stop, err := o.profileOf(c, s, round)
			if err != nil {
				return err
			}
			runtime.GC()
			began, before, heap := time.Now(), cpu(), allocated()
			if err := s.run(ctx); err != nil {
				return fmt.Errorf("%s: %w", s.name, err)
			}
			used, took := cpu()-before, time.Since(began)
			after := allocated()
			stop()
			s.allocs = append(s.allocs, int64(after.Mallocs-heap.Mallocs)/int64(o.feeds))
			s.bytes = append(s.bytes, int64(after.TotalAlloc-heap.TotalAlloc)/int64(o.feeds))
			s.cpu = append(s.cpu, used/time.Duration(o.feeds))
			s.wall = append(s.wall, took/time.Duration(o.feeds))
		}
	}
	fmt.Printf("\n%s; %d feeds, median of %d rounds\n", c.title, o.feeds, o.rounds)
	table := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintf(table, "  \tCPU a visit\tfrom\tto\twall\tallocations\tkB\tratio\tto its floor\t%s\n", c.bar)
	for _, s := range c.subjects {
		floor := ""
		if s.floor != nil {
			floor = s.ratio(s.floor)
		}
		fmt.Fprintf(table, "  %s\t%v\t%v\t%v\t%v\t%d\t%d\t%s\t%s\n", s.name, us(median(s.cpu)), us(slices.Min(s.cpu)), us(slices.Max(s.cpu)),
			us(median(s.wall)), median(s.allocs), median(s.bytes)/1000, s.ratio(c.subjects[0]), floor)
	}
	return table.Flush()
}

// ratio is the median of a subject's cost as a multiple of another's in the same round: what slows the machine down slows both.
func (s *subject) ratio(to *subject) string {
	ratios := make([]float64, len(s.cpu))
	for round := range s.cpu {
		ratios[round] = float64(s.cpu[round]) / float64(to.cpu[round])
	}
	return fmt.Sprintf("%.2f", median(ratios))
}

// profileOf profiles the last round of everything but the baselines, each to a file of its own.
func (o options) profileOf(c comparison, s *subject, round int) (stop func(), err error) {
	if o.profile == "" || round < o.rounds-1 || s == c.subjects[0] {
		return func() {}, nil
	}
	name := strings.NewReplacer(" ", "-", "/", "-", ",", "").Replace(c.title + "-" + s.name)
	f, err := os.Create(filepath.Clean(o.profile + "-" + name + ".pprof"))
	if err != nil {
		return nil, err
	}
	if err := pprof.StartCPUProfile(f); err != nil {
		return nil, err
	}
	return func() {
		pprof.StopCPUProfile()
		_ = f.Close() // a profile that is cut short says so when it is read
	}, nil
}

// cpu is the time that this process has spent, user and system.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic("visits: getrusage of oneself: " + err.Error())
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// allocated is what this process has allocated so far.
func allocated() (m runtime.MemStats) {
	runtime.ReadMemStats(&m)
	return m
}

func median[T int64 | float64 | time.Duration](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[len(sorted)/2]
}

func us(d time.Duration) time.Duration { return d.Round(100 * time.Nanosecond) }
