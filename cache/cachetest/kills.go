package cachetest

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// workerAddress is the environment variable that makes a test binary a worker on the store that it names.
const workerAddress = "NEWSWIRE_WORKER_ADDRESS"

// roundsVariable is the environment variable that says how often a worker is killed; 5 times without it.
const roundsVariable = "NEWSWIRE_KILLS"

// Kills is what [Kills.Run] needs of a driver.
type Kills struct {
	Address string // of an empty store
	Open    func(ctx context.Context, address string) (cache.Store, error)

	// Servers kill a server of the store as kill -9 does, and start it again. In every second round one of them is called
	// while the worker is at work.
	Servers []func()
}

// Worker has this process be the worker that Run has started, where it is one, and then does not return. A driver calls it
// first in TestMain.
func Worker(open func(ctx context.Context, address string) (cache.Store, error)) {
	address := os.Getenv(workerAddress)
	if address == "" {
		return
	}
	ctx := context.Background()
	store, err := open(ctx, address)
	for ; err != nil; store, err = open(ctx, address) {
		time.Sleep(10 * time.Millisecond) // its server is just being killed
	}
	var wg sync.WaitGroup
	for _, source := range killSources {
		wg.Go(func() {
			for {
				n, err := killVisit(ctx, store, source)
				if err != nil {
					time.Sleep(10 * time.Millisecond)
					continue
				}
				fmt.Printf("%s %d\n", source, n)
			}
		})
	}
	wg.Wait()
}

// killSources are visited at once. Of the last one old articles are dropped; those of the others stay.
var killSources = []string{"a", "b", "swept"}

// killArticle is article k of a source as it is offered in visit n: it came with visit k-4, and has one revision more with
// each visit since.
func killArticle(source string, k, n int) newswire.Article {
	a := within(piece(source, k), fmt.Sprint("c", k%3))
	a.Revision = n + 5 - k
	a.Content = fmt.Sprintf("<p>Revision %d.</p>", a.Revision)
	a.Offer = newswire.Hash(a.Content)
	a.Updated = a.Published.Add(time.Duration(a.Revision) * time.Second)
	return a
}

// killVisit records the next visit to a source, and returns its number. Visit n offers articles n to n+4. In every seventh
// the article that left last is withdrawn.
func killVisit(ctx context.Context, store cache.Store, source string) (int, error) {
	due, err := store.Due(ctx)
	if err != nil {
		return 0, err
	}
	if err := store.Reschedule(ctx, source, due[source], past); err != nil {
		return 0, err
	}
	leases, err := store.Claim(ctx, 1, time.Hour, source)
	if err != nil || len(leases) != 1 {
		return 0, errors.Join(err, fmt.Errorf("%d leases", len(leases)))
	}
	n, err := killVisits(ctx, store, source)
	if err != nil {
		return 0, err
	}
	n++
	var articles []newswire.Article
	for k := n; k < n+5; k++ {
		articles = append(articles, killArticle(source, k, n))
	}
	v := visit(leases[0], articles...)
	v.State.Due = past
	v.State.Health.Offered = n // remembers where to go on
	if source == "swept" {
		if _, err := store.Sweep(ctx, leases[0], newswire.Retention{Articles: 10}); err != nil {
			return 0, err
		}
	}
	if n%7 == 0 {
		if _, err := store.Withdraw(ctx, killArticle(source, n-1, n).ID, "r"); err != nil {
			return 0, err
		}
	}
	return n, store.Record(ctx, leases[0], v)
}

// killVisits is how many visits to a source were recorded.
func killVisits(ctx context.Context, store cache.Store, source string) (int, error) {
	states, err := store.States(ctx, source)
	return states[source].Health.Offered, err
}

