package webhook_test

import (
	"context"
	"errors"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/prometheus/client_golang/prometheus"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication/partner"
	"github.com/newswire/newswire/syndication/webhook"
)

// subscription is the partner's, or none.
func (r *rig) subscription() (cache.Subscription, bool) {
	r.Helper()
	sub, err := r.store.Subscription(r.Context(), cache.ChannelWebhook, "acme")
	if err != nil && !errors.Is(err, newswire.ErrNotFound) {
		r.Fatal(err)
	}
	return sub, err == nil
}

func TestANewWebhookBeginsAtTheEndOfTheLog(t *testing.T) {
	inVirtualTime(t, func(r *rig) {
		r.publish(3)
		r.start(r.store, seldom)
		time.Sleep(time.Minute)
		later := r.publish(2)
		time.Sleep(time.Minute)
		if diff := cmp.Diff(idsOf(later...), articlesOf(r.got())); diff != "" {
			r.Error(diff)
		}
	})
}

func TestAWebhookThatStaysKeepsItsPlaceAndOneThatChangesIsToldAtOnce(t *testing.T) {
	inVirtualTime(t, func(r *rig) {
		p := r.start(r.store, seldom)
		r.publish(3)
		time.Sleep(time.Minute)
		r.got()
		r.refuse(http.StatusGone)
		missed := r.publish(2)
		time.Sleep(24 * time.Hour)
		if n := len(r.got()); n != 1 {
			r.Errorf("asked %d times after 410, want once", n)
		}
		if err := p.keeper.Check(r.Context()); err == nil || !strings.Contains(err.Error(), "acme answered 410 Gone and is disabled") {
			r.Errorf("health says %v", err)
		}
		r.refuse(0)
		w := *r.partner.Webhook
		w.URL = r.url + "/elsewhere"
		r.reconfigure(partner.Partner{ID: "acme", Webhook: &w})
		p.keeper.Reload()
		time.Sleep(time.Second)
		if diff := cmp.Diff(idsOf(missed...), articlesOf(r.got())); diff != "" {
			r.Error(diff)
		}
		time.Sleep(2 * time.Minute)
		if err := p.keeper.Check(r.Context()); err != nil {
			r.Errorf("health says %v", err)
		}
	})
}

func TestHealthNamesAWebhookThatFailsForADay(t *testing.T) {
	inVirtualTime(t, func(r *rig) {
		p := r.start(r.store, seldom)
		r.refuse(http.StatusTeapot)
		r.publish(1)
		time.Sleep(23 * time.Hour)
		if err := p.keeper.Check(r.Context()); err != nil {
			r.Errorf("after 23 hours: %v", err)
		}
		time.Sleep(2 * time.Hour)
		if err := p.keeper.Check(r.Context()); err == nil || !strings.Contains(err.Error(), "acme fails since 2000-01-01") {
			r.Errorf("after 25 hours: %v", err)
		}
		registry := prometheus.NewRegistry()
		webhook.NewKeeper(r.store, r.current, webhook.KeeperOptions{Registerer: registry})
		if _, err := registry.Gather(); err != nil {
			r.Error(err)
		}
	})
}

func TestAWebhookThatLeavesTheConfigIsToldNothingAndForgotten(t *testing.T) {
	inVirtualTime(t, func(r *rig) {
		p := r.start(r.store, seldom)
		time.Sleep(time.Minute)
		r.reconfigure(partner.Partner{ID: "acme"})
		p.keeper.Reload()
		time.Sleep(time.Second)
		if _, there := r.subscription(); there {
			r.Error("it is still there")
		}
		r.publish(3)
		time.Sleep(24 * time.Hour)
		if got := r.got(); len(got) > 0 {
			r.Errorf("told %v", summary(got))
		}
		r.reconfigure(r.partner)
		p.keeper.Reload()
		time.Sleep(time.Second)
		later := r.publish(1)
		time.Sleep(time.Minute)
		if diff := cmp.Diff(idsOf(later...), articlesOf(r.got())); diff != "" {
			r.Error("put back, it begins at the end of the log: ", diff)
		}
	})
}

