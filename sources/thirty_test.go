package sources_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache/sqlitecache"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/fetch"
	"github.com/newswire/newswire/sources/sourcetest/referee"
)

const (
	hour = time.Hour
	day  = 24 * time.Hour

	// pause is kept between two visits to one domain.
	pause = 2 * time.Second

	// slack is what the referee lets pass: due times are kept in whole milliseconds.
	slack = 10 * time.Millisecond
)

// schedules are the operator's, each with its interval, and the least time between two visits. For times of the day that
// is less: a visit may come late and the next on time.
var schedules = []struct {
	spec            string
	interval, least time.Duration
}{{"0 */4 * * *", 4 * hour, 15 * time.Minute}, {"@every 6h", 6 * hour, 3 * hour}, {"@every 12h", 12 * hour, 6 * hour}}

// town is the world being built: every behaviour lives there once for each schedule.
type town struct {
	*world
	list   []newswire.Source
	expect map[string]time.Duration // address → usual time between two visits, of those that are healthy all the time
	seldom map[string]time.Duration // address → the operator's interval, of those that never change and are not pinned
}

// settle adds a source with its first address. Healthy sources are given with the time for which their publisher wants
// to be left alone, others with a negative one.
func (w *town) settle(id string, n int, host string, wish time.Duration, sc script) *site {
	s := w.place(id, n, host, sc)
	source := newswire.Source{
		ID: id, URL: s.Address, Schedule: schedules[n].spec, Pinned: true,
		Rights: newswire.Rights{Policy: newswire.PolicyFull}, Retention: newswire.Retention{Articles: 200},
	}
	w.list = append(w.list, source)
	if wish >= 0 {
		w.expect[s.Address] = max(wish, schedules[n].interval)
		s.picky = wish > schedules[n].interval
	}
	return s
}

// place adds an address that a source may be led to.
func (w *town) place(id string, n int, host string, sc script) *site {
	labels := strings.Split(strings.TrimSuffix(host, ".co.uk"), ".")
	owned := labels[len(labels)-1]
	if !strings.HasSuffix(host, ".co.uk") {
		owned = labels[len(labels)-2]
	}
	s := &site{
		Site:   referee.Site{Source: id, Address: "https://" + host + "/" + id + ".xml", Owner: owned, Least: schedules[n].least},
		script: sc, began: time.Now(),
	}
	w.sites[s.Address] = s
	return s
}

// newTown builds the world inside the bubble.
func newTown() *town {
	w := emptyTown()
	for n := range schedules {
		w.documents(n)
		w.reserved(n)
		w.changing(n)
		w.troubles(n)
		w.travels(n)
		w.neighbours(n)
	}
	return w
}

func emptyTown() *town {
	return &town{
		world:  &world{Referee: referee.New(pause, slack), sites: map[string]*site{}},
		expect: map[string]time.Duration{}, seldom: map[string]time.Duration{},
	}
}

// healthy are feeds of publishers that are well, and differ in validators and wishes, each with the time for which its
// publisher wants to be left alone.
var healthy = map[string]struct {
	feed
	wish time.Duration
}{
	"strong":       {feed{etag: strong}, 0},
	"dated":        {feed{date: httpDate}, 0},
	"both":         {feed{etag: strong, date: httpDate}, 0},
	"weak":         {feed{etag: weak, atom: true}, 0},
	"bare":         {feed{etag: bare}, 0},
	"odd":          {feed{etag: odd, date: looseDate}, 0},
	"nonsense":     {feed{date: nonsense}, 0},
	"future":       {feed{date: futureDate, etag: weak}, 0},
	"none":         {feed{}, 0},
	"deaf":         {feed{etag: strong, date: httpDate, deaf: true}, 0},
	"delta":        {feed{etag: strong, delta: true}, 0},
	"max-age":      {feed{etag: strong, header: []string{"Cache-Control", "public, max-age=18000"}}, 5 * hour},
	"aged":         {feed{etag: strong, header: []string{"Cache-Control", "max-age=36000", "Age", "7200"}}, 8 * hour},
	"stale":        {feed{etag: strong, header: []string{"Cache-Control", "max-age=600", "Age", "7200"}}, 0},
	"quoted":       {feed{date: httpDate, header: []string{"Cache-Control", `s-maxage=1, Max-Age="25200", must-revalidate`}}, 7 * hour},
	"a-year":       {feed{etag: strong, header: []string{"Cache-Control", "max-age=31536000"}}, 7 * day},
	"no-cache":     {feed{etag: strong, header: []string{"Cache-Control", "no-cache"}}, 0},
	"expires-past": {feed{etag: strong, header: []string{"Expires", "0"}}, 0},
	"ttl":          {feed{etag: strong, ask: "<ttl>300</ttl>"}, 5 * hour},
	"ttl-deaf":     {feed{deaf: true, etag: weak, ask: "<ttl>100</ttl>"}, 0},
	"sy":           {feed{date: httpDate, ask: "<sy:updatePeriod>daily</sy:updatePeriod><sy:updateFrequency>4</sy:updateFrequency>"}, 6 * hour},
	"sy-hourly":    {feed{etag: strong, ask: "<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>"}, 0},
	"all-of-it": {feed{
		etag: strong, date: httpDate, delta: true, ask: "<ttl>60</ttl><sy:updatePeriod>hourly</sy:updatePeriod>",
		header: []string{"Cache-Control", "max-age=32400"},
	}, 9 * hour},
}

