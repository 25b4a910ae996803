package diagnosis

import (
	"context"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/clean"
	"github.com/newswire/newswire/sources/fetch"
	"github.com/newswire/newswire/sources/parse"
)

// repairKinds tell of which kind a repair is by how it begins.
var repairKinds = []struct{ prefix, kind, next string }{
	{"charset ", "charset", "its text may be wrong in places: tell its publisher which charset it declares and sends"},
	{"the bytes are neither", "charset", "its text may be wrong in places: tell its publisher which charset it declares and sends"},
	{"a text in utf-8 was taken", "charset", "tell its publisher: its software encodes texts twice"},
	{"dates of", "dates ahead", "check its timezone here; if that is right, tell its publisher that its clock or its dates are wrong"},
	{"date ", "dates", "tell its publisher; dates want the form of RFC 822 in RSS, of RFC 3339 in Atom"},
	{"guids of", "guid churn", "tell its publisher that guids have to stay"},
	{"guid ", "duplicates", "tell its publisher that each item needs a guid of its own"},
	{"the document is cut off", "cut off", "try again; if it stays so, tell its publisher"},
}

// repairs names what had to be mended.
func (d *diagnosis) repairs(r *sources.Result) {
	var others []string
	forbidden := 0
	for _, repair := range r.Repairs {
		i := slices.IndexFunc(repairKinds, func(k struct{ prefix, kind, next string }) bool { return strings.HasPrefix(repair, k.prefix) })
		switch {
		case strings.Contains(repair, "robots.txt does not let us"):
			forbidden++
		case i >= 0:
			d.note(r.Source, repairKinds[i].kind, repair, repairKinds[i].next)
		default:
			others = append(others, repair)
		}
	}
	if forbidden > 0 {
		d.wrong(r.Source, "robots.txt", fmt.Sprintf("robots.txt keeps us from the pages of %d articles", forbidden),
			"take full_text off the source, or ask its publisher for leave")
	}
	if len(others) > 0 {
		d.note(r.Source, "mended", strings.Join(others, "; "), "nothing, for it was mended; its publisher may want to hear of it")
	}
	for _, failed := range r.FailedRules() {
		d.wrong(r.Source, "rule", failed, "change the rule's expression, so that it holds for such articles")
	}
	if r.Held > 0 {
		d.note(r.Source, "held", fmt.Sprintf("%d articles would be held: they look injected, or a rule holds them", r.Held), "newswire preview "+r.Source+" says why")
	}
}

// newFeedURL is how a podcast says that its feed has moved.
var newFeedURL = regexp.MustCompile(`(?i)<itunes:new-feed-url[^>]*>\s*(?:<!\[CDATA\[)?\s*(https?://[^\s<\]]+)`)

// Elements of a feed's articles, and of what names them.
var (
	itemTag = regexp.MustCompile(`(?i)<(?:\w+:)?(?:item|entry)[\s>]`)
	guidTag = regexp.MustCompile(`(?i)<(?:\w+:)?(?:guid|id)[\s>]|rdf:about=`)
)

// document names what only the document itself tells.
func (d *diagnosis) document(ctx context.Context, s *newswire.Source, f fetched) {
	a := f.answer
	if a == nil || a.Status != http.StatusOK || s.Page != nil {
		return
	}
	if m := newFeedURL.FindSubmatch(a.Body); m != nil && string(m[1]) != s.URL {
		d.wrong(s.ID, "moved", "its feed says that it has moved to "+fetch.Redact(string(m[1])), "write that as its url")
	}
	if itemTag.Match(a.Body) && !guidTag.Match(a.Body) {
		d.note(s.ID, "no guids", "its articles have no guids: they are known by their addresses", "tell its publisher, for an article whose address changes is a new one")
	}
	if s.Timezone != nil && s.Timezone != time.UTC && s.Timezone.String() != "UTC" {
		return // the operator has said what dates without a zone mean
	}
	if n := zoneless(ctx, a); n > 0 {
		d.note(s.ID, "dates without zone", fmt.Sprintf("the dates of %d articles name no zone: they are read as UTC", n), "give the source its timezone, such as Europe/Paris")
	}
}

