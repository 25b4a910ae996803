package service

import (
	"cmp"

	"github.com/newswire/newswire/cmd/newswire/internal/config"
	"github.com/newswire/newswire/cmd/newswire/internal/stores"
)

// Budget is the memory that the process may take, and what its parts may have of it, in bytes.
type Budget struct {
	Total int64

	Heap     int64         // of Go, which has all below but the pages of files
	Store    stores.Memory // decoded articles, and pages of the store's file
	Search   int64         // pages of the search index
	Rendered int64         // feeds and pages, and what they are made of
	Pictures int64
	Changes  int64 // articles of the newest changes
	Hub      int64 // what its subscribers were sent last
}

const (
	defaultMemory = 512 << 20
	leastMemory   = 64 << 20 // as in the config's check

	// programBytes is what the program itself takes, most of which is its code, mapped from its file.
	programBytes = 40 << 20

	// overrun is by which part of what is left the heap may be above its limit for a moment: while the processors have other work, the
	// collector comes too late.
	overrun = 10

	// leastHeap is what the heap has before anything is kept: half of it are tables of what compresses. With leastKept it is what the
	// least budgets have, which the process may overrun.
	leastHeap = 20 << 20
	leastKept = 4 << 20
)

// NewBudget divides the memory that a config has for the process. Where it says nothing, that is 512 MiB, or seven eighths of
// what the control group of the process may take, if that is less.
func NewBudget(conf *config.Config) Budget { return divide(conf.Memory, memoryOfGroup()) }

// divide gives the heap all that the program and SQLite leave, which are outside of it. Two thirds of what the heap can keep are
// bounded shares. The rest is for the config, for what is being rendered, and for garbage: the less room there is for that, the more
// often it is collected.
func divide(configured, group int64) Budget {
	b := Budget{Total: max(leastMemory, cmp.Or(configured, min(defaultMemory, group/8*7)))}
	left := max(b.Total-programBytes, leastHeap+leastKept)
	left -= left / overrun
	b.Store.Pages, b.Search = left/32, left/16
	kept := max(left-b.Store.Pages-b.Search-leastHeap, leastKept)
	b.Heap = leastHeap + kept
	b.Rendered, b.Store.Articles, b.Pictures = kept/2, kept/16, kept/16
	b.Changes, b.Hub = kept/32, kept/32
	return b
}
