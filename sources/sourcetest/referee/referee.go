// Package referee judges, on the publishers' side of the wire, how a visitor behaves.
//
//	r := referee.New(2*time.Second, 10*time.Millisecond)
//	r.Begin(site, request)             // as it arrives
//	r.End(site, &referee.Reply{…})     // right before the answer goes out
//	for what, cases := range r.Faults() { … }
//
// It knows nothing of the visitor but what arrives there. It reads headers and documents by itself, on purpose in another way
// than the code that it judges.
package referee

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Site is one address of a publisher.
type Site struct {
	Source  string // that is configured to visit it, by this address or by one that leads here
	Owner   string // of its registrable domain
	Address string
	Least   time.Duration // between two visits, by the operator's schedule
}

func (s *Site) name() string { return s.Source + " " + s.Address }

// Reply is what a publisher answers.
type Reply struct {
	Status int
	Header http.Header
	Body   string
}

// Fault is a way to be a bad guest.
type Fault string

// The faults that a referee sees.
const (
	Early         Fault = "visited before the publisher or the operator allows"
	Repolled      Fault = "visited again because of a restart"
	Unconditional Fault = "asked without the validators that it was given"
	Crowded       Fault = "more than one request in flight at one owner's"
	Hasty         Fault = "no pause between two visits to one owner"
	Insistent     Fault = "visited after 410 Gone"
	Unmannered    Fault = "sent a cookie, a referrer, a made-up query or no name"
)

// Referee judges requests. Make one with [New]. Its methods may be called at once.
type Referee struct {
	mu        sync.Mutex // guards all below
	resources map[string]*resource
	owners    map[string]*owner
	success   map[string]string // source → address of the last document that was read
	restart   time.Time
	pause     time.Duration
	slack     time.Duration
	faults    map[Fault][]string
	visits    int // requests, redirects included
}

// resource is one address.
type resource struct {
	last      time.Time // begin of the last request
	notBefore time.Time
	why       string
	wish      time.Duration // what notBefore was made of
	missing   int           // 404s in a row
	gone      bool
	validators
	asked     validators // those that the visitor had at the last request
	before    validators // those that it had at the last that was answered with a document, or a 304
	answered  time.Time  // when the last document was sent, or confirmed
	lost      bool       // that answer may be lost
	sent      time.Time  // when the last whole document was delivered
	stuck     string     // a Last-Modified that stayed while the document changed
	delivered string     // the last document, for what it asks of visitors
	hop       time.Time
	visits    int
}

// validators are those of a document.
type validators struct{ etag, modified string }

// owner is the owner of a registrable domain.
type owner struct {
	inFlight  int
	free      time.Time // end of the last request
	notBefore time.Time
	refusals  []time.Time
}

// New makes a referee who wants a pause between two visits to one owner. The slack is what passes as being in time: due times
// are kept in whole milliseconds, and a request that was sent in time may arrive a while later.
func New(pause, slack time.Duration) *Referee {
	return &Referee{
		resources: map[string]*resource{}, owners: map[string]*owner{}, success: map[string]string{}, faults: map[Fault][]string{},
		pause: pause, slack: slack,
	}
}

// Faults are what the visitor did wrong, each time with what was seen.
func (f *Referee) Faults() map[Fault][]string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return maps.Clone(f.faults)
}

// Requests is how many there were, redirects included.
func (f *Referee) Requests() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.visits
}

// Visits is how many requests there were for an address.
func (f *Referee) Visits(address string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.resource(address).visits
}

// Restarted tells the referee that the visitor was killed and started again.
func (f *Referee) Restarted() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.restart = time.Now()
}

// Lost tells the referee that the visitor may not have been able to store what it was answered since a time. Where it was not,
// it asks by the validators that it had before.
func (f *Referee) Lost(since time.Time) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, r := range f.resources {
		r.lost = r.lost || r.answered.After(since)
	}
}

func (f *Referee) resource(address string) *resource {
	r := f.resources[address]
	if r == nil {
		r = &resource{}
		f.resources[address] = r
	}
	return r
}

func (f *Referee) owner(name string) *owner {
	o := f.owners[name]
	if o == nil {
		o = &owner{}
		f.owners[name] = o
	}
	return o
}

func (f *Referee) blame(what Fault, s *Site, format string, args ...any) {
	f.faults[what] = append(f.faults[what], fmt.Sprintf("%s %s: ", time.Now().Format("Jan _2 15:04:05.000"), s.name())+fmt.Sprintf(format, args...))
}

