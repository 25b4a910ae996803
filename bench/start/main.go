//go:build linux

// Command start measures what a long config costs: its check, the start of the service, a reload, the list of its sources, and the
// service at rest.
//
//	go run ./bench/start
//	go run ./bench/start -sources 10000 -rounds 5
//	go run ./bench/start -store redis://127.0.0.1:6379/0
//
// The config has a block of six lines for each source, with a cron spec. The store has the state of a visit to each of them, and none
// is due: what is measured is no visit. CPU is user and system time of the command, until the moment that a row names; memory is the
// most that was resident until then, or what is at rest. Of that, pages of files are the program and what of the store is mapped: processes share
// them, and the kernel takes them back when it needs them. Figures are medians of the rounds.
package main

import (
	"context"
	"flag"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	var o options
	flag.IntVar(&o.sources, "sources", 100_000, "how many sources the config has")
	flag.IntVar(&o.rounds, "rounds", 3, "how often each thing is done")
	flag.DurationVar(&o.idle, "idle", 30*time.Second, "how long the service is watched at rest")
	flag.StringVar(&o.store, "store", "", "address of a Redis server, which is filled; default an SQLite file")
	flag.StringVar(&o.dir, "dir", "", "folder for all files, which stay there: the store is filled once; default a temporary one")
	flag.StringVar(&o.binary, "newswire", "", "the command to measure; default the one of this tree")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, 30*time.Minute)
	defer cancel()
	if err := run(ctx, o); err != nil {
		log.Fatal(err) //nolint:gocritic // the process ends
	}
}

type options struct {
	sources, rounds    int
	idle               time.Duration
	store, dir, binary string
}

func run(ctx context.Context, o options) error {
	if o.dir == "" {
		dir, err := os.MkdirTemp("", "newswire-start-")
		if err != nil {
			return err
		}
		defer os.RemoveAll(dir)
		o.dir = dir
	}
	r, err := newRig(ctx, o)
	if err != nil {
		return err
	}
	var t table
	for range o.rounds {
		if err := r.round(ctx, &t); err != nil {
			return err
		}
	}
	return t.print(os.Stdout)
}
