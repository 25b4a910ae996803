package sources

import (
	"fmt"
	"slices"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/fetch"
	"github.com/newswire/newswire/sources/page"
)

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
