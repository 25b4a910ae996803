package cache

import (
	"context"
	"time"

	"github.com/newswire/newswire"
)

// Reader is every method of a [Store] that changes nothing in it. The methods are those of the interfaces that are named
// beside them.
type Reader interface {
	Articles
	History
	ChangeLog

	Newest(ctx context.Context, topic newswire.Topic, settings string) (number int, err error)                                     // Archives
	Archived(ctx context.Context, topic newswire.Topic, number int) (ArchivePage, error)                                           // Archives
	States(ctx context.Context, sources ...string) (map[string]newswire.State, error)                                              // Visits
	Known(ctx context.Context, source string, ids []string) (map[string]Known, error)                                              // Visits
	Notes(ctx context.Context, source string) ([]newswire.Note, error)                                                             // Visits
	Latest(ctx context.Context, limit int) ([]newswire.Change, error)                                                              // Changes
	NextLimit(ctx context.Context) (in time.Duration, any bool, err error)                                                         // Limits
	Beginning(ctx context.Context) (newswire.Cursor, error)                                                                        // Changes
	Due(ctx context.Context, only ...string) (map[string]time.Time, error)                                                         // Schedule
	Next(ctx context.Context) (Upcoming, error)                                                                                    // Schedule
	Domains(ctx context.Context, domains ...string) (map[string]newswire.Domain, error)                                            // Domains
	Tombstone(ctx context.Context, articleID string) (newswire.Tombstone, error)                                                   // Tombstones
	Tombstones(ctx context.Context, topic newswire.Topic, limit int) ([]newswire.Tombstone, error)                                 // Tombstones
	Readers(ctx context.Context, day time.Time, topics ...newswire.Topic) (map[newswire.Topic]int, error)                          // Audience
	Usage(ctx context.Context, partner string, since time.Time) ([]DayUsage, error)                                                // Usage
	Subscription(ctx context.Context, channel Channel, id string) (Subscription, error)                                            // Subscriptions
	Subscriptions(ctx context.Context, channel Channel, after newswire.Cursor, limit int) ([]Subscription, newswire.Cursor, error) // Subscriptions
	CountSubscriptions(ctx context.Context, q SubscriptionQuery) (int, error)                                                      // Subscriptions
	Woken(ctx context.Context, channel Channel) (newswire.Cursor, error)                                                           // Subscriptions
	NextSubscription(ctx context.Context, channel Channel) (UpcomingSubscription, error)                                           // Subscriptions
	Ping(ctx context.Context) error                                                                                                // Store
}

// Writer is every method of a [Store] that changes something in it, the counterpart of [Reader]. A decorator that embeds a
// Reader and holds a Writer does not compile as long as it leaves out a method that writes.
type Writer interface {
	Archive(ctx context.Context, c Closing) (newest int, more bool, err error)                                        // Archives
	Record(ctx context.Context, lease Lease, visit newswire.Visit, turns ...Turn) error                               // Visits
	Sweep(ctx context.Context, lease Lease, keep newswire.Retention) (int, error)                                     // Visits
	Forget(ctx context.Context, lease Lease) error                                                                    // Visits
	PassLimits(ctx context.Context, n int) (int, error)                                                               // Limits
	TrimChanges(ctx context.Context, before time.Time) error                                                          // Changes
	Reschedule(ctx context.Context, source string, from, to time.Time) error                                          // Schedule
	Align(ctx context.Context, index, catalog string) error                                                           // Schedule
	Claim(ctx context.Context, n int, lease time.Duration, only ...string) ([]Lease, error)                           // Schedule
	Postpone(ctx context.Context, lease Lease, until time.Time) error                                                 // Schedule
	Enter(ctx context.Context, domain string, lease time.Duration, postpone ...Postponement) (Turn, error)            // Domains
	Extend(ctx context.Context, turn Turn, lease time.Duration) error                                                 // Domains
	Leave(ctx context.Context, turn Turn) error                                                                       // Domains
	Withdraw(ctx context.Context, articleID, reason string) (newswire.Tombstone, error)                               // Tombstones
	Count(ctx context.Context, day time.Time, readers map[newswire.Topic]int) error                                   // Audience
	Spend(ctx context.Context, name string, quota Quota, n int) (Spent, error)                                        // Quotas
	AddUsage(ctx context.Context, day time.Time, used map[string]Used) error                                          // Usage
	Attend(ctx context.Context, process Process, lease time.Duration) ([]Process, error)                              // Processes
	Subscribe(ctx context.Context, sub Subscription) error                                                            // Subscriptions
	Unsubscribe(ctx context.Context, channel Channel, ids ...string) error                                            // Subscriptions
	Wake(ctx context.Context, w Waking) (newswire.Cursor, error)                                                      // Subscriptions
	ClaimSubscriptions(ctx context.Context, c Claiming) ([]SubscriptionClaim, UpcomingSubscription, error)            // Subscriptions
	ExtendSubscriptions(ctx context.Context, channel Channel, lease time.Duration, claims ...SubscriptionClaim) error // Subscriptions
	Deliver(ctx context.Context, channel Channel, done ...Delivery) (UpcomingSubscription, error)                     // Subscriptions
	Rewind(ctx context.Context, channel Channel, id, told string) error                                               // Subscriptions
	Depart(ctx context.Context, id string) error                                                                      // Processes
}

// Every method of a Store reads or writes, but for Close.
var (
	_ Store = interface {
		Reader
		Writer
		Close() error
	}(nil)
	_ interface {
		Reader
		Writer
	} = Store(nil)
)
