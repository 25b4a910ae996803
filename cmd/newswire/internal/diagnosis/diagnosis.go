// Package diagnosis visits the sources of a config once, stores nothing, and names what is wrong with each: the cause, and
// the next step to take.
//
//	findings, err := diagnosis.Run(ctx, conf, setup, func(source string) { … })
//
// The visits are those of the service: the same pauses, robots.txt and bounds. It refuses to ask a publisher for more than a
// visit does: the feeds that a page links to are named, and not tried.
package diagnosis

import (
	"cmp"
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cmd/newswire/internal/config"
	"github.com/newswire/newswire/cmd/newswire/internal/service"
	"github.com/newswire/newswire/cmd/newswire/internal/stores"
	"github.com/newswire/newswire/sources"
)

// Finding is one thing that is wrong with a source, or worth knowing.
type Finding struct {
	Source string `json:"source"`
	Kind   string `json:"kind"`           // a word or two that are the same for all of the kind: "not found", "no dates"
	Note   bool   `json:"note,omitempty"` // its articles come in all the same: the publisher's document was mended, or could say more
	Cause  string `json:"cause"`
	Next   string `json:"next"` // the step to take
}

// Run visits each source once and returns the findings, sorted by source, what is wrong before what is worth knowing. It
// calls visited after each visit, one call at a time. The error is of the temporary store or of ctx.
func Run(ctx context.Context, conf *config.Config, setup sources.Setup, visited func(source string)) (_ []Finding, err error) {
	store, err := stores.OpenTemporary(ctx)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, store.Close()) }()

	d := &diagnosis{store: store, setup: setup, documents: record(&setup, conf), configured: map[string]*newswire.Source{}}
	for i := range conf.Sources {
		d.configured[conf.Sources[i].ID] = &conf.Sources[i]
	}
	aggregator := sources.NewAggregator(store, setup, sources.Options{
		Concurrency: conf.Fetch.Concurrency, VisitTimeout: service.VisitTimeout(conf),
		Report: func(r sources.Result) {
			err := d.judge(ctx, &r)
			d.mu.Lock()
			defer d.mu.Unlock()
			if err != nil {
				d.errs = append(d.errs, err)
			}
			visited(r.Source)
		},
	})
	if err := aggregator.Round(ctx); err != nil {
		return nil, err
	}
	if err := errors.Join(d.errs...); err != nil {
		return nil, err
	}
	if err := d.remarks(ctx); err != nil {
		return nil, err
	}
	slices.SortFunc(d.findings, Finding.compare)
	return d.findings, nil
}

func (f Finding) compare(g Finding) int {
	graver := func(f Finding) int {
		if f.Note {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(f.Source, g.Source), cmp.Compare(graver(f), graver(g)), cmp.Compare(f.Kind, g.Kind), cmp.Compare(f.Cause, g.Cause))
}

// diagnosis is a round of visits, and what was found.
type diagnosis struct {
	store      cache.Store
	setup      sources.Setup
	documents  map[string]*recorder // by source
	configured map[string]*newswire.Source

	mu       sync.Mutex // guards findings and errs
	findings []Finding
	errs     []error
}

// wrong adds a finding that an operator has to act on.
func (d *diagnosis) wrong(source, kind, cause, next string) {
	d.add(Finding{Source: source, Kind: kind, Cause: cause, Next: next})
}

// note adds a finding that is worth knowing.
func (d *diagnosis) note(source, kind, cause, next string) {
	d.add(Finding{Source: source, Kind: kind, Note: true, Cause: cause, Next: next})
}

func (d *diagnosis) add(f Finding) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.findings = append(d.findings, f)
}

// judge names what a visit found.
func (d *diagnosis) judge(ctx context.Context, r *sources.Result) error {
	s, document := d.configured[r.Source], d.documents[r.Source].take()
	if r.Error != "" || r.Outcome == sources.PutOff {
		d.failure(r, document)
		return nil
	}
	d.repairs(r)
	var articles []newswire.Article
	for _, topic := range []newswire.Topic{newswire.SourceTopic(s.ID), newswire.HeldTopic(s.ID), newswire.UnlistedTopic(s.ID)} {
		for after := newswire.Cursor(""); ; {
			page, err := d.store.Articles(ctx, cache.Query{Topic: topic, After: after, Limit: 200})
			if err != nil {
				return err
			}
			articles = append(articles, page.Articles...)
			if after = page.Next; after == "" {
				break
			}
		}
	}
	d.articles(s, articles)
	d.document(ctx, s, document)
	d.schedule(s, r)
	return nil
}
