package partner

import (
	"context"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"
)

const (
	guessesPerSecond = 10    // wrong keys from one address that are answered at once
	guessPause       = 1     // seconds that a further one waits for its answer
	mostGuessers     = 10000 // addresses that are remembered
	mostWaiting      = 256   // answers that are held back at the same time
)

// Guesses slows down clients that try keys. A right key is never slowed down, also where another client shares its address.
type Guesses struct {
	mu       sync.Mutex
	limiters map[netip.Prefix]*rate.Limiter
	waiting  chan struct{} // holds one for each answer that is held back
}

// NewGuesses makes a Guesses.
func NewGuesses() *Guesses {
	return &Guesses{limiters: map[netip.Prefix]*rate.Limiter{}, waiting: make(chan struct{}, mostWaiting)}
}

// Wrong counts a wrong key from an address, as net/http has it. When there were too many, it waits, and says for how long
// the client should: 0 when there were not.
func (g *Guesses) Wrong(ctx context.Context, remote string) time.Duration {
	const pause = guessPause * time.Second
	if g.limiter(remote).Allow() {
		return 0
	}
	select {
	case g.waiting <- struct{}{}:
		defer func() { <-g.waiting }()
		select {
		case <-time.After(pause):
		case <-ctx.Done():
		}
	default: // as many wait as may
	}
	return pause
}

// limiter is that of an address, or of the network of an IPv6 one: a client may have as many addresses of a /64 as it
// likes.
func (g *Guesses) limiter(remote string) *rate.Limiter {
	var prefix netip.Prefix
	if at, err := netip.ParseAddrPort(remote); err == nil {
		address := at.Addr().Unmap()
		bits := address.BitLen()
		if address.Is6() {
			bits = 64
		}
		prefix, _ = address.WithZone("").Prefix(bits)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	l := g.limiters[prefix]
	if l == nil {
		if len(g.limiters) >= mostGuessers {
			clear(g.limiters) // to begin again costs a guesser's pause and nothing else
		}
		l = rate.NewLimiter(guessesPerSecond, guessesPerSecond)
		g.limiters[prefix] = l
	}
	return l
}
