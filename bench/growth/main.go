//go:build linux

// Command growth says what grows with a store: it fills one to several sizes, and measures at each what reading it, writing to it
// and answering readers from it cost in CPU.
//
//	go run ./bench/growth -sizes 10000:500,100000:5000
//	go run ./bench/growth -sizes 10000:500,1000000:50000 -store redis://127.0.0.1:6379/0
//
// A size is a number of articles and of sources. Each line is one thing that newswire does, with what it costs at each size and how
// many times the first the last is. A line before them says what an article takes in the store. The CPU of a Redis server is not in it: that line says what the client spends.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/rediscache"
	"github.com/newswire/newswire/cache/sqlitecache"
)

func main() {
	sizes := flag.String("sizes", "10000:500,100000:5000", "articles:sources, and so on, the smallest first")
	store := flag.String("store", "sqlite", "sqlite, or the address of a Redis server, of which a prefix for each size is used")
	rounds := flag.Int("rounds", 100, "how often each thing is done")
	dir := flag.String("dir", "", "folder for SQLite files, which stay there and are filled once; default a temporary one")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	if err := measure(ctx, options{*sizes, *store, *dir, *rounds}); err != nil {
		log.Fatal(err)
	}
}

type options struct {
	sizes, store, dir string
	rounds            int
}

// size is a size of a store.
type size struct{ articles, sources int }

func (s size) String() string { return fmt.Sprintf("%d articles, %d sources", s.articles, s.sources) }

func parseSizes(text string) (sizes []size, err error) {
	for part := range strings.SplitSeq(text, ",") {
		articles, sources, _ := strings.Cut(part, ":")
		var s size
		var err1, err2 error
		s.articles, err1 = strconv.Atoi(articles)
		s.sources, err2 = strconv.Atoi(sources)
		if err := errors.Join(err1, err2); err != nil || s.sources <= 0 || s.articles < s.sources {
			return nil, fmt.Errorf("size %q: want articles:sources, such as 10000:500: %w", part, err)
		}
		sizes = append(sizes, s)
	}
	return sizes, nil
}

func measure(ctx context.Context, o options) error {
	sizes, err := parseSizes(o.sizes)
	if err != nil {
		return err
	}
	if o.dir == "" {
		if o.dir, err = os.MkdirTemp("", "newswire-growth-"); err != nil {
			return err
		}
		defer os.RemoveAll(o.dir)
	}
	var columns [][]cost
	for _, s := range sizes {
		costs, err := measureAt(ctx, o, s)
		if err != nil {
			return fmt.Errorf("%v: %w", s, err)
		}
		columns = append(columns, costs)
	}
	return show(sizes, columns)
}

// measureAt fills a store to a size, and measures there.
func measureAt(ctx context.Context, o options, s size) (_ []cost, err error) {
	if err := o.fill(ctx, s); err != nil {
		return nil, fmt.Errorf("fill the store: %w", err)
	}
	store, err := open(ctx, o, s)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()
	var costs []cost
	for _, t := range newWork(store, s).things() {
		c, err := t.measure(ctx, o.rounds)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", t.name, err)
		}
		costs = append(costs, c)
	}
	return costs, nil
}

// fill fills the store, closes it, and says what its articles take.
func (o options) fill(ctx context.Context, s size) error {
	store, err := open(ctx, o, s)
	if err != nil {
		return err
	}
	before, err := o.size(ctx, s)
	if err != nil {
		return errors.Join(err, store.Close())
	}
	began := time.Now()
	if err := errors.Join(fill(ctx, store, s), store.Close()); err != nil {
		return err
	}
	fmt.Fprintf(os.Stderr, "%v: filled in %v\n", s, time.Since(began).Round(time.Second))
	after, err := o.size(ctx, s)
	if err != nil {
		return err
	}
	if after <= before { // it was filled before
		return nil
	}
	return showSize(s, after-before)
}

func open(ctx context.Context, o options, s size) (cache.Store, error) {
	if o.store != "sqlite" {
		return rediscache.Open(ctx, o.store, rediscache.Options{Prefix: fmt.Sprintf("growth%d", s.articles)})
	}
	// What is measured is work, not how fast a disk is.
	return sqlitecache.Open(ctx, o.file(s), sqlitecache.Options{Hasty: true})
}

// file is the SQLite file of a size.
func (o options) file(s size) string {
	return filepath.Join(o.dir, fmt.Sprintf("%d-%d.db", s.articles, s.sources))
}

// thing is something that newswire does, again and again: each time with another i.
type thing struct {
	name string
	do   func(ctx context.Context, i int) error
}

// cost is what a thing takes.
type cost struct {
	name string
	cpu  time.Duration // the median of the rounds
}

// warmUp is how many rounds are not counted: they fill caches and prepare statements.
const warmUp = 5

func (t thing) measure(ctx context.Context, rounds int) (cost, error) {
	var took []time.Duration
	for i := range warmUp + rounds {
		before := cpu()
		if err := t.do(ctx, i); err != nil {
			return cost{}, err
		}
		if i >= warmUp {
			took = append(took, cpu()-before)
		}
	}
	slices.Sort(took)
	return cost{t.name, took[len(took)/2]}, nil
}

// cpu is the time that this process has spent, user and system.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic("growth: getrusage of oneself: " + err.Error())
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

func show(sizes []size, columns [][]cost) error {
	table := tabwriter.NewWriter(os.Stdout, 0, 8, 2, ' ', tabwriter.AlignRight)
	for _, s := range sizes {
		fmt.Fprintf(table, "\t%d", s.articles)
	}
	fmt.Fprintln(table, "\tlast/first\t")
	for row := range columns[0] {
		fmt.Fprint(table, columns[0][row].name)
		for _, c := range columns {
			fmt.Fprintf(table, "\t%v", c[row].cpu.Round(10*time.Microsecond))
		}
		first, last := columns[0][row].cpu, columns[len(columns)-1][row].cpu
		fmt.Fprintf(table, "\t%.2f\t\n", float64(last)/float64(max(first, time.Microsecond)))
	}
	return table.Flush()
}