// Begin judges a request as it arrives.
func (f *Referee) Begin(s *Site, request *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now, r, o := time.Now(), f.resource(s.Address), f.owner(s.Owner)
	isHop := now.Before(r.hop)
	r.hop = time.Time{}
	f.visits++
	r.visits++

	if o.inFlight++; o.inFlight > 1 {
		f.blame(Crowded, s, "%d in flight", o.inFlight)
	}
	if !isHop && !o.free.IsZero() && now.Sub(o.free) < f.pause-f.slack {
		f.blame(Hasty, s, "%v after the last request", now.Sub(o.free))
	}
	if r.gone {
		f.blame(Insistent, s, "again")
	}
	f.punctual(s, r, o, now, isHop)
	r.asked = validators{request.Header.Get("If-None-Match"), request.Header.Get("If-Modified-Since")}
	f.conditional(s, r, request)
	h := request.Header
	if h.Get("Cookie") != "" || h.Get("Referer") != "" || request.URL.RawQuery != "" || !strings.HasPrefix(h.Get("User-Agent"), "newswire/") {
		f.blame(Unmannered, s, "%s with %v", request.URL, h)
	}
	r.last = now
}

// punctual judges the time of a request. A redirect's target was asked for by the redirect, so that the operator's
// interval does not count there; what that target said itself does.
func (f *Referee) punctual(s *Site, r *resource, o *owner, now time.Time, isHop bool) {
	what := Early
	if f.restart.After(r.last) {
		what = Repolled
	}
	if !r.last.IsZero() && !isHop && now.Sub(r.last) < s.Least-f.slack {
		f.blame(what, s, "%v after the last request, the operator wants %v at least", now.Sub(r.last), s.Least)
	}
	if now.Before(r.notBefore.Add(-f.slack)) {
		f.blame(what, s, "%v too soon for %s", r.notBefore.Sub(now), r.why)
	}
	if now.Before(o.notBefore.Add(-f.slack)) {
		f.blame(what, s, "%v too soon for its owner", o.notBefore.Sub(now))
	}
	for _, hour := range elements(r.delivered, "hour") {
		if n, _ := strconv.Atoi(hour); n%24 == now.UTC().Hour() {
			f.blame(Early, s, "in hour %s, which is to be skipped", hour)
		}
	}
	if slices.Contains(elements(r.delivered, "day"), now.UTC().Weekday().String()) {
		f.blame(Early, s, "on a day that is to be skipped")
	}
}

// conditional judges whether the validators came back as they were given, if the last document came from here.
func (f *Referee) conditional(s *Site, r *resource, request *http.Request) {
	if f.success[s.Source] != s.Address {
		return
	}
	// A date alone is not to be believed for ever.
	if r.etag == "" && (r.modified == r.stuck || time.Since(r.sent) >= 7*24*time.Hour) {
		return
	}
	got := r.asked
	if r.lost && got == r.before {
		return
	}
	if r.etag != "" && got.etag != r.etag {
		f.blame(Unconditional, s, "If-None-Match: %q, the ETag was %q", got.etag, r.etag)
	}
	if r.modified != "" && got.modified != r.modified {
		f.blame(Unconditional, s, "If-Modified-Since: %q, Last-Modified was %q", got.modified, r.modified)
	}
	if r.etag+r.modified != "" && request.Header.Get("A-Im") != "feed" {
		f.blame(Unconditional, s, "no A-IM: feed")
	}
}