// documents are origins that are well, and differ in validators and wishes.
func (w *town) documents(n int) {
	for name, k := range healthy {
		id := fmt.Sprintf("%s-%d", name, n)
		w.settle(id, n, "feeds."+id+".example", k.wish, k.answer)
	}
}

// reserved are origins that keep hours or days free, and say other things beside: how often they are visited is not plain
// arithmetic.
func (w *town) reserved(n int) {
	for name, f := range map[string]feed{
		"nights":   {etag: strong, ask: "<skipHours><hour>0</hour><hour>1</hour><hour>2</hour><hour>3</hour><hour>4</hour><hour>24</hour></skipHours>"},
		"weekends": {etag: strong, ask: "<skipDays><day>Saturday</day><day>Sunday</day></skipDays>"},
		"office": {
			date: httpDate, ask: "<ttl>90</ttl><skipHours><hour>18</hour><hour>19</hour><hour>20</hour></skipHours><skipDays><day>Sunday</day></skipDays>",
			header: []string{"Cache-Control", "max-age=7000"},
		},
	} {
		id := fmt.Sprintf("%s-%d", name, n)
		w.settle(id, n, "www."+id+".co.uk", -1, f.answer)
	}
}

// changing are origins that are well, and whose wishes or validators change.
func (w *town) changing(n int) {
	usual := feed{etag: strong, date: httpDate}
	// Expires needs the time, and a max-age may come with 304s alone, or with documents alone.
	id := fmt.Sprintf("expires-%d", n)
	w.settle(id, n, id+".example", 5*hour, func(s *site, r *http.Request) reply {
		a := usual.answer(s, r)
		a.Header.Set("Expires", httpDate(time.Now().Add(5*hour)))
		return a
	})
	// Where the operator leaves it to us, it counts how often there is news.
	for name, news := range map[string]time.Duration{"brisk": 2 * hour, "quiet": 1000 * day} {
		id := fmt.Sprintf("%s-%d", name, n)
		s := w.settle(id, n, id+".example", 0, feed{etag: strong, news: news}.answer)
		w.list[len(w.list)-1].Pinned = false
		if name == "quiet" {
			delete(w.expect, s.Address)
			w.seldom[s.Address] = schedules[n].interval
		}
	}
	// A 304 may leave its validators out, or bring newer ones.
	for name, change := range map[string]func(s *site, h http.Header){
		"mute-304": func(_ *site, h http.Header) { h.Del("Etag"); h.Del("Last-Modified") },
		"newer-304": func(s *site, h http.Header) {
			h["Etag"] = []string{strong(fmt.Sprint(s.visits))}
			h.Del("Last-Modified")
		},
	} {
		id := fmt.Sprintf("%s-%d", name, n)
		w.settle(id, n, id+".example", 0, func(s *site, r *http.Request) reply {
			a := feed{etag: strong, date: httpDate, news: 30 * hour}.answer(s, r)
			if r.Header.Get("If-None-Match") != "" && s.visits%7 != 0 {
				a.Status, a.Body = http.StatusNotModified, ""
				change(s, a.Header)
			}
			return a
		})
	}
	for name, status := range map[string]int{"fresh-304": http.StatusNotModified, "fresh-200": http.StatusOK} {
		id := fmt.Sprintf("%s-%d", name, n)
		w.settle(id, n, id+".example", -1, func(s *site, r *http.Request) reply {
			a := usual.answer(s, r)
			if a.Status == status {
				a.Header.Set("Cache-Control", "max-age=36000")
			}
			return a
		})
	}
}

