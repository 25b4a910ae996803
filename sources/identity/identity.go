// Package identity gives articles and authors the ids that feeds know them by, so that no source can give an id that is
// another's.
//
//	registry := identity.New(sources, authors)
//	registry.Identify(&article, &source)
//
// All of it is a pure function of the article and the config: the same on each replica, with each store, and after a
// store was filled again. The package refuses to look at any other article.
package identity

import (
	"net"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/publicsuffix"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/internal/iri"
)

// Registry knows at which sites the sources of a config are at home, and which names and ids are its authors'. It is
// immutable.
type Registry struct {
	homes   map[string]bool // sites at which a source is at home
	byAlias map[newswire.Alias][]string
	taken   map[string]bool // IDs of the operator's authors
}

// New makes the registry of a config.
func New(sources []newswire.Source, authors []newswire.Author) *Registry {
	r := &Registry{homes: map[string]bool{}, byAlias: map[newswire.Alias][]string{}, taken: map[string]bool{}}
	for i := range sources {
		for _, site := range HomesOf(&sources[i]) {
			r.homes[site] = true
		}
	}
	for _, a := range authors {
		r.taken[a.ID] = true
		aliases := a.Aliases
		if len(aliases) == 0 {
			aliases = []newswire.Alias{{Name: a.Name}} // known by the one name, wherever it stands
		}
		for _, alias := range aliases {
			key := newswire.Alias{Source: alias.Source, Name: Fold(alias.Name)}
			if !slices.Contains(r.byAlias[key], a.ID) {
				r.byAlias[key] = append(r.byAlias[key], a.ID)
			}
		}
	}
	return r
}

// Homes are the sites at which the sources are at home, sorted: what an article's id depends on beside its own source.
func (r *Registry) Homes() []string {
	homes := make([]string, 0, len(r.homes))
	for site := range r.homes {
		homes = append(homes, site)
	}
	slices.Sort(homes)
	return homes
}

// Identify gives an article of a source, and its authors, their ids.
func (r *Registry) Identify(a *newswire.Article, s *newswire.Source) {
	a.AtomID = r.AtomID(a, s)
	for i := range a.Authors {
		r.identify(&a.Authors[i], s.ID)
	}
}

// AtomID is the id that feeds know an article by. It is the guid where that is an absolute IRI that the source may give:
//
//   - its authority, the host of an address or the domain of a tag: URI, is a site at which the source is at home; or
//   - it is the site of the article's own address, and no other source is at home there; or
//   - it is no web address, and no other source is at home at its authority, if it has one: such IRIs are made to be
//     unique, and a publisher's software or its host mints them (tag:blogger.com,1999:…, urn:uuid:…).
//
// Every other guid could be given by several sources, by chance ("post-1") or by intent (another publisher's address).
// The id is then a tag: URI with the source in it, which no other source's article can have.
func (r *Registry) AtomID(a *newswire.Article, s *newswire.Source) string {
	if iri.IsID(a.GUID) {
		authority := siteOf(newswire.AuthorityOf(a.GUID))
		switch {
		case slices.Contains(HomesOf(s), authority):
			return a.GUID
		case r.homes[authority]:
		case authority == siteOfAddress(a.URL), !iri.IsAddress(a.GUID):
			return a.GUID
		}
	}
	authority := iri.Authority(siteOfAddress(s.URL))
	if authority == "" {
		authority = iri.Nowhere
	}
	return iri.Tag(authority, s.ID+"/"+a.GUID)
}

// HomesOf are the sites of the addresses that the operator gave for a source. What its feed says of itself does not
// count: a feed can name any site as its own.
func HomesOf(s *newswire.Source) []string {
	var homes []string
	for _, address := range []string{s.URL, s.Site} {
		if site := siteOfAddress(address); site != "" && !slices.Contains(homes, site) {
			homes = append(homes, site)
		}
	}
	return homes
}

func siteOfAddress(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return siteOf(u.Hostname())
}

// siteOf is the registrable domain of a host: all hosts below it are one publisher's. An IP address, and a host that has
// no such domain, is a site of its own.
func siteOf(host string) string {
	host = strings.ToLower(strings.TrimSuffix(host, "."))
	if net.ParseIP(host) != nil {
		return host
	}
	if domain, err := publicsuffix.EffectiveTLDPlusOne(host); err == nil {
		return domain
	}
	return host
}
