package console

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net"
	"net/http"
	"net/netip"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"github.com/newswire/newswire/syndication/admin"
)

const (
	cookieName   = "newswire_console"
	sessionLasts = 12 * time.Hour
	mostSessions = 1000

	// A wrong token costs an address one of so many attempts, of which one comes back each time.
	attempts      = 5
	attemptsEvery = 30 * time.Second
	mostAddresses = 10_000
)

// gate knows who may see the console.
type gate struct {
	token    string
	loopback bool   // the listener cannot be reached from elsewhere
	key      []byte // makes CSRF tokens

	mu       sync.Mutex // guards what follows
	sessions map[[sha256.Size]byte]session
	failures map[netip.Prefix]*rate.Limiter
	crowd    *rate.Limiter // for all addresses that failures has no room for
}

// session is a person at a browser. Only the digest of its cookie is kept.
type session struct {
	digest [sha256.Size]byte
	name   string // for the log; says nothing of the cookie
	cookie bool   // whether there is one; none without a token
	until  time.Time
}

func newGate(o Options) *gate {
	key := make([]byte, sha256.Size)
	_, _ = rand.Read(key) // it never fails
	return &gate{
		token: o.Token, loopback: admin.IsLoopback(o.Addr), key: key,
		sessions: map[[sha256.Size]byte]session{}, failures: map[netip.Prefix]*rate.Limiter{}, crowd: newLimiter(),
	}
}

func newLimiter() *rate.Limiter { return rate.NewLimiter(rate.Every(attemptsEvery), attempts) }

// refusal is why nothing at all is answered; empty when the host of the request is right.
func (g *gate) refusal(r *http.Request) string {
	switch {
	case g.token != "":
		return ""
	case !g.loopback:
		return "the admin listener can be reached from elsewhere and no token is configured: configure one, or listen on loopback"
	case !admin.IsLoopback(r.Host):
		return "without a token, ask for this under localhost or a loopback address"
	}
	return ""
}

// session returns that of a request; false where the person has yet to log in.
func (g *gate) session(r *http.Request) (session, bool) {
	if g.token == "" {
		return session{name: "open"}, true
	}
	cookie, err := r.Cookie(cookieName)
	if err != nil {
		return session{}, false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	s, ok := g.sessions[sha256.Sum256([]byte(cookie.Value))]
	return s, ok && time.Now().Before(s.until)
}

// csrf is what a form of a session has with it.
func (g *gate) csrf(s session) string {
	mac := hmac.New(sha256.New, g.key)
	mac.Write(s.digest[:])
	return hex.EncodeToString(mac.Sum(nil))
}

// start makes a session and returns its cookie's value. Of too many sessions the oldest ends.
func (g *gate) start() (string, session) {
	secret := make([]byte, 32)
	_, _ = rand.Read(secret) // it never fails
	value := hex.EncodeToString(secret)
	s := session{digest: sha256.Sum256([]byte(value)), name: rand.Text()[:8], cookie: true, until: time.Now().Add(sessionLasts)}
	g.mu.Lock()
	defer g.mu.Unlock()
	oldest := s
	for digest, other := range g.sessions {
		if !time.Now().Before(other.until) {
			delete(g.sessions, digest)
		} else if other.until.Before(oldest.until) {
			oldest = other
		}
	}
	if len(g.sessions) >= mostSessions {
		delete(g.sessions, oldest.digest)
	}
	g.sessions[s.digest] = s
	return value, s
}

func (g *gate) end(s session) {
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.sessions, s.digest)
}

// try compares a token. It does not look at one while the address has no attempt left. It compares digests, so that the
// time it takes says nothing of the token.
func (g *gate) try(remote, token string) (right, allowed bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	limiter, network := g.limiter(remote)
	if limiter.Tokens() < 1 {
		return false, false
	}
	want, got := sha256.Sum256([]byte(g.token)), sha256.Sum256([]byte(token))
	if subtle.ConstantTimeCompare(want[:], got[:]) == 1 {
		delete(g.failures, network)
		return true, true
	}
	limiter.Allow()
	return false, true
}

// limiter is that of an address; all of an IPv6 network share one. The caller holds the lock.
func (g *gate) limiter(remote string) (*rate.Limiter, netip.Prefix) {
	host, _, _ := net.SplitHostPort(remote)
	ip, _ := netip.ParseAddr(host)
	ip = ip.WithZone("").Unmap()
	network, _ := ip.Prefix(min(ip.BitLen(), 64))
	if l := g.failures[network]; l != nil {
		return l, network
	}
	if len(g.failures) >= mostAddresses {
		for other, l := range g.failures {
			if l.Tokens() >= attempts {
				delete(g.failures, other)
			}
		}
		if len(g.failures) >= mostAddresses {
			return g.crowd, network
		}
	}
	g.failures[network] = newLimiter()
	return g.failures[network], network
}
