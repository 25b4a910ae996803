package service

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/fetch"
	"github.com/newswire/newswire/syndication/console"
	"github.com/newswire/newswire/syndication/webhook"
)

// newConsole is where operators look and decide.
func (s *Service) newConsole() http.Handler {
	return console.New(s.Store, desk{s}, console.Options{
		Addr: s.Admin.Addr().String(), Token: s.Config.AdminToken, Checks: s.checks(), Finder: finder{s}, Log: s.Log,
	})
}

// desk tells the console of sources.
type desk struct{ service *Service }

// Site implements [console.Desk].
func (d desk) Site() newswire.Site { return d.service.directory.Load().Site }

// Sources implements [console.Desk].
func (d desk) Sources(ctx context.Context) ([]console.Source, error) {
	store, err := d.store(ctx)
	if err != nil {
		return nil, err
	}
	setup := d.service.setup.Load()
	standings, err := sources.Standings(ctx, store, setup.Catalog)
	if err != nil {
		return nil, err
	}
	list := make([]console.Source, len(standings))
	for i := range standings {
		s := setup.Catalog.Source(standings[i].Source)
		list[i] = consoleSource(&standings[i], s)
		list[i].Readers = setup.Subscribers(s)
	}
	return list, nil
}

// Notes implements [console.Desk].
func (d desk) Notes(ctx context.Context, source string) ([]newswire.Note, error) {
	store, err := d.store(ctx)
	if err != nil {
		return nil, err
	}
	return store.Notes(ctx, source)
}

// Latest implements [console.Desk].
func (d desk) Latest(ctx context.Context, limit int) ([]newswire.Change, error) {
	store, err := d.store(ctx)
	if err != nil {
		return nil, err
	}
	return store.Latest(ctx, limit)
}

// consoleSource is a source as the console shows it.
func consoleSource(st *sources.Standing, s *newswire.Source) console.Source {
	out := console.Source{
		ID: st.Source, Name: st.Source, Condition: string(st.Condition), Status: st.Status, Failures: st.Failures, Error: st.Error,
		Offered: st.Offered, LastVisit: st.LastVisit, LastSuccess: st.LastSuccess, LastChange: st.LastChange, Due: st.Due, Why: st.Why,
		Remarks: st.Remarks, Paused: st.Paused, Days: st.Days, Confirmed: st.Confirmed,
	}
	if st.Push != nil {
		out.Push = st.Push.String()
	}
	if out.URL = fetch.Redact(s.URL); s.Name != "" {
		out.Name = s.Name
	}
	return out
}

// Visit implements [console.Desk]. Any process that visits takes the source.
func (d desk) Visit(ctx context.Context, source string) error {
	store, err := d.store(ctx)
	if err == nil {
		err = sources.Hasten(ctx, store, d.service.setup.Load().Catalog, source)
	}
	var soon *sources.TooSoonError
	switch {
	case !errors.As(err, &soon):
		return err
	case soon.Paused:
		return console.RefusalError("It is not visited: it is " + soon.Why + ". Resume it first.")
	case soon.Until.IsZero():
		return console.RefusalError("It is not visited: " + soon.Why + ".")
	}
	return console.RefusalError("It is not visited before " + soon.Until.UTC().Format("2006-01-02 15:04:05 UTC") + ": " + soon.Why + ".")
}

// Pause implements [console.Desk].
func (d desk) Pause(ctx context.Context, source, reason string) error {
	store, err := d.store(ctx)
	if err == nil {
		_, err = sources.Pause(ctx, store, d.service.setup.Load().Catalog, source, reason)
	}
	return refused(err)
}

// Resume implements [console.Desk].
func (d desk) Resume(ctx context.Context, source string) error {
	store, err := d.store(ctx)
	if err == nil {
		_, _, err = sources.Resume(ctx, store, d.service.setup.Load().Catalog, source)
	}
	return refused(err)
}

// usageShown are the days of usage that the console adds up.
const usageShown = 30 * 24 * time.Hour

// Partners implements [console.Desk].
func (d desk) Partners(ctx context.Context) ([]console.Partner, error) {
	store, err := d.store(ctx)
	if err != nil {
		return nil, err
	}
	standings, err := webhook.Standings(ctx, store, d.service.webhooks.settings.Load())
	if err != nil {
		return nil, err
	}
	var list []console.Partner
	for _, p := range *d.service.partners.Load() {
		out := console.Partner{ID: p.ID, Categories: p.Categories}
		days, err := store.Usage(ctx, p.ID, time.Now().Add(-usageShown))
		if err != nil {
			return nil, err
		}
		for _, day := range days {
			out.Used.Requests += day.Requests
			out.Used.Refused += day.Refused
			out.Used.Items += day.Items
			out.Used.Bytes += day.Bytes
		}
		for _, s := range standings {
			if s.Partner == p.ID {
				s.Why = strings.ReplaceAll(s.Why, s.URL, fetch.Redact(s.URL))
				s.URL = fetch.Redact(s.URL)
				out.Webhook = &s
			}
		}
		list = append(list, out)
	}
	return list, nil
}

// Replay implements [console.Desk].
func (d desk) Replay(ctx context.Context, partner string) error {
	store, err := d.store(ctx)
	if err != nil {
		return err
	}
	for _, p := range *d.service.partners.Load() {
		if p.ID == partner && p.Webhook != nil {
			from, err := store.Beginning(ctx)
			if err != nil {
				return err
			}
			err = webhook.Replay(ctx, store, partner, from)
			if t := d.service.webhooks.running.Load(); t != nil {
				t.deliverer.Look() // else it would be told with the next look at the store
			}
			return err
		}
	}
	return newswire.ErrNotFound
}

// Release implements [console.Desk].
func (d desk) Release(ctx context.Context, article string) error {
	store, err := d.store(ctx)
	if err == nil {
		_, err = sources.Release(ctx, store, article)
	}
	return refused(err)
}

// Drop implements [console.Desk].
func (d desk) Drop(ctx context.Context, article, reason string) error {
	store, err := d.store(ctx)
	if err == nil {
		_, err = sources.Drop(ctx, store, article, reason)
	}
	return refused(err)
}

// Withdraw implements [console.Desk].
func (d desk) Withdraw(ctx context.Context, article, reason string) error {
	store, err := d.store(ctx)
	if err == nil {
		_, err = store.Withdraw(ctx, article, reason)
	}
	return err
}

// storeWait is how long an operator waits for a store that has yet to be opened.
const storeWait = time.Second

func (d desk) store(ctx context.Context) (cache.Store, error) {
	ctx, cancel := context.WithTimeout(ctx, storeWait)
	defer cancel()
	return d.service.Store.Wait(ctx)
}

// refused says what an operator can do about what cannot be done, or not at this moment.
func refused(err error) error {
	switch {
	case errors.Is(err, sources.ErrNotPaused):
		return console.RefusalError("It is not paused.")
	case errors.Is(err, sources.ErrStopped):
		return console.RefusalError("It is visited no more anyway: its publisher has taken it down. Remove it from the config, or give its new address.")
	case errors.Is(err, sources.ErrNotHeld):
		return console.RefusalError("This article is not held. One that readers see can be withdrawn.")
	case errors.Is(err, sources.ErrVisited):
		return console.RefusalError("The source is just being changed by another; try again.")
	}
	return err
}
