package sources_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/fetch"
	"github.com/newswire/newswire/sources/rules"
	"github.com/newswire/newswire/sources/sourcetest"
)

// ruleSet compiles the harness's rules.
func (d *harness) ruleSet() *rules.Set {
	d.t.Helper()
	var list []*rules.Rule
	for i, definition := range d.rules {
		if definition.Name == "" {
			definition.Name = fmt.Sprintf("rule %d", i+1)
		}
		r, err := rules.Compile(definition)
		if err != nil {
			d.t.Fatal(err)
		}
		list = append(list, r)
	}
	return rules.NewSet(list)
}

// rule sets the harness's only rule.
func (d *harness) rule(when string, do ...string) {
	d.rules = []rules.Definition{{When: when, Do: do}}
}

// changes are the records of the change log after a cursor, and the last cursor. What goes to the held is put there; to readers
// of public listings that is a removal.
func (d *harness) changes(after newswire.Cursor) (ops []string, last newswire.Cursor) {
	d.t.Helper()
	list, err := d.store.Changes(d.t.Context(), after, 100)
	if err != nil {
		d.t.Fatal(err)
	}
	last = after
	for _, c := range list {
		ops, last = append(ops, fmt.Sprintf("%s %d", c.Op, c.Revision)), c.Cursor
	}
	return ops, last
}

// publicTitles are the titles that readers see, sorted.
func (d *harness) publicTitles() string {
	list := titles(d.articles(newswire.All))
	slices.Sort(list)
	return strings.Join(list, ", ")
}

func TestAChangedRuleAppliesToWhatIsStored(t *testing.T) {
	d := newHarness(t)
	pub := sourcetest.NewPublisher(t, rss("1 Tariffs", "2 Budget"))
	s := newswire.Source{ID: "pub", URL: pub.URL()}
	categories := []newswire.Category{{ID: "trade"}}
	d.visit(categories, s)
	_, cursor := d.changes("")
	for _, step := range []struct {
		name    string
		when    string
		do      []string
		titles  string
		trade   int
		changes []string
		applied int
	}{
		{"a rule drops one", `title == "Tariffs"`, []string{"drop"}, "Budget", 0, []string{"put 2"}, 1},
		{"the same rules", `title == "Tariffs"`, []string{"drop"}, "Budget", 0, nil, 0},
		{"it holds that now", `title == "Tariffs"`, []string{"hold"}, "Budget", 0, []string{"put 3"}, 1},
		{"another", `title == "Budget"`, []string{"category trade"}, "Budget, Tariffs", 1, []string{"put 4", "put 2"}, 1},
		{"other words for the same", `title startsWith "Budget"`, []string{"category trade"}, "Budget, Tariffs", 1, nil, 0},
		{"none", "false", []string{"drop"}, "Budget, Tariffs", 0, []string{"put 3"}, 0},
	} {
		d.rule(step.when, step.do...)
		r := d.visit(categories, s)["pub"]
		var changes []string
		changes, cursor = d.changes(cursor)
		slices.Sort(changes)
		slices.Sort(step.changes)
		if got := d.publicTitles(); got != step.titles || len(d.articles("category/trade")) != step.trade {
			t.Errorf("%s: readers see %q, %d in the category; want %q, %d", step.name, got, len(d.articles("category/trade")), step.titles, step.trade)
		}
		if diff := cmp.Diff(step.changes, changes); diff != "" {
			t.Errorf("%s: changes (-want +got): %s", step.name, diff)
		}
		if n := r.Rules["rule 1"]; n == nil && step.applied > 0 || n != nil && n.Applied != step.applied {
			t.Errorf("%s: applied %+v, want %d", step.name, r.Rules, step.applied)
		}
	}
}

func TestTheRuleThatAppliedIsStored(t *testing.T) {
	d := newHarness(t)
	pub := sourcetest.NewPublisher(t, rss("1 Tariffs"))
	s := newswire.Source{ID: "pub", URL: pub.URL()}
	d.rules = []rules.Definition{{Name: "rule 1", Line: 7, When: `title == "Tariffs"`, Do: []string{"language de"}}}
	d.visit(nil, s)
	first := d.articles(newswire.All)[0]
	// The same effect by another rule is no revision, and the new rule is stored.
	d.rules = append([]rules.Definition{{Name: "rule 1", Line: 7, When: `false`, Do: []string{"drop"}}},
		rules.Definition{Name: "rule 2", Line: 8, When: `title == "Tariffs"`, Do: []string{"language de"}})
	d.visit(nil, s)
	second := d.articles(newswire.All)[0]
	if first.Ruled.Rules[0].Line != 7 || second.Ruled.Rules[0].Name != "rule 2" || second.Revision != 1 || second.Language != "de" {
		t.Errorf("first by %+v, then by %+v in revision %d", first.Ruled, second.Ruled, second.Revision)
	}
	d.rules = nil
	if d.visit(nil, s); d.articles(newswire.All)[0].Ruled != nil || d.articles(newswire.All)[0].Language != "" {
		t.Errorf("without rules: %+v", d.articles(newswire.All)[0])
	}
}

