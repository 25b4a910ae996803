package main

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"slices"
	"strconv"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/rediscache/redistest"
	"github.com/newswire/newswire/cmd/newswire/internal/stores"
)

// replicasVariable is the environment variable that says for how long replicas are disturbed, such as 10m. The one for the seed
// has the disturbances be those of an earlier run, which has reported its seed.
const (
	replicasVariable = "NEWSWIRE_REPLICAS"
	seedVariable     = "NEWSWIRE_REPLICAS_SEED"
)

// pauseAtDomains is kept between two visits to one owner.
const pauseAtDomains = 200 * time.Millisecond

// leased is longer than any lease of a source or of a turn under the config of these tests.
const leased = 80 * time.Second

// TestReplicasShareAStore has several processes visit publishers and serve feeds, on one Redis and on one Cluster. Meanwhile
// they are killed, frozen, cut off from the store and started again one after the other, the store fails, and a config is rolled
// out. A referee at the publishers' watches, and at the end nothing is lost or doubled, and all serve the same bytes. Without
// NEWSWIRE_REPLICAS each of these happens once; with it, some of the processes have a clock that is wrong.
func TestReplicasShareAStore(t *testing.T) {
	for name, start := range map[string]func(t *testing.T, f *fleet){"redis": redisFleet, "cluster": clusterFleet} {
		t.Run(name, func(t *testing.T) {
			var lasts time.Duration
			if text := os.Getenv(replicasVariable); text != "" {
				var err error
				if lasts, err = time.ParseDuration(text); err != nil {
					t.Fatalf("%s: %v", replicasVariable, err)
				}
			} else {
				t.Parallel()
			}
			f := &fleet{lasts: lasts, chance: chance(t)}
			start(t, f)
			f.run(t)
		})
	}
}

// chance decides which process is disturbed, and for how long.
func chance(t *testing.T) *rand.Rand {
	seed := rand.Uint64()
	if text := os.Getenv(seedVariable); text != "" {
		var err error
		if seed, err = strconv.ParseUint(text, 10, 64); err != nil {
			t.Fatalf("%s: %v", seedVariable, err)
		}
	}
	t.Logf("%s=%d", seedVariable, seed)
	return rand.New(rand.NewPCG(seed, 0))
}

// fleet is processes that share a store.
type fleet struct {
	address string             // of the store
	relays  []*redistest.Relay // between each process and the store; none on a Cluster
	press   *press
	all     []*servant
	strikes []strike
	lasts   time.Duration // for how long the processes are disturbed; 0 for once in each way
	chance  *rand.Rand    // of the one goroutine that disturbs
	wrong   string        // command of the first processes, whose clocks are wrong; empty for none
}

// away is how long a part of it is out of work. In the short test that is less than clients of the store wait for an answer: what
// is lost with an answer is there again when a lease ends.
func (f *fleet) away() time.Duration {
	if f.lasts == 0 {
		return time.Second
	}
	return time.Second + f.upTo(4*time.Second)
}

// upTo is a time by chance.
func (f *fleet) upTo(most time.Duration) time.Duration {
	return time.Duration(f.chance.Int64N(int64(most)))
}

func redisFleet(t *testing.T, f *fleet) {
	server := redistest.Start(t, redistest.Options{AppendOnly: true})
	f.address = server.URL()
	for range replicas() {
		f.relays = append(f.relays, redistest.StartRelay(t, server))
	}
	f.strikes = []strike{
		{"a process cut off from Redis", func() { f.partition((*redistest.Relay).Cut) }},
		{"a process whose packets to Redis are dropped", func() { f.partition((*redistest.Relay).Hang) }},
		{"a restart of Redis", server.Restart},
		{"a Redis that pauses", func() { server.Freeze(); time.Sleep(f.away()); server.Thaw() }},
	}
}

func clusterFleet(t *testing.T, f *fleet) {
	c := redistest.StartReplicatedCluster(t, redistest.Options{AppendOnly: true, Args: []string{"--appendfsync", "everysec"}})
	f.address, f.strikes = c.URL(), []strike{
		{"a failover of a primary that lives", func() { c.HandOver(f.chance.IntN(3)) }},
		{"a failover of a primary that was killed", func() { c.FailOver(f.chance.IntN(3)) }},
	}
}

// replicas is how many processes there are.
func replicas() int {
	if os.Getenv(replicasVariable) == "" {
		return 3
	}
	return 5
}

// partition keeps one process from the store for a while.
func (f *fleet) partition(part func(*redistest.Relay)) {
	relay := f.relays[f.chance.IntN(len(f.relays))]
	part(relay)
	time.Sleep(f.away())
	relay.Mend()
}

