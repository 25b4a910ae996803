package cache

import (
	"context"
	"time"

	"github.com/newswire/newswire"
)

// Subscriptions are the parties that we tell of changes: WebSub subscribers and webhook endpoints. A subscription is one
// small row: what it wants, how far it was told, when it is due to be told more, and under whose claim. There is no queue
// of messages: a delivery is everything after the subscription's Told that concerns it, so a subscriber that is away costs
// one row however much happens meanwhile.
//
// The way of a change: Wake makes due the subscriptions that it concerns, ClaimSubscriptions hands them out, and Deliver
// records what came of each. All times are the store's clock.
type Subscriptions interface {
	// Subscribe stores a subscription. Where there is one of its ID in its channel, that one gets the Topics, Group, Until
	// and Terms, and keeps its Progress, its due time and its claim. A new one begins with the Progress given, due at once.
	Subscribe(ctx context.Context, sub Subscription) error

	// Unsubscribe removes subscriptions. One that is not there is no error.
	Unsubscribe(ctx context.Context, channel Channel, ids ...string) error

	// Subscription returns one. ErrNotFound.
	Subscription(ctx context.Context, channel Channel, id string) (Subscription, error)

	// Subscriptions returns those of a channel in order of ID, at most limit after the cursor, and the cursor to continue
	// from, which is empty at the end. ErrCursor.
	Subscriptions(ctx context.Context, channel Channel, after newswire.Cursor, limit int) ([]Subscription, newswire.Cursor, error)

	// CountSubscriptions counts those of a channel whose Until has not passed.
	CountSubscriptions(ctx context.Context, q SubscriptionQuery) (int, error)

	// Wake makes the subscriptions of a channel due that want one of the topics, at once, or when their backoff ends. It
	// does so for the records of the change log after From up to To, if those up to From are the last for which that was
	// done; it then returns To. Otherwise it wakes none, and returns the cursor up to which that was done: the caller goes
	// on from there. So each record wakes once, whichever process has read it, and no record is passed over. With All it
	// wakes every subscription of the channel, whatever was done before.
	Wake(ctx context.Context, w Waking) (newswire.Cursor, error)

	// Woken returns the cursor up to which Wake was done; empty where it never was.
	Woken(ctx context.Context, channel Channel) (newswire.Cursor, error)

	// ClaimSubscriptions takes at most n due subscriptions of a channel, the longest due first, for at most the lease: those
	// of a crashed process come due again when it ends. One whose Until has passed is removed instead.
	ClaimSubscriptions(ctx context.Context, channel Channel, n int, lease time.Duration) ([]SubscriptionClaim, error)

	// Deliver ends claims, in one step, and records what came of them. A claim that was lost in the meantime changes nothing
	// and is no error; what was delivered under it is delivered again.
	Deliver(ctx context.Context, channel Channel, done ...Delivery) error

	// Rewind has a subscription told from another place: its Told becomes that, it has no failures, and it is due at once,
	// whatever a claim that is under way records. ErrNotFound.
	Rewind(ctx context.Context, channel Channel, id, told string) error

	// NextSubscription returns the time until the next subscription of a channel comes due, which is nothing or less when
	// one is due already, and whether there is one.
	NextSubscription(ctx context.Context, channel Channel) (in time.Duration, any bool, err error)
}

// Channel is a way by which subscribers are told.
type Channel string

// The channels.
const (
	ChannelHub     Channel = "hub"     // WebSub
	ChannelWebhook Channel = "webhook" // of partners
)

// Subscription is one subscriber's wish, and how far it was fulfilled.
type Subscription struct {
	Channel Channel
	ID      string           // unique in its channel; printable ASCII
	Topics  []newswire.Topic // a change that touches one of these makes it due
	Group   string           // what is counted together, such as a callback's host
	Until   time.Time        // when it ends; zero: never
	Terms   []byte           // what the channel needs to know besides, as JSON
	Since   time.Time        // when it was first stored; the store fills it in

	Progress
	Due time.Time // when it is told next; zero where there is nothing to tell. The store fills it in
}

// Progress is how far a subscription was told.
type Progress struct {
	Told     string    // the channel's own mark of how far: a cursor into the change log, or the entity tag of a feed
	At       time.Time // of the last delivery that succeeded; zero before the first
	Failures int       // in a row since then
	Failing  time.Time // of the first of these; zero where there are none
	Why      string    // of the last of these: in words for the operator
}

// Waking is the records of the change log that wake subscriptions.
type Waking struct {
	Channel  Channel
	From, To newswire.Cursor
	Topics   []newswire.Topic // that the records touch
	All      bool             // wake every subscription of the channel, whatever From is
}

// SubscriptionQuery says what to count. An empty field counts all.
type SubscriptionQuery struct {
	Channel Channel
	Group   string
	Topic   newswire.Topic // that the subscription wants
	Failing bool           // only those whose last delivery failed
}

// SubscriptionClaim is the right to tell a subscription what it has not been told yet.
type SubscriptionClaim struct {
	Subscription
	Token int64 // fencing token; a later claim of the subscription has a larger one
	Woken int64 // how often it was woken before the claim
}

// Delivery is what came of a claim.
type Delivery struct {
	Claim    SubscriptionClaim
	Progress Progress
	Due      time.Time // when to try again, or go on; zero: when it is woken. One that was woken since the claim, and has no failures, is due at once
	Remove   bool      // the subscription ends
}
