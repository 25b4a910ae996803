package sources

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/sources/fetch"
	"github.com/newswire/newswire/sources/pace"
	"github.com/newswire/newswire/sources/page"
	"github.com/newswire/newswire/sources/push"
)

// Standing is how a source fares, and when and why it is visited next.
type Standing struct {
	Source      string         `json:"source"`
	Condition   Condition      `json:"condition"`
	Status      int            `json:"status,omitempty"`   // HTTP, of the last answer; 0 where there was none
	Failures    int            `json:"failures,omitempty"` // in a row
	Error       string         `json:"error,omitempty"`    // of the last visit
	Offered     int            `json:"offered"`            // articles in the last document
	Paused      newswire.Pause `json:"paused,omitzero"`    // by the operator
	LastVisit   time.Time      `json:"last_visit,omitzero"`
	LastSuccess time.Time      `json:"last_success,omitzero"`
	LastChange  time.Time      `json:"last_change,omitzero"`
	Due         time.Time      `json:"due,omitzero"`      // the next visit; zero when there is none
	Why         string         `json:"why"`               // why it is then
	Remarks     []string       `json:"remarks,omitempty"` // what is odd about it, though its visits succeed
	Days        newswire.Days  `json:"-"`                 // what came of its visits
	Confirmed   int            `json:"-"`                 // visits since the last note of one, that were answered 304
	Push        *push.Standing `json:"push,omitempty"`    // how its hub tells what is new; nil where its feed names none
}

// Condition is how a source fares, in a word.
type Condition string

// The conditions.
const (
	New     Condition = "new"     // not visited yet
	Well    Condition = "well"    // the last visit brought or confirmed a document
	Failing Condition = "failing" // the last visit did not
	Ended   Condition = "stopped" // it is visited no more
	Paused  Condition = "paused"  // the operator has it visited no more for now
	InDoubt Condition = "doubted" // the last document withdrew so many articles that the operator is asked first
)