// one is one of the processes, by chance.
func (f *fleet) one() *servant { return f.all[f.chance.IntN(len(f.all))] }

// freeze stops a process in the middle of what it does, and has it go on later.
func (f *fleet) freeze(pause time.Duration) {
	s := f.one()
	process := s.signal(syscall.SIGSTOP)
	f.press.Lost(time.Now().Add(-unstored)) // its leases may end while it is frozen
	time.Sleep(pause)
	_ = process.Signal(syscall.SIGCONT) // it, and not one that was started since
}

// run disturbs the processes for a while, or once in each way, and compares what they have in the end.
func (f *fleet) run(t *testing.T) {
	long := f.lasts > 0
	n, every, news, last := 45, 2*time.Second, 3*time.Second, reserved
	if long {
		n, every, news, last = 180, 5*time.Second, 10*time.Second, moods-1
	}
	f.press = newPress(t, n, every, news, plain, last)
	f.strikes = append([]strike{
		{"a process that is killed", func() { f.one().kill() }},
		{"a process that is frozen", func() { f.freeze(f.away()) }},
	}, f.strikes...)
	if long {
		f.strikes = append(f.strikes, strike{"a process that is frozen for longer than its leases", func() { f.freeze(leased) }})
		f.wrong = wrongClock(t)
	}
	before := f.press.lines("s0000", "s0001")
	f.begin(t, replicas(), before)
	store, err := stores.Open(t.Context(), f.address)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	f.awaitArticles(t, store, 1, "s0000", "s0001")

	var rollout sync.WaitGroup
	rollout.Go(func() { f.rollOut(t) })
	counts := f.disturb()
	rollout.Wait()
	visits, delays := f.press.visited(0.5, 0.95, 0.99, 1)
	f.press.stop()
	f.awaitArticles(t, store, f.press.total())
	f.press.judge(t)
	f.checkLog(t, store, n*f.press.total())
	f.compare(t)
	t.Logf("%d processes, %d sources, %d articles, %d requests; %v; from due to visited, of %d visits: 50 %%, 95 %%, 99 %% and all within %v",
		len(f.all), n, n*f.press.total(), f.press.Requests(), counts, visits, delays)
}

// begin starts so many processes, until the test ends.
func (f *fleet) begin(t *testing.T, n int, lines string) {
	t.Helper()
	free := newPorts()
	for i := range n {
		s := newServant(t, "all", free)
		if f.wrong != "" && i < len(wrongWays) {
			s.binary, s.env = f.wrong, append(os.Environ(), wrongVariable+"="+wrongWays[i])
		}
		f.all = append(f.all, s)
		f.configure(t, i, lines)
		s.start(t)
		t.Cleanup(s.stop)
	}
}

// configure writes the config of one process.
func (f *fleet) configure(t *testing.T, i int, lines string) {
	t.Helper()
	address := f.address
	if f.relays != nil {
		address = f.relays[i].URL()
	}
	f.all[i].configure(t, "http://wire.example", address, lines)
}

// rollOut gives one process after the other a config with two more sources, and starts it again as for a new version. Both
// configs are there meanwhile.
func (f *fleet) rollOut(t *testing.T) {
	after := f.press.lines()
	for i, s := range f.all {
		time.Sleep(f.lasts / 2 / time.Duration(len(f.all)))
		f.configure(t, i, after)
		s.signal(syscall.SIGTERM)
	}
}

// disturb strikes at random moments, by turns, and until the time is over. It returns how often it did so in each way.
func (f *fleet) disturb() map[string]int {
	counts := map[string]int{}
	end := time.Now().Add(f.lasts)
	for n := 0; n < len(f.strikes) || time.Now().Before(end); n++ {
		if f.lasts > 0 {
			time.Sleep(f.upTo(6 * time.Second))
		} else {
			f.calm()
		}
		s := f.strikes[n%len(f.strikes)]
		began := time.Now()
		s.do()
		f.press.Lost(began.Add(-unstored))
		f.press.Restarted()
		counts[s.name]++
	}
	return counts
}

// calm returns when there were visits since it was called, and none seem to be under way, or after three seconds: what a process
// that is killed in a visit has claimed waits for its leases.
func (f *fleet) calm() {
	before := f.press.Requests()
	for range 10 {
		n := f.press.Requests()
		time.Sleep(300 * time.Millisecond)
		if n > before && f.press.Requests() == n {
			return
		}
	}
}

// awaitArticles waits until the store has so many articles of each source.
func (f *fleet) awaitArticles(t *testing.T, store cache.Store, n int, but ...string) {
	t.Helper()
	f.await(t, store, func() string {
		missing := f.missing(t, store, n, but)
		if len(missing) == 0 {
			return ""
		}
		return fmt.Sprintf("%d sources do not have %d articles: %.10q", len(missing), n, missing)
	})
}

