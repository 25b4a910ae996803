package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"github.com/newswire/newswire"
)

// told is an article of a topic, and between which times it came in.
type told struct {
	number           int
	began, committed time.Time
}

// numbered is where an article's number stands in a feed.
var numbered = regexp.MustCompile(`\[(\d{7})\]`)

// check compares every answer with what had been recorded: each must be a topic's newest fifty as they were at some time no
// more than a second before the request began, and no later than the answer's end.
func (l *audience) check(r *crowdReport, arrivals []arrival) {
	topics := map[newswire.Topic][]told{}
	tell := func(n int, began, committed time.Time) {
		a := crowdArticle(n)
		for _, t := range a.Topics() {
			topics[t] = append(topics[t], told{n, began, committed})
		}
	}
	for n := range crowdSeeds {
		tell(n, time.Time{}, time.Time{})
	}
	for _, a := range arrivals {
		for i := range arrivalsAtOnce {
			tell(a.First+i, a.Began, a.Committed)
		}
	}
	trouble := func(count *int, one *sighting, format string, args ...any) {
		*count++
		if len(r.FirstTroubles) < 10 {
			r.FirstTroubles = append(r.FirstTroubles, l.paths[one.version.feed]+" "+one.version.name+": "+fmt.Sprintf(format, args...))
		}
	}
	lengths := map[version]int{} // how many articles the topic had
	for i := range l.seen {
		one := &l.seen[i]
		all := topics[topicOf(l.paths[one.version.feed])]
		length, ok := lengths[one.version]
		if !ok {
			var err error
			if length, err = newestOf(l.bodies[one.version], all); err != nil {
				trouble(&r.Wrong, one, "%v", err)
				continue
			}
			lengths[one.version] = length
		}
		if length > 0 && one.ended.Before(all[length-1].began) {
			trouble(&r.Wrong, one, "it has what came in later")
		}
		if length < len(all) && !all[length].committed.IsZero() {
			late := one.began.Sub(all[length].committed)
			r.Stalest = max(r.Stalest, late)
			if late > time.Second {
				trouble(&r.Stale, one, "it lacks what was committed %v before", late)
			}
		}
	}
}

// newestOf says how many articles a topic had when a body was made, from its beginning.
func newestOf(b *body, all []told) (int, error) {
	if b == nil {
		return 0, fmt.Errorf("%w: not modified since nothing", errAnswer)
	}
	text, err := b.plain()
	if err != nil {
		return 0, err
	}
	var got []int
	for _, m := range numbered.FindAllSubmatch(text, -1) {
		n, err := strconv.Atoi(string(m[1]))
		if err != nil {
			return 0, err
		}
		got = append(got, n)
	}
	if len(got) == 0 {
		return 0, nil
	}
	length := slices.IndexFunc(all, func(t told) bool { return t.number == got[0] }) + 1
	if want := min(50, length); len(got) != want {
		return 0, fmt.Errorf("%w: %d articles; want %d", errAnswer, len(got), want)
	}
	for i, n := range got {
		if all[length-1-i].number != n {
			return 0, fmt.Errorf("%w: article %d in place %d; want %d", errAnswer, n, i, all[length-1-i].number)
		}
	}
	return length, nil
}

// plain is the body without its coding.
func (b *body) plain() ([]byte, error) {
	var r io.Reader = bytes.NewReader(b.bytes)
	switch b.coding {
	case "gzip":
		z, err := gzip.NewReader(r)
		if err != nil {
			return nil, err
		}
		r = z
	case "br":
		r = brotli.NewReader(r)
	case "zstd":
		z, err := zstd.NewReader(r)
		if err != nil {
			return nil, err
		}
		defer z.Close()
		r = z
	}
	return io.ReadAll(r)
}
