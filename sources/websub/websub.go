// Package websub is the subscriber's half of W3C WebSub (https://www.w3.org/TR/websub/): what is said to a publisher's
// hub, and what is heard from it.
//
//	hub, topic := websub.Discover(answer.Header, answer.URL, body) // what the feed names
//	form := websub.Subscribe(topic, callback, lease, secret)       // to be posted to the hub
//	http.Handle("/websub/", websub.NewHandler(subscriber, websub.Options{}))
//
// handler.go answers the hub: verification of intent, denial, deliveries. signature.go says whether a delivery is the hub's.
//
// A callback's address ends in the source's ID and 256 random bits, so none but the hub knows it. The package writes no
// part of it to any log. It refuses to remember: what was asked of which hub is for its [Subscriber] to know.
package websub

import (
	"cmp"
	"crypto/rand"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/newswire/newswire/sources/fetch"
)

// Path is where the hubs of publishers reach us, below the address of the site.
const Path = "/websub/"

// Mode is what a hub is asked for, and what it asks about or says in turn.
type Mode string

// The modes.
const (
	ModeSubscribe   Mode = "subscribe"
	ModeUnsubscribe Mode = "unsubscribe"
	ModeDenied      Mode = "denied"
)

// secretBytes is 256 bits.
const secretBytes = 32

// secretLength is the length of what NewSecret returns.
const secretLength = (secretBytes*8 + 5) / 6

// NewSecret returns 256 random bits as letters, digits, "-" and "_": for a callback's address, or to sign with.
func NewSecret() string {
	var b [secretBytes]byte
	_, _ = rand.Read(b[:]) // never fails: it ends the program instead
	return base64.RawURLEncoding.EncodeToString(b[:])
}

// Callback is the address under which a hub reaches us for a source; site is that of the service.
func Callback(site, source, token string) string {
	return strings.TrimRight(site, "/") + Path + source + "." + token
}

// cutCallback is what the path of a callback says.
func cutCallback(path string) (source, token string, ok bool) {
	rest, below := strings.CutPrefix(path, Path)
	source, token, dotted := strings.Cut(rest, ".")
	return source, token, below && dotted && source != "" && len(token) == secretLength && !strings.Contains(token, "/")
}

// Subscribe is what a hub is asked for a subscription with (§5.1), and for another lease of one that there is.
func Subscribe(topic, callback string, lease time.Duration, secret string) url.Values {
	form := request(ModeSubscribe, topic, callback)
	form.Set("hub.lease_seconds", strconv.Itoa(int(lease/time.Second)))
	form.Set("hub.secret", secret)
	return form
}

// Unsubscribe is what a hub is asked to end one with.
func Unsubscribe(topic, callback string) url.Values { return request(ModeUnsubscribe, topic, callback) }

func request(mode Mode, topic, callback string) url.Values {
	return url.Values{"hub.mode": {string(mode)}, "hub.topic": {topic}, "hub.callback": {callback}}
}

// Said is what a document says of itself: in its Link headers, or in its body.
type Said struct{ Hub, Self string }

// maxAddress bounds an address that is remembered.
const maxAddress = 2000

// Discover is the hub that a document names, and the topic it is known by there (§4): the header goes before the body. Without a
// rel=self the topic is the address that answered. Hub is empty where there is none that can be asked.
func Discover(h http.Header, answered string, body Said) (hub, topic string) {
	head := linked(h, answered)
	hub = cmp.Or(head.Hub, usable(body.Hub))
	topic = cmp.Or(head.Self, usable(body.Self), usable(answered))
	if hub == "" || topic == "" {
		return "", ""
	}
	return hub, topic
}

// linked is what the Link headers of an answer say.
func linked(h http.Header, answered string) (said Said) {
	base, err := url.Parse(answered)
	if err != nil {
		return said
	}
	for _, l := range fetch.Links(h) {
		at, err := base.Parse(l.Target)
		if err != nil || l.Params["anchor"] != "" {
			continue
		}
		for _, relation := range strings.Fields(strings.ToLower(l.Params["rel"])) {
			switch relation {
			case "hub":
				said.Hub = cmp.Or(said.Hub, usable(at.String()))
			case "self":
				said.Self = cmp.Or(said.Self, usable(at.String()))
			}
		}
	}
	return said
}

// usable is an address that a request can be sent to, or empty. A fragment is no part of it.
func usable(address string) string {
	u, err := url.Parse(address)
	if err != nil || len(address) > maxAddress || u.Hostname() == "" || u.User != nil || !slices.Contains([]string{"http", "https"}, u.Scheme) {
		return ""
	}
	u.Fragment, u.RawFragment = "", ""
	return u.String()
}