// await waits until nothing is lacking. In the short test no lease has to end for that.
func (f *fleet) await(t *testing.T, store cache.Store, lacking func() string) {
	t.Helper()
	var what string
	began := time.Now()
	for end := began.Add(6 * time.Minute); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if what = lacking(); what == "" {
			return
		}
		if f.lasts == 0 && time.Since(began) > lasting {
			f.endLeases(t, store)
			began = time.Now()
		}
	}
	t.Error(what)
}

// lasting is longer than any visit takes, from its claim to its record, while the store is well.
const lasting = 15 * time.Second

// endLeases has the sources come due whose visitor was killed, which their leases do after more than a minute.
func (f *fleet) endLeases(t *testing.T, store cache.Store) {
	t.Helper()
	due, err := store.Due(t.Context())
	if err != nil {
		t.Log(err) // part of it may be away
		return
	}
	now := time.Now() // the servers are on this machine
	for source, at := range due {
		if at.Sub(now) < lasting {
			continue
		}
		if err := store.Reschedule(t.Context(), source, at, now); err != nil {
			t.Log(err)
		}
	}
}

// missing says which sources have fewer than so many articles in the store.
func (f *fleet) missing(t *testing.T, store cache.Store, n int, but []string) (missing []string) {
	listed := map[string]int{}
	for after := newswire.Cursor(""); ; {
		some, next, err := store.Topics(t.Context(), newswire.KindSource, after, 500)
		if err != nil {
			return []string{err.Error()}
		}
		for _, l := range some {
			listed[l.Topic.ID()] = l.Articles
		}
		if after = next; after == "" {
			break
		}
	}
	for _, s := range f.press.list() {
		if listed[s.Source] < n && !slices.Contains(but, s.Source) {
			missing = append(missing, fmt.Sprintf("%s (%d)", s.Source, listed[s.Source]))
		}
	}
	return missing
}

// checkLog compares the change log with the articles that there are: each is in it once, in its first revision. It comes there after it
// was listed, and where its visitor was killed in between, with the next visit.
func (f *fleet) checkLog(t *testing.T, store cache.Store, want int) {
	t.Helper()
	var log []newswire.Change
	f.await(t, store, func() string {
		if log = wholeLog(t, store); len(log) < want {
			return fmt.Sprintf("the change log has %d records, want %d", len(log), want)
		}
		return ""
	})
	logged := map[string]int{}
	for _, c := range log {
		logged[c.Article]++
		if c.Op != newswire.Put || c.Revision != 1 || logged[c.Article] > 1 {
			t.Errorf("the change log has a record of %s that is not its first: %v %d", c.Article, c.Op, c.Revision)
		}
	}
	if len(logged) != want {
		t.Errorf("the change log has %d articles, want %d", len(logged), want)
	}
}

// wholeLog is the change log.
func wholeLog(t *testing.T, store cache.Store) (log []newswire.Change) {
	t.Helper()
	for after := newswire.Cursor(""); ; after = log[len(log)-1].Cursor {
		some, err := store.Changes(t.Context(), after, 1000)
		if err != nil {
			t.Fatal(err)
		}
		if len(some) == 0 {
			return log
		}
		log = append(log, some...)
	}
}

// compare waits until all processes serve the same.
func (f *fleet) compare(t *testing.T) {
	t.Helper()
	paths := []string{"/feeds.opml"}
	for _, topic := range []string{"all", "category/c0", "category/c1", "source/s0000", "source/s0013"} {
		for _, format := range []string{"atom", "rss", "json"} {
			paths = append(paths, "/feeds/"+topic+"."+format)
		}
	}
	for _, path := range paths {
		var differs string
		for deadline := time.Now().Add(time.Minute); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
			if differs = f.differs(t, path); differs == "" {
				break
			}
		}
		if differs != "" {
			t.Errorf("%s: %s", path, differs)
		}
	}
}

// differs says which processes serve different bytes at a path; nothing if none do.
func (f *fleet) differs(t *testing.T, path string) string {
	var first, tag string
	for i, s := range f.all {
		answer, body, err := request(t.Context(), http.MethodGet, s.url+path, nil)
		switch {
		case err != nil:
			return fmt.Sprintf("process %d: %v", i, err)
		case answer.StatusCode != http.StatusOK:
			return fmt.Sprintf("process %d answers %s", i, answer.Status)
		case i == 0:
			first, tag = string(body), answer.Header.Get("ETag")
		case string(body) != first || answer.Header.Get("ETag") != tag:
			return fmt.Sprintf("process %d has other bytes than process 0: %s", i, cmp.Diff(first, string(body)))
		}
	}
	return ""
}