// End notes what is answered, right before that is sent, or nil when the visitor was gone before that: then the next request may be expected as far
// away as the last answer asked for.
func (f *Referee) End(s *Site, answer *Reply) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now, r, o := time.Now(), f.resource(s.Address), f.owner(s.Owner)
	o.inFlight--
	o.free = now
	if answer == nil {
		r.notBefore = r.last.Add(r.wish)
		return
	}
	r.notBefore, r.why, r.wish = now, "nothing", 0
	h := answer.Header
	if answer.Status != http.StatusNotFound {
		r.missing = 0
	}
	switch answer.Status {
	case http.StatusOK, http.StatusIMUsed, http.StatusNotModified:
		if answer.Status == http.StatusNotModified || isFeed(answer.Body) {
			f.success[s.Source] = s.Address
			r.document(answer, now)
		}
	case http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect, http.StatusPermanentRedirect:
		if h.Get("Retry-After") == "" {
			f.resource(h.Get("Location")).hop = now.Add(10 * time.Second)
		}
		r.ask(now, delay(h, now), "Retry-After")
	case http.StatusNotFound:
		r.missing++
		r.ask(now, 24*time.Hour, "404")
		if r.missing > 7 {
			r.ask(now, 7*24*time.Hour, "404 for a week")
		}
	case http.StatusGone:
		r.gone = true
	case http.StatusForbidden:
		o.refusals = append(o.refusals, now)
		if n := len(o.refusals); n >= 3 && now.Sub(o.refusals[n-3]) < 10*time.Minute {
			o.notBefore = now.Add(30 * time.Minute)
		}
	case http.StatusTooManyRequests:
		o.notBefore = now.Add(min(max(delay(h, now), time.Minute), 7*24*time.Hour))
	default:
		r.ask(now, delay(h, now), "Retry-After")
	}
}

// ask notes for how long a publisher wants to be left alone, if that is longer than it said already.
func (r *resource) ask(now time.Time, d time.Duration, why string) {
	if d = min(d, 7*24*time.Hour); d > r.wish {
		r.notBefore, r.why, r.wish = now.Add(d), why, d
	}
}

// document notes the validators and wishes of a document, or of a 304.
func (r *resource) document(answer *Reply, now time.Time) {
	h := answer.Header
	switch date := h.Get("Last-Modified"); {
	case answer.Status != http.StatusOK:
	case date == r.modified && r.delivered != answer.Body && r.delivered != "":
		r.stuck = date
		fallthrough
	default:
		r.sent = now
	}
	if answer.Status != http.StatusNotModified {
		r.delivered = answer.Body
	}
	r.before, r.answered, r.lost = r.asked, now, false
	if h.Get("Etag")+h.Get("Last-Modified") != "" {
		if answer.Status != http.StatusNotModified {
			r.etag, r.modified = "", ""
		}
		r.etag = cmp.Or(h.Get("Etag"), r.etag)
		r.modified = cmp.Or(h.Get("Last-Modified"), r.modified)
	}
	r.ask(now, fresh(h), "freshness")
	r.ask(now, asked(r.delivered), "what the document asks")
}

func isFeed(body string) bool {
	return strings.HasPrefix(body, "<rss") || strings.HasPrefix(body, "<feed")
}

// fresh is how long an answer says that it is good for.
func fresh(h http.Header) time.Duration {
	age, _ := strconv.Atoi(h.Get("Age"))
	if m := regexp.MustCompile(`max-age="?(\d+)`).FindStringSubmatch(h.Get("Cache-Control")); m != nil {
		n, _ := strconv.Atoi(m[1])
		return time.Duration(n-age) * time.Second
	}
	expires, err := time.Parse(time.RFC1123, h.Get("Expires"))
	date, err2 := time.Parse(time.RFC1123, h.Get("Date"))
	if err != nil || err2 != nil {
		return 0
	}
	return expires.Sub(date) - time.Duration(age)*time.Second
}

// asked is how long a document asks to be left alone.
func asked(document string) (longest time.Duration) {
	for _, minutes := range elements(document, "ttl") {
		n, _ := strconv.Atoi(minutes)
		longest = max(longest, time.Duration(n)*time.Minute)
	}
	for _, period := range elements(document, "sy:updatePeriod") {
		d := map[string]time.Duration{"hourly": time.Hour, "daily": 24 * time.Hour, "weekly": 168 * time.Hour}[period]
		for _, times := range elements(document, "sy:updateFrequency") {
			n, _ := strconv.Atoi(times)
			d /= time.Duration(n)
		}
		longest = max(longest, d)
	}
	return longest
}

func elements(document, name string) (texts []string) {
	for _, part := range strings.Split(document, "<"+name+">")[1:] {
		text, _, _ := strings.Cut(part, "<")
		texts = append(texts, text)
	}
	return texts
}

// delay is what Retry-After says, in either of its forms.
func delay(h http.Header, now time.Time) time.Duration {
	if n, err := strconv.Atoi(h.Get("Retry-After")); err == nil {
		return time.Duration(n) * time.Second
	}
	if at, err := time.Parse(time.RFC1123, h.Get("Retry-After")); err == nil {
		return at.Sub(now)
	}
	return 0
}
