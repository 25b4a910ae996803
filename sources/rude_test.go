package sources_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/newswire/newswire/sources/sourcetest/referee"
)

// guest visits as a test tells it to, politely or not.
type guest struct {
	t *testing.T
	*world
	wire   *wire
	header http.Header // for the next requests
}

// site adds an address of one owner's.
func (g *guest) site(name string, sc script) *site {
	s := &site{
		Site:   referee.Site{Source: name, Owner: "owner", Address: "https://owner.example/" + name, Least: time.Hour},
		script: sc, began: time.Now(),
	}
	g.sites[s.Address] = s
	return s
}

// get asks for a site as the header says, and keeps the validators for the next time.
func (g *guest) get(s *site) {
	g.t.Helper()
	request, err := http.NewRequestWithContext(g.t.Context(), http.MethodGet, s.Address, nil)
	if err != nil {
		g.t.Fatal(err)
	}
	request.Header = g.header.Clone()
	response, err := g.wire.RoundTrip(request)
	if err != nil {
		g.t.Fatal(err)
	}
	_ = response.Body.Close()
	for from, to := range map[string]string{"Etag": "If-None-Match", "Last-Modified": "If-Modified-Since"} {
		if v := response.Header.Get(from); v != "" {
			g.header.Set(to, v)
			g.header.Set("A-Im", "feed")
		}
	}
}

// The origins of these tests.
var usual = feed{etag: strong, date: httpDate}

// says is an origin with a wish in its header, in pairs.
func says(header ...string) script { return feed{etag: strong, header: header}.answer }

// asks is an origin with a wish in its document.
func asks(elements string) script { return feed{etag: strong, ask: elements}.answer }

func answers(code int, header ...string) script {
	return always(func() reply { return status(code, header...) })
}

// twice visits an origin, and again after a while.
func twice(sc script, wait time.Duration) func(g *guest) {
	return func(g *guest) {
		s := g.site("a", sc)
		g.get(s)
		time.Sleep(wait)
		g.get(s)
	}
}

// both visits an origin some times, and then another of the same owner's.
func both(sc script, times int, wait time.Duration) func(g *guest) {
	return func(g *guest) {
		for i := range times {
			s := g.site("abc"[i:i+1], sc)
			g.get(s)
			time.Sleep(5 * time.Second)
		}
		time.Sleep(wait)
		g.get(g.site("z", usual.answer))
	}
}

// habit is a way to visit, and the faults that a referee sees in it.
type habit struct {
	name  string
	visit func(g *guest)
	want  []referee.Fault
}

// sooner are visits at a time, which may be too soon.
var sooner = []habit{
	{"a good guest", twice(usual.answer, 2*hour), nil},
	{"after the max-age", twice(says("Cache-Control", "max-age=7000"), 2*hour), nil},
	{"within the max-age", twice(says("Cache-Control", "max-age=7300"), 2*hour), []referee.Fault{referee.Early}},
	{"within the max-age, but aged", twice(says("Cache-Control", "max-age=7300", "Age", "200"), 2*hour), nil},
	{"before Expires", twice(says("Date", "Sat, 01 Jan 2000 00:00:00 GMT", "Expires", "Sat, 01 Jan 2000 03:00:00 GMT"), 2*hour), []referee.Fault{referee.Early}},
	{"within the ttl", twice(asks("<ttl>180</ttl>"), 2*hour), []referee.Fault{referee.Early}},
	{"within the update period", twice(asks("<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>3</sy:updateFrequency>"), 2*hour), []referee.Fault{referee.Early}},
	{"in an hour to be skipped", twice(asks("<skipHours><hour>2</hour></skipHours>"), 2*hour), []referee.Fault{referee.Early}},
	{"on a day to be skipped", twice(asks("<skipDays><day>Saturday</day></skipDays>"), 2*hour), []referee.Fault{referee.Early}},
	{"more often than the operator wants", twice(usual.answer, 10*time.Minute), []referee.Fault{referee.Early}},
	{"within Retry-After in seconds", twice(answers(503, "Retry-After", "7300"), 2*hour), []referee.Fault{referee.Early}},
	{"within Retry-After as a date", twice(answers(503, "Retry-After", "Sat, 01 Jan 2000 03:00:00 GMT"), 2*hour), []referee.Fault{referee.Early}},
	{"within a redirect's Retry-After", twice(answers(302, "Location", "https://x.example/", "Retry-After", "7300"), 2*hour), []referee.Fault{referee.Early}},
	{"a year's Retry-After for a week", twice(answers(503, "Retry-After", "31536000"), 7*day+time.Minute), nil},
	{"a 404 twice a day", twice(answers(404), 12*hour), []referee.Fault{referee.Early}},
	{"a 404 again and again", func(g *guest) {
		s := g.site("a", answers(404))
		for range 10 {
			g.get(s)
			time.Sleep(25 * hour)
		}
	}, []referee.Fault{referee.Early, referee.Early}},
	{"another address after a 429", both(answers(429, "Retry-After", "7300"), 1, 2*hour), []referee.Fault{referee.Early}},
	{"another address after a burst of 403", both(answers(403), 3, 10*time.Minute), []referee.Fault{referee.Early}},
	{"another address after two 403", both(answers(403), 2, 10*time.Minute), nil},
	{"another address after a 503", both(answers(503, "Retry-After", "7300"), 1, time.Minute), nil},
}