func TestAReleaseOutlastsTheRules(t *testing.T) {
	d := newHarness(t)
	pub := sourcetest.NewPublisher(t, rss("1 Tariffs"))
	s := newswire.Source{ID: "pub", URL: pub.URL()}
	d.rule(`title contains "Tariffs"`, "hold")
	if r := d.visit(nil, s)["pub"]; r.Held != 1 || d.publicTitles() != "" {
		t.Fatalf("the first visit: %+v", r)
	}
	if _, err := sources.Release(t.Context(), d.store, d.held()[0].ID); err != nil {
		t.Fatal(err)
	}
	for _, do := range []string{"hold", "drop"} {
		d.rule(`title contains "Tariffs" and true`, do)
		if d.visit(nil, s); d.publicTitles() != "Tariffs" {
			t.Errorf("%s: readers see %q of what was released", do, d.publicTitles())
		}
	}
	d.rule("false", "drop")
	d.visit(nil, s)
	d.rule(`title contains "Tariffs"`, "drop")
	if d.visit(nil, s); d.publicTitles() != "" {
		t.Errorf("readers see %q that a later rule drops", d.publicTitles())
	}
	if dropped, err := sources.Dropped(t.Context(), d.store); err != nil || len(dropped) != 1 || len(d.held()) != 0 {
		t.Errorf("dropped %d, held %d, %v; want 1 and 0", len(dropped), len(d.held()), err)
	}
}

func TestARuleThatFailsIsNamedAndDropsNothing(t *testing.T) {
	d := newHarness(t)
	var terms strings.Builder
	for i := range 200 {
		fmt.Fprintf(&terms, "<category>x%d</category>", i)
	}
	pub := sourcetest.NewPublisher(t, `<rss version="2.0"><channel><title>Pub</title><item><guid>1</guid><title>Long</title>`+terms.String()+
		`<description>`+strings.Repeat("a word and another. ", 20_000)+`</description></item><item><guid>2</guid><title>Short</title></item></channel></rss>`)
	d.rules = []rules.Definition{
		{When: `any(tags, lower(text) contains #) or len(tags) > 0`, Do: []string{"drop"}},
		{When: `title == "Long"`, Do: []string{"language de"}},
	}
	r := d.visit(nil, newswire.Source{ID: "pub", URL: pub.URL()})["pub"]
	if n := r.Rules["rule 1"]; n == nil || n.Failed != 1 || n.Applied != 0 || !strings.Contains(n.Error, "too long") {
		t.Errorf("rules: %+v", n)
	}
	if n := r.Rules["rule 2"]; n == nil || n.Applied != 1 || d.publicTitles() != "Long, Short" {
		t.Errorf("the next rule: %+v; readers see %q", n, d.publicTitles())
	}
	if failed := r.FailedRules(); len(failed) != 1 || !strings.HasPrefix(failed[0], "rule 1 failed for 1 articles") {
		t.Errorf("failed rules: %q", failed)
	}
}

// slowLister takes its time for each page of a listing, and counts them.
type slowLister struct {
	sources.Store
	pause time.Duration
	pages int
}

func (s *slowLister) Articles(ctx context.Context, q cache.Query) (cache.Page, error) {
	s.pages++
	time.Sleep(s.pause)
	return s.Store.Articles(ctx, q)
}

// document is what every address answers with.
type document string

func (d document) Get(_ context.Context, r fetch.Request) (*fetch.Answer, error) {
	return &fetch.Answer{Status: 200, URL: r.URL, Header: http.Header{}, Body: []byte(d)}, nil
}

// TestASweepGoesOnWhereTimeWasShort has visits that have time for one or two pages of what is stored.
func TestASweepGoesOnWhereTimeWasShort(t *testing.T) {
	inVillage(t, func(v village) {
		t := v.T
		var items []string
		for i := range 900 { // five pages
			items = append(items, fmt.Sprintf("%d Title%d", i, i))
		}
		d := &harness{t: t, store: v.store}
		store := &slowLister{Store: v.store, pause: 300 * time.Millisecond}
		visit := func() {
			t.Helper()
			setup := sources.Setup{Catalog: v.hourly("pub").WithRules(d.ruleSet()), Fetcher: document(rss(items...))}
			const reserve = 10 * time.Second // that a visit keeps for what comes after
			if err := sources.NewAggregator(store, setup, sources.Options{VisitTimeout: reserve + 500*time.Millisecond}).Round(t.Context(), "pub"); err != nil {
				t.Fatal(err)
			}
		}
		visit()
		d.rule("true", "language de")
		store.pages = 0
		visits := 0
		for changed := 0; changed < 900; visits++ {
			if visits == 10 {
				t.Fatalf("after %d visits %d articles have changed", visits, changed)
			}
			visit()
			before := changed
			changed = 0
			for _, article := range d.articles(newswire.All) {
				if article.Language == "de" {
					changed++
				}
			}
			if changed <= before {
				t.Errorf("visit %d has changed nothing", visits+1)
			}
		}
		if visits < 2 || store.pages > 10 {
			t.Errorf("%d visits have read %d pages; want several visits, and each page once", visits, store.pages)
		}
	})
}
