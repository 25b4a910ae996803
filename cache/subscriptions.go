package cache

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/newswire/newswire"
)

// Subscriptions are the parties that we tell of changes: WebSub subscribers and webhook endpoints. A subscription is one
// small row: what it wants, how far it was told, when it is due to be told more, and under whose claim. There is no queue
// of messages: a delivery is everything after the subscription's Told that concerns it, so a subscriber that is away costs
// one row however much happens meanwhile.
//
// The way of a change: Wake makes due the subscriptions that it concerns, ClaimSubscriptions hands them out, and Deliver
// records what came of each. The store's clock decides what is due, and when a claim or a subscription ends.
type Subscriptions interface {
	// Subscribe stores a subscription. Where there is one of its ID in its channel, that one gets the Topics, Group, Until
	// and Terms, and keeps its Progress, its due time and its claim. A new one begins with the Progress given, due at once.
	// One whose Until has passed counts as absent. ErrSubscription.
	Subscribe(ctx context.Context, sub Subscription) error

	// Unsubscribe removes subscriptions. One that is not there is no error.
	Unsubscribe(ctx context.Context, channel Channel, ids ...string) error

	// Subscription returns one. ErrNotFound, also where its Until has passed.
	Subscription(ctx context.Context, channel Channel, id string) (Subscription, error)

	// Subscriptions returns those of a channel in order of ID, at most limit after the cursor, and the cursor to continue
	// from, which is empty at the end. It leaves out those whose Until has passed. ErrCursor.
	Subscriptions(ctx context.Context, channel Channel, after newswire.Cursor, limit int) ([]Subscription, newswire.Cursor, error)

	// CountSubscriptions counts those of a channel whose Until has not passed.
	CountSubscriptions(ctx context.Context, q SubscriptionQuery) (int, error)

	// Wake makes the subscriptions of a channel due that want one of the topics, at once, or when their backoff ends. It
	// does so for the records of the change log after From up to To, if those up to From are the last for which that was
	// done; it then returns To. Otherwise it wakes none, and returns the cursor up to which that was done: the caller goes
	// on from there. So each record wakes once, also where several processes read it, and no record is passed over. With All it
	// wakes every subscription of the channel, also where From is another cursor, and returns To.
	Wake(ctx context.Context, w Waking) (newswire.Cursor, error)

	// Woken returns the cursor up to which Wake was done; empty where it never was.
	Woken(ctx context.Context, channel Channel) (newswire.Cursor, error)

	// ClaimSubscriptions takes due subscriptions, the longest due first, for at most the lease: those of a crashed process
	// come due again when it ends. One whose Until has passed is removed instead. One that is passed over because its group
	// has enough may come after others that are due as well from then on. It also returns what comes next after these.
	ClaimSubscriptions(ctx context.Context, c Claiming) ([]SubscriptionClaim, UpcomingSubscription, error)

	// ExtendSubscriptions has claims end by themselves after the lease from now on, for deliveries that take longer. One
	// that was lost in the meantime is no error.
	ExtendSubscriptions(ctx context.Context, channel Channel, lease time.Duration, claims ...SubscriptionClaim) error

	// Deliver ends claims, and records what came of each. A claim that was lost in the meantime changes nothing and is no
	// error; what was delivered under it is delivered again. It returns what comes next then.
	Deliver(ctx context.Context, channel Channel, done ...Delivery) (UpcomingSubscription, error)

	// Rewind has a subscription told from another place: its Told becomes that, it has no failures, and it is due at once,
	// or when the claim that is under way ends; what that one records does not count. ErrNotFound.
	Rewind(ctx context.Context, channel Channel, id, told string) error

	// NextSubscription says which of a channel's comes due next, or ends.
	NextSubscription(ctx context.Context, channel Channel) (UpcomingSubscription, error)
}

// Channel is a way by which subscribers are told.
type Channel string

// The channels.
const (
	ChannelHub        Channel = "hub"         // WebSub
	ChannelHubPending Channel = "hub-pending" // of WebSub: what callbacks are just being asked; told nothing
	ChannelWebhook    Channel = "webhook"     // of partners
)

