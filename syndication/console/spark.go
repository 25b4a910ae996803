package console

import (
	"fmt"
	"strings"
	"time"

	"github.com/newswire/newswire"
)

// A plot is as wide as its days, and so high, in units of its own.
const (
	dayWide    = 4
	barWide    = 3
	plotHigh   = 24
	leastShown = 1 // of a day that is not nothing
)

// plot is a row of bars, one for each of the last days.
type plot struct {
	Kind  string // what is counted
	Total int
	Most  int // on one day
	Path  string
	Width int
	High  int
}

// Says is the plot in words.
func (p plot) Says() string {
	if p.Total == 0 {
		return fmt.Sprintf("No %s in %d days", p.Kind, newswire.DaysKept)
	}
	return fmt.Sprintf("%s in %d days, at most %d a day", p.Count(), newswire.DaysKept, p.Most)
}

// Count is how many there were.
func (p plot) Count() string {
	if p.Total == 1 {
		return "1 " + strings.TrimSuffix(p.Kind, "s")
	}
	return fmt.Sprintf("%d %s", p.Total, p.Kind)
}

// plots are those of what came of the visits to a source.
func plots(d newswire.Days, now time.Time) []plot {
	days := d.Last(now)
	return []plot{
		newPlot("visits", days, func(d newswire.Day) int { return d.Visits }),
		newPlot("articles", days, func(d newswire.Day) int { return d.Articles }),
		newPlot("failures", days, func(d newswire.Day) int { return d.Failures }),
	}
}

func newPlot(kind string, days []newswire.Day, count func(newswire.Day) int) plot {
	p := plot{Kind: kind, Width: dayWide * len(days), High: plotHigh}
	for _, day := range days {
		p.Total += count(day)
		p.Most = max(p.Most, count(day))
	}
	var path strings.Builder
	for i, day := range days {
		if n := count(day); n > 0 {
			high := max(leastShown, n*plotHigh/p.Most)
			fmt.Fprintf(&path, "M%d %dh%dv%dh-%dz", i*dayWide, plotHigh-high, barWide, high, barWide)
		}
	}
	p.Path = path.String()
	return p
}
