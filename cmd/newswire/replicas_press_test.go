package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/pace"
	"github.com/newswire/newswire/sources/sourcetest/referee"
)

// press is all publishers of a town, behind a proxy, with a referee at the door. Each has one new article every so often.
type press struct {
	*referee.Referee
	proxy  *httptest.Server
	every  time.Duration // between two visits to a source
	news   time.Duration // between two articles of a source
	began  time.Time
	firsts int // sources that are the first of their owners', by their IDs too

	mu      sync.Mutex // guards what follows
	sources map[string]*printed
	stopped time.Time       // no articles come after it; zero while they do
	delays  []time.Duration // from when a source was due until it was visited
	twice   []string        // sources that were visited twice for one due time
}

// printed is one of its sources.
type printed struct {
	referee.Site
	plan  pace.Plan
	mood  mood
	asked int       // times
	due   time.Time // that the last visit was for
}

// mood is how a publisher answers.
type mood int

const (
	plain     mood = iota
	bare           // without validators
	partly         // with what is new alone, to those who ask for that (RFC 3229)
	reserved       // wants to be left alone for longer than the operator does
	overdrawn      // is away now and then, and says until when
	refusing       // closes its domain once
	moods
)

// wish is what a reserved publisher wants.
func (p *press) wish() time.Duration { return 2*p.every + time.Second }

const (
	inDocument = 60              // articles in a document
	closedFor  = time.Minute     // after a 429
	domainSize = 3               // sources of one owner
	unstored   = 5 * time.Second // what is answered that long before a disturbance may not be stored yet
)

// newPress has so many sources at publishers, which are in moods from the first to the last.
func newPress(t *testing.T, n int, every, news time.Duration, first, last mood) *press {
	t.Helper()
	p := &press{
		Referee: referee.New(pauseAtDomains, 10*time.Millisecond), every: every, news: news, began: time.Now(), sources: map[string]*printed{},
	}
	var specs pace.Specs
	p.firsts = (n + domainSize - 1) / domainSize
	for i := range n {
		// All are new at once and visited by their IDs: those of one owner, who wants a pause, are not neighbours.
		owner := i % p.firsts
		id, domain := fmt.Sprintf("s%04d", i), fmt.Sprintf("d%03d.example", owner)
		plan, err := specs.Plan(&newswire.Source{ID: id, Schedule: "@every " + every.String()})
		if err != nil {
			t.Fatal(err)
		}
		p.sources[id+"."+domain] = &printed{
			Site: referee.Site{Source: id, Owner: domain, Address: "http://" + id + "." + domain + "/feed", Least: every / 2},
			plan: plan, mood: first + mood(owner)%(last-first+1),
		}
	}
	p.proxy = httptest.NewServer(p)
	t.Cleanup(p.proxy.Close)
	return p
}

// lines are the sources as a config has them, in two categories, and how they are reached.
func (p *press) lines(but ...string) string {
	var b strings.Builder
	fmt.Fprintf(&b, "search: off\nsnapshot: off\nhub: off\nfetch: {proxy: %q, domain_interval: %v, timeout: 2s, concurrency: 16}\n", p.proxy.URL, pauseAtDomains)
	b.WriteString("categories:\n  - {id: c0, title: First}\n  - {id: c1, title: Second}\nsources:\n")
	for _, s := range p.list() {
		if !slices.Contains(but, s.Source) {
			fmt.Fprintf(&b, "  - {id: %s, url: %q, schedule: \"@every %v\", categories: [c%c]}\n", s.Source, s.Address, p.every, '0'+s.Source[4]%2)
		}
	}
	return b.String()
}

// list is the sources by ID.
func (p *press) list() []*printed {
	p.mu.Lock()
	defer p.mu.Unlock()
	list := make([]*printed, 0, len(p.sources))
	for _, s := range p.sources {
		list = append(list, s)
	}
	slices.SortFunc(list, func(a, b *printed) int { return strings.Compare(a.Source, b.Source) })
	return list
}

// stop has no more articles come, and every publisher be in a good mood.
func (p *press) stop() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stopped = time.Now()
}

// total is how many articles each source has offered so far.
func (p *press) total() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.latest() + 1
}

func (p *press) latest() int {
	now := time.Now()
	if !p.stopped.IsZero() {
		now = p.stopped
	}
	return int(now.Sub(p.began) / p.news)
}