// troubles are origins that fail, for a moment, for days or for good.
func (w *town) troubles(n int) {
	usual := feed{etag: strong, date: httpDate, header: []string{"Cache-Control", "max-age=900"}}.answer
	portal := func() reply {
		return reply{Status: http.StatusOK, Header: http.Header{"Content-Type": {"text/html"}, "Etag": {`"portal"`}}, Body: "<!DOCTYPE html><title>Sign in</title><p>Welcome to our café."}
	}
	in := func(d time.Duration) string { return httpDate(time.Now().Add(d)) }
	for name, sc := range map[string]script{
		"503-seconds":  every(5, func() reply { return status(503, "Retry-After", "20000") }, usual),
		"503-date":     every(5, func() reply { return status(503, "Retry-After", in(9*hour)) }, usual),
		"503-for-ever": every(9, func() reply { return status(503, "Retry-After", in(100*day)) }, usual),
		"500":          every(4, func() reply { return status(500) }, usual),
		"429-seconds":  every(8, func() reply { return status(429, "Retry-After", "14000") }, usual),
		"429-date":     every(8, func() reply { return status(429, "Retry-After", in(10*hour)) }, usual),
		"429":          every(6, func() reply { return status(429) }, usual),
		"forgetful":    alternate(4, feed{}.answer, usual),
		"403":          every(6, func() reply { return status(403) }, usual),
		"cut":          every(7, func() reply { return reply{} }, usual),
		"busy":         during(3, 6, always(func() reply { return status(503) }), usual),
		"away":         during(5, 9, always(func() reply { return status(404) }), usual),
		"missing":      during(3, 99, always(func() reply { return status(404) }), usual),
		"gone":         during(2+n, 99, always(func() reply { return status(410) }), usual),
		"gone-at-once": always(func() reply { return status(410) }),
		"portal":       during(2, 4, always(portal), usual),
		"detour":       every(5, func() reply { return status(302, "Location", "https://elsewhere.example/", "Retry-After", "30000") }, usual),
		"detour-date":  every(5, func() reply { return status(307, "Location", "https://elsewhere.example/", "Retry-After", in(11*hour)) }, usual),
		"wrong-304":    every(9, func() reply { return status(304, "Etag", `"refreshed"`) }, usual),
	} {
		id := fmt.Sprintf("%s-%d", name, n)
		w.settle(id, n, "feeds."+id+".example", -1, sc)
	}
}

// travels are origins that lead elsewhere.
func (w *town) travels(n int) {
	usual := feed{etag: strong, date: httpDate}.answer
	to := func(code int, target *site) script {
		return always(func() reply { return status(code, "Location", target.Address) })
	}
	// set up a source at one address, and a target that its redirects lead to.
	lead := func(name string, target script, away func(target *site) script) (first, second *site) {
		id := fmt.Sprintf("%s-%d", name, n)
		second = w.place(id, n, "new."+id+"-target.example", target)
		return w.settle(id, n, "old."+id+".example", -1, away(second)), second
	}
	for _, code := range []int{302, 303, 307} {
		first, second := lead(fmt.Sprint("see-", code), usual, func(s *site) script { return to(code, s) })
		w.expect[first.Address], w.expect[second.Address] = schedules[n].interval, schedules[n].interval
	}
	for _, code := range []int{301, 308} {
		_, second := lead(fmt.Sprint("moved-", code), usual, func(s *site) script { return to(code, s) })
		w.expect[second.Address] = schedules[n].interval
	}
	lead("moved-on-day-7", usual, func(s *site) script { return during(7, 99, to(301, s), usual) })
	lead("moved-and-fresh", feed{etag: strong, header: []string{"Cache-Control", "max-age=20000"}}.answer, func(s *site) script { return to(301, s) })
	lead("moved-then-missing", during(9, 99, always(func() reply { return status(404) }), usual), func(s *site) script { return during(1, 9, to(301, s), usual) })
	lead("moved-then-gone", during(12, 99, always(func() reply { return status(410) }), usual), func(s *site) script { return to(301, s) })
	lead("moved-to-portal", always(func() reply {
		return reply{Status: 200, Header: http.Header{"Content-Type": {"text/html"}}, Body: "<html>buy this domain"}
	}),
		func(s *site) script { return during(6, 15, to(301, s), usual) })
	lead("detour-to-portal", always(func() reply {
		return reply{Status: 200, Header: http.Header{"Content-Type": {"text/html"}}, Body: "<html>sign in"}
	}),
		func(s *site) script { return during(3, 5, to(302, s), usual) })
	lead("led-to-429", every(6, func() reply { return status(429, "Retry-After", "30000") }, usual), func(s *site) script { return to(302, s) })
	lead("sometimes-moved", usual, func(s *site) script {
		return every(2, func() reply { return status(301, "Location", s.Address) }, usual)
	})

	// Two that lead to one domain, which answers 429 at one address.
	for _, name := range []string{"hub-a", "hub-b"} {
		id := fmt.Sprintf("%s-%d", name, n)
		target := w.place(id, n, fmt.Sprintf("%s.hub-%d.example", name, n), usual)
		if name == "hub-a" {
			target.script = every(4, func() reply { return status(429, "Retry-After", "40000") }, usual)
		}
		w.settle(id, n, "www."+id+".example", -1, to(302, target))
	}
	id := fmt.Sprintf("flips-%d", n)
	a, b := w.place(id, n, "a."+id+".example", usual), w.place(id, n, "b."+id+".example", usual)
	w.settle(id, n, "www."+id+".example", -1, func(s *site, _ *http.Request) reply {
		return status(301, "Location", []*site{a, b}[s.visits%2].Address)
	})
	id = fmt.Sprintf("loop-%d", n)
	w.settle(id, n, id+".example", -1, func(s *site, _ *http.Request) reply { return status(302, "Location", s.Address) })
}

