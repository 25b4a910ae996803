package cachetest

import (
	"fmt"
	"runtime"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// BenchmarkQuietVisit measures what an empty store costs a visit that brought nothing, while 32 are under way: the turn at
// the domain with the due time that follows, and the record. Sources are visited in no order that a store could profit
// by. Beside the time it reports the CPU of this process, for most of the time is spent waiting.
func BenchmarkQuietVisit(b *testing.B, store cache.Store) {
	const sources = 1000
	for i := range sources {
		if err := store.Reschedule(b.Context(), fmt.Sprintf("s%03d", i), time.Time{}, past); err != nil {
			b.Fatal(err)
		}
	}
	leases, err := store.Claim(b.Context(), sources, long)
	if err != nil {
		b.Fatal(err)
	}
	var next atomic.Int64
	b.ReportAllocs()
	b.SetParallelism(32 / runtime.GOMAXPROCS(0))
	before := cpu()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			lease := leases[next.Add(1)*617%sources]
			turn, err := store.Enter(b.Context(), lease.Source+".example", long, cache.Postponement{Lease: lease, Until: future})
			if err == nil && turn.Key == "" {
				err = fmt.Errorf("another visitor is at %s", turn.Domain)
			}
			if err == nil {
				err = store.Record(b.Context(), lease, quiet(lease), turn)
			}
			if err != nil {
				b.Error(err)
			}
		}
	})
	b.ReportMetric(float64((cpu()-before).Microseconds())/float64(b.N), "cpu-µs/op")
}

// quiet is the result of a visit that was answered 304.
func quiet(lease cache.Lease) newswire.Visit {
	return newswire.Visit{Source: lease.Source, At: lease.At, State: newswire.State{
		Source: lease.Source, Configured: "https://www.example.org/feed.xml", URL: "https://www.example.org/feed.xml",
		Validators: newswire.Validators{ETag: `"0123456789abcdef"`, LastModified: "Thu, 01 Jan 2026 00:00:00 GMT"},
		Body:       newswire.Hash(lease.Source), Due: future, Why: "schedule @every 1h",
		Health: newswire.Health{LastVisit: lease.At, LastSuccess: lease.At, LastChange: past, Status: 304, Offered: 20},
	}}
}

// cpu is the time that this process has spent, user and system.
func cpu() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic("cachetest: getrusage of this process: " + err.Error())
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}
