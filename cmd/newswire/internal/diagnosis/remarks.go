package diagnosis

import (
	"context"
	"slices"
	"strings"

	"github.com/newswire/newswire/sources"
)

// remarkKinds tell of which kind a remark of [sources.Standings] is by what is in it, and what to do.
var remarkKinds = []struct{ word, kind, next string }{
	{"has no articles", "empty", "open the address; if the publisher has another feed by now, newswire add finds it"},
	{"has a date", "no dates", "tell its publisher; until then its articles stand in the order in which they were found"},
	{"newest article is of", "stale", "newswire add looks for another feed of the publisher"},
	{"leads for good to", "redirect", "write the new address as its url, once you have seen that the feed there is the same"},
	{"moved for good to", "redirect", "write the new address as its url"},
	{"its selector", "selector", "look at the page of one of its articles, and change the selector"},
	{"guids change", "guid churn", "tell its publisher that guids have to stay"},
}

// remarks names what the sources' standings tell after the visits.
func (d *diagnosis) remarks(ctx context.Context) error {
	standings, err := sources.Standings(ctx, d.store, d.setup.Catalog)
	if err != nil {
		return err
	}
	for i := range standings {
		for _, remark := range standings[i].Remarks {
			d.remark(standings[i].Source, remark)
		}
	}
	return nil
}

// Remembered names what one visit cannot tell, and a store remembers of the visits before: that guids change, that an address
// has led elsewhere for long, that a document is in doubt.
func Remembered(standings []sources.Standing) []Finding {
	var d diagnosis
	for i := range standings {
		s := &standings[i]
		for _, remark := range s.Remarks {
			if strings.Contains(remark, "guids change") || strings.Contains(remark, "moved for good to") {
				d.remark(s.Source, remark)
			}
		}
		if s.Condition == sources.InDoubt {
			d.wrong(s.Source, "doubted", s.Error, "ask its publisher; if it means it, write withdrawals: all for the source")
		}
	}
	return d.findings
}

// Merge joins findings of a round of visits and of what is remembered, sorted. Of two of a kind about a source the first stays.
func Merge(visits, remembered []Finding) []Finding {
	all := slices.Clone(visits)
	for _, f := range remembered {
		if !slices.ContainsFunc(visits, func(g Finding) bool { return g.Source == f.Source && g.Kind == f.Kind }) {
			all = append(all, f)
		}
	}
	slices.SortFunc(all, Finding.compare)
	return all
}

func (d *diagnosis) remark(source, remark string) {
	for _, k := range remarkKinds {
		if strings.Contains(remark, k.word) {
			cause := remark
			if i := strings.LastIndex(remark, ": "); i > 0 && !strings.HasPrefix(remark[i:], ": they") {
				cause = remark[:i]
			}
			d.wrong(source, k.kind, cause, k.next)
			return
		}
	}
	d.wrong(source, "odd", remark, "newswire preview "+source+" shows what comes of it")
}
