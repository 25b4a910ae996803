package hub

import (
	"context"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"time"

	"golang.org/x/sync/semaphore"
	"golang.org/x/time/rate"
)

const (
	mostIntents   = 1024            // requests that wait for their verification
	mostOfClient  = 256             // of them, from one address
	verifications = 16              // at work at the same time
	groupsKnown   = 10_000          // whose pace is remembered
	verifyPause   = time.Second     // between two requests of one callback host, once its burst is used up
	busyPause     = 5 * time.Second // that a client is asked to wait where too much waits already
)

// intents are the requests that wait for their verification. Those of one callback host are verified one at a time, in order,
// so that a slow host keeps no other waiting, and what a subscriber asked for last is what it gets.
type intents struct {
	accepted chan *ticket
	atWork   *semaphore.Weighted
	burst    int // of requests for one callback host

	mu      sync.Mutex
	waiting map[string]*ticket // by subscription: those that are not at work yet
	working map[string]int     // verifications at work, by subscription
	clients map[string]int     // how many wait, by client
	groups  map[string]*group
}

// ticket is a place among those that wait. A later request for the same subscription takes the place over.
type ticket struct {
	intent *intent
	client string
	turns  chan struct{} // of the group
}

// group is a callback host.
type group struct {
	pace *rate.Limiter
	turn chan struct{} // holds one while a verification is at work
	left int           // that wait or are at work
}

func newIntents(burst int) *intents {
	return &intents{
		accepted: make(chan *ticket, mostIntents), atWork: semaphore.NewWeighted(verifications), burst: burst,
		waiting: map[string]*ticket{}, working: map[string]int{}, clients: map[string]int{}, groups: map[string]*group{},
	}
}

// add has a request verified, unless there are too many of its kind.
func (is *intents) add(in *intent, now time.Time) error {
	is.mu.Lock()
	defer is.mu.Unlock()
	if in.resumed && (is.waiting[in.id] != nil || is.working[in.id] > 0) {
		return nil // it was not cut off, or what was asked for later holds
	}
	g := is.group(in.group)
	if reservation := g.pace.ReserveN(now, 1); reservation.DelayFrom(now) > 0 {
		wait := reservation.DelayFrom(now)
		reservation.CancelAt(now)
		return &refusal{
			status: http.StatusTooManyRequests, parameter: "hub.callback", after: wait,
			detail: "hub.callback: there were too many requests for callbacks of " + in.group + " lately",
		}
	}
	if t := is.waiting[in.id]; t != nil {
		t.intent = in
		return nil
	}
	busy := &refusal{status: http.StatusTooManyRequests, detail: "Too many requests wait for their verification.", after: busyPause}
	if is.clients[in.client] >= mostOfClient {
		return busy
	}
	t := &ticket{in, in.client, g.turn}
	select {
	case is.accepted <- t:
	default:
		busy.status = http.StatusServiceUnavailable
		return busy
	}
	is.waiting[in.id] = t
	is.clients[in.client]++
	g.left++
	return nil
}

// group is that of a name. The caller holds the lock.
func (is *intents) group(name string) *group {
	if g := is.groups[name]; g != nil {
		return g
	}
	if len(is.groups) >= groupsKnown { // to begin again costs a flood's pause and nothing else
		for name, g := range is.groups {
			if g.left == 0 {
				delete(is.groups, name)
			}
		}
	}
	g := &group{pace: rate.NewLimiter(rate.Every(verifyPause), is.burst), turn: make(chan struct{}, 1)}
	is.groups[name] = g
	return g
}

// run has each request verified until ctx ends, and returns ctx.Err().
func (is *intents) run(ctx context.Context, verify func(context.Context, *intent)) error {
	var verifying sync.WaitGroup
	defer verifying.Wait()
	for {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case t := <-is.accepted:
			verifying.Go(func() { is.work(ctx, t, verify) })
		}
	}
}

// work verifies what a ticket stands for, when it is its turn.
func (is *intents) work(ctx context.Context, t *ticket, verify func(context.Context, *intent)) {
	select {
	case t.turns <- struct{}{}:
		defer func() { <-t.turns }()
	case <-ctx.Done():
		return
	}
	if is.atWork.Acquire(ctx, 1) != nil {
		return // ctx ended
	}
	defer is.atWork.Release(1)
	verify(ctx, is.begin(t))
	is.mu.Lock()
	defer is.mu.Unlock()
	if is.working[t.intent.id]--; is.working[t.intent.id] == 0 {
		delete(is.working, t.intent.id)
	}
	if g := is.groups[t.intent.group]; g != nil {
		g.left--
	}
}

// begin is what a ticket stands for by now. From here on a request for the same subscription is another one.
func (is *intents) begin(t *ticket) *intent {
	is.mu.Lock()
	defer is.mu.Unlock()
	delete(is.waiting, t.intent.id)
	is.working[t.intent.id]++
	if is.clients[t.client]--; is.clients[t.client] == 0 {
		delete(is.clients, t.client)
	}
	return t.intent
}

// clientOf is where a request comes from, as far as that can be known: what a proxy on a private address says, else the
// address itself; of IPv6 the network, of which a client has all addresses.
func clientOf(r *http.Request) string {
	at, err := netip.ParseAddrPort(r.RemoteAddr)
	if err != nil {
		return r.RemoteAddr
	}
	address := at.Addr().Unmap()
	if forwarded := r.Header.Get("X-Forwarded-For"); forwarded != "" && (address.IsPrivate() || address.IsLoopback()) {
		last := strings.TrimSpace(forwarded[strings.LastIndexByte(forwarded, ',')+1:])
		if told, err := netip.ParseAddr(last); err == nil {
			address = told.Unmap()
		}
	}
	return groupOf(address.String())
}
