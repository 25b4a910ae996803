package identity_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/identity"
	"github.com/newswire/newswire/sources/internal/iri"
)

var sources = []newswire.Source{
	{ID: "harbour", URL: "https://feeds.harbour.example/all.xml"},
	{ID: "harbour-finance", URL: "https://www.harbour.example/finance.xml"},
	{ID: "planet", URL: "https://planet.example.net/feed"},
	{ID: "burnt", URL: "https://burner.example.org/gulls", Site: "https://gulls.example/"},
	{ID: "local", URL: "http://127.0.0.1:8080/feed"},
}

func TestAGuidIsTheIDWhereItsAuthorityIsTheSources(t *testing.T) {
	const tide = "https://www.harbour.example/tides"
	tests := []struct{ name, source, guid, url, want string }{
		{"an address at the source's site", "harbour", tide, tide, tide},
		{"an address at its site, of an article elsewhere", "harbour", tide, "https://moon.example/1", tide},
		{"a tag of its site", "harbour", "tag:harbour.example,2020:1", tide, "tag:harbour.example,2020:1"},
		{"a tag of a mailbox at its site", "harbour", "tag:desk@harbour.example,2020:1", tide, "tag:desk@harbour.example,2020:1"},
		{"another source's site", "planet", tide, "https://planet.example.net/1", "tag:example.net,2026:planet/" + tide},
		{"another source's site, with its address", "planet", tide, tide, "tag:example.net,2026:planet/" + tide},
		{"a site of no source, with its address", "planet", "https://moon.example/1", "https://moon.example/1#x", "https://moon.example/1"},
		{"a site of no source, with another address", "planet", "https://moon.example/1", "https://star.example/1", "tag:example.net,2026:planet/https://moon.example/1"},
		{"the site that the operator gives", "burnt", "https://gulls.example/1", "https://elsewhere.example/1", "https://gulls.example/1"},
		{"loopback", "local", "https://moon.example/1", "https://moon.example/1", "https://moon.example/1"},
		{"no authority", "harbour", "urn:x-news:1", tide, "urn:x-news:1"},
		{"a tag of the software that the publisher uses", "harbour", "tag:hoster.example,1999:blog-1.post-2", tide, "tag:hoster.example,1999:blog-1.post-2"},
		{"a tag of another source's site", "planet", "tag:harbour.example,2020:1", "https://planet.example.net/1", "tag:example.net,2026:planet/tag:harbour.example,2020:1"},
		{"no IRI", "harbour", "post-1", tide, "tag:harbour.example,2026:harbour/post-1"},
		{"no IRI, of another feed of the site", "harbour-finance", "post-1", tide, "tag:harbour.example,2026:harbour-finance/post-1"},
	}
	r := identity.New(sources, nil)
	for _, tt := range tests {
		if got := r.AtomID(&newswire.Article{GUID: tt.guid, URL: tt.url}, sourceOf(tt.source)); got != tt.want {
			t.Errorf("%s: AtomID of %q at %q is %q, want %q", tt.name, tt.guid, tt.url, got, tt.want)
		}
	}
}

func sourceOf(id string) *newswire.Source {
	for i := range sources {
		if sources[i].ID == id {
			return &sources[i]
		}
	}
	return &newswire.Source{ID: id}
}

