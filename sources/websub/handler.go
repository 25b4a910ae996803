package websub

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode"

	"github.com/newswire/newswire"
)

// Subscriber knows what was asked of hubs. Where a callback is none of ours its errors wrap [newswire.ErrNotFound].
type Subscriber interface {
	// Secrets are those that a delivery to a callback may be signed with. ErrLeft where the subscription is to end.
	Secrets(ctx context.Context, source, token string) ([]string, error)

	// Verify notes that a hub has asked whether it was meant to do what it was asked for. ErrNotFound where it was not.
	Verify(ctx context.Context, source, token string, v Verification) error

	// Deny notes that a hub ends, or does not begin, a subscription.
	Deny(ctx context.Context, source, token string, d Denial) error

	// Deliver accepts what a hub has sent and signed; it returns before all of that is done. ErrBusy where it accepts no more.
	Deliver(ctx context.Context, d *Delivery) error
}

var (
	// ErrLeft says that a subscription is to end.
	ErrLeft = errors.New("the subscription is to end")

	// ErrBusy says that there are too many deliveries at work.
	ErrBusy = errors.New("too many deliveries are at work")
)

// Verification is what a hub asks before it does what it was asked for (§5.3).
type Verification struct {
	Mode  Mode // ModeSubscribe or ModeUnsubscribe
	Topic string
	Lease time.Duration // what it grants; 0 where it does not say
}

// Denial is what a hub says when it does not do it, or does it no more (§5.2).
type Denial struct {
	Topic  string
	Reason string // on one line; empty where it does not say
}

// Delivery is what a hub has sent for a source, signed.
type Delivery struct {
	Source      string
	Token       string
	ContentType string
	Body        []byte
	Signature   string // X-Hub-Signature
}

// Outcome is what became of a request from a hub, in a word.
type Outcome string

// The outcomes.
const (
	Accepted   Outcome = "accepted"
	Forged     Outcome = "forged"    // signed, and not by the hub: acknowledged and dropped
	Unsigned   Outcome = "unsigned"  // though the hub was given a secret: dropped
	Left       Outcome = "left"      // for a subscription that is to end: the hub may end it
	Unknown    Outcome = "unknown"   // to an address that is none of ours
	TooLarge   Outcome = "too_large" // larger than Options.MaxBytes
	Broken     Outcome = "broken"    // it did not arrive whole, or not in time
	Busy       Outcome = "busy"      // the hub is to try again
	StoreAway  Outcome = "store_away"
	Verified   Outcome = "verified"
	Unintended Outcome = "unintended" // verification of what was not asked for
	Denied     Outcome = "denied"
)

// Options tune a handler. The zero value works.
type Options struct {
	MaxBytes int64         // of a delivery; default 15 MB
	Timeout  time.Duration // for a delivery to arrive; default 10 s
	Log      *slog.Logger  // default: none
	Report   func(Outcome) // called for each request; calls overlap. Default: none
}

// Handler answers the hubs of publishers.
type Handler struct {
	subscriber Subscriber
	options    Options
	bodies     *bodies
}

// NewHandler makes a handler, for all addresses under [Path].
func NewHandler(subscriber Subscriber, o Options) *Handler {
	if o.MaxBytes <= 0 {
		o.MaxBytes = 15_000_000
	}
	if o.Timeout <= 0 {
		o.Timeout = 10 * time.Second
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Report == nil {
		o.Report = func(Outcome) {}
	}
	return &Handler{subscriber: subscriber, options: o, bodies: newBodies()}
}

// ServeHTTP answers a hub. No answer tells more of a wrong address than that it is wrong.
func (h *Handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	source, token, ok := cutCallback(r.URL.Path)
	switch {
	case r.Method != http.MethodGet && r.Method != http.MethodPost:
		w.Header().Set("Allow", "GET, POST")
		http.Error(w, "a hub asks by GET and delivers by POST", http.StatusMethodNotAllowed)
	case !ok:
		h.answer(w, Unknown)
	case r.Method == http.MethodGet:
		h.intent(w, r, source, token)
	default:
		h.answer(w, h.delivery(w, r, source, token))
	}
}

// answers are the status and the words of an outcome, in one table.
func (o Outcome) answer() (status int, says string) {
	switch o {
	case Accepted, Forged, Denied: // one that guesses signatures learns nothing
		return http.StatusAccepted, ""
	case Unsigned:
		return http.StatusForbidden, "deliveries are to be signed with the secret"
	case Left:
		return http.StatusGone, "the subscription has ended"
	case TooLarge:
		return http.StatusRequestEntityTooLarge, "the delivery is too large"
	case Broken:
		return http.StatusRequestTimeout, "the delivery did not arrive whole in time"
	case Busy:
		return http.StatusServiceUnavailable, "too many deliveries at once: try again"
	case StoreAway:
		return http.StatusServiceUnavailable, "the store is away: try again"
	default:
		return http.StatusNotFound, "there is no such subscription"
	}
}

// answer ends a request that gets no challenge back.
func (h *Handler) answer(w http.ResponseWriter, o Outcome) {
	h.options.Report(o)
	status, says := o.answer()
	switch status {
	case http.StatusServiceUnavailable:
		w.Header().Set("Retry-After", "30")
	case http.StatusAccepted:
		w.WriteHeader(status)
		return
	}
	http.Error(w, says, status)
}

const (
	// maxChallenge bounds what a hub gets back.
	maxChallenge = 4 << 10

	// maxReason bounds what is remembered of a denial.
	maxReason = 200
)

// intent answers what a hub asks before it acts (§5.3), or hears that it does not (§5.2).
func (h *Handler) intent(w http.ResponseWriter, r *http.Request, source, token string) {
	query := r.URL.Query()
	mode, topic, challenge := Mode(query.Get("hub.mode")), query.Get("hub.topic"), query.Get("hub.challenge")
	var err error
	switch {
	case mode == ModeDenied:
		err = h.subscriber.Deny(r.Context(), source, token, Denial{Topic: topic, Reason: onOneLine(query.Get("hub.reason"))})
	case mode != ModeSubscribe && mode != ModeUnsubscribe, challenge == "", len(challenge) > maxChallenge:
		err = newswire.ErrNotFound
	default:
		err = h.subscriber.Verify(r.Context(), source, token, Verification{Mode: mode, Topic: topic, Lease: lease(query.Get("hub.lease_seconds"))})
	}
	switch {
	case err == nil && mode == ModeDenied:
		h.answer(w, Denied)
	case err == nil:
		h.options.Report(Verified)
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		_, _ = io.WriteString(w, challenge) //nolint:gosec // as plain text, unsniffed, and to a hub that was asked
	case errors.Is(err, newswire.ErrNotFound):
		h.answer(w, Unintended)
	default:
		h.storeAway(r.Context(), w, err)
	}
}

func (h *Handler) storeAway(ctx context.Context, w http.ResponseWriter, err error) {
	h.options.Log.WarnContext(ctx, "a hub is told to try again: the store does not answer", "error", err)
	h.answer(w, StoreAway)
}

// lease reads a number of seconds. One that cannot be read says nothing.
func lease(seconds string) time.Duration {
	const most = 10 * 365 * 24 * 3600
	n, err := strconv.ParseInt(strings.TrimSpace(seconds), 10, 64)
	if n < 0 || err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0
	}
	return time.Duration(min(n, most)) * time.Second
}

