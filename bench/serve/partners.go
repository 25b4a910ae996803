package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication/api"
	"github.com/newswire/newswire/syndication/partner"
)

// partnerKey is the key of the one partner that asks.
const partnerKey = "nwk_of-the-bench-and-nowhere-else"

// newsPath is where the server is told to have one article more.
const newsPath = "/news"

// memoryPath is where the server says how much memory it has in use.
const memoryPath = "/memory"

// withPartners adds the API to a server of feeds, with a thousand partners.
func withPartners(ctx context.Context, readers http.Handler, all *store, site newswire.Site) http.Handler {
	partners := []partner.Partner{{
		ID: "acme", Rate: cache.Quota{Units: 1_000_000, Period: time.Second}, Keys: []partner.Key{{Digest: partner.DigestOf(partnerKey)}},
	}}
	for i := range 999 {
		partners = append(partners, partner.Partner{
			ID: fmt.Sprintf("other-%d", i), Keys: []partner.Key{{Digest: partner.DigestOf(partner.NewKey())}},
		})
	}
	settings := &api.Settings{Site: site, Partners: partner.NewRoster(partners)}
	a := api.New(all, func() *api.Settings { return settings }, api.Options{Registerer: prometheus.NewRegistry()})
	go func() { _ = a.Run(ctx) }()
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, api.Path):
			a.ServeHTTP(w, r)
		case r.URL.Path == newsPath:
			all.come.Store(true)
		case r.URL.Path == memoryPath:
			_ = json.NewEncoder(w).Encode(inUse())
		default:
			readers.ServeHTTP(w, r)
		}
	})
}

// inUse is the memory of this process that is in use, in bytes, stacks included.
func inUse() uint64 {
	runtime.GC()
	runtime.GC() // the first one's sweep is done when the second begins
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc + m.StackInuse
}

// polling compares a poll of the change log that finds nothing new with a feed's 304.
func polling(ctx context.Context, ours *server, took time.Duration, rounds int) error {
	poll := api.Path + "changes?after=" + string(after)
	key := "Authorization: Bearer " + partnerKey
	asked := []struct {
		name   string
		path   string
		fields []string
	}{
		{"a feed's 304", feedPath, ours.answers["304"].asked},
		{"a poll, no key", poll, []string{inGzip}},
		{"a poll, a key", poll, []string{inGzip, key}},
	}
	results := make([][]result, len(asked))
	for range rounds {
		for i, a := range asked {
			r, err := ours.ask(ctx, took, a.path, a.fields)
			if err != nil {
				return fmt.Errorf("%s: %w", a.name, err)
			}
			results[i] = append(results[i], r)
		}
	}
	fmt.Printf("\nA poll of the change log with nothing new, beside a feed's 304. The median of %d turns of %v each.\n\n", rounds, took)
	for i, a := range asked {
		ratios := make([]float64, rounds)
		for n, r := range results[i] {
			ratios[n] = float64(r.cpu) / float64(results[0][n].cpu)
		}
		same := func(r float64) float64 { return r }
		fmt.Printf("%-15s  %6.2f µs CPU  %.2f ×\n", a.name, median(results[i], func(r result) float64 {
			return float64(r.cpu.Nanoseconds()) / 1000
		}), median(ratios, same))
	}
	return nil
}

// waiting measures what a client that waits takes of the server's memory.
func waiting(ctx context.Context, ours *server, clients int) error {
	base := ours.address
	fmt.Printf("\nMemory of the server for each of %d clients that wait, connection and stacks included.\n\n", clients)
	for name, path := range map[string]string{
		"long polls": "changes?wait=60s&after=" + string(after), "streams": "changes/stream?after=" + string(after),
	} {
		before, err := memoryOf(ctx, base)
		if err != nil {
			return err
		}
		crowd, stop := context.WithCancel(ctx)
		failed := make(chan error, clients)
		for range clients {
			go func() {
				r, err := http.NewRequestWithContext(crowd, http.MethodGet, base+api.Path+path, nil)
				if err != nil {
					failed <- err
					return
				}
				r.Header.Set("Authorization", "Bearer "+partnerKey)
				transport := &http.Transport{DisableKeepAlives: true}
				answer, err := transport.RoundTrip(r)
				if err == nil {
					<-crowd.Done()
					err = answer.Body.Close()
				}
				if crowd.Err() == nil {
					failed <- err
				}
			}()
		}
		select {
		case err := <-failed:
			stop()
			return fmt.Errorf("%s: %w", name, errors.Join(errAnswer, err))
		case <-time.After(5 * time.Second):
		}
		after, err := memoryOf(ctx, base)
		stop()
		if err != nil {
			return err
		}
		fmt.Printf("%-15s  %6.1f KB\n", name, float64(after-before)/float64(clients)/1024)
		time.Sleep(time.Second) // until the server has seen that they went
	}
	return nil
}

func memoryOf(ctx context.Context, base string) (bytes uint64, err error) {
	a, err := get(ctx, base+memoryPath)
	if err != nil {
		return 0, err
	}
	return bytes, json.Unmarshal(a.body, &bytes)
}
