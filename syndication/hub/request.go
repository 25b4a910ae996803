package hub

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

const (
	methods     = "GET, HEAD, OPTIONS, POST"
	mostBytes   = 16 << 10 // of a request
	mostAddress = 2048     // bytes of a topic or a callback
	mostSecret  = 199      // bytes of a secret (WebSub §5.1)
)

// The modes of requests, and what the denial of one is called.
const (
	subscribe   = "subscribe"
	unsubscribe = "unsubscribe"
	denied      = "denied"
)

// ServeHTTP takes subscriptions (WebSub §5.1), and says what it is to people.
func (h *Hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		send(w, r, http.StatusOK, "text/plain; charset=utf-8", h.about())
	case http.MethodOptions:
		w.Header().Set("Allow", methods)
		w.WriteHeader(http.StatusNoContent)
	case http.MethodPost:
		mode, err := h.accept(w, r)
		if err != nil {
			h.metrics.asked(mode, "refused")
			h.refuse(w, r, err)
			return
		}
		h.metrics.asked(mode, "accepted")
		send(w, r, http.StatusAccepted, "text/plain; charset=utf-8", []byte("Your callback is asked next whether it wants this.\n"))
	default:
		h.refuse(w, r, &refusal{status: http.StatusMethodNotAllowed, detail: "The hub takes subscriptions by POST."})
	}
}

// about is what there is to say to people.
func (h *Hub) about() []byte {
	site := h.options.Site()
	return fmt.Appendf(nil, "This is a WebSub hub (https://www.w3.org/TR/websub/).\n\n"+
		"It sends changes of the feeds of this site, variants with a query too, to those that subscribe to them.\n"+
		"The feeds are listed at %s/feeds.opml.\n\n"+
		"To subscribe, POST a form with hub.mode=subscribe, hub.topic=ADDRESS OF A FEED and hub.callback=YOUR ADDRESS to\n%s.\n",
		site, site+Path)
}

// intent is a request that was accepted: what a callback is asked to confirm.
type intent struct {
	mode   string
	topic  newswire.Topic // whose changes wake the subscription
	tag    string         // of the feed as the subscriber may have it
	client string         // that sent the request
	group  string         // of the callback
	id     string         // of the subscription
	terms  terms

	resumed bool // its verification was cut off
}

// accept looks at a request and, if nothing is wrong with it, has it verified. The mode is empty where that is what is wrong.
func (h *Hub) accept(w http.ResponseWriter, r *http.Request) (mode string, err error) {
	form, err := readForm(w, r)
	if err != nil {
		return "", err
	}
	in, err := h.read(form)
	if err != nil {
		return in.mode, err
	}
	in.client = clientOf(r)
	if in.mode == subscribe {
		if err := h.admit(r.Context(), in); err != nil {
			return in.mode, err
		}
	}
	return in.mode, h.intents.add(in, h.options.Now())
}

// readForm reads the parameters of a request.
func readForm(w http.ResponseWriter, r *http.Request) (url.Values, error) {
	if mediaType, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || mediaType != "application/x-www-form-urlencoded" {
		return nil, &refusal{status: http.StatusUnsupportedMediaType, detail: "The Content-Type must be application/x-www-form-urlencoded."}
	}
	r.Body = http.MaxBytesReader(w, r.Body, mostBytes)
	err := r.ParseForm()
	var long *http.MaxBytesError
	switch {
	case errors.As(err, &long):
		return nil, &refusal{status: http.StatusRequestEntityTooLarge, detail: fmt.Sprintf("A request has at most %d bytes.", mostBytes)}
	case err != nil:
		return nil, &refusal{status: http.StatusBadRequest, detail: "The form cannot be read: it must be name=value, joined by &."}
	}
	return r.PostForm, nil
}

// read makes an intent of parameters. Those that it does not know mean nothing (WebSub §5.1).
func (h *Hub) read(form url.Values) (*intent, error) {
	in := &intent{}
	for _, name := range []string{"hub.mode", "hub.callback", "hub.topic", "hub.lease_seconds", "hub.secret", "hub.method"} {
		if len(form[name]) > 1 {
			return in, invalid(name, "must be there only once")
		}
	}
	switch mode := form.Get("hub.mode"); mode {
	case subscribe, unsubscribe:
		in.mode = mode
	case "publish":
		return in, invalid("hub.mode", "must be subscribe or unsubscribe: this hub hears of changes by itself")
	default:
		return in, invalid("hub.mode", "must be subscribe or unsubscribe")
	}
	var err error
	in.terms = terms{Callback: form.Get("hub.callback"), Topic: form.Get("hub.topic"), Secret: form.Get("hub.secret")}
	if in.group, err = h.callers.check(in.terms.Callback); err != nil {
		return in, err
	}
	if in.topic, err = h.wakes(in.terms.Topic); err != nil && (in.mode == subscribe || in.terms.Topic == "") {
		return in, err
	}
	in.id = newswire.Hash(in.terms.Topic, in.terms.Callback)
	if in.mode == unsubscribe {
		return in, nil
	}
	if len(in.terms.Secret) > mostSecret {
		return in, invalid("hub.secret", "must have less than %d bytes", mostSecret+1)
	}
	if in.terms.Method, err = signatureMethod(form.Get("hub.method")); err != nil {
		return in, err
	}
	in.terms.Lease, err = h.lease(form.Get("hub.lease_seconds"))
	return in, err
}