// ServeHTTP implements [http.Handler] as a proxy does.
func (p *press) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	p.mu.Lock()
	s := p.sources[r.URL.Hostname()]
	p.mu.Unlock()
	if s == nil || r.URL.Path != "/feed" {
		http.NotFound(w, r)
		return
	}
	p.Begin(&s.Site, r)
	answer := p.answer(s, r)
	p.End(&s.Site, &answer)
	for key, values := range answer.Header {
		w.Header()[key] = values
	}
	w.WriteHeader(answer.Status)
	_, _ = io.WriteString(w, answer.Body)
}

// first says whether a source is the first of its owner's.
func (p *press) first(s *printed) bool {
	n, _ := strconv.Atoi(s.Source[1:])
	return n < p.firsts
}

// answer is what a source answers.
func (p *press) answer(s *printed, r *http.Request) referee.Reply {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.time(s)
	h := http.Header{"Date": {time.Now().UTC().Format(http.TimeFormat)}, "Content-Type": {"application/rss+xml"}}
	s.asked++
	if moody := p.stopped.IsZero() && s.asked%20 == 10; moody && s.mood == overdrawn {
		h.Set("Retry-After", "7")
		return referee.Reply{Status: http.StatusServiceUnavailable, Header: h}
	} else if moody && s.mood == refusing && s.asked == 10 && p.first(s) { // each time it would be believed for longer
		h.Set("Retry-After", fmt.Sprint(int(closedFor/time.Second)))
		return referee.Reply{Status: http.StatusTooManyRequests, Header: h}
	}
	last := p.latest()
	if s.mood != bare {
		h.Set("ETag", fmt.Sprintf("%q", fmt.Sprint(s.Source, "-", last)))
	}
	if s.mood == reserved {
		h.Set("Cache-Control", fmt.Sprintf("max-age=%d", int(p.wish()/time.Second)))
	}
	known := r.Header.Get("If-None-Match")
	switch {
	case known != "" && known == h.Get("ETag"):
		return referee.Reply{Status: http.StatusNotModified, Header: h}
	case known != "" && s.mood == partly:
		var from int
		if _, err := fmt.Sscanf(known, `"`+s.Source+`-%d"`, &from); err == nil {
			h.Set("IM", "feed")
			return referee.Reply{Status: http.StatusIMUsed, Header: h, Body: p.document(s, from+1, last)}
		}
	}
	return referee.Reply{Status: http.StatusOK, Header: h, Body: p.document(s, max(0, last-inDocument+1), last)}
}

// time notes how late a visit is, of those that only the operator's schedule decides on.
func (p *press) time(s *printed) {
	now := time.Now()
	due := s.plan.From(now)
	if due.After(now) {
		due = due.Add(-p.every)
	}
	if s.due.Equal(due) {
		p.twice = append(p.twice, fmt.Sprintf("%s at %v", s.Source, due))
	}
	if s.due = due; s.asked > 0 && s.mood < reserved {
		p.delays = append(p.delays, now.Sub(due))
	}
}

// document has the articles from one to another.
func (p *press) document(s *printed, from, to int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `<rss version="2.0"><channel><title>%s</title><link>http://%s/</link><description>d</description>`, s.Source, s.Owner)
	for i := to; i >= from; i-- {
		at := p.began.Add(time.Duration(i) * p.news).UTC().Format(http.TimeFormat)
		fmt.Fprintf(&b, `<item><guid isPermaLink="false">%s-%d</guid><title>News %d of %s</title><link>http://%s/%s/%d</link>`+
			`<pubDate>%s</pubDate><author>%s@example.com (Author %d)</author><description>&lt;p&gt;What happened at %d.&lt;/p&gt;</description></item>`,
			s.Source, i, i, s.Source, s.Owner, s.Source, i, at, s.Source, i%3, i)
	}
	return b.String() + `</channel></rss>`
}

// visited returns how many visits there were since the last call to sources that only the schedule decides on, and the delay that
// each of some parts of them had at most.
func (p *press) visited(parts ...float64) (n int, delays []time.Duration) {
	p.mu.Lock()
	all := p.delays
	p.delays = nil
	p.mu.Unlock()
	slices.Sort(all)
	for _, part := range parts {
		if last := len(all) - 1; last >= 0 {
			delays = append(delays, all[int(part*float64(last))].Round(time.Millisecond))
		}
	}
	return len(all), delays
}

// judge fails the test for each thing that the visitors did wrong.
func (p *press) judge(t *testing.T) {
	t.Helper()
	for what, cases := range p.Faults() {
		t.Errorf("%d times a publisher was %s, first: %s", len(cases), what, strings.Join(cases[:min(10, len(cases))], "\n\t"))
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if len(p.twice) > 0 {
		t.Errorf("%d times a source was visited twice for one due time, first: %q", len(p.twice), p.twice[:min(10, len(p.twice))])
	}
}
