// Package partner knows the partner sites that pull from us: their keys, what they get, how often they may ask, and how
// much they did.
//
//	key := partner.NewKey()                      // shown once
//	roster := partner.NewRoster(partners)        // of the config, replaced whole on a reload
//	p, ok := roster.Find(key, time.Now())
//
// Of a key nothing but its SHA-256 is kept: it has 256 bits of its own, so a digest leads back to no key.
//
// The package refuses to know how a request comes in, and what a partner sees of an article: that is for package
// syndication, by a Reader.
package partner

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication"
)

// Partner is a partner site, as the operator says.
type Partner struct {
	ID         string
	Keys       []Key
	Categories []string        // IDs; empty: all articles
	Content    newswire.Policy // at most this much of any article; empty: what each source allows
	Rate       cache.Quota     // of requests; DefaultRate where it has no units
	Webhook    *Webhook        // nil when the partner only pulls
}

// DefaultRate is that of a partner of whom the config says none.
var DefaultRate = cache.Quota{Units: 600, Period: time.Minute}

// Webhook is where a partner wants to be told of changes.
type Webhook struct {
	URL    string
	Secret string // that deliveries are signed with
	Batch  int    // changes in one delivery at most
}

// secretPrefix begins a secret whose key is in base64, as Standard Webhooks writes it.
const secretPrefix = "whsec_"

// Key is what deliveries are signed with: what the secret has in base64 after whsec_, and otherwise the secret as it is.
func (w *Webhook) Key() ([]byte, error) {
	encoded, ok := strings.CutPrefix(w.Secret, secretPrefix)
	if !ok {
		return []byte(w.Secret), nil
	}
	key, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return nil, errors.New("what follows whsec_ is no base64") // without what it is
	}
	return key, nil
}

// Key is one that a partner may use.
type Key struct {
	Digest Digest
	Until  time.Time // accepted before this; zero: for as long as it is in the config
}

// Digest is the SHA-256 of a key.
type Digest [sha256.Size]byte

// keyPrefix lets a key be known for what it is where it should not be, such as in a public repository.
const keyPrefix = "nwk_"

// NewKey makes a key of 256 random bits.
func NewKey() string {
	var b [32]byte
	_, _ = rand.Read(b[:]) // never fails
	return keyPrefix + base64.RawURLEncoding.EncodeToString(b[:])
}

// DigestOf is the digest of a key.
func DigestOf(key string) Digest { return sha256.Sum256([]byte(key)) }

// Reader is the partner as one that articles are shown to.
func (p *Partner) Reader() syndication.Reader {
	return syndication.Reader{Partner: p.ID, Content: p.Content, Categories: p.Categories}
}

// Limit is how often the partner may ask.
func (p *Partner) Limit() cache.Quota {
	if p.Rate.Units == 0 {
		return DefaultRate
	}
	return p.Rate
}

// Roster is all partners, to be found by their keys. It does not change.
type Roster struct {
	partners []Partner
	byDigest map[Digest]holder
}

// holder is whose key a digest is of.
type holder struct {
	partner *Partner
	key     Key
}

// NewRoster makes a Roster.
func NewRoster(partners []Partner) *Roster {
	r := &Roster{partners: slices.Clone(partners), byDigest: map[Digest]holder{}}
	for i := range r.partners {
		for _, k := range r.partners[i].Keys {
			r.byDigest[k.Digest] = holder{&r.partners[i], k}
		}
	}
	return r
}

// Find is the partner whose key it is. The time that it takes says nothing of other keys: what is looked up is a digest,
// which no client can choose a part of, and it is compared in constant time.
func (r *Roster) Find(digest Digest, now time.Time) (*Partner, bool) {
	if r == nil {
		return nil, false
	}
	h := r.byDigest[digest]
	if subtle.ConstantTimeCompare(h.key.Digest[:], digest[:]) != 1 || h.partner == nil {
		return nil, false
	}
	return h.partner, h.key.Until.IsZero() || now.Before(h.key.Until)
}

// periods are the units of time of a rate.
var periods = map[string]time.Duration{"s": time.Second, "m": time.Minute, "h": time.Hour, "d": 24 * time.Hour}

// ParseRate reads a rate, such as 600/m: requests in a second (s), minute (m), hour (h) or day (d).
func ParseRate(s string) (cache.Quota, error) {
	const most = 1_000_000
	number, unit, _ := strings.Cut(s, "/")
	n, err := strconv.Atoi(strings.TrimSpace(number))
	period, ok := periods[strings.TrimSpace(unit)]
	if err != nil || !ok || n < 1 || n > most {
		return cache.Quota{}, fmt.Errorf("%q is no rate such as 600/m: requests in a second (s), minute (m), hour (h) or day (d), from 1 to %d", s, most)
	}
	return cache.Quota{Units: n, Period: period}, nil
}

// FormatRate writes a rate as ParseRate reads it.
func FormatRate(q cache.Quota) string {
	for unit, period := range periods {
		if q.Period == period {
			return strconv.Itoa(q.Units) + "/" + unit
		}
	}
	return fmt.Sprintf("%d in %v", q.Units, q.Period)
}
