// Package heap has the collector of Go work as a budget of memory allows: seldom while the process is at work, and with little memory
// kept while it is at rest.
//
//	k := heap.Keep(385 << 20)
//	defer k.Stop()
//
// What a collection costs grows with what is in use, and not with what is thrown away. So a process that has little in use and much memory
// to spare may let its heap grow by a part of that memory before the next one. It gives the memory back when it comes to rest. While
// nothing is collected, nothing here is done.
//
// The package refuses to overrule an operator: what GOGC and GOMEMLIMIT say in the environment counts.
package heap

import (
	"math"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"sync"
	"time"
)

const (
	// spare is the part of the limit by which a heap may grow that has less in use.
	spare = 8

	// standard is the percentage of Go: a heap may grow by as much as is in use.
	standard = 100

	// quiet is how long a process that collects nothing counts as at work.
	quiet = 10 * time.Second
)

// Percentage is that of the collector (GOGC) for a heap with so many bytes in use, where the limit is so many.
func Percentage(used, limit int64) int {
	return int(min(max(standard, float64(limit)/spare*100/float64(max(used, 1))), math.MaxInt32))
}

// Keeper sets the percentage of the collector after a collection, and gives memory back.
type Keeper struct {
	limit     int64
	collector collector

	mu      sync.Mutex // guards the rest
	last    time.Time  // of the collections
	atWork  bool       // the last but one was less than quiet before it
	rest    *time.Timer
	stopped bool
}

// Keep has the heap stay within a limit of bytes, or that of GOMEMLIMIT, and the collector work accordingly until Stop: by the lower of both.
func Keep(limit int64) *Keeper {
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(limit)
	}
	k := newKeeper(min(limit, debug.SetMemoryLimit(-1)), process{fixed: os.Getenv("GOGC") != ""})
	k.watch()
	return k
}

func newKeeper(limit int64, c collector) *Keeper {
	k := &Keeper{limit: limit, collector: c}
	k.rest = time.AfterFunc(quiet, k.rested)
	return k
}

// Stop has the collector work as it does without a Keeper, but for the limit.
func (k *Keeper) Stop() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.stopped = true
	k.rest.Stop()
	k.set(standard)
}

// mark is an object that nothing uses. It has a pointer, so that it shares its memory with no other.
type mark struct{ _ *mark }

// watch has the next collection be told, and each after it until Stop.
func (k *Keeper) watch() {
	runtime.AddCleanup(new(mark), func(k *Keeper) {
		if k.collected(time.Now()) {
			k.watch()
		}
	}, k)
}

// collected is told of a collection, and says whether it is to be told of the next one. While the process is at work, one follows the other
// soon.
func (k *Keeper) collected(now time.Time) bool {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.stopped {
		return false
	}
	if now.Sub(k.last) < quiet {
		k.atWork = true
		k.set(Percentage(k.collector.used(), k.limit))
	}
	k.last = now
	k.rest.Reset(quiet)
	return true
}

// rested is called when the process is at rest. To give back takes a collection, so that it is done once for each time of work.
func (k *Keeper) rested() {
	k.mu.Lock()
	defer k.mu.Unlock()
	if k.atWork && !k.stopped {
		k.atWork = false
		k.set(standard)
		k.collector.giveBack()
	}
}

// set sets a percentage, unless it is nearly the one that is set: to set it stops the process for a moment. Others set it too, as for the time in
// which a config is read.
func (k *Keeper) set(percent int) {
	is := k.collector.percent()
	if near := is / 10; percent == standard && is != standard || percent > is+near || percent < is-near {
		k.collector.setPercent(percent)
	}
}

// collector is what a [Keeper] needs of Go's.
type collector interface {
	used() int64  // bytes that were in use at the last collection
	percent() int // as it is set, as GOGC
	setPercent(percent int)
	giveBack() // collects, and gives back what is free
}

// process is the collector of this process.
type process struct{ fixed bool } // whether the operator has set the percentage

func (process) used() int64 { return int64(read("/gc/heap/live:bytes")) }

func (process) percent() int { return int(min(read("/gc/gogc:percent"), math.MaxInt32)) }

func (p process) setPercent(percent int) {
	if !p.fixed {
		debug.SetGCPercent(percent)
	}
}

func (process) giveBack() { debug.FreeOSMemory() }

// read is a metric of the runtime.
func read(name string) uint64 {
	sample := []metrics.Sample{{Name: name}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
