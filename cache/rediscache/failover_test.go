package rediscache

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/rediscache/redistest"
)

// traffic is reads and writes that go on at each of some sources.
type traffic struct {
	store   *Store
	sources []string

	mu   sync.Mutex // guards good
	good []time.Time
}

// start begins the traffic, which ends with ctx.
func (tr *traffic) start(ctx context.Context) *sync.WaitGroup {
	var wg sync.WaitGroup
	tr.good = make([]time.Time, len(tr.sources))
	for i, source := range tr.sources {
		wg.Go(func() {
			for n := 1; ctx.Err() == nil; n++ {
				if tr.visit(ctx, source, n) == nil {
					tr.mu.Lock()
					tr.good[i] = time.Now()
					tr.mu.Unlock()
				}
				time.Sleep(20 * time.Millisecond)
			}
		})
	}
	return &wg
}

// visit reads and writes what a visit does. Where a server does not answer it is given up after a while.
func (tr *traffic) visit(ctx context.Context, source string, n int) error {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	if err := tr.store.Reschedule(ctx, source, time.Time{}, time.Unix(1, 0)); err != nil {
		return err
	}
	leases, err := tr.store.Claim(ctx, 1, time.Minute, source)
	if err != nil {
		return err
	}
	if len(leases) == 0 { // an attempt before this one has it, and went wrong
		due, err := tr.store.Due(ctx)
		if err != nil {
			return err
		}
		if err := tr.store.Reschedule(ctx, source, due[source], time.Unix(1, 0)); err != nil {
			return err
		}
		return fmt.Errorf("%s is claimed", source)
	}
	v := visitOf(leases[0], []newswire.Article{article(source, n%50)})
	v.State.Due = time.Unix(1, 0)
	if err := tr.store.Record(ctx, leases[0], v); err != nil {
		return err
	}
	_, err = tr.store.Articles(ctx, cache.Query{Topic: newswire.SourceTopic(source), Limit: 10})
	return err
}

// since says whether all sources were visited after a time.
func (tr *traffic) since(at time.Time) bool {
	tr.mu.Lock()
	defer tr.mu.Unlock()
	for _, good := range tr.good {
		if good.Before(at) {
			return false
		}
	}
	return true
}

// await waits until a condition holds, and returns the moment at which it did.
func await(t *testing.T, what string, atMost time.Duration, holds func() bool) time.Time {
	t.Helper()
	for deadline := time.Now().Add(atMost); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("after %v in vain: %s", atMost, what)
		}
	}
	return time.Now()
}

func TestWritesGoOnSoonAfterAFailoverOfACluster(t *testing.T) {
	for name, fail := range map[string]func(*redistest.Server){
		"a master that was killed":      (*redistest.Server).Kill,
		"a master that does not answer": (*redistest.Server).Freeze,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := redistest.StartReplicatedCluster(t, redistest.Options{})
			failsOver(t, c.URL(), func() { fail(c.Nodes[0]) }, c.Nodes[3])
		})
	}
}

func TestWritesGoOnSoonAfterAFailoverBySentinel(t *testing.T) {
	t.Parallel()
	master := redistest.Start(t, redistest.Options{Args: []string{"--repl-diskless-sync-delay", "0"}})
	replica := redistest.StartReplica(t, master, redistest.Options{})
	user := documentedUser(t, "+subscribe")[1:]
	sentinel := redistest.StartSentinel(t, master, "user "+strings.Join(user, " "))
	failsOver(t, sentinel.URL()+"?sentinel_username=newswire&sentinel_password=PASSWORD", master.Kill, replica)
}

// late is how long after an election is too late. On a machine that is idle reads and writes go on within 5 s, as the log of
// the test shows; a busy one takes longer. A client that waits for the next reload of its map takes the best part of a minute.
const late = 30 * time.Second

// failsOver checks that reads and writes go on soon after a replica's election.
func failsOver(t *testing.T, url string, fail func(), replica *redistest.Server) {
	t.Helper()
	tr := &traffic{store: open(t, url)}
	for i := range 8 {
		tr.sources = append(tr.sources, fmt.Sprint("s", i))
	}
	ctx, cancel := context.WithCancel(t.Context())
	wg := tr.start(ctx)
	defer wg.Wait()
	defer cancel()
	began := time.Now()
	await(t, "every source is visited", time.Minute, func() bool { return tr.since(began) })
	failed := time.Now()
	fail()
	elected := await(t, "the replica takes the master's place", 2*time.Minute, replica.IsMaster)
	again := await(t, "every source is visited again", 2*time.Minute, func() bool { return tr.since(elected) })
	t.Logf("elected after %v, all sources are visited %v after that", elected.Sub(failed), again.Sub(elected))
	if took := again.Sub(elected); took > late {
		t.Errorf("writes went on %v after the election; want within %v", took, late)
	}
}

// A visit is recorded when replicas have it: what they lack is lost with their masters.
func TestVisitIsNotRecordedBeforeReplicasHaveIt(t *testing.T) {
	t.Parallel()
	c := redistest.StartReplicatedCluster(t, redistest.Options{})
	tr := &traffic{store: open(t, c.URL())}
	if err := tr.visit(t.Context(), "s", 1); err != nil {
		t.Fatal(err)
	}
	s := tr.store
	await(t, "the client knows the replicas", 20*time.Second, func() bool {
		m, err := s.mastersOf(t.Context(), []string{s.keys.log(), s.keys.source("s").meta, s.keys.topic(newswire.All).guard})
		_, _ = s.Head(t.Context()) // has it ask for the map again
		return err == nil && len(m) > 0 && m.replicated(t.Context()) == nil
	})
	const frozen = 400 * time.Millisecond // less than replicaWait
	for _, replica := range c.Nodes[3:] {
		replica.Freeze()
	}
	began := time.Now()
	thawed := make(chan struct{})
	go func() {
		defer close(thawed)
		time.Sleep(frozen)
		for _, replica := range c.Nodes[3:] {
			replica.Thaw()
		}
	}()
	err := tr.visit(t.Context(), "s", 2)
	took := time.Since(began)
	<-thawed
	if err != nil {
		t.Fatal(err)
	}
	if took < frozen {
		t.Errorf("a visit was recorded after %v, before a replica had it", took)
	}
}

// A worker cannot have a source whose slot is away: that source comes due again soon, and not when a lease ends which no worker
// holds.
func TestASourceThatCannotBeClaimedComesDueSoon(t *testing.T) {
	t.Parallel()
	c := redistest.StartCluster(t, redistest.Options{Args: []string{"--cluster-require-full-coverage", "no"}})
	s := open(t, c.URL())
	slot := func(key string) int64 { return s.client.ClusterKeySlot(t.Context(), key).Val() }
	node := func(key string) int64 { return slot(key) * int64(len(c.Nodes)) / 16384 }
	var source string
	for i := 0; source == ""; i++ {
		if id := fmt.Sprint("s", i); node(s.keys.source(id).meta) != node(s.keys.due) {
			source = id
		}
	}
	now := time.Now()
	if err := s.Reschedule(t.Context(), source, time.Time{}, now); err != nil {
		t.Fatal(err)
	}
	c.Nodes[node(s.keys.source(source).meta)].Kill()
	if leases, err := s.Claim(t.Context(), 1, time.Hour); err == nil {
		t.Fatalf("claimed %v", leases)
	}
	due, err := s.Due(t.Context())
	if err != nil || due[source].After(now.Add(2*time.Minute)) {
		t.Errorf("it is due in %v, %v; want soon", due[source].Sub(now), err)
	}
}
