package api_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication/api"
)

func TestArticlesArePagedWithoutGaps(t *testing.T) {
	onEveryStore(t, func(t *testing.T, store cache.Store) {
		var all []newswire.Article
		for n := range 7 {
			all = append(all, article("dsb", n, "finance"))
		}
		record(t, store, all...)
		s := serve(t, store, api.Options{})
		for _, topic := range []string{"", "topic=all&", "topic=category/finance&", "topic=author%2Fjin-jiang&", "topic=source/dsb&"} {
			var got []string
			after := ""
			for range 10 {
				p := decode[itemPage](t, s.get(t, "articles?"+topic+"limit=3&after="+after), http.StatusOK)
				got = append(got, ids(p.Items)...)
				if after = p.Next; after == "" {
					break
				}
			}
			if want := idsOf(all); !slices.Equal(got, want) {
				t.Errorf("%q lists %v, want %v", topic, got, want)
			}
		}
		if p := decode[itemPage](t, s.get(t, "articles?topic=category/trade"), http.StatusOK); p.Items == nil || len(p.Items) > 0 || p.Next != "" {
			t.Errorf("an empty topic is %+v, want an empty list", p)
		}
	})
}

func TestOneArticle(t *testing.T) {
	store := openSQLite(t)
	a, b, held := article("dsb", 1), article("dsb", 2), article("dsb", 3)
	held.Held = "almost nothing but links"
	record(t, store, a, b, held)
	s := serve(t, store, api.Options{})
	if got := decode[item](t, s.get(t, "articles/"+a.ID), http.StatusOK); got.Wire.ID != a.ID || got.Title != a.Title {
		t.Errorf("articles/ID is %+v, want %s", got, a.ID)
	}
	a.Revision, a.Title = 2, "Corrected"
	record(t, store, a)
	revisions := decode[itemPage](t, s.get(t, "articles/"+a.ID+"/revisions"), http.StatusOK).Items
	if len(revisions) != 2 || revisions[0].Title != "Article 1" || revisions[1].Title != "Corrected" {
		t.Errorf("revisions are %+v", revisions)
	}
	if _, err := store.Withdraw(t.Context(), b.ID, "The author asked."); err != nil {
		t.Fatal(err)
	}
	for id, want := range map[string]int{b.ID: 410, held.ID: 404, "dsb-none": 404, "NONE": 404, "": 404} {
		for _, below := range []string{"", "/revisions"} {
			p := decode[api.Problem](t, s.get(t, "articles/"+id+below), want)
			if want == 410 && (p.Detail != "The author asked." || !strings.HasSuffix(p.Type, "/withdrawn")) {
				t.Errorf("a withdrawn article is %+v", p)
			}
		}
	}
}

func TestArticlesAreGivenAsNinjs(t *testing.T) {
	store := openSQLite(t)
	a := article("dsb", 1)
	record(t, store, a)
	s := serve(t, store, api.Options{})
	for _, path := range []string{"articles", "articles/" + a.ID, "articles/" + a.ID + "/revisions", "changes?after=0"} {
		r := s.get(t, path, "Accept", "text/html, application/ninjs+json;q=0.9")
		if got := r.Header.Get("Content-Type"); got != "application/ninjs+json" || !bytes.Contains(r.body, []byte(`"standard":{"name":"ninjs"`)) {
			t.Errorf("%s is %q:\n%s", path, got, r.body)
		}
		if !strings.Contains(r.Header.Get("Vary"), "Accept,") {
			t.Errorf("%s varies by %q", path, r.Header.Get("Vary"))
		}
		if r := s.get(t, path, "Accept", "application/ninjs+json;q=0, */*"); r.Header.Get("Content-Type") != "application/json" {
			t.Errorf("%s that refuses ninjs is %q", path, r.Header.Get("Content-Type"))
		}
	}
}

