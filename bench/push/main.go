//go:build linux

// Command push measures how soon and at what cost the hub tells subscribers of changes, all on loopback:
//
//	go run ./bench/push                 # both measures
//	go run ./bench/push -only cost -subscribers 1000
//
// The first measure is delay: the time from a record to its delivery at healthy subscribers, alone, and beside a tenth that
// are dead and a tenth that drip. The second is cost: CPU, user and system, of this process for each delivery, and its ratio
// to a bare net/http client that posts the same bytes to the same subscribers with the same policy for connections. The
// subscribers are a process of their own, whose CPU does not count.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"syscall"
	"time"
)

type options struct {
	subscribers int
	changes     int
	profile     string
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	var o options
	flag.IntVar(&o.subscribers, "subscribers", 10_000, "subscribers of the cost measure")
	flag.IntVar(&o.changes, "changes", 60, "changes in each measure, one a second")
	flag.StringVar(&o.profile, "profile", "", "write a CPU profile of the deliveries of the cost measure to this file")
	only := flag.String("only", "delay,cost", "what to measure")
	role := flag.String("role", "", "for this command's own use")
	flag.Parse()
	run := func(ctx context.Context) error { return o.run(ctx, *only) }
	if *role == "subscribers" {
		run = serveSubscribers
	}
	if err := run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "push:", err)
		os.Exit(1)
	}
}

func (o options) run(ctx context.Context, only string) error {
	if strings.Contains(only, "delay") {
		if err := o.delay(ctx); err != nil {
			return fmt.Errorf("delay: %w", err)
		}
	}
	if strings.Contains(only, "cost") {
		if err := o.cost(ctx); err != nil {
			return fmt.Errorf("cost: %w", err)
		}
	}
	return nil
}

// cpu is what this process has used so far.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err)
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
