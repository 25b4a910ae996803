package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"text/tabwriter"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cmd/newswire/internal/config"
	"github.com/newswire/newswire/cmd/newswire/internal/service"
	"github.com/newswire/newswire/syndication/change"
	"github.com/newswire/newswire/syndication/partner"
	"github.com/newswire/newswire/syndication/webhook"
)

type deliveriesCommand struct {
	List   deliveriesListCommand   `cmd:"" default:"withargs" help:"Tell who is behind, since when, and why."`
	Replay deliveriesReplayCommand `cmd:"" help:"Tell a partner or a subscriber again what it was told."`
}

type deliveriesListCommand struct {
	configFlag
	JSON bool `help:"A line of JSON for each webhook, for the hub's subscribers of each host and topic, and for each of them that fails."`
}

// hubLine is the subscribers of a host to a topic.
type hubLine struct {
	Channel     cache.Channel  `json:"channel"`
	Host        string         `json:"host"`
	Topic       newswire.Topic `json:"topic"`
	Subscribers int            `json:"subscribers"`
	Failing     int            `json:"failing"`
}

// failureLine is a subscriber that fails.
type failureLine struct {
	Channel      cache.Channel `json:"channel"`
	Subscription string        `json:"subscription"`
	Host         string        `json:"host"`
	Topic        string        `json:"topic"` // the feed
	Delivered    time.Time     `json:"delivered,omitzero"`
	Failures     int           `json:"failures"`
	Failing      time.Time     `json:"failing_since"`
	Next         time.Time     `json:"next,omitzero"`
	Why          string        `json:"why"`
}

// Run tells how webhooks and the subscribers of the hub fare.
func (k deliveriesListCommand) Run(c *console) error {
	conf, err := config.Load(k.Config)
	if err != nil {
		return err
	}
	store, err := openToList(c.ctx, conf.Store)
	if err != nil {
		return err
	}
	defer store.Close()
	webhooks, err := webhook.Standings(c.ctx, store, service.NewWebhooks(conf, ""))
	if err != nil {
		return err
	}
	inConfig := func(s webhook.Standing) int {
		return slices.IndexFunc(conf.Partners, func(p partner.Partner) bool { return p.ID == s.Partner })
	}
	slices.SortFunc(webhooks, func(a, b webhook.Standing) int { return cmp.Compare(inConfig(a), inConfig(b)) })
	subscribers, failures, err := hubLines(c.ctx, store)
	if err != nil {
		return err
	}
	if k.JSON {
		return errors.Join(printLines(c, webhooks), printLines(c, subscribers), printLines(c, failures))
	}
	return printDeliveries(c, webhooks, subscribers, failures)
}

// hubLines are the subscribers of the hub by host and topic, and those that fail, the longest first.
func hubLines(ctx context.Context, store cache.Store) (lines []hubLine, failures []failureLine, err error) {
	const atOnce = 500
	type key struct {
		host  string
		topic newswire.Topic
	}
	sums := map[key]*hubLine{}
	for after, more := newswire.Cursor(""), true; more; more = after != "" {
		var some []cache.Subscription
		if some, after, err = store.Subscriptions(ctx, cache.ChannelHub, after, atOnce); err != nil {
			return nil, nil, err
		}
		for i := range some {
			s := &some[i]
			for _, topic := range s.Topics {
				sum := sums[key{s.Group, topic}]
				if sum == nil {
					sum = &hubLine{Channel: cache.ChannelHub, Host: s.Group, Topic: topic}
					sums[key{s.Group, topic}] = sum
				}
				sum.Subscribers++
				if s.Failures > 0 {
					sum.Failing++
				}
			}
			if s.Failures > 0 {
				failures = append(failures, newFailureLine(s))
			}
		}
	}
	for _, sum := range sums {
		lines = append(lines, *sum)
	}
	slices.SortFunc(lines, func(a, b hubLine) int { return cmp.Or(cmp.Compare(a.Host, b.Host), cmp.Compare(a.Topic, b.Topic)) })
	slices.SortStableFunc(failures, func(a, b failureLine) int { return a.Failing.Compare(b.Failing) })
	return lines, failures, nil
}

func newFailureLine(s *cache.Subscription) failureLine {
	var terms struct{ Topic string }
	_ = json.Unmarshal(s.Terms, &terms) // what cannot be read has no topic to show
	return failureLine{cache.ChannelHub, s.ID, s.Group, terms.Topic, s.At, s.Failures, s.Failing, s.Due, s.Why}
}