// Standings tells of each source of a catalog, in order of their IDs.
func Standings(ctx context.Context, store Store, catalog *Catalog) ([]Standing, error) {
	list := make([]Standing, 0, len(catalog.ids))
	err := EachStanding(ctx, store, catalog, func(some []Standing) error {
		list = append(list, some...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

// EachStanding tells of each source of a catalog, in order of their IDs and some at a time, and stops at an error of do. With
// names it tells of those alone, which the catalog must have.
func EachStanding(ctx context.Context, store Store, catalog *Catalog, do func([]Standing) error, only ...string) error {
	all := catalog.ids
	if len(only) > 0 {
		all = only
	}
	for ids := range slices.Chunk(all, syncAtOnce) {
		o, err := look(ctx, store, catalog, ids)
		if err != nil {
			return err
		}
		list := make([]Standing, len(ids))
		for i, id := range ids {
			state, known := o.states[id]
			list[i] = standing(id, known, &state)
			list[i].Due, list[i].Why = o.next(catalog.source(id))
			list[i].Push = push.StandingOf(&state.Push, time.Now())
			list[i].Remarks = append(list[i].Remarks, remarks(catalog.source(id), &state, time.Now())...)
		}
		if err := do(list); err != nil {
			return err
		}
	}
	return nil
}

// pushPause is between two looks at some sources. However many there are, hardly any work is done in a second.
const pushPause = 30 * time.Second

// CountPushes counts the sources of a catalog whose feeds name a hub, by how that fares. It takes its time.
func CountPushes(ctx context.Context, store cache.Visits, catalog *Catalog) (map[push.Condition]int, error) {
	counts := map[push.Condition]int{}
	for i, ids := range slices.Collect(slices.Chunk(catalog.ids, syncAtOnce)) {
		if i > 0 {
			if err := pace.Sleep(ctx, pushPause); err != nil {
				return nil, err
			}
		}
		states, err := store.States(ctx, ids...)
		if err != nil {
			return nil, fmt.Errorf("count subscriptions at hubs: %w", err)
		}
		for _, id := range ids {
			state := states[id]
			if p := push.StandingOf(&state.Push, time.Now()); p != nil {
				counts[p.State]++
			}
		}
	}
	return counts, nil
}

// outlook is all that decides when sources are visited.
type outlook struct {
	index   map[string]time.Time
	states  map[string]newswire.State
	domains map[string]newswire.Domain
}

func look(ctx context.Context, store Store, catalog *Catalog, ids []string) (*outlook, error) {
	var o outlook
	var err error
	var only []string
	if len(ids) < len(catalog.ids) {
		only = ids
	}
	if o.index, err = store.Due(ctx, only...); err != nil {
		return nil, fmt.Errorf("read the due index: %w", err)
	}
	if o.states, err = store.States(ctx, ids...); err != nil {
		return nil, fmt.Errorf("read the sources' states: %w", err)
	}
	names := make([]string, len(ids))
	for i, id := range ids {
		names[i] = o.domain(catalog.source(id))
	}
	slices.Sort(names)
	if o.domains, err = store.Domains(ctx, slices.Compact(names)...); err != nil {
		return nil, fmt.Errorf("read what is known of domains: %w", err)
	}
	return &o, nil
}

// domain is where a source is to be visited.
func (o *outlook) domain(s *scheduled) string {
	state := o.states[s.ID]
	return pace.DomainOf(address(s, &state))
}

func standing(id string, known bool, state *newswire.State) Standing {
	h := &state.Health
	s := Standing{
		Source: id, Condition: Well, Status: h.Status, Failures: h.Failures, Error: h.Error, Offered: h.Offered,
		Paused: state.Paused, Days: state.Days, Confirmed: state.Confirmed,
		LastVisit: h.LastVisit, LastSuccess: h.LastSuccess, LastChange: h.LastChange,
	}
	if churned := state.Churned; !churned.IsZero() && h.LastVisit.Sub(churned) < churnRemembered {
		s.Remarks = append(s.Remarks, "its guids change while its articles stay, last on "+churned.UTC().Format(time.DateOnly)+
			": they are known by their addresses, titles and dates; tell its publisher")
	}
	switch {
	case h.Stopped != "":
		s.Condition = Ended
	case state.Paused.On():
		s.Condition = Paused
	case !known || h.LastVisit.IsZero():
		s.Condition = New
	case h.Failures > 0:
		s.Condition = Failing
	case state.Doubted:
		s.Condition = InDoubt
	}
	return s
}

// next is when a source is visited next, and why then. The due index decides when; the state knows why, unless the
// source was moved since it was recorded.
func (o *outlook) next(s *scheduled) (time.Time, string) {
	due, indexed := o.index[s.ID]
	state, name := o.states[s.ID], o.domain(s)
	d := o.domains[name]
	switch {
	case state.Health.Stopped != "" && configuredAs(state.Configured, s.URL):
		return time.Time{}, state.Health.Stopped
	case state.Paused.On():
		return time.Time{}, state.Paused.String()
	case !indexed:
		return time.Time{}, "it is new in the config: a running service or the next fetch visits it"
	case d.ClosedUntil.After(due):
		return d.ClosedUntil, pace.ClosedWhy(name, d)
	case due.Equal(state.Due):
		return state.NextVisit(), state.Why
	case d.ClosedUntil.Equal(due):
		return due, pace.ClosedWhy(name, d)
	case state.Due.IsZero():
		return due, "first visit"
	case due.After(state.Due):
		return due, underWay
	default:
		return due, "the operator asked for it, or changed the schedule"
	}
}

// soonest is when a source may be visited for an operator who asks for it by name, and why no sooner: what the publisher
// wishes holds, and a visit that is under way; the schedule does not.
func (o *outlook) soonest(s *scheduled, now time.Time) (time.Time, string) {
	due, why := o.next(s)
	state := o.states[s.ID]
	if !due.After(now) || !state.NextVisit().After(now) || o.domains[o.domain(s)].ClosedUntil.After(now) {
		return due, why
	}
	return pace.Earliest(now, &state)
}

// underWay is why a source is not due that was due when it was last recorded.
const underWay = "it is being visited, or a visit was cut off"

// staleAfter is the age of a source's newest article from which the operator is told.
const staleAfter = 365 * 24 * time.Hour

// remarks are what an operator should know of a source whose visits succeed: why nothing comes of it, or why what comes is
// odd, and what to do.
func remarks(s *scheduled, state *newswire.State, now time.Time) []string {
	h := &state.Health
	if h.LastSuccess.IsZero() || h.Stopped != "" || !configuredAs(state.Configured, s.URL) {
		return nil
	}
	var out []string
	switch {
	case h.Offered == 0:
		out = append(out, "its last document has no articles: is it still the address of the feed?")
	case h.Undated == h.Offered:
		out = append(out, "none of its articles has a date: they have that of their document, or of the visit that found them")
	case !h.Newest.IsZero() && now.Sub(h.Newest) > staleAfter:
		out = append(out, "its newest article is of "+h.Newest.UTC().Format(time.DateOnly)+": the publisher may have another feed by now; newswire add looks for it")
	}
	if m := state.Moved; m.To != "" {
		to := fetch.Redact(m.To)
		switch {
		case believed(m):
			out = append(out, "it has moved for good to "+to+" and is visited there: write that as its url")
		case m.Foreign:
			out = append(out, "its address leads for good to "+to+", and what is there is not the feed that was here: see which one you want")
		default:
			out = append(out, fmt.Sprintf("its address leads for good to %s since %s: if that stays so, it is visited there", to, m.Since.UTC().Format(time.DateOnly)))
		}
	}
	for _, name := range h.Unmatched {
		out = append(out, "its selector "+name+" finds nothing on the pages of its articles: has the publisher changed them?")
	}
	return out
}

// survey notes of a document's articles what remarks tell the operator. The dates of articles in a list stand on their own
// pages.
func survey(h *newswire.Health, list []newswire.Unread, isList bool) {
	h.Offered = len(list)
	if isList {
		return
	}
	h.Undated, h.Newest = 0, time.Time{}
	for i := range list {
		a := &list[i].Article
		date := later(a.Published, a.Updated)
		if date.IsZero() {
			h.Undated++
		}
		h.Newest = later(h.Newest, date)
	}
}

// matches are the operator's selectors for articles that found something in a visit.
type matches struct {
	names []string
	list  bool // whether the list was read in this visit
}

func (m *matches) note(name string) {
	if !slices.Contains(m.names, name) {
		m.names = append(m.names, name)
	}
}

// unmatched are the selectors that found nothing, neither on pages of articles nor in the list; before is what they were. In
// a visit that did not read the list none is added, for the list may have what it finds.
func (m *matches) unmatched(s *newswire.Page, before []string) []string {
	var names []string
	for name, text := range page.Selectors(*s).ForArticles() {
		if text != "" && !slices.Contains(m.names, name) && (m.list || slices.Contains(before, name)) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
