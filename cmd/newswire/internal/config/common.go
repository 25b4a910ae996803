package config

import (
	"errors"
	"hash/maphash"
	"iter"
	"net/url"
	"reflect"
	"runtime"
	"sync"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/pace"
)

// common is what many sources say alike: it is read once, and kept once. It is safe for several goroutines.
type common struct {
	mu    sync.Mutex // guards what follows
	texts map[string]string
	zones map[string]*time.Location
	specs pace.Specs

	plain plainKeys // of a source; it does not change
}

func newCommon() *common {
	return &common{texts: map[string]string{}, zones: map[string]*time.Location{}, plain: plainKeysOf(reflect.TypeFor[source]())}
}

// text is the text, in the memory of the first that was like it.
func (c *common) text(s string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	if first, known := c.texts[s]; known {
		return first
	}
	c.texts[s] = s
	return s
}

// zone is a time zone by its name. To load one takes a look into a file.
func (c *common) zone(name string) (*time.Location, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if zone, known := c.zones[name]; known {
		return zone, nil
	}
	zone, err := time.LoadLocation(name)
	if err == nil && name == "Local" {
		err = errors.New("the zone of whichever machine it is")
	}
	if err == nil {
		c.zones[name] = zone
	}
	return zone, err
}

// schedule says what is wrong with a cron spec.
func (c *common) schedule(spec string, zone *time.Location) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	_, err := c.specs.Parse(spec, zone)
	return err
}

// distinct tells whether no two sources have one id or one address. It keeps hashes: where two that differ have the same, once in
// billions of configs, the config is read without shortcuts, and nothing is said of them.
type distinct struct {
	seed maphash.Seed
	seen map[uint64]struct{}
}

func newDistinct() *distinct { return &distinct{maphash.MakeSeed(), map[uint64]struct{}{}} }

// marks are what add is to be given for sources. It may be called by several goroutines.
func (d *distinct) marks(list []newswire.Source) []uint64 {
	marks := make([]uint64, 0, 2*len(list))
	for i := range list {
		s := &list[i]
		marks = append(marks, maphash.String(d.seed, s.ID))
		if u, err := url.Parse(s.URL); err == nil {
			marks = append(marks, maphash.String(d.seed, sourceKey(s.URL, (*pageKeys)(s.Page), u))) // no id has an @
		}
	}
	return marks
}

// add adds sources, and says whether there were none like them.
func (d *distinct) add(marks []uint64) bool {
	before := len(d.seen)
	for _, mark := range marks {
		d.seen[mark] = struct{}{}
	}
	return len(d.seen) == before+len(marks)
}

// ahead makes results on all cores, a few more than were taken, and hands them out in order.
func ahead[T any](n int, result func(i int) T) iter.Seq[T] {
	return func(yield func(T) bool) {
		var work sync.WaitGroup
		defer work.Wait()
		var begun []chan T
		begin := func() {
			if i := len(begun); i < n {
				c := make(chan T, 1)
				begun = append(begun, c)
				work.Go(func() { c <- result(i) })
			}
		}
		for range runtime.GOMAXPROCS(0) {
			begin()
		}
		for i := range n {
			r := <-begun[i]
			begin()
			if !yield(r) {
				return
			}
		}
	}
}