// ruder are visits that are bad in other ways, and some that are not.
var ruder = []habit{
	{"again because of a restart", func(g *guest) {
		s := g.site("a", usual.answer)
		g.get(s)
		g.Restarted()
		time.Sleep(time.Minute)
		g.get(s)
	}, []referee.Fault{referee.Repolled}},
	{"without validators", func(g *guest) {
		s := g.site("a", usual.answer)
		g.get(s)
		time.Sleep(2 * hour)
		g.header = http.Header{"User-Agent": g.header["User-Agent"]}
		g.get(s)
	}, []referee.Fault{referee.Unconditional, referee.Unconditional, referee.Unconditional}},
	{"with a validator that was tidied up", func(g *guest) {
		s := g.site("a", feed{etag: weak}.answer)
		g.get(s)
		time.Sleep(2 * hour)
		g.header.Set("If-None-Match", strings.TrimPrefix(g.header.Get("If-None-Match"), "W/"))
		g.get(s)
	}, []referee.Fault{referee.Unconditional}},
	{"two at once", func(g *guest) {
		a, b := g.site("a", usual.answer), g.site("b", usual.answer)
		h := g.header.Clone()
		done := make(chan struct{})
		go func() {
			other := guest{t: g.t, world: g.world, wire: g.wire, header: h}
			other.get(a)
			close(done)
		}()
		g.get(b)
		<-done
	}, []referee.Fault{referee.Crowded}},
	{"two in a row", func(g *guest) {
		g.get(g.site("a", usual.answer))
		time.Sleep(time.Second)
		g.get(g.site("b", usual.answer))
	}, []referee.Fault{referee.Hasty}},
	{"after 410", twice(answers(410), 100*day), []referee.Fault{referee.Insistent}},
	{"where a redirect leads, at once", func(g *guest) {
		to := g.site("b", usual.answer)
		g.get(g.site("a", answers(302, "Location", to.Address)))
		g.get(to)
	}, nil},
	{"with a cookie", func(g *guest) {
		g.header.Set("Cookie", "a=b")
		g.get(g.site("a", usual.answer))
	}, []referee.Fault{referee.Unmannered}},
	{"under a browser's name", func(g *guest) {
		g.header.Set("User-Agent", "Mozilla/5.0")
		g.get(g.site("a", usual.answer))
	}, []referee.Fault{referee.Unmannered}},
}

// TestTheRefereeSeesEveryFault shows the simulation's referee guests with one bad habit each, and some with none.
func TestTheRefereeSeesEveryFault(t *testing.T) {
	for _, tt := range slices.Concat(sooner, ruder) {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := &world{Referee: referee.New(pause, slack), sites: map[string]*site{}}
				g := &guest{t: t, world: w, wire: &wire{world: w, dead: make(chan struct{})}, header: http.Header{"User-Agent": {"newswire/1"}}}
				tt.visit(g)
				var got []referee.Fault
				faults := w.Faults()
				for _, what := range slices.Sorted(maps.Keys(faults)) {
					for range faults[what] {
						got = append(got, what)
					}
				}
				if !slices.Equal(got, tt.want) {
					t.Errorf("faults %q, want %q", faults, tt.want)
				}
			})
		})
	}
}
