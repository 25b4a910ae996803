package sources_test

import (
	"cmp"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// fault is a way to be a bad guest.
type fault string

// The faults that a referee sees.
const (
	early         fault = "visited before the publisher or the operator allows"
	repolled      fault = "visited again because of a restart"
	unconditional fault = "asked without the validators that it was given"
	crowded       fault = "more than one request in flight at one owner's"
	hasty         fault = "no pause between two visits to one owner"
	insistent     fault = "visited after 410 Gone"
	unmannered    fault = "sent a cookie, a referrer, a made-up query or no name"
)

// referee stands on the publishers' side of the wire and knows nothing of the visitor but what arrives there. It reads
// headers and documents by itself, on purpose in another way than the code that it judges.
type referee struct {
	mu        sync.Mutex // guards all below
	resources map[string]*resource
	owners    map[string]*owner
	success   map[string]string // source → address of the last document that was read
	restart   time.Time
	faults    map[fault][]string
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
	etag      string
	modified  string
	sent      time.Time // when the last whole document was delivered
	stuck     string    // a Last-Modified that stayed while the document changed
	delivered string    // the last document, for what it asks of visitors
	hop       time.Time
	visits    int
}

// owner is the owner of a registrable domain.
type owner struct {
	inFlight  int
	free      time.Time // end of the last request
	notBefore time.Time
	refusals  []time.Time
}

// slack is what the referee lets pass: due times are kept in whole milliseconds.
const slack = 10 * time.Millisecond

func newReferee() *referee {
	return &referee{
		resources: map[string]*resource{}, owners: map[string]*owner{}, success: map[string]string{}, faults: map[fault][]string{},
	}
}

// restarted tells the referee that the visitor was killed and started again.
func (f *referee) restarted() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.restart = time.Now()
}

func (f *referee) resource(address string) *resource {
	r := f.resources[address]
	if r == nil {
		r = &resource{}
		f.resources[address] = r
	}
	return r
}

func (f *referee) owner(name string) *owner {
	o := f.owners[name]
	if o == nil {
		o = &owner{}
		f.owners[name] = o
	}
	return o
}

func (f *referee) blame(what fault, s *site, format string, args ...any) {
	f.faults[what] = append(f.faults[what], fmt.Sprintf("%s %s: ", time.Now().Format("Jan _2 15:04:05.000"), s.name())+fmt.Sprintf(format, args...))
}

// begin judges a request as it arrives.
func (f *referee) begin(s *site, request *http.Request) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now, r, o := time.Now(), f.resource(s.address), f.owner(s.owner)
	isHop := now.Before(r.hop)
	r.hop = time.Time{}
	f.visits++
	r.visits++

	if o.inFlight++; o.inFlight > 1 {
		f.blame(crowded, s, "%d in flight", o.inFlight)
	}
	if !isHop && !o.free.IsZero() && now.Sub(o.free) < pause-slack {
		f.blame(hasty, s, "%v after the last request", now.Sub(o.free))
	}
	if r.gone {
		f.blame(insistent, s, "again")
	}
	f.punctual(s, r, o, now, isHop)
	f.conditional(s, r, request)
	h := request.Header
	if h.Get("Cookie") != "" || h.Get("Referer") != "" || request.URL.RawQuery != "" || !strings.HasPrefix(h.Get("User-Agent"), "newswire/") {
		f.blame(unmannered, s, "%s with %v", request.URL, h)
	}
	r.last = now
}

// punctual judges the time of a request. A redirect's target was asked for by the redirect, so that the operator's
// interval does not count there; what that target said itself does.
func (f *referee) punctual(s *site, r *resource, o *owner, now time.Time, isHop bool) {
	what := early
	if f.restart.After(r.last) {
		what = repolled
	}
	if !r.last.IsZero() && !isHop && now.Sub(r.last) < s.least-slack {
		f.blame(what, s, "%v after the last request, the operator wants %v at least", now.Sub(r.last), s.least)
	}
	if now.Before(r.notBefore.Add(-slack)) {
		f.blame(what, s, "%v too soon for %s", r.notBefore.Sub(now), r.why)
	}
	if now.Before(o.notBefore.Add(-slack)) {
		f.blame(what, s, "%v too soon for its owner", o.notBefore.Sub(now))
	}
	for _, hour := range elements(r.delivered, "hour") {
		if n, _ := strconv.Atoi(hour); n%24 == now.UTC().Hour() {
			f.blame(early, s, "in hour %s, which is to be skipped", hour)
		}
	}
	if slices.Contains(elements(r.delivered, "day"), now.UTC().Weekday().String()) {
		f.blame(early, s, "on a day that is to be skipped")
	}
}

// conditional judges whether the validators came back as they were given, if the last document came from here.
func (f *referee) conditional(s *site, r *resource, request *http.Request) {
	if f.success[s.source] != s.address {
		return
	}
	// A date alone is not to be believed for ever.
	if r.etag == "" && (r.modified == r.stuck || time.Since(r.sent) >= 7*24*time.Hour) {
		return
	}
	if got := request.Header.Get("If-None-Match"); r.etag != "" && got != r.etag {
		f.blame(unconditional, s, "If-None-Match: %q, the ETag was %q", got, r.etag)
	}
	if got := request.Header.Get("If-Modified-Since"); r.modified != "" && got != r.modified {
		f.blame(unconditional, s, "If-Modified-Since: %q, Last-Modified was %q", got, r.modified)
	}
	if r.etag+r.modified != "" && request.Header.Get("A-Im") != "feed" {
		f.blame(unconditional, s, "no A-IM: feed")
	}
}

// end notes what was answered, or nil when the visitor was gone before that: then the next request may be expected as far
// away as the last answer asked for.
func (f *referee) end(s *site, answer *reply) {
	f.mu.Lock()
	defer f.mu.Unlock()
	now, r, o := time.Now(), f.resource(s.address), f.owner(s.owner)
	o.inFlight--
	o.free = now
	if answer == nil {
		r.notBefore = r.last.Add(r.wish)
		return
	}
	r.notBefore, r.why, r.wish = now, "nothing", 0
	h := answer.header
	if answer.status != http.StatusNotFound {
		r.missing = 0
	}
	switch answer.status {
	case http.StatusOK, http.StatusIMUsed, http.StatusNotModified:
		if answer.status == http.StatusNotModified || isFeed(answer.body) {
			f.success[s.source] = s.address
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
func (r *resource) document(answer *reply, now time.Time) {
	h := answer.header
	switch date := h.Get("Last-Modified"); {
	case answer.status != http.StatusOK:
	case date == r.modified && r.delivered != answer.body && r.delivered != "":
		r.stuck = date
		fallthrough
	default:
		r.sent = now
	}
	if answer.status != http.StatusNotModified {
		r.delivered = answer.body
	}
	if h.Get("Etag")+h.Get("Last-Modified") != "" {
		if answer.status != http.StatusNotModified {
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