// Subscription is one subscriber's wish, and how far it was fulfilled.
type Subscription struct {
	Channel Channel
	ID      string           // unique in its channel; printable ASCII without blanks
	Topics  []newswire.Topic // a change that touches one of these makes it due
	Group   string           // what is counted together, such as a callback's host; printable ASCII without blanks, may be empty
	Until   time.Time        // when it ends; zero: never
	Terms   []byte           // what the channel needs to know besides, as JSON; kept byte for byte
	Since   time.Time        // when it was first stored; the store fills it in

	Progress
	Due time.Time // when it is told next, or its claim ends; zero where there is nothing to tell. The store fills it in
}

// Progress is how far a subscription was told.
type Progress struct {
	Told     string    // how far, in the channel's own terms: a cursor into the change log, or the entity tag of a feed
	At       time.Time // of the last delivery that succeeded; zero before the first
	Failures int       // in a row since then
	Failing  time.Time // of the first of these; zero where there are none
	Why      string    // of the last of these: in words for the operator
	Slow     bool      // the last delivery took long
}

// Waking is the records of the change log that wake subscriptions.
type Waking struct {
	Channel  Channel
	From, To newswire.Cursor
	Topics   []newswire.Topic // that the records touch
	All      bool             // wake every subscription of the channel, also where From is another cursor
}

// SubscriptionQuery says what to count. An empty field counts all.
type SubscriptionQuery struct {
	Channel Channel
	Group   string
	Topic   newswire.Topic // that the subscription wants
	Failing bool           // only those whose last delivery failed
}

// Claiming says which of the due subscriptions to claim.
type Claiming struct {
	Channel  Channel
	Lease    time.Duration
	Limit    int            // at most so many whose last delivery went well
	Doubtful int            // at most so many of the others: it failed, or was slow
	PerGroup int            // at most so many of one group; zero: no bound. An empty group has none
	Busy     map[string]int // how many of each group count already
}

// SubscriptionClaim is the right to tell a subscription what it has not been told yet.
type SubscriptionClaim struct {
	Subscription
	Token int64     // fencing token; a later claim of the subscription has a larger one
	At    time.Time // when it was claimed, by the store's clock
}

// Delivery is what came of a claim.
type Delivery struct {
	Claim    SubscriptionClaim
	Progress Progress
	Again    bool          // it is due again after In, though nothing wakes it. One that was woken since the claim, and has no failures, is due at once
	In       time.Duration // from now on, by the store's clock
	Remove   bool          // the subscription ends
}

// UpcomingSubscription is what comes next of a channel's subscriptions.
type UpcomingSubscription struct {
	Any bool          // whether one comes due, or ends
	In  time.Duration // until it does, by the store's clock; nothing or less when one is due already

	// Failing is for how long the subscription that has failed for the longest has done so, by the store's clock; nothing
	// where none fails.
	Failing time.Duration
}

// ErrSubscription says that a subscription is malformed.
var ErrSubscription = errors.New("malformed subscription")

// Validate says what is wrong with a subscription. ErrSubscription.
func (s *Subscription) Validate() error {
	const want = "want printable ASCII without blanks"
	switch {
	case s.Channel == "" || !plain(string(s.Channel)):
		return fmt.Errorf("%w: channel %q: %s", ErrSubscription, s.Channel, want)
	case s.ID == "" || !plain(s.ID):
		return fmt.Errorf("%w: ID %q: %s", ErrSubscription, s.ID, want)
	case !plain(s.Group):
		return fmt.Errorf("%w: group %q: %s", ErrSubscription, s.Group, want)
	}
	for _, topic := range s.Topics {
		if topic == "" || !plain(string(topic)) {
			return fmt.Errorf("%w: topic %q: %s", ErrSubscription, topic, want)
		}
	}
	return nil
}

// CheckSubscriptionCursor says whether a cursor can be one of Subscriptions: an ID. ErrCursor.
func CheckSubscriptionCursor(after newswire.Cursor) error {
	if !plain(string(after)) {
		return newswire.ErrCursor
	}
	return nil
}

// plain says whether a text is printable ASCII without blanks.
func plain(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r > '~' })
}
