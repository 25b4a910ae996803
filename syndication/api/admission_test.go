package api_test

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication/api"
	"github.com/newswire/newswire/syndication/partner"
)

// partners are settings with partners in them, and their keys by ID.
func partners(all ...partner.Partner) (*api.Settings, map[string]string) {
	keys := map[string]string{}
	for i := range all {
		key := partner.NewKey()
		keys[all[i].ID] = "Bearer " + key
		all[i].Keys = append(all[i].Keys, partner.Key{Digest: partner.DigestOf(key)})
	}
	with := *settings
	with.Partners = partner.NewRoster(all)
	return &with, keys
}

func TestKeysGetWhatTheirPartnerGets(t *testing.T) {
	onEveryStore(t, func(t *testing.T, store cache.Store) {
		rich, poor := article("dsb", 1, "finance"), article("dsb", 2, "trade")
		rich.Rights = newswire.Rights{Policy: newswire.PolicyTitle, Partners: newswire.PolicyFull}
		poor.Rights = newswire.Rights{Policy: newswire.PolicyFull, Partners: newswire.PolicyTitle}
		record(t, store, rich, poor)
		with, keys := partners(
			partner.Partner{ID: "all"},
			partner.Partner{ID: "finance", Categories: []string{"finance"}},
			partner.Partner{ID: "both", Categories: []string{"finance", "trade"}, Content: newswire.PolicyTitle},
		)
		s := serveWith(t, store, with, api.Options{})
		type level map[string]newswire.Policy
		for id, want := range map[string]level{
			"":        {rich.ID: "title", poor.ID: "full"},
			"all":     {rich.ID: "full", poor.ID: "title"},
			"finance": {rich.ID: "full"},
			"both":    {rich.ID: "title", poor.ID: "title"},
		} {
			var fields []string
			if id != "" {
				fields = []string{"Authorization", keys[id]}
			}
			lists := map[string][]item{"articles": decode[itemPage](t, s.get(t, "articles", fields...), 200).Items}
			for _, c := range decode[changePage](t, s.get(t, "changes?wait=30s&after=0", fields...), 200).Changes {
				lists["changes"] = append(lists["changes"], *c.Item)
			}
			for article := range level(want) {
				lists["one at a time"] = append(lists["one at a time"], decode[item](t, s.get(t, "articles/"+article, fields...), 200))
			}
			for name, items := range lists {
				got := level{}
				for _, it := range items {
					got[it.Wire.ID] = it.Wire.Rights.Policy
					if whole := strings.Contains(it.Content, "It goes on."); whole != (it.Wire.Rights.Policy == newswire.PolicyFull) {
						t.Errorf("%q, %s: level %s, whole text %v", id, name, it.Wire.Rights.Policy, whole)
					}
				}
				if len(got) != len(want) || got[rich.ID] != want[rich.ID] || got[poor.ID] != want[poor.ID] {
					t.Errorf("%q gets %v of %s, want %v", id, got, name, want)
				}
			}
		}
	})
}

func TestAKeyOfOneCategoryGetsNothingElse(t *testing.T) {
	onEveryStore(t, func(t *testing.T, store cache.Store) {
		rich, poor := article("dsb", 1, "finance"), article("dsb", 2, "trade")
		record(t, store, rich, poor)
		with, keys := partners(partner.Partner{ID: "finance", Categories: []string{"finance"}})
		s := serveWith(t, store, with, api.Options{})
		key := []string{"Authorization", keys["finance"]}
		decode[api.Problem](t, s.get(t, "articles/"+poor.ID, key...), http.StatusNotFound)
		if p := decode[api.Problem](t, s.get(t, "articles?topic=category/trade", key...), http.StatusForbidden); p.Parameter != "topic" {
			t.Errorf("a category of others: %+v", p)
		}
		if got := decode[itemPage](t, s.get(t, "articles?topic=source/dsb", key...), 200).Items; !slices.Equal(ids(got), []string{rich.ID}) {
			t.Errorf("of the source: %v", ids(got))
		}
		if got := decode[api.Listings](t, s.get(t, "categories", key...), 200).Items; len(got) != 1 || got[0].ID != "finance" {
			t.Errorf("categories: %+v", got)
		}
		// It leaves the partner's category, and so the partner.
		next := decode[changePage](t, s.get(t, "changes?wait=30s&after=0", key...), 200).Next
		rich.Revision, rich.Categories = 2, []string{"trade"}
		record(t, store, rich)
		p := decode[changePage](t, s.get(t, "changes?wait=30s&after="+next, key...), 200)
		if len(p.Changes) != 1 || p.Changes[0].Op != "remove" || p.Changes[0].Item != nil {
			t.Errorf("an article that left the category: %+v, want a remove", p.Changes)
		}
	})
}

