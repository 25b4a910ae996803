// Command serve measures what a request costs, for a feed, a part of one, a page, the list of all feeds and a page of an archive: newswire's
// public handler beside a bare net/http server that writes the same bytes from memory and beside nginx with the same bytes in files.
//
//	go run ./bench/serve
//	go run ./bench/serve -rounds 0 -rate 500
//
// Then a poll of the API's change log that finds nothing new is measured beside a feed's 304, and the memory of a thousand
// clients that wait for news. Last a crowd asks newswire over a real store for 10,000 feeds by Zipf's law, at a rate, while nothing happens and while
// articles arrive, and every answer is compared with what had been recorded by then.
//
// Newswire's collector is set as newswire serve sets it with the memory that a config without the key has. The bare server has it as Go
// does, and GOGC in the environment counts for both.
//
// Each server has the first core to itself and the load generator the second. All take turns within one run, and the main
// figure is the CPU time of a request, by the kernel's account, for it suffers least from what else the machine does.
// It needs Linux, taskset, and wrk and nginx from the distribution; it says what it lacks. Everything is on loopback, and
// what it starts it ends.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"slices"
	"strings"
	"time"
)

func main() {
	log.SetFlags(0)
	serve := flag.String("serve", "", "internal: be the server of this name")
	dir := flag.String("dir", "", "internal: where the bytes are that the server writes")
	took := flag.Duration("for", time.Second, "how long each server is asked in each case of each round")
	rounds := flag.Int("rounds", 7, "how often each server has its turn in each case")
	var c crowd
	flag.DurationVar(&c.quiet, "crowd", 5*time.Second, "how long in each round a crowd asks for thousands of feeds without arrivals, and then twice as long with them; 0: not at all")
	flag.IntVar(&c.rate, "rate", 300, "requests a second of the crowd")
	address := flag.String("address", "", "internal: where the crowd asks")
	first := flag.Int("first", 0, "internal: the number of the first article that arrives")
	pid := flag.Int("pid", 0, "internal: the process whom the crowd asks")
	profile := flag.String("profile", "", "write a CPU profile of newswire's server to this file")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()

	var err error
	switch *serve {
	case "":
		if *rounds > 0 {
			err = measure(ctx, *took, *rounds, *profile)
		}
		if err == nil && c.quiet > 0 {
			err = c.run(ctx, *profile)
		}
	case "newswire":
		err = serveNewswire(ctx, *profile)
	case "bare":
		err = serveBare(ctx, *dir)
	case "crowd":
		err = serveCrowd(ctx, *dir, *profile)
	case "load":
		err = serveLoad(ctx, *dir, *address, *pid, c)
	case "news":
		err = recordNews(ctx, *dir, *first)
	default:
		err = fmt.Errorf("no server is called %q", *serve)
	}
	if err != nil {
		log.Fatal("serve: ", err)
	}
}

// oneCase is a request, as each server is asked for it.
type oneCase struct {
	name    string
	path    string
	fields  []string            // of the request; for a 304, the entity tag follows, which is the server's own
	code    int                 // of the answer
	file    bool                // what is answered can be a file of nginx
	results map[string][]result // by server
}

func (c *oneCase) notModified() bool { return c.code == http.StatusNotModified }

// result is one turn of a server.
type result struct {
	cpu time.Duration // of the server, a request
	rps float64
	p99 time.Duration
}

const inGzip = "Accept-Encoding: gzip"

var cases = []*oneCase{
	{name: "gzip", path: feedPath, fields: []string{inGzip}, code: http.StatusOK, file: true},
	{name: "plain", path: feedPath, code: http.StatusOK, file: true},
	{name: "304", path: feedPath, fields: []string{inGzip}, code: http.StatusNotModified, file: true},
	{name: "226", path: feedPath, fields: []string{inGzip, "A-IM: feed"}, code: http.StatusIMUsed}, // the tag of the revision before follows
	{name: "html", path: "/category/trade", fields: []string{inGzip}, code: http.StatusOK, file: true},
	{name: "opml", path: "/feeds.opml", fields: []string{inGzip}, code: http.StatusOK, file: true},
	{name: "archive", path: "/feeds/category/trade/archive/1.atom", fields: []string{inGzip}, code: http.StatusOK, file: true},
}

func measure(ctx context.Context, took time.Duration, rounds int, profile string) error {
	var lacking []string
	for _, tool := range []string{"taskset", "wrk", "nginx"} {
		if _, err := exec.LookPath(tool); err != nil {
			lacking = append(lacking, tool)
		}
	}
	if lacking != nil {
		return fmt.Errorf("not measured, for want of %s; on Debian: apt-get install -y util-linux wrk nginx-light", strings.Join(lacking, ", "))
	}
	dir, err := os.MkdirTemp("", "bench-serve-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	servers, err := start(ctx, dir, profile)
	defer func() {
		for _, s := range servers {
			s.stop()
		}
	}()
	if err != nil {
		return err
	}
	fmt.Printf("A feed of 50 articles: %d bytes, %d in gzip. The median of %d turns of %v for each server.\n\n",
		len(servers[0].answers["plain"].body), len(servers[0].answers["gzip"].body), rounds, took)
	for range rounds {
		for _, c := range cases {
			for _, s := range servers {
				if s.answers[c.name] == nil {
					continue
				}
				r, err := s.ask(ctx, took, c.path, s.answers[c.name].asked)
				if err != nil {
					return fmt.Errorf("%s, %s: %w", s.name, c.name, err)
				}
				if c.results == nil {
					c.results = map[string][]result{}
				}
				c.results[s.name] = append(c.results[s.name], r)
			}
		}
	}
	report(servers)
	if err := polling(ctx, servers[0], took, rounds); err != nil {
		return err
	}
	return waiting(ctx, servers[0], 1000)
}

// report prints medians. A ratio is that of the two turns in one round, which follow each other, so that other work of the
// machine falls on both.
func report(servers []*server) {
	fmt.Printf("%-7s  %-9s  %12s  %12s  %10s  %s\n", "", "server", "CPU/request", "requests/s", "p99", "newswire costs")
	for _, c := range cases {
		ours := c.results["newswire"]
		for _, s := range servers {
			theirs := c.results[s.name]
			if theirs == nil {
				continue
			}
			cpu := median(theirs, func(r result) float64 { return float64(r.cpu.Nanoseconds()) / 1000 })
			rps := median(theirs, func(r result) float64 { return r.rps })
			p99 := median(theirs, func(r result) float64 { return float64(r.p99.Microseconds()) / 1000 })
			fmt.Printf("%-7s  %-9s  %9.2f µs  %12.0f  %7.2f ms", c.name, s.name, cpu, rps, p99)
			if s.name != "newswire" {
				ratios := make([]float64, len(theirs))
				for i := range theirs {
					ratios[i] = float64(ours[i].cpu) / float64(theirs[i].cpu)
				}
				fmt.Printf("  %.2f × %s", median(ratios, func(r float64) float64 { return r }), s.name)
			}
			fmt.Println()
		}
	}
}

func median[T any](list []T, figure func(T) float64) float64 {
	figures := make([]float64, len(list))
	for i := range list {
		figures[i] = figure(list[i])
	}
	slices.Sort(figures)
	return figures[len(figures)/2]
}

var errAnswer = errors.New("unexpected answer")