// printDeliveries prints a table for each kind of line that there is.
func printDeliveries(c *console, webhooks []webhook.Standing, subscribers []hubLine, failures []failureLine) error {
	const mostFailures = 50
	table := tabwriter.NewWriter(c.stdout, 0, 8, 2, ' ', 0)
	fmt.Fprintln(table, "WEBHOOK\tSTATE\tBEHIND\tSINCE\tDELIVERED\tNEXT\tFAILURES\tWHY")
	for _, l := range webhooks {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\t%d\t%s\n",
			l.Partner, l.State, l.Backlog(), dashed(l.Since), when(l.Delivered), dashed(l.Next), l.Failures, dash(l.Why))
	}
	if len(subscribers) > 0 {
		fmt.Fprintln(table, "\nHOST\tTOPIC\tSUBSCRIBERS\tFAILING")
	}
	for _, l := range subscribers {
		fmt.Fprintf(table, "%s\t%s\t%d\t%d\n", dash(l.Host), l.Topic, l.Subscribers, l.Failing)
	}
	if len(failures) > 0 {
		fmt.Fprintln(table, "\nSUBSCRIPTION\tHOST\tTOPIC\tSINCE\tNEXT\tFAILURES\tWHY")
	}
	for _, l := range failures[:min(len(failures), mostFailures)] {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%d\t%s\n", l.Subscription, dash(l.Host), dash(l.Topic), when(l.Failing), dashed(l.Next), l.Failures, l.Why)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if more := len(failures) - mostFailures; more > 0 {
		_, err := fmt.Fprintf(c.stderr, "%d more subscribers fail; --json lists all\n", more)
		return err
	}
	return nil
}

// dashed is a time as tables show it, or a dash.
func dashed(t time.Time) string {
	if t.IsZero() {
		return "-"
	}
	return when(t)
}

type deliveriesReplayCommand struct {
	configFlag
	ID   string `arg:"" help:"The partner's ID; or that of a subscription of the hub, as newswire deliveries lists those that fail."`
	From string `help:"Of a partner: a cursor, as its messages and the API have them; what came after it is told again. Default: all that is in the log."`
}

// Run has a partner told again from a cursor, or a subscriber of the hub sent the feed again.
func (k deliveriesReplayCommand) Run(c *console) error {
	conf, err := config.Load(k.Config)
	if err != nil {
		return err
	}
	return k.withStore(c, func(store cache.Store) error {
		for _, p := range conf.Partners {
			if p.ID == k.ID && p.Webhook != nil {
				return k.partner(c, store)
			}
		}
		return k.subscriber(c, store)
	})
}

// partner has a partner told again.
func (k deliveriesReplayCommand) partner(c *console, store cache.Store) error {
	from, err := k.cursor(c.ctx, store)
	if err != nil {
		return err
	}
	err = webhook.Replay(c.ctx, store, k.ID, from)
	switch {
	case errors.Is(err, newswire.ErrNotFound):
		return fmt.Errorf("no service has begun to tell partner %q: start newswire serve with this config first", k.ID)
	case err != nil:
		return err
	}
	_, err = fmt.Fprintf(c.stdout, "%s is told again what came after %s\n", k.ID, change.Outward(from))
	return err
}

// cursor is the one to replay from.
func (k deliveriesReplayCommand) cursor(ctx context.Context, store cache.Store) (newswire.Cursor, error) {
	if k.From == "" {
		return store.Beginning(ctx)
	}
	from := change.Inward(newswire.Cursor(k.From))
	_, err := store.Changes(ctx, from, 1)
	switch {
	case errors.Is(err, newswire.ErrGone):
		return "", fmt.Errorf("--from %s: the log no longer reaches back so far; without --from, all that is in it is told again", k.From)
	case errors.Is(err, newswire.ErrCursor):
		return "", fmt.Errorf("--from %s: is no cursor of this store; take the cursor of a change, or the next of a message", k.From)
	}
	return from, err
}

// subscriber has a subscriber of the hub sent the feed again.
func (k deliveriesReplayCommand) subscriber(c *console, store cache.Store) error {
	if _, err := store.Subscription(c.ctx, cache.ChannelHub, k.ID); errors.Is(err, newswire.ErrNotFound) {
		return fmt.Errorf("there is no partner %q with a webhook in %s, and no such subscription; newswire deliveries lists them", k.ID, k.Config)
	} else if err != nil {
		return err
	}
	if k.From != "" {
		return usageError{errors.New("--from is for partners: a subscriber of the hub is sent the feed as it is")}
	}
	if err := store.Rewind(c.ctx, cache.ChannelHub, k.ID, ""); err != nil {
		return err
	}
	_, err := fmt.Fprintf(c.stdout, "%s is sent its feed again\n", k.ID)
	return err
}