// TestNoTwoSourcesGiveOneID draws guids and addresses for two sources. Where both come to the same id, both may give it: it
// is the guid, and its authority is a site of both, or it is no web address and its authority is a site of no source.
func TestNoTwoSourcesGiveOneID(t *testing.T) {
	r := identity.New(sources, nil)
	host := rapid.SampledFrom([]string{"www.harbour.example", "planet.example.net", "gulls.example", "moon.example", "127.0.0.1"})
	word := rapid.StringMatching(`[a-z0-9/:@%-]{0,6}`)
	guid := rapid.OneOf(word, rapid.Custom(func(t *rapid.T) string {
		return rapid.SampledFrom([]string{"https://%s/%s", "tag:%s,2026:%s", "tag:%s,2026:planet/%s"}).Draw(t, "form")
	}))
	rapid.Check(t, func(t *rapid.T) {
		form := guid.Draw(t, "guid")
		a, b := newswire.Article{GUID: form}, newswire.Article{GUID: form}
		if strings.Contains(form, "%s") {
			at, page := host.Draw(t, "authority"), word.Draw(t, "word")
			a.GUID, b.GUID = fmt.Sprintf(form, at, page), fmt.Sprintf(form, at, page)
		}
		a.URL, b.URL = "https://"+host.Draw(t, "url")+"/a", "https://"+host.Draw(t, "other url")+"/b"
		s, o := rapid.SampledFrom(sources).Draw(t, "source"), rapid.SampledFrom(sources).Draw(t, "other")
		x, y := r.AtomID(&a, &s), r.AtomID(&b, &o)
		if !iri.IsID(x) {
			t.Fatalf("AtomID of %q is %q, which is none", a.GUID, x)
		}
		if s.ID != o.ID && x == y && (!mayGive(x, &s, &a) || !mayGive(y, &o, &b)) {
			t.Fatalf("%s at %s and %s at %s have the one id %q for guid %q", s.ID, a.URL, o.ID, b.URL, x, a.GUID)
		}
	})
}

// mayGive says whether an id has the authority of a site at which the source is, or else the article; or whether it is no
// web address, and of no source's site.
func mayGive(id string, s *newswire.Source, a *newswire.Article) bool {
	authority := strings.TrimPrefix(newswire.AuthorityOf(id), "www.")
	ofNone := !iri.IsAddress(id) && !slices.ContainsFunc(sources, func(s newswire.Source) bool {
		return strings.Contains(s.URL+s.Site, authority)
	})
	return id == a.GUID && (strings.Contains(s.URL+s.Site, authority) || strings.Contains(a.URL, authority) || ofNone)
}

func authorIDs(r *identity.Registry, source string, names ...string) []string {
	a := newswire.Article{GUID: "1"}
	for _, name := range names {
		a.Authors = append(a.Authors, newswire.Person{Name: name})
	}
	r.Identify(&a, &newswire.Source{ID: source, URL: "https://harbour.example/"})
	var ids []string
	for _, p := range a.Authors {
		ids = append(ids, p.ID)
	}
	return ids
}

// TestAuthorIDsAreTheSameInEveryVersion: a name's id stands in addresses that readers have.
func TestAuthorIDsAreTheSameInEveryVersion(t *testing.T) {
	for _, tt := range []struct{ source, name, want string }{
		{"dsb", "Ada Marsh", "dsb-ada-marsh"},
		{"dsb", "  ADA   marsh ", "dsb-ada-marsh"},
		{"dsb", "José Núñez", "dsb-jose-nunez"},
		{"dsb", "Jose\u0301 Nu\u0301n\u0303ez", "dsb-jose-nunez"},
		{"dsb", "Søren Ærø-Łukasz Þór Straße", "dsb-soren-aero-lukasz-thor-strasse"},
		{"dsb", "Nguyễn Thị Đào", "dsb-nguyen-thi-dao"},
		{"dsb", "Conan O’Brien", "dsb-conan-o-brien"},
		{"dsb", "金江", "dsb-jin-jiang_omfbgz"},
		{"dsb", "張三豐 Sam", "dsb-zhang-san-feng-sam_vntt2r"},
		{"dsb", "Иван Петров", "dsb-hqd6tavf6vsp"},
		{"dsb", "さくら", "dsb-ekt6y4nvbuue"},
		{"dsb", "!!", "dsb-3jnta6fgp5my"},
		{"the-wire", "Ada Marsh", "the-wire.ada-marsh"},
		{"the-wire", "金江", "the-wire.jin-jiang_omfbgz"},
		{"dsb", "", ""},
	} {
		if got := authorIDs(identity.New(nil, nil), tt.source, tt.name)[0]; got != tt.want {
			t.Errorf("%s's %q is %q, want %q", tt.source, tt.name, got, tt.want)
		}
	}
}

