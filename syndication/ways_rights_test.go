package syndication_test

import (
	"context"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication/api"
	"github.com/newswire/newswire/syndication/partner"
)

// TestNothingGoesAroundRights has articles with random texts and rights leave the service by every way, to the public and to a
// random partner, at random moments: before their time, in it, at its end and after it; before and after the store has moved
// them; with the store there, and away. What must not be seen is nowhere, down to a word. $NEWSWIRE_RIGHTS_CHECKS says how
// many cases are tried.
func TestNothingGoesAroundRights(t *testing.T) {
	checks := os.Getenv("NEWSWIRE_RIGHTS_CHECKS")
	if checks == "" {
		checks = "40"
	}
	before := flag.Lookup("rapid.checks").Value.String()
	if err := flag.Set("rapid.checks", checks); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = flag.Set("rapid.checks", before) }()
	o := newOutlet(t)
	var shown, hidden int
	rapid.Check(t, func(t *rapid.T) {
		c := o.newCase(t)
		for _, at := range c.moments(t) {
			o.advance(at)
			if rapid.Bool().Draw(t, "the store has moved them") {
				c.settle(t)
				shown += c.checkShown(t)
			}
			o.store.away.Store(rapid.IntRange(0, 4).Draw(t, "store away") == 0)
			hidden += c.checkWays(t)
			o.store.away.Store(false)
		}
	})
	t.Logf("%d cases: %d times what was to be seen was there, %d words were looked for where they must not be", o.cases, shown, hidden)
	if shown == 0 || hidden == 0 {
		t.Error("nothing was tried")
	}
}

// newCase draws and records a case.
func (o *outlet) newCase(t *rapid.T) *rightsCase {
	o.cases++
	o.store.away.Store(false)
	o.advance(o.now().Add(time.Hour).Truncate(time.Second))
	c := &rightsCase{outlet: o, source: fmt.Sprintf("s%d", o.cases), tags: map[string]string{}}
	policies := rapid.SampledFrom([]newswire.Policy{"", whole, part, title})
	o.partner = partner.Partner{
		ID: "acme", Keys: []partner.Key{{Digest: partner.DigestOf(o.key)}}, Content: policies.Draw(t, "partner's content"),
		Rate:    cache.Quota{Units: 1e6, Period: time.Second},
		Webhook: &partner.Webhook{URL: o.hook.URL, Secret: "hush", Batch: rapid.IntRange(1, 5).Draw(t, "batch")},
	}
	if rapid.Bool().Draw(t, "partner of a category") {
		o.partner.Categories = []string{c.source + "-a"}
	}
	settings := *o.settings.Load()
	settings.Partners = partner.NewRoster([]partner.Partner{o.partner})
	o.settings.Store(&settings)
	head, err := o.store.Head(context.Background())
	if err != nil {
		t.Fatal(err)
	}
	if c.after = head; head == "" {
		c.after = "0"
	}
	c.began = o.now().Truncate(time.Second)
	for i := range rapid.IntRange(1, 4).Draw(t, "articles") {
		c.pieces = append(c.pieces, c.draw(t, i))
	}
	c.recordAll(t)
	return c
}

// recordAll records the articles, those that have two revisions twice.
func (c *rightsCase) recordAll(t *rapid.T) {
	var first, second []newswire.Article
	for _, p := range c.pieces {
		if p.earlier != nil {
			first = append(first, p.earlier.Article)
			second = append(second, p.Article)
		} else {
			first = append(first, p.Article)
		}
	}
	c.record(t, c.source, first...)
	if len(second) == 0 {
		return
	}
	c.advance(c.now().Add(time.Duration(rapid.IntRange(0, 40).Draw(t, "minutes before the revision")) * time.Minute))
	if rapid.Bool().Draw(t, "moved before the revision") {
		c.settle(t)
	}
	for _, p := range c.pieces {
		if p.earlier != nil {
			stored, err := c.store.Article(context.Background(), p.ID)
			if err != nil {
				t.Fatal(err)
			}
			p.earlier.open = stored.Public()
		}
	}
	c.record(t, c.source, second...)
}