// neighbours are sources that share a domain.
func (w *town) neighbours(n int) {
	usual := feed{etag: strong, date: httpDate}.answer
	for i := range 4 {
		id := fmt.Sprintf("block-%d-%d", n, i)
		w.settle(id, n, fmt.Sprintf("%d.block-%d.example", i, n), 0, usual)
		id = fmt.Sprintf("wall-%d-%d", n, i) // which refuses all visitors now and then
		w.settle(id, n, fmt.Sprintf("%d.wall-%d.example", i, n), -1, during(2, 5, always(func() reply { return status(403) }), usual))
		id = fmt.Sprintf("gate-%d-%d", n, i) // one of which answers 429 for all
		sc := usual
		if i == 0 {
			sc = every(5, func() reply { return status(429, "Retry-After", "9000") }, usual)
		}
		w.settle(id, n, fmt.Sprintf("%d.gate-%d.example", i, n), -1, sc)
		id = fmt.Sprintf("late-%d-%d", n, i) // which all may be visited again just before an hour that is to be skipped
		evening := feed{etag: strong, ask: "<skipHours><hour>18</hour><hour>19</hour><hour>20</hour><hour>21</hour></skipHours>"}.answer
		sc = every(3, func() reply {
			six := time.Now().Truncate(day).Add(18 * hour)
			return status(503, "Retry-After", httpDate(six.Add(-3*time.Second)))
		}, evening)
		w.settle(id, n, fmt.Sprintf("%d.late-%d.example", i, n), -1, sc)
	}
}

// ending is how a life of the service ends.
type ending int

// The endings.
const (
	killedInVisit      ending = iota // in the midst of a request
	killedInPickyVisit               // of one to a publisher that wants to be left alone for longer than the operator says
	killed                           // at any moment
	inOrder
	endings
)

// service is one process of the service among these publishers, with the store that each of its lives leaves behind.
type service struct {
	*town
	path    string
	catalog *sources.Catalog
	chance  *rand.Rand
	behind  time.Duration // by how much its clock is behind the store's
}

// now is the store's clock.
func (w *service) now() time.Time { return time.Now().Add(w.behind) }

// open opens the store.
func (w *service) open(t *testing.T) *sqlitecache.Store {
	store, err := sqlitecache.Open(t.Context(), w.path, sqlitecache.Options{Hasty: true, Now: w.now})
	if err != nil {
		t.Error(err)
		runtime.Goexit()
	}
	return store
}

// liveFor lets the process live for so many days, and is unkind to it once a day, the first time in one way and then in the next.
func (w *service) liveFor(t *testing.T, days int, first ending) {
	began := time.Now()
	for d := range days {
		until := began.Add(time.Duration(d+1)*day - time.Duration(w.chance.Int64N(int64(2*hour))))
		w.live(t, until, (first+ending(d))%endings)
		if d%4 == 0 { // away for a while
			time.Sleep(time.Duration(w.chance.Int64N(int64(20 * time.Minute))))
		}
	}
}