// zoneless counts the articles whose dates depend on the zone by which they are read.
func zoneless(ctx context.Context, a *fetch.Answer) int {
	o := parse.Options{URL: a.URL, ContentType: a.Header.Get("Content-Type")}
	here, err := parse.Parse(ctx, a.Body, o)
	if err != nil {
		return 0
	}
	o.Timezone = time.FixedZone("", 3600)
	there, err := parse.Parse(ctx, a.Body, o)
	if err != nil || len(here.Items) != len(there.Items) {
		return 0
	}
	n := 0
	for i := range here.Items {
		if !here.Items[i].Published.Equal(there.Items[i].Published) || !here.Items[i].Updated.Equal(there.Items[i].Updated) {
			n++
		}
	}
	return n
}

// excerptLength is how long the longest text of a feed of excerpts is, in characters.
const excerptLength = 500

// articles names what the articles of a source tell together.
func (d *diagnosis) articles(s *newswire.Source, list []newswire.Article) {
	if len(list) == 0 {
		return
	}
	d.stale(s, list)
	longest, whole, authors, dates := 0, 0, 0, 0
	for i := range list {
		a := &list[i]
		longest = max(longest, utf8.RuneCountInString(clean.Text(a.Summary)))
		if a.Content != "" {
			whole++
		}
		if len(a.Authors) > 0 {
			authors++
		}
		if !a.Published.IsZero() || !a.Updated.IsZero() {
			dates++
		}
	}
	if s.Rights.Policy == newswire.PolicyFull && !s.FullText && s.Page == nil && whole == 0 && longest < excerptLength {
		d.note(s.ID, "excerpts only", fmt.Sprintf("no article has a text beside its summary, and the longest summary has %d characters", longest), "full_text: true reads the articles' own pages")
	}
	if s.Page == nil {
		d.duplicates(s, list)
		return
	}
	for _, selector := range []struct {
		name, text string
		found      int
	}{{"author", s.Page.Author, authors}, {"published", s.Page.Published, dates}} {
		if selector.text != "" && selector.found > 0 && selector.found < len(list) {
			d.note(s.ID, "selector", fmt.Sprintf("%d of %d articles come out without what its selector %s looks for", len(list)-selector.found, len(list), selector.name),
				"look at one of these pages; a selector may name several, with commas between")
		}
	}
}

// duplicates names a feed whose articles have the addresses of others.
func (d *diagnosis) duplicates(s *newswire.Source, list []newswire.Article) {
	seen, twice := map[string]bool{}, 0
	for i := range list {
		address := list[i].URL
		if address != "" && seen[address] {
			twice++
		}
		seen[address] = true
	}
	if twice > 0 {
		d.note(s.ID, "duplicates", fmt.Sprintf("%d articles have the address of another one", twice), "tell its publisher; a rule can drop one kind of them")
	}
}

// A source is stale when its newest article is older than staleTimes the usual time between two, but not within leastStale.
const (
	staleTimes = 10
	leastStale = 14 * 24 * time.Hour
)

// stale names a source that has fallen silent, by its own cadence.
func (d *diagnosis) stale(s *newswire.Source, list []newswire.Article) {
	var dates []time.Time
	for i := range list {
		if at := list[i].Published; !at.IsZero() {
			dates = append(dates, at)
		}
	}
	if len(dates) < 3 {
		return
	}
	slices.SortFunc(dates, func(a, b time.Time) int { return b.Compare(a) })
	gaps := make([]time.Duration, len(dates)-1)
	for i := range gaps {
		gaps[i] = dates[i].Sub(dates[i+1])
	}
	slices.Sort(gaps)
	usual, age := gaps[len(gaps)/2], time.Since(dates[0])
	if age > max(staleTimes*usual, leastStale) && age <= 365*24*time.Hour { // what is older has a remark
		d.wrong(s.ID, "stale", fmt.Sprintf("its newest article is of %s, and there was one every %s before", dates[0].Format(time.DateOnly), span(usual)),
			"see whether the publisher has another feed by now: newswire add looks for it")
	}
}

// span is a time between two articles, for people.
func span(d time.Duration) string {
	if d < 48*time.Hour {
		return fmt.Sprintf("%.0f hours", d.Hours())
	}
	return fmt.Sprintf("%.0f days", d.Hours()/24)
}

// schedule names a publisher's wish that the operator's schedule cannot go before.
func (d *diagnosis) schedule(s *newswire.Source, r *sources.Result) {
	for _, wish := range []string{"ttl ", "sy:", "max-age ", "Expires ", "skipHours "} {
		if strings.HasPrefix(r.Why, wish) {
			d.note(s.ID, "schedule", fmt.Sprintf("its publisher asks for fewer visits than the schedule %s makes: %s", s.Schedule, r.Why),
				"nothing, for the wish is obeyed; write a schedule that fits it, so that you are not surprised")
		}
	}
}