// onOneLine is what a stranger says, fit to be shown.
func onOneLine(s string) string {
	words := strings.FieldsFunc(s, func(r rune) bool { return unicode.IsSpace(r) || unicode.IsControl(r) || !unicode.IsPrint(r) })
	runes := []rune(strings.Join(words, " "))
	return string(runes[:min(len(runes), maxReason)])
}

// delivery reads what is delivered, and hands it on if the hub has signed it. The body of a request to a wrong address is
// not read.
func (h *Handler) delivery(w http.ResponseWriter, r *http.Request, source, token string) Outcome {
	secrets, err := h.subscriber.Secrets(r.Context(), source, token)
	switch {
	case errors.Is(err, ErrLeft):
		return Left
	case errors.Is(err, newswire.ErrNotFound):
		return Unknown
	case err != nil:
		h.options.Log.WarnContext(r.Context(), "a delivery is put off: the store does not answer", "source", source, "error", err)
		return StoreAway
	}
	signature := r.Header.Get("X-Hub-Signature")
	if signature == "" {
		return Unsigned
	}
	_ = http.NewResponseController(w).SetReadDeadline(time.Now().Add(h.options.Timeout)) // or the server's own, which is longer
	body, outcome := h.bodies.read(http.MaxBytesReader(w, r.Body, h.options.MaxBytes), source)
	if outcome != Accepted {
		return outcome
	}
	if !Signed(signature, body, secrets...) {
		return Forged
	}
	err = h.subscriber.Deliver(r.Context(), &Delivery{
		Source: source, Token: token, ContentType: r.Header.Get("Content-Type"), Body: body, Signature: signature,
	})
	switch {
	case errors.Is(err, newswire.ErrNotFound):
		return Unknown
	case errors.Is(err, ErrBusy):
		return Busy
	case err != nil:
		h.options.Log.WarnContext(r.Context(), "a delivery is put off: the store does not answer", "source", source, "error", err)
		return StoreAway
	}
	return Accepted
}

// bodies bounds the memory and the number of deliveries that are arriving.
type bodies struct {
	slots *slots        // by source
	large chan struct{} // has a token for each that may be larger than smallBody
}

const (
	// smallBody is as much as most deliveries have.
	smallBody = 256 << 10

	arriving        = 64 // deliveries at a time
	arrivingOfOne   = 4  // of these, of one source
	arrivingAsLarge = 4  // of these, larger than smallBody
)

func newBodies() *bodies {
	b := &bodies{slots: newSlots(arriving, arrivingOfOne), large: make(chan struct{}, arrivingAsLarge)}
	for range arrivingAsLarge {
		b.large <- struct{}{}
	}
	return b
}

// read reads a body to its end.
func (b *bodies) read(body io.Reader, source string) ([]byte, Outcome) {
	if !b.slots.acquire(source) {
		return nil, Busy
	}
	defer b.slots.release(source)
	var buffer bytes.Buffer
	n, err := io.CopyN(&buffer, body, smallBody)
	if err == nil && n == smallBody {
		select {
		case <-b.large:
			defer func() { b.large <- struct{}{} }()
		default:
			return nil, Busy
		}
		_, err = io.Copy(&buffer, body)
	}
	var large *http.MaxBytesError
	switch {
	case errors.As(err, &large):
		return nil, TooLarge
	case err != nil && !errors.Is(err, io.EOF):
		return nil, Broken
	}
	return buffer.Bytes(), Accepted
}