// draw draws an article.
func (c *rightsCase) draw(t *rapid.T, i int) *piece {
	guid := fmt.Sprintf("urn:example:%s:%d", c.source, i)
	a := newswire.Article{
		ID: newswire.ArticleID(c.source, guid), Source: c.source, Revision: 1, GUID: guid, AtomID: guid, URL: "https://pub.example/" + fmt.Sprint(i),
		Authors: []newswire.Person{{ID: "jin-jiang", Name: "金江"}}, Published: c.began, FirstSeen: c.began, Listed: c.began.Add(time.Duration(i) * time.Second),
		Publisher: newswire.Publisher{Title: "Pub", URL: "https://pub.example/"}, NoCredit: rapid.Bool().Draw(t, "no credit"),
	}
	for _, s := range []string{"a", "b"} {
		if rapid.Bool().Draw(t, "category "+s) {
			a.Categories = append(a.Categories, c.source+"-"+s)
		}
	}
	minutes := rapid.SampledFrom([]int{0, 0, 1, 10, 30, 60, 90})
	if m := minutes.Draw(t, "embargo"); m > 0 {
		a.Rights.From = a.Published.Add(time.Duration(m) * time.Minute)
	}
	if m := minutes.Draw(t, "expires"); m > 0 {
		a.Rights.Until = a.Published.Add(time.Duration(m) * time.Minute)
	}
	p := &piece{mark: fmt.Sprintf("q%sq%dq", c.source, i)}
	p.write(t, a)
	if rapid.Bool().Draw(t, "revised") {
		p = &piece{mark: p.mark + "rq", earlier: p}
		a.Revision = 2
		p.write(t, a)
		p.Offer = "another"
	}
	return p
}

// write gives an article a random text and policy.
func (p *piece) write(t *rapid.T, a newswire.Article) {
	filler := strings.Repeat("All is well here today. ", 45)
	a.Title = p.mark + "title"
	a.Content = []string{
		"", "<p>" + p.mark + "head</p>", "<p>" + p.mark + "head. " + filler + "</p><ul><li>" + filler + "</li></ul><p>" + p.mark + "tail</p>",
	}[rapid.IntRange(0, 2).Draw(t, "content")]
	a.Summary = []string{
		"", "<p>" + p.mark + "short</p>", "<p>" + p.mark + "long. " + filler + p.mark + "beyond</p>", a.Content,
	}[rapid.IntRange(0, 3).Draw(t, "summary")]
	policies := rapid.SampledFrom([]newswire.Policy{"", whole, part, title})
	a.Rights.Policy, a.Rights.Partners = policies.Draw(t, "policy"), policies.Draw(t, "partners' policy")
	p.Article = a
}

// moments are when the case is looked at, in their order: about the limits, and anywhere.
func (c *rightsCase) moments(t *rapid.T) []time.Time {
	times := []time.Time{c.now()}
	for _, p := range c.pieces {
		for _, limit := range []time.Time{p.Rights.From, p.Rights.Until} {
			if !limit.IsZero() {
				times = append(times, limit.Add(-time.Millisecond), limit, limit.Add(time.Millisecond))
			}
		}
	}
	times = slices.DeleteFunc(times, func(at time.Time) bool { return at.Before(c.now()) })
	times = append(times, c.now().Add(time.Duration(rapid.IntRange(0, 100).Draw(t, "minutes later"))*time.Minute))
	var some []time.Time
	for range rapid.IntRange(1, 4).Draw(t, "moments") {
		some = append(some, rapid.SampledFrom(times).Draw(t, "moment"))
	}
	slices.SortFunc(some, time.Time.Compare)
	return some
}

// settle has the store pass the limits that have come.
func (c *rightsCase) settle(t *rapid.T) {
	if err := cache.PassDue(context.Background(), c.store); err != nil {
		t.Fatal(err)
	}
}

// rank orders policies, for a judge that asks nothing of what is tested.
func rank(p newswire.Policy) int {
	return map[newswire.Policy]int{title: 1, part: 2, "": 2, whole: 3}[p]
}

