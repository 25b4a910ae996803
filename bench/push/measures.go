//go:build linux

package main

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"runtime/pprof"
	"slices"
	"sync"
	"time"
)

// few is the number of subscribers of the delay measure.
const few = 1000

// each does something each second, so many times, and then waits for what is under way.
func (r *rig) each(ctx context.Context, times int, do func(n int) error) error {
	tick := time.NewTicker(time.Second)
	defer tick.Stop()
	for n := range times {
		if err := do(n); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-tick.C:
		}
	}
	return nil
}

// delay measures the time to deliveries, without bad subscribers and with them.
func (o options) delay(ctx context.Context) (err error) {
	r, err := start(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if closed := r.close(); err == nil {
			err = closed
		}
	}()
	if err := r.subscribe(ctx, few, func(n int) string { return "category/" + category(n%topics) }); err != nil {
		return err
	}
	fmt.Printf("%d subscribers to %d topics, one change each second; from record to receipt, at the healthy:\n", few, topics)
	var alone receipts
	for _, phase := range []string{"none bad", "a tenth dead, a tenth dripping"} {
		if phase != "none bad" {
			if _, err := r.ask(ctx, "/bad"); err != nil {
				return err
			}
		}
		time.Sleep(5 * time.Second)
		if _, err := r.receipts(ctx); err != nil {
			return err
		}
		calls, told := r.store.calls.Load(), r.store.deliveries.Load()
		categories := make([]string, topics)
		for n := range categories {
			categories[n] = category(n)
		}
		err := r.each(ctx, o.changes, func(n int) error { return r.publish(ctx, categories[n%topics:n%topics+1]...) })
		if err != nil {
			return err
		}
		time.Sleep(3 * time.Second)
		got, err := r.receipts(ctx)
		if err != nil {
			return err
		}
		made := r.store.deliveries.Load() - told
		fmt.Printf("  %-32s p50 %4d ms  p95 %4d ms  max %4d ms  (%d receipts, %d twice; %.2f store calls for each delivery)\n", phase,
			got.P50.Milliseconds(), got.P95.Milliseconds(), got.Max.Milliseconds(), got.Changes, got.Duplicates,
			float64(r.store.calls.Load()-calls)/float64(max(1, made)))
		if alone.Changes == 0 {
			alone = got
		} else {
			fmt.Printf("  p95 with the bad ones: %.2f of that without\n", float64(got.P95)/float64(alone.P95))
		}
	}
	return nil
}

// cost measures CPU for each delivery, beside a bare client.
func (o options) cost(ctx context.Context) (err error) {
	r, err := start(ctx)
	if err != nil {
		return err
	}
	defer func() {
		if closed := r.close(); err == nil {
			err = closed
		}
	}()
	if err := r.subscribe(ctx, o.subscribers, func(int) string { return "all" }); err != nil {
		return err
	}
	time.Sleep(5 * time.Second)
	if _, err := r.receipts(ctx); err != nil {
		return err
	}
	if o.profile != "" {
		f, err := os.Create(o.profile)
		if err != nil {
			return err
		}
		defer f.Close()
		if err := pprof.StartCPUProfile(f); err != nil {
			return err
		}
		defer pprof.StopCPUProfile()
	}
	before, calls, began := cpu(), r.store.calls.Load(), time.Now()
	if err := r.each(ctx, o.changes, func(int) error { return r.publish(ctx, category(0)) }); err != nil {
		return err
	}
	if err := r.settle(ctx); err != nil {
		return err
	}
	used, wall := cpu()-before, time.Since(began)
	if o.profile != "" {
		pprof.StopCPUProfile()
	}
	got, err := r.receipts(ctx)
	if err != nil {
		return err
	}
	each := used / time.Duration(max(1, got.Posts))
	fmt.Printf("%d subscribers, %d changes, one each second:\n", o.subscribers, o.changes)
	fmt.Printf("  hub          %6.1f µs CPU for each of %d deliveries in %v; p50 %v  p95 %v; %.3f store calls for each\n",
		micros(each), got.Posts, wall.Round(time.Second), got.P50.Round(time.Millisecond), got.P95.Round(time.Millisecond),
		float64(r.store.calls.Load()-calls)/float64(max(1, got.Posts)))
	bare, err := r.bare(ctx, o.subscribers, max(1, got.Posts/o.subscribers))
	if err != nil {
		return err
	}
	fmt.Printf("  bare client  %6.1f µs\n  ratio        %6.2f\n", micros(bare), float64(each)/float64(bare))
	return nil
}

func micros(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1000 }

// settle waits until nothing has been delivered for a while.
func (r *rig) settle(ctx context.Context) error {
	for told := int64(-1); told != r.store.deliveries.Load(); {
		told = r.store.deliveries.Load()
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Second):
		}
	}
	return nil
}

// bare posts the bytes of the last delivery to each subscriber, in rounds, and returns the median of their CPU for each post.
func (r *rig) bare(ctx context.Context, subscribers, rounds int) (time.Duration, error) {
	body, err := r.ask(ctx, "/body")
	if err != nil {
		return 0, err
	}
	dialer := &net.Dialer{Timeout: 5 * time.Second}
	client := &http.Client{Transport: &http.Transport{
		DialContext: dialer.DialContext, MaxIdleConns: 1024, MaxIdleConnsPerHost: 8, IdleConnTimeout: 90 * time.Second, DisableCompression: true,
	}, Timeout: 10 * time.Second}
	defer client.CloseIdleConnections()
	var costs []time.Duration
	for range min(rounds, 10) {
		before := cpu()
		work := make(chan int)
		var wg sync.WaitGroup
		for range 256 {
			wg.Go(func() {
				for i := range work {
					post(ctx, client, r.callback(i), body)
				}
			})
		}
		for i := range subscribers {
			work <- i
		}
		close(work)
		wg.Wait()
		costs = append(costs, (cpu()-before)/time.Duration(subscribers))
	}
	slices.Sort(costs)
	return costs[len(costs)/2], nil
}

func post(ctx context.Context, client *http.Client, to string, body []byte) {
	q, err := http.NewRequestWithContext(ctx, http.MethodPost, to, bytes.NewReader(body))
	if err != nil {
		return
	}
	q.Header.Set("Content-Type", "application/atom+xml")
	reply, err := client.Do(q)
	if err != nil {
		fmt.Fprintln(os.Stderr, "bare client:", err)
		return
	}
	_, _ = io.Copy(io.Discard, reply.Body)
	_ = reply.Body.Close()
}