func TestAnAuthorIDIsOfOneSourceAndName(t *testing.T) {
	r := identity.New(nil, []newswire.Author{{ID: "a-star", Name: "Ann Star"}, {ID: "jin", Name: "金江"}})
	seen := map[string]string{}
	for _, tt := range []struct{ source, name string }{
		{"a", "B Smith"},
		{"a-b", "Smith"},
		{"a", "B-C Smith"},
		{"a-b", "C Smith"},
		{"a-b-c", "Smith"},
		{"a.b", "Smith"},
		{"a_b", "Smith"},
		{"a-b.c", "Smith"},
		{"a", "Star"},
		{"a", "李伟"},
		{"a", "李炜"},
		{"a", "Li Wei"},
		{"b", "Ann Star"},
		{"b", "金江"},
	} {
		id := authorIDs(r, tt.source, tt.name)[0]
		if !newswire.ValidID(id) {
			t.Errorf("%s's %q has the id %q, which no address can have", tt.source, tt.name, id)
		}
		if id == "a-star" && tt.name != "Ann Star" || id == "jin" && tt.name != "金江" {
			t.Errorf("%s's %q has the operator's id %q", tt.source, tt.name, id)
		}
		if other := seen[id]; other != "" {
			t.Errorf("%s's %q and %s have one id, %q", tt.source, tt.name, other, id)
		}
		seen[id] = tt.source + "'s " + tt.name
	}
}

func TestAuthorIDsOfTwoSourcesNeverMeet(t *testing.T) {
	word := rapid.StringMatching(`[ab]([-._]?[ab]){0,3}`)
	name := rapid.StringMatching(`[AaBbé李 .-]{1,6}`)
	rapid.Check(t, func(t *rapid.T) {
		operators := []newswire.Author{{ID: word.Draw(t, "operator's"), Name: "Nemo"}}
		r := identity.New(nil, operators)
		one, other := word.Draw(t, "source"), word.Draw(t, "other source")
		x, y := name.Draw(t, "name"), name.Draw(t, "other name")
		a, b := authorIDs(r, one, x)[0], authorIDs(r, other, y)[0]
		if a != "" && a == operators[0].ID || one != other && a != "" && a == b {
			t.Fatalf("%s's %q is %q and %s's %q is %q, the operator's %q", one, x, a, other, y, b, operators[0].ID)
		}
	})
}

func TestWhatWasPublishedUnderAnotherIDLeadsOn(t *testing.T) {
	r := identity.New(nil, []newswire.Author{{ID: "jin", Name: "Jin Jiang", Aliases: []newswire.Alias{{Name: "金江"}}}, {ID: "a-star", Name: "Nemo"}})
	for _, tt := range []struct{ source, name, id, former string }{
		{"a", "Smith", "a-smith", ""},
		{"a-b", "Smith", "a-b.smith", "a-b-smith"},
		{"a", "José", "a-jose", "a-" + newswire.Hash("josé")[:12]},
		{"a", "金江", "jin", "a-jin-jiang_omfbgz a-omfbgzdmyhm4"},
		{"a", "Star", "a-star_" + newswire.Hash("star")[:12], "a-star"},
	} {
		a := newswire.Article{GUID: "1", Source: tt.source, Authors: []newswire.Person{{Name: tt.name}}}
		r.Identify(&a, &newswire.Source{ID: tt.source})
		if diff := cmp.Diff(newswire.Person{ID: tt.id, Name: tt.name, Former: tt.former}, a.Authors[0]); diff != "" {
			t.Errorf("%s's %q (-want +got):\n%s", tt.source, tt.name, diff)
		}
	}
}

func TestAnAliasNamesSeveralAuthors(t *testing.T) {
	both := newswire.Alias{Source: "a", Name: "The Tide Desk"}
	r := identity.New(nil, []newswire.Author{
		{ID: "ada", Name: "Ada Marsh", Aliases: []newswire.Alias{{Name: "Ada Marsh"}, both}},
		{ID: "olu", Name: "Olu Bankole", Aliases: []newswire.Alias{both}},
	})
	a := newswire.Article{GUID: "1", Source: "a", Authors: []newswire.Person{{Name: "the tide desk"}}}
	r.Identify(&a, &newswire.Source{ID: "a"})
	want := []newswire.Topic{"all", "author/ada", "author/olu", "former/a-the-tide-desk", "source/a"}
	if diff := cmp.Diff(want, a.Topics()); diff != "" || a.Authors[0].Name != "the tide desk" {
		t.Errorf("the line %q is listed (-want +got):\n%s", a.Authors[0].Name, diff)
	}
}