func TestAnswersAreConditionalAndCompressed(t *testing.T) {
	store := openSQLite(t)
	var all []newswire.Article
	for n := range 5 {
		all = append(all, article("dsb", n, "finance"))
	}
	record(t, store, all...)
	s := serve(t, store, api.Options{})
	for _, path := range []string{"articles", "articles/" + all[0].ID, "changes?after=0", "changes", "categories", "authors", "sources", "openapi.json"} {
		plain, packed := s.get(t, path, "Accept-Encoding", "identity"), s.ask(t, http.MethodGet, path, "Accept-Encoding", "gzip")
		tag := plain.Header.Get("ETag")
		if packed.Header.Get("Content-Encoding") == "gzip" {
			z, err := gzip.NewReader(bytes.NewReader(packed.body))
			if err != nil {
				t.Fatal(err)
			}
			unpacked, err := io.ReadAll(z)
			if err != nil || !bytes.Equal(unpacked, plain.body) {
				t.Errorf("%s in gzip is another answer: %v", path, err)
			}
			if packed.Header.Get("ETag") == tag {
				t.Errorf("%s has the same strong tag in two codings", path)
			}
		} else if len(plain.body) > 600 {
			t.Errorf("%s of %d bytes is not compressed", path, len(plain.body))
		}
		if r := s.get(t, path, "Accept-Encoding", "identity", "If-None-Match", `"x", W/`+tag); r.StatusCode != http.StatusNotModified || r.Header.Get("ETag") != tag {
			t.Errorf("%s that the client has = %d, ETag %s", path, r.StatusCode, r.Header.Get("ETag"))
		}
		if r := s.ask(t, http.MethodHead, path, "Accept-Encoding", "identity"); r.StatusCode != 200 || len(r.body) > 0 || r.Header.Get("Content-Length") != strconv.Itoa(len(plain.body)) {
			t.Errorf("HEAD %s = %d with %d bytes", path, r.StatusCode, len(r.body))
		}
		if r := s.ask(t, http.MethodGet, path, "Accept-Encoding", "br;q=1, *;q=0"); r.StatusCode != http.StatusNotAcceptable {
			t.Errorf("%s where nothing is acceptable = %d", path, r.StatusCode)
		}
	}
}

func TestListings(t *testing.T) {
	onEveryStore(t, func(t *testing.T, store cache.Store) {
		record(t, store, article("dsb", 1, "finance"), article("dsb", 2))
		s := serve(t, store, api.Options{})
		for path, want := range map[string][]api.Listing{
			"categories": {{ID: "finance", Title: "Finance", Topic: "category/finance", Articles: 1}, {ID: "trade", Title: "Trade", Topic: "category/trade"}},
			"sources":    {{ID: "dsb", Title: "電商報", Topic: "source/dsb", Articles: 2}, {ID: "quiet", Topic: "source/quiet"}},
			"authors":    {{ID: "jin-jiang", Title: "金江", Topic: "author/jin-jiang", Articles: 2}},
		} {
			got := decode[api.Listings](t, s.get(t, path), http.StatusOK).Items
			for i := range got {
				if (got[i].Changed != "") != (got[i].Articles > 0) {
					t.Errorf("%s: %+v", path, got[i])
				}
				got[i].Changed, got[i].FeedURL, got[i].HomePageURL = "", "", ""
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s are %+v, want %+v", path, got, want)
			}
		}
	})
}

func TestBadRequestsNameTheirParameter(t *testing.T) {
	s := serve(t, openSQLite(t), api.Options{})
	for path, parameter := range map[string]string{
		"articles?limit=0":                           "limit",
		"articles?limit=501":                         "limit",
		"articles?limit=ten":                         "limit",
		"articles?topic=held/dsb":                    "topic",
		"articles?topic=category/FIN":                "topic",
		"articles?after=nonsense":                    "after",
		"articles?after=%00":                         "after",
		"articles?colour=red":                        "colour",
		"articles?limit=1&limit=2":                   "limit",
		"articles?after=" + strings.Repeat("x", 300): "after",
		"changes?after=nonsense":                     "after",
		"changes?after=-1":                           "after",
		"changes?after=1&wait=soon":                  "wait",
		"changes?after=1&wait=61s":                   "wait",
		"changes?after=1&wait=-1s":                   "wait",
		"changes/stream?after=x":                     "after",
		"authors?after=x":                            "after",
		"categories?limit=1":                         "limit",
	} {
		p := decode[api.Problem](t, s.get(t, path), http.StatusBadRequest)
		if p.Parameter != parameter || !strings.HasPrefix(p.Type, settings.Site.URL) || p.Status != 400 || !strings.Contains(p.Detail, parameter) {
			t.Errorf("%s: %+v, want one that names %s", path, p, parameter)
		}
	}
	for _, path := range []string{"", "nothing", "articles/", "changes/", "articles/x/y"} {
		decode[api.Problem](t, s.get(t, path), http.StatusNotFound)
	}
	if r := s.ask(t, http.MethodPost, "articles"); r.StatusCode != http.StatusMethodNotAllowed || r.Header.Get("Allow") == "" {
		t.Errorf("POST = %d, Allow %q", r.StatusCode, r.Header.Get("Allow"))
	}
	if r := s.ask(t, http.MethodOptions, "articles"); r.StatusCode != http.StatusNoContent {
		t.Errorf("OPTIONS = %d", r.StatusCode)
	}
}