// Run kills a worker again and again, in the middle of what it does, and compares the store with a ledger that is kept
// outside of it: what the worker has reported as recorded. Nothing may be lost, listed twice or dated otherwise.
func (k Kills) Run(t *testing.T) {
	rounds := 5
	if text := os.Getenv(roundsVariable); text != "" {
		var err error
		if rounds, err = strconv.Atoi(text); err != nil {
			t.Fatalf("%s: %v", roundsVariable, err)
		}
	}
	ledger := map[string]int{} // the last visit to each source that the worker has reported
	repeats := 0
	for round := range rounds {
		k.kill(t, round, ledger)
		store, err := k.Open(t.Context(), k.Address)
		if err != nil {
			t.Fatal(err)
		}
		repeats = k.check(newTester(t, Harness{Store: store}), ledger)
		if err := store.Close(); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			t.Fatalf("this was found in round %d, with the ledger %v", round, ledger)
		}
	}
	t.Logf("%d kills of a worker, %d of a server; visits recorded: %v; 0 articles lost, doubled or dated otherwise; "+
		"%d records of the change log repeated", rounds, min(len(k.Servers), 1)*rounds/2, ledger, repeats)
}

// kill starts a worker, kills it after a while, and writes down what it has reported until then.
func (k Kills) kill(t *testing.T, round int, ledger map[string]int) {
	t.Helper()
	worker := exec.CommandContext(t.Context(), os.Args[0])
	worker.Env = append(os.Environ(), workerAddress+"="+k.Address)
	worker.Stderr = os.Stderr
	out, err := worker.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := worker.Start(); err != nil {
		t.Fatal(err)
	}
	lines := bufio.NewReader(out)
	if err := enter(ledger, lines); err != nil {
		t.Fatalf("the worker recorded nothing: %v", err)
	}
	die := func() { _ = worker.Process.Kill() }
	if len(k.Servers) > 0 && round%2 == 1 {
		if round%4 == 1 { // or else the worker lives through it
			time.AfterFunc(rand.N(50*time.Millisecond), die)
		}
		time.Sleep(rand.N(50 * time.Millisecond))
		k.Servers[rand.IntN(len(k.Servers))]()
	}
	time.AfterFunc(rand.N(200*time.Millisecond), die)
	for err == nil {
		err = enter(ledger, lines)
	}
	if !errors.Is(err, io.EOF) {
		t.Fatalf("the worker reports nonsense: %v", err)
	}
	if err := worker.Wait(); err == nil || worker.ProcessState.ExitCode() != -1 {
		t.Fatalf("the worker ended by itself: %v", err)
	}
}

// enter writes the next whole line of a worker into the ledger.
func enter(ledger map[string]int, lines *bufio.Reader) error {
	line, err := lines.ReadString('\n')
	if err != nil {
		return io.EOF // what is cut off was not reported
	}
	var source string
	var n int
	if _, err := fmt.Sscanf(line, "%s %d\n", &source, &n); err != nil {
		return fmt.Errorf("%q: %w", line, err)
	}
	ledger[source] = max(ledger[source], n)
	return nil
}

// check compares all that the store says with the ledger, after the next visit to each source, which finishes what the
// worker may have left. It returns how many records the change log has twice.
func (k Kills) check(t *tester, ledger map[string]int) (repeats int) {
	want := map[string]newswire.Article{} // what has to be listed, by ID
	withdrawn := map[string]bool{}
	for _, source := range killSources {
		n, err := killVisits(t.ctx, t.Store, source)
		t.check(err, "States(%s)", source)
		if n < ledger[source] {
			t.Errorf("visit %d to %s was reported and is lost: the last is %d", ledger[source], source, n)
		}
		n, err = killVisit(t.ctx, t.Store, source)
		t.check(err, "a visit to %s after the kill", source)
		ledger[source] = n
		for k := 1; k < n+5; k++ {
			a := killArticle(source, k, min(k, n))
			if left := k < n; left && (k+1)%7 == 0 && k+1 <= n {
				withdrawn[a.ID] = true
			} else if source != "swept" || !left {
				want[a.ID] = killArticle(source, k, min(k, n))
			}
		}
	}
	f := newAuditor(t)
	f.dropping = true
	f.check(t)
	listed := map[string]bool{}
	for _, a := range t.listing(newswire.All) {
		if listed[a.ID] {
			t.Errorf("%s is listed twice", a.ID)
		}
		listed[a.ID] = true
		if w, ok := want[a.ID]; ok {
			t.equal("article "+a.ID, a, w)
			delete(want, a.ID)
		} else if a.Source != "swept" || withdrawn[a.ID] {
			t.Errorf("%s is listed, which was withdrawn or never offered", a.ID)
		}
	}
	for id := range want {
		t.Errorf("%s is lost", id)
	}
	return f.repeats
}