func TestWrongKeysAreRefusedAlike(t *testing.T) {
	with, keys := partners(partner.Partner{ID: "acme", Keys: []partner.Key{{Digest: partner.DigestOf("old"), Until: time.Now().Add(-time.Second)}}})
	s := serveWith(t, openSQLite(t), with, api.Options{})
	var bodies []string
	for _, field := range []string{"Bearer nonsense", "Bearer old", keys["acme"] + "x", "Basic YTpi", "Bearer", "Bearer "} {
		r := s.get(t, "articles", "Authorization", field)
		if r.StatusCode != http.StatusUnauthorized || !strings.HasPrefix(r.Header.Get("WWW-Authenticate"), "Bearer") {
			t.Errorf("%q = %d, WWW-Authenticate %q", field, r.StatusCode, r.Header.Get("WWW-Authenticate"))
		}
		bodies = append(bodies, string(r.body))
	}
	if all := slices.Compact(bodies); len(all) != 1 {
		t.Errorf("the answers differ: %v", all)
	}
	for _, field := range []string{keys["acme"], strings.Replace(keys["acme"], "Bearer", "bearer", 1)} {
		if r := s.get(t, "articles", "Authorization", field); r.StatusCode != 200 || !strings.Contains(r.Header.Get("Cache-Control"), "private") {
			t.Errorf("the right key = %d, Cache-Control %q", r.StatusCode, r.Header.Get("Cache-Control"))
		}
	}
	began := time.Now()
	var slowed atomic.Int64
	var guessers sync.WaitGroup
	for range 30 { // at once: a slow machine gets no ten answers a second one after the other
		guessers.Go(func() {
			if r := s.get(t, "articles", "Authorization", "Bearer guess"); r.StatusCode == http.StatusTooManyRequests && r.Header.Get("Retry-After") != "" {
				slowed.Add(1)
			}
		})
	}
	guessers.Wait()
	if took := time.Since(began); slowed.Load() < 1 || took < time.Second {
		t.Errorf("%d of 30 wrong keys were slowed, in %v", slowed.Load(), took)
	}
	if r := s.get(t, "articles", "Authorization", keys["acme"]); r.StatusCode != 200 {
		t.Errorf("the right key from that address = %d", r.StatusCode)
	}
}

func TestRatesAreSaidAndHeldTo(t *testing.T) {
	onEveryStore(t, func(t *testing.T, store cache.Store) {
		with, keys := partners(partner.Partner{ID: "acme", Rate: cache.Quota{Units: 3, Period: time.Hour}}, partner.Partner{ID: "other"})
		s, replica := serveWith(t, store, with, api.Options{}), serveWith(t, store, with, api.Options{})
		var codes []int
		var last reply
		for i := range 4 {
			at := s
			if i%2 == 1 {
				at = replica
			}
			last = at.get(t, "changes", "Authorization", keys["acme"])
			codes = append(codes, last.StatusCode)
			if got := last.Header.Get("RateLimit-Policy"); got != `"partner";q=3;w=3600` {
				t.Errorf("RateLimit-Policy: %s", got)
			}
			if got := last.Header.Get("RateLimit"); !strings.HasPrefix(got, `"partner";r=`+[]string{"2", "1", "0", "0"}[i]+`;t=`) {
				t.Errorf("request %d, RateLimit: %s", i+1, got)
			}
		}
		if want := []int{200, 200, 200, 429}; !slices.Equal(codes, want) {
			t.Errorf("two replicas answer %v, want %v", codes, want)
		}
		if got, err := strconv.Atoi(last.Header.Get("Retry-After")); err != nil || got > 1200 || got < 1140 {
			t.Errorf("Retry-After: %d, %v, want a third of an hour", got, err)
		}
		if r := s.get(t, "changes", "Authorization", keys["other"]); r.StatusCode != 200 {
			t.Errorf("another partner = %d", r.StatusCode)
		}
		if r := s.get(t, "changes"); r.StatusCode != 200 || r.Header.Get("RateLimit") != "" {
			t.Errorf("the public = %d, RateLimit %q", r.StatusCode, r.Header.Get("RateLimit"))
		}
	})
}

func TestUsageIsThePartnersOwn(t *testing.T) {
	onEveryStore(t, func(t *testing.T, store cache.Store) {
		record(t, store, article("dsb", 1), article("dsb", 2))
		with, keys := partners(partner.Partner{ID: "acme", Content: newswire.PolicyExcerpt}, partner.Partner{ID: "other"})
		s := serveWith(t, store, with, api.Options{})
		s.get(t, "articles")
		if left := time.Until(time.Now().UTC().Truncate(24 * time.Hour).Add(24 * time.Hour)); left < time.Minute {
			time.Sleep(left) // so that all is of one day
		}
		first := s.get(t, "articles", "Authorization", keys["acme"], "Accept-Encoding", "identity")
		s.get(t, "articles?limit=x", "Authorization", keys["acme"])
		u := decode[api.UsageReport](t, s.get(t, "usage", "Authorization", keys["acme"]), 200)
		if u.Partner != "acme" || u.Rate != "600/m" || u.Content != newswire.PolicyExcerpt || len(u.Days) != 1 {
			t.Fatalf("usage is %+v", u)
		}
		if d := u.Days[0]; d.Day != time.Now().UTC().Format(time.DateOnly) || d.Requests != 2 || d.Items != 2 || d.Bytes <= int64(len(first.body)) {
			t.Errorf("today is %+v", d)
		}
		if u := decode[api.UsageReport](t, s.get(t, "usage", "Authorization", keys["other"]), 200); len(u.Days) != 0 {
			t.Errorf("another partner's usage is %+v", u)
		}
		decode[api.Problem](t, s.get(t, "usage"), http.StatusUnauthorized)
	})
}

func TestAKeyThatGoesEndsItsStream(t *testing.T) {
	store := openSQLite(t)
	with, keys := partners(partner.Partner{ID: "acme"})
	s := serveWith(t, store, with, api.Options{})
	e := s.streamAs(t, keys["acme"])
	record(t, store, article("dsb", 1))
	e.next(t)
	s.settings.Store(settings) // a reload without partners
	record(t, store, article("dsb", 2))
	if data, ok := e.read(); ok {
		t.Errorf("after the key had gone: %s", data)
	}
	if r := s.get(t, "articles", "Authorization", keys["acme"]); r.StatusCode != http.StatusUnauthorized {
		t.Errorf("a key that has gone = %d", r.StatusCode)
	}
}