// live runs the process for a while and then ends it.
func (w *service) live(t *testing.T, until time.Time, end ending) {
	store := w.open(t)
	line := &wire{world: w.world, dead: make(chan struct{})}
	var mu sync.Mutex // guards w.chance
	a := sources.NewAggregator(store, sources.Setup{
		Catalog:        w.catalog,
		Fetcher:        fetch.NewClient(fetch.Options{UserAgent: "newswire/1 (+https://wire.example/about/fetcher)", Transport: line}),
		DomainInterval: pause,
	}, sources.Options{
		Idle: time.Hour,
		Jitter: func(d time.Duration) time.Duration {
			mu.Lock()
			defer mu.Unlock()
			return time.Duration(w.chance.Int64N(int64(d)))
		},
	})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	done := make(chan error)
	go func() { done <- a.Run(ctx) }()
	switch end {
	case killedInVisit, killedInPickyVisit:
		<-line.underWay(until, end == killedInPickyVisit)
		time.Sleep(10 * time.Millisecond)
	default:
		time.Sleep(time.Until(until))
	}
	if end != inOrder { // nothing of what it still does reaches the store or the wire
		_ = store.Close()
		close(line.dead)
	}
	cancel()
	if err := <-done; err != nil {
		t.Error(err)
	}
	if end == inOrder {
		if err := store.Close(); err != nil {
			t.Error(err)
		}
	}
	w.Restarted()
}

// TestThirtyVirtualDays is for its own target, make days: it takes long.
func TestThirtyVirtualDays(t *testing.T) {
	if os.Getenv("NEWSWIRE_THIRTY_DAYS") == "" {
		t.Skip("NEWSWIRE_THIRTY_DAYS is not set; make days sets it")
	}
	liveAmongPublishers(t, 30)
}

// TestTwoVirtualDays is long enough for two kills of each process.
func TestTwoVirtualDays(t *testing.T) { liveAmongPublishers(t, 2) }

// liveAmongPublishers lets one process, and then three that share a store, live with every kind of publisher for so many days.
func liveAmongPublishers(t *testing.T, days int) {
	for _, n := range []int{1, 3} {
		t.Run(fmt.Sprint(n, " at once"), func(t *testing.T) { liveTogether(t, days, n) })
	}
}

// liveTogether lets processes live for so many days, is unkind to each of them once a day, and has a referee at the publishers'
// watch. So that no visit at all is no way to pass, publishers that are well must have been visited about as often as they allow.
func liveTogether(t *testing.T, days, processes int) {
	dir, wall := t.TempDir(), time.Now()
	var w *town
	synctest.Test(t, func(t *testing.T) {
		w = newTown()
		catalog, err := sources.NewCatalog(w.list, nil, nil)
		if err != nil {
			t.Fatal(err)
		}
		began := time.Now()
		var living sync.WaitGroup
		for i := range processes {
			s := &service{town: w, path: filepath.Join(dir, "wire.db"), catalog: catalog, chance: rand.New(rand.NewPCG(1, uint64(i)+2))}
			if i == 0 { // SQLite waits in real time for another that makes the file, and that one in virtual time
				_ = s.open(t).Close()
			}
			living.Go(func() { s.liveFor(t, days, ending(i)) })
		}
		living.Wait()
		w.alive(t, time.Since(began))
	})
	for what, cases := range w.Faults() {
		t.Errorf("%d times the service %s, first: %s", len(cases), what, strings.Join(cases[:min(5, len(cases))], "\n\t"))
	}
	if len(w.list) < 200 {
		t.Errorf("%d origins, want at least 200", len(w.list))
	}
	t.Logf("%d sources at %d addresses, %d days, %d requests, %d faults in %v", len(w.list), len(w.sites), days, w.Requests(), len(w.Faults()),
		time.Since(wall).Round(time.Millisecond))
}

// alive checks that publishers that are well were visited as often as they and the operator allow: a tenth fewer for the
// days when the service was down or late.
func (w *town) alive(t *testing.T, lived time.Duration) {
	for address, interval := range w.expect {
		want := float64(lived) / float64(interval)
		if got := float64(w.Visits(address)); got < 0.9*want-2 || got > want+2 {
			t.Errorf("%s was visited %.0f times, want about %.1f", address, got, want)
		}
	}
	for address, interval := range w.seldom {
		got, days := w.Visits(address), int(lived/day)
		if most := int(lived / interval); got < days-1 || days > 20 && got > 3*most/4 {
			t.Errorf("%s, which never changes, was visited %d times, want at least once a day, but not all of %d times", address, got, most)
		}
	}
}