// level is how much of an article the public may see now, or the partner: 0 for nothing, 1 for the title, 2 for an excerpt, 3 for
// all.
func (c *rightsCase) level(p *piece, toPartner bool) int {
	if c.now().Before(p.Rights.From) || !p.Rights.Until.IsZero() && !c.now().Before(p.Rights.Until) {
		return 0
	}
	if !toPartner {
		return rank(p.Rights.Policy)
	}
	if len(c.partner.Categories) > 0 && !slices.Contains(p.Categories, c.partner.Categories[0]) {
		return 0
	}
	n := rank(p.Rights.Policy)
	if p.Rights.Partners != "" {
		n = rank(p.Rights.Partners)
	}
	if c.partner.Content != "" {
		n = min(n, rank(c.partner.Content))
	}
	return n
}

// secrets are the words of an article that are not to be seen at a level.
func (p *piece) secrets(level int) []string {
	switch level {
	case 0:
		return []string{p.mark + "title", p.mark + "head", p.mark + "tail", p.mark + "short", p.mark + "long", p.mark + "beyond"}
	case 1:
		return []string{p.mark + "head", p.mark + "tail", p.mark + "short", p.mark + "long", p.mark + "beyond"}
	case 2:
		words := []string{p.mark + "tail", p.mark + "beyond"}
		if p.Summary != "" && p.Summary != p.Content {
			words = append(words, p.mark+"head")
		}
		return words
	}
	return nil
}

// checkWays looks at every way out for what must not be there, and counts the words that it looked for.
func (c *rightsCase) checkWays(t *rapid.T) (looked int) {
	for _, way := range waysOut() {
		var secrets []string
		for _, p := range c.pieces {
			level := c.level(p, way.partner)
			secrets = append(secrets, p.secrets(level)...)
			if e := p.earlier; e != nil {
				if !e.open {
					level = 0
				}
				secrets = append(secrets, e.secrets(min(level, c.level(e, way.partner)))...)
			}
		}
		looked += len(secrets)
		for _, body := range way.get(c) {
			for _, word := range secrets {
				if at := strings.Index(body, word); at >= 0 {
					address, _, _ := strings.Cut(body, "\n")
					t.Fatalf("at %v, store away %v: %s, %.80s: … %s …\n%s", c.now(), c.store.away.Load(), way.name, address,
						body[max(0, at-200):min(len(body), at+200)], c)
				}
			}
		}
	}
	return looked
}

// checkShown checks that what may be seen is there, as soon as the store has moved it, and counts that.
func (c *rightsCase) checkShown(t *rapid.T) (shown int) {
	var feed string
	for code := 503; code == 503; { // of a follower that has yet to find the store again
		code, feed, _ = ask(c.site.ForHub(), newswire.FeedPath(newswire.SourceTopic(c.source), "json")+"?limit=4")
	}
	for _, p := range c.pieces {
		if level := c.level(p, false); level > 0 {
			code, body, _ := ask(c.api, api.Path+"articles/"+p.ID)
			words := []string{p.mark + "title"}
			if level == 3 && strings.Contains(p.Content, p.mark+"tail") {
				words = append(words, p.mark+"tail")
			}
			for _, word := range words {
				if code != 200 || !strings.Contains(body, word) || !strings.Contains(feed, word) {
					t.Fatalf("at %v: %s is not there: %d\n%.2000s\n%.2000s\n%s", c.now(), word, code, body, feed, c)
				}
				shown++
			}
		}
	}
	return shown
}

// String tells a case to people.
func (c *rightsCase) String() string {
	var b strings.Builder
	for _, p := range c.pieces {
		fmt.Fprintf(&b, "%s: policy %q, partners %q, from %v, until %v, categories %v\n",
			p.mark, p.Rights.Policy, p.Rights.Partners, p.Rights.From, p.Rights.Until, p.Categories)
	}
	fmt.Fprintf(&b, "partner: content %q, categories %v\n", c.partner.Content, c.partner.Categories)
	return b.String()
}
