// Package profile says which items of a feed a large partner refuses, and by which of its public rules.
//
//	report, err := profile.Check("msn", document, profile.Options{Address: address, Now: now})
//
// It looks at nothing but the feed: what a picture weighs, or what stands on a linked page, is not known to it. A rule is a
// row of a table, with the address where the partner publishes it.
package profile

import (
	"fmt"
	"slices"
	"time"
)

// Severity says what becomes of what breaks a rule.
type Severity string

// The severities.
const (
	Refused Severity = "refused" // the partner does not take it
	Advised Severity = "advised" // it takes it, and would rather have it otherwise
)

// Rule is one public rule of a partner.
type Rule struct {
	Name     string   // unique in its profile
	Wants    string   // what the partner wants, and so what to do
	Source   string   // address at which the partner says so
	Severity Severity // of what breaks it

	feed func(f *feed, o *Options) string           // says what is wrong with the feed; empty for nothing
	item func(it *item, f *feed, o *Options) string // likewise with an item
}

// Profile is what a partner's rules are about.
type Profile struct {
	Name  string // as commands take it
	Title string
	Rules []Rule
}

// Profiles are those that there are, by name.
func Profiles() []Profile { return []Profile{msn(), flipboard(), smartNews(), googleNews()} }

// Names are the names of all profiles.
func Names() []string {
	var names []string
	for _, p := range Profiles() {
		names = append(names, p.Name)
	}
	return names
}

// Options say what is known of a feed from outside it.
type Options struct {
	Address string    // where it was fetched; empty for a file
	Now     time.Time // that dates are compared with
}

// Finding is one breach of one rule.
type Finding struct {
	Item     int      `json:"item,omitempty"`  // its number in the feed, from 1; 0 for the feed as a whole
	ID       string   `json:"id,omitempty"`    // the item's guid or atom:id
	Title    string   `json:"title,omitempty"` // the item's
	Rule     string   `json:"rule"`
	Severity Severity `json:"severity"`
	Found    string   `json:"found"` // what is wrong
	Wants    string   `json:"wants"` // what to do
	Source   string   `json:"source"`
}

// Report is what a check found.
type Report struct {
	Profile  string
	Items    int // in the feed
	Refused  int // of these, the partner refuses; all, if it refuses the feed
	Findings []Finding
}

// Check holds a feed against the rules of a profile. The error says that there is no such profile. A document that is no feed
// breaks one rule: that it must be one.
func Check(name string, document []byte, o Options) (*Report, error) {
	all := Profiles()
	i := slices.IndexFunc(all, func(p Profile) bool { return p.Name == name })
	if i < 0 {
		return nil, fmt.Errorf("there is no profile %q", name)
	}
	p := &all[i]
	r := &Report{Profile: name}
	f, err := parse(document, o.Address)
	if err != nil {
		format := p.Rules[0] // by which each profile begins
		r.Findings = []Finding{finding(&format, err.Error())}
		return r, nil
	}
	r.Items = len(f.items)
	whole := false
	for i := range p.Rules {
		rule := &p.Rules[i]
		if rule.feed == nil {
			continue
		}
		if found := rule.feed(f, &o); found != "" {
			r.Findings = append(r.Findings, finding(rule, found))
			whole = whole || rule.Severity == Refused
		}
	}
	for n, it := range f.items {
		if r.item(p, it, n+1, f, &o) {
			r.Refused++
		}
	}
	if whole {
		r.Refused = r.Items
	}
	return r, nil
}

// Fine says whether the partner takes all of the feed.
func (r *Report) Fine() bool {
	return !slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Severity == Refused })
}

// item holds an item against the rules. It says whether it is refused.
func (r *Report) item(p *Profile, it *item, number int, f *feed, o *Options) (refused bool) {
	for i := range p.Rules {
		rule := &p.Rules[i]
		if rule.item == nil {
			continue
		}
		found := rule.item(it, f, o)
		if found == "" {
			continue
		}
		x := finding(rule, found)
		x.Item, x.ID, x.Title = number, it.id, it.title
		r.Findings = append(r.Findings, x)
		refused = refused || rule.Severity == Refused
	}
	return refused
}

func finding(rule *Rule, found string) Finding {
	return Finding{Rule: rule.Name, Severity: rule.Severity, Found: found, Wants: rule.Wants, Source: rule.Source}
}
