//go:build linux

package main

import (
	"fmt"
	"io"
	"slices"
	"text/tabwriter"
	"time"
)

// table has the figures of each thing, in the order in which they first came.
type table struct {
	names []string
	rows  map[string][]spent
}

func (t *table) add(name string, s spent) {
	if t.rows == nil {
		t.rows = map[string][]spent{}
	}
	if t.rows[name] == nil {
		t.names = append(t.names, name)
	}
	t.rows[name] = append(t.rows[name], s)
}

// note adds what a process took so far.
func (t *table) note(p *process, name string) error {
	s, err := p.now()
	if err == nil {
		t.add(name, s)
	}
	return err
}

func (t *table) print(w io.Writer) error {
	out := tabwriter.NewWriter(w, 0, 8, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(out, "\tCPU\ton the clock\tmemory\t")
	for _, name := range t.names {
		rows := t.rows[name]
		fmt.Fprintf(out, "%s\t%v\t%v\t%.0f MB\t\n", name,
			median(rows, func(s spent) time.Duration { return s.cpu }).Round(100*time.Microsecond),
			median(rows, func(s spent) time.Duration { return s.wall }).Round(time.Millisecond),
			float64(median(rows, func(s spent) int { return s.peak }))/1e6)
	}
	return out.Flush()
}

func median[N int | time.Duration](rows []spent, of func(spent) N) N {
	list := make([]N, len(rows))
	for i, s := range rows {
		list[i] = of(s)
	}
	slices.Sort(list)
	return list[len(list)/2]
}