// lease is how many seconds a subscription lasts that asks for some.
func (h *Hub) lease(asked string) (int64, error) {
	least, most := int64(LeastLease/time.Second), int64(h.options.MaxLease/time.Second)
	if asked == "" {
		return int64(h.options.Lease / time.Second), nil
	}
	var n int64
	for _, c := range []byte(asked) {
		if c < '0' || c > '9' {
			return 0, invalid("hub.lease_seconds", "must be a number of seconds")
		}
		n = min(10*n+int64(c-'0'), most)
	}
	if n == 0 {
		return 0, invalid("hub.lease_seconds", "must be a number of seconds, 1 or more")
	}
	return max(n, least), nil
}

// wakes is the topic whose changes wake the subscriptions to a feed.
func (h *Hub) wakes(address string) (newswire.Topic, error) {
	const parameter = "hub.topic"
	switch {
	case address == "":
		return "", invalid(parameter, "is missing")
	case len(address) > mostAddress:
		return "", invalid(parameter, "must have at most %d bytes", mostAddress)
	}
	u, ok := h.local(address)
	if !ok {
		return "", invalid(parameter, "must be the address of a feed of this site, which begins with %s/feeds/", h.options.Site())
	}
	topic, err := h.feeds.FeedTopic(u)
	switch {
	case errors.Is(err, newswire.ErrNotFound):
		return "", invalid(parameter, "is not the address of a feed: %s/feeds.opml lists them", h.options.Site())
	case err != nil:
		return "", invalid(parameter, "cannot be subscribed to: %s", err)
	}
	return topic, nil
}

// local is an address on this site as a request for it has it: a path below the site's, and a query.
func (h *Hub) local(address string) (*url.URL, bool) {
	site, siteErr := url.Parse(h.options.Site())
	u, err := url.Parse(address)
	if err != nil || siteErr != nil || u.User != nil || u.Fragment != "" || u.Opaque != "" || u.RawPath != "" {
		return nil, false
	}
	if !strings.EqualFold(u.Scheme, site.Scheme) || hostAndPort(u) != hostAndPort(site) {
		return nil, false
	}
	rest, ok := strings.CutPrefix(u.Path, site.Path)
	if !ok || !strings.HasPrefix(rest, "/") {
		return nil, false
	}
	return &url.URL{Path: rest, RawQuery: u.RawQuery, ForceQuery: u.ForceQuery}, true
}

// hostAndPort is where an address leads, also when it leaves out the port.
func hostAndPort(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = map[string]string{"http": "80", "https": "443"}[strings.ToLower(u.Scheme)]
	}
	return strings.ToLower(u.Hostname()) + ":" + port
}

// admit notes what the subscriber of a feed may have of it, and refuses a feed that there is not, and one subscription too
// many.
func (h *Hub) admit(ctx context.Context, in *intent) error {
	address, _ := h.local(in.terms.Topic)
	c, err := h.contents.get(ctx, contentKey{address.String(), ""})
	if err != nil {
		return unavailable(err)
	}
	switch c.code {
	case http.StatusOK:
		in.tag = c.tag
	case http.StatusNotFound, http.StatusGone, http.StatusBadRequest:
		return invalid("hub.topic", "leads to no feed: there is nothing at this address")
	default:
		return unavailable(fmt.Errorf("the feed answers %d", c.code))
	}
	_, err = h.checkRoom(ctx, in)
	return err
}

// checkRoom refuses one subscription too many. One that is there already may always be renewed: it is returned.
func (h *Hub) checkRoom(ctx context.Context, in *intent) (known *cache.Subscription, err error) {
	sub, err := h.store.Subscription(ctx, cache.ChannelHub, in.id)
	if err == nil {
		return &sub, nil
	}
	if !errors.Is(err, newswire.ErrNotFound) {
		return nil, unavailable(err)
	}
	bound := func(q cache.SubscriptionQuery, most int, parameter, name string) error {
		n, err := h.store.CountSubscriptions(ctx, q)
		switch {
		case err != nil:
			return unavailable(err)
		case n < most:
			return nil
		}
		return &refusal{status: http.StatusForbidden, parameter: parameter, detail: fmt.Sprintf("%s: %s has %d subscriptions already", parameter, name, n)}
	}
	err = bound(cache.SubscriptionQuery{Channel: cache.ChannelHub, Group: in.group}, h.options.PerHost, "hub.callback", in.group)
	if err != nil {
		return nil, err
	}
	return nil, bound(cache.SubscriptionQuery{Channel: cache.ChannelHub, Topic: in.topic}, h.options.PerTopic, "hub.topic", string(in.topic))
}