// TestAProcessWithAnOlderConfigRemovesNothing has a process start whose config lacks a partner that another one has.
func TestAProcessWithAnOlderConfigRemovesNothing(t *testing.T) {
	inVirtualTime(t, func(r *rig) {
		p := r.start(r.store, seldom)
		old := webhook.NewSettings(site, nil, nil)
		other := webhook.NewKeeper(r.store, func() *webhook.Settings { return old }, webhook.KeeperOptions{})
		ctx, stop := context.WithCancel(r.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			_ = other.Run(ctx)
		}()
		time.Sleep(24 * time.Hour)
		if _, there := r.subscription(); !there {
			r.Error("the subscription is gone")
		}
		p.end()
		time.Sleep(2 * time.Hour)
		if _, there := r.subscription(); there {
			r.Error("one that is in no config stays")
		}
		stop()
		<-ended
	})
}

// TestAStoreThatWasEmptiedIsResynced has a store lose all under a process.
func TestAStoreThatWasEmptiedIsResynced(t *testing.T) {
	inVirtualTime(t, func(r *rig) {
		r.publish(3)
		r.start(r.store, seldom)
		time.Sleep(time.Minute)
		if err := r.store.Unsubscribe(r.Context(), cache.ChannelWebhook, "acme"); err != nil {
			r.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		if diff := cmp.Diff([]string{"resync 0"}, summary(r.got())); diff != "" {
			r.Error(diff)
		}
	})
}

func TestEndpointsSayWhoIsBehind(t *testing.T) {
	to, dir := newReceiver(t), t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		r := newRigFor(t, to, filepath.Join(dir, "wire.db"), 10)
		r.start(r.store, seldom)
		r.refuse(http.StatusBadGateway)
		time.Sleep(time.Minute)
		began := time.Now()
		r.publish(12)
		time.Sleep(time.Hour)
		endpoints, err := webhook.Endpoints(t.Context(), r.store, r.current())
		if err != nil || len(endpoints) != 1 {
			t.Fatalf("%v, %v", endpoints, err)
		}
		e := endpoints[0]
		b, err := r.current().Behind(t.Context(), r.store, &e)
		if err != nil || b.Changes != 12 || b.More || b.Lost || b.Since.Before(began.Truncate(time.Millisecond)) || e.Failures < 3 || e.Why != "answers 502 Bad Gateway" {
			t.Errorf("%+v is behind by %+v, %v", e, b, err)
		}
		if err := r.store.TrimChanges(t.Context(), time.Now()); err != nil {
			t.Fatal(err)
		}
		if b, err := r.current().Behind(t.Context(), r.store, &e); err != nil || !b.Lost {
			t.Errorf("after a trim behind by %+v, %v", b, err)
		}
		told := webhook.PlaceAt("", "again")
		if err := r.store.Rewind(t.Context(), cache.ChannelWebhook, "acme", told); err != nil {
			t.Fatal(err)
		}
		r.refuse(0)
		r.got()
		time.Sleep(time.Minute)
		if diff := cmp.Diff([]string{"resync 0"}, summary(r.got())); diff != "" {
			t.Error(diff)
		}
	})
}

// racing is a store in which another process removes a subscription whenever this one is about to store it.
type racing struct{ cache.Store }

func (r racing) Subscribe(ctx context.Context, sub cache.Subscription) error {
	if err := r.Unsubscribe(ctx, sub.Channel, sub.ID); err != nil {
		return err
	}
	return r.Store.Subscribe(ctx, sub)
}

func TestAWebhookThatAnotherProcessRemovesMeanwhileKeepsItsPlace(t *testing.T) {
	inVirtualTime(t, func(r *rig) {
		r.publish(3)
		if err := webhook.NewKeeper(r.store, r.current, webhook.KeeperOptions{}).Keep(r.Context()); err != nil {
			r.Fatal(err)
		}
		before, _ := r.subscription()
		if err := webhook.NewKeeper(racing{r.store}, r.current, webhook.KeeperOptions{}).Keep(r.Context()); err != nil {
			r.Fatal(err)
		}
		if after, _ := r.subscription(); after.Told != before.Told || before.Told == "" {
			r.Errorf("the place was %q and is %q", before.Told, after.Told)
		}
	})
}
