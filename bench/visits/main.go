//go:build linux

// Command visits measures what a visit to a publisher costs, side by side with what it cannot do without: the request
// alone, made by net/http with the same policy for connections, and gofeed's parse alone.
//
//	go run ./bench/visits                      # every measure, with 1,000 feeds
//	go run ./bench/visits -feeds 10000 -only 304,memory
//
// The publishers are a process of their own on loopback, and so is Redis: their CPU does not count. The figure is CPU,
// user and system, of this process per visit, and its ratio to the baseline of the same round. For a 304 there is a floor beside
// it: that request, and the smallest write that outlives the process, one for each visit. All measures run in turns, so that
// other work of the machine falls on all of them.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"slices"
	"strings"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var o options
	flag.IntVar(&o.feeds, "feeds", 1000, "number of publishers, each with one feed of 20 items")
	flag.IntVar(&o.rounds, "rounds", 5, "rounds of which the median counts")
	only := flag.String("only", "304,new,one,unchanged,memory", "what to measure: a 304, a new feed, one new item in a feed, an unchanged body without validators, memory when idle")
	flag.StringVar(&o.stores, "stores", "sqlite,redis", "stores to measure; redis needs redis-server or valkey-server")
	flag.StringVar(&o.profile, "profile", "", "write a CPU profile of the measured visits, without the baselines, to this file")
	role := flag.String("role", "", "for this command's own use")
	flag.Parse()
	o.only = strings.Split(*only, ",")
	run := o.run
	switch *role {
	case "publishers":
		run = servePublishers
	case "empty":
		run = func(ctx context.Context) error { <-ctx.Done(); return nil }
	}
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "visits:", err)
		os.Exit(1)
	}
}

type options struct {
	feeds, rounds   int
	stores, profile string
	only            []string
}

func (o options) wants(measure string) bool { return slices.Contains(o.only, measure) }
