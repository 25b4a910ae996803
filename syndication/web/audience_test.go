package web_test

import (
	"errors"
	"log/slog"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/webtest"
	"github.com/newswire/newswire/syndication/web"
)

func TestReadersOfATopicAreCounted(t *testing.T) {
	type request struct{ method, path, agent, from string }
	const (
		all, source = "/feeds/all.atom", "/feeds/source/dsb.json"
		inoreader   = "Inoreader/1.0 (+http://www.inoreader.com/feed-fetcher; # subscribers; )"
	)
	says := func(agent, n string) string { return strings.Replace(agent, "#", n, 1) }
	for _, tt := range []struct {
		name     string
		requests []request
		want     map[newswire.Topic]int
	}{
		{"no reader", nil, nil},
		{"one who asks again, in another format too", []request{{"GET", all, "A/1", ""}, {"GET", all, "A/1", ""}, {"GET", "/feeds/all.rss", "A/1", ""}}, map[newswire.Topic]int{"all": 1}},
		{"programs", []request{{"GET", all, "A/1", ""}, {"GET", all, "B/1", ""}, {"GET", source, "B/1", ""}}, map[newswire.Topic]int{"all": 2, "source/dsb": 1}},
		{
			"networks behind a proxy",
			[]request{{"GET", all, "A/1", "192.0.2.1"}, {"GET", all, "A/1", "192.0.2.2"}, {"GET", all, "A/1", "198.51.100.1"}, {"GET", all, "A/1", "2001:db8::1"}},
			map[newswire.Topic]int{"all": 3},
		},
		{
			"a service, whose last word counts",
			[]request{{"GET", all, says(inoreader, "16"), ""}, {"GET", all, says(inoreader, "17"), "192.0.2.1"}, {"GET", all, says(inoreader, "16"), ""}, {"GET", all, "A/1", ""}},
			map[newswire.Topic]int{"all": 17},
		},
		{"a service that has two of the addresses", []request{{"GET", all, says(inoreader, "16"), ""}, {"GET", "/feeds/all.rss", says(inoreader, "5"), ""}}, map[newswire.Topic]int{"all": 21}},
		{"a service without readers", []request{{"GET", all, says(inoreader, "0"), ""}}, nil},
		{
			"requests that read nothing",
			[]request{
				{"GET", all, "Googlebot/2.1", ""},
				{"GET", all, "", ""},
				{"HEAD", all, "A/1", ""},
				{"GET", "/feeds/category/none.atom", "A/1", ""},
				{"GET", "/feeds/author/jin-jiang.atom", "A/1", ""},
				{"GET", "/feeds/all.atom?limit=7", "A/1", ""},
				{"GET", "/", "A/1", ""},
			},
			nil,
		},
	} {
		t.Run(tt.name, func(t *testing.T) {
			store := webtest.NewShop(webtest.Article("a", webtest.At("09:00:00.000")))
			o := webtest.Fast
			o.Now = func() time.Time { return webtest.At("12:00:00.000") }
			s := webtest.Serve(t, store, o)
			for _, r := range tt.requests {
				fields := []string{"User-Agent", r.agent}
				if r.from != "" {
					fields = append(fields, "X-Forwarded-For", r.from)
				}
				s.Ask(t, r.method, r.path, fields...)
			}
			s.Stop()
			if diff := cmp.Diff(tt.want, store.Counted(webtest.At("00:00:00.000"))); diff != "" {
				t.Errorf("readers (-want +got):\n%s", diff)
			}
		})
	}
}

func TestEachDayIsCountedForItself(t *testing.T) {
	store := webtest.NewShop(webtest.Article("a", webtest.At("09:00:00.000")))
	var clock atomic.Int64
	clock.Store(webtest.At("23:00:00.000").UnixNano())
	var log webtest.LockedBuffer
	o := webtest.Fast
	o.CountEvery = time.Millisecond
	o.Now = func() time.Time { return time.Unix(0, clock.Load()) }
	o.Log = slog.New(slog.NewTextHandler(&log, nil))
	s := webtest.Serve(t, store, o)
	today, tomorrow := webtest.At("00:00:00.000"), webtest.At("00:00:00.000").Add(24*time.Hour)
	reads := func(day time.Time, n int) {
		t.Helper()
		webtest.Until(t, "the store was told", func() bool { return store.Counted(day)["all"] == n })
	}
	s.Get(t, "/feeds/all.atom", "User-Agent", "A/1")
	s.Get(t, "/feeds/all.atom", "User-Agent", "B/1")
	reads(today, 2)

	store.Set(func(s *webtest.Shop) { s.Broken = errors.New("connection refused") })
	webtest.Until(t, "it is said", func() bool { return strings.Contains(log.String(), "readers not counted for now") })
	s.Get(t, "/feeds/all.atom", "User-Agent", "C/1")
	store.Set(func(s *webtest.Shop) { s.Broken = nil })
	reads(today, 3)
	webtest.Until(t, "it is said", func() bool { return strings.Contains(log.String(), "readers counted again") })

	clock.Store(webtest.At("23:00:00.000").Add(2 * time.Hour).UnixNano())
	webtest.Until(t, "the new day has begun", func() bool {
		s.Get(t, "/feeds/all.atom", "User-Agent", "A/1")
		return store.Counted(tomorrow)["all"] == 1
	})
	reads(today, 3)
}

func TestNobodyIsCountedWithoutAnAnswer(t *testing.T) {
	store := webtest.NewShop()
	o := web.Options{Poll: webtest.Fast.Poll, StoreTimeout: webtest.Fast.StoreTimeout}
	o.Now = func() time.Time { return webtest.At("12:00:00.000") }
	store.Set(func(s *webtest.Shop) { s.Broken = errors.New("connection refused") })
	s := webtest.Start(t, store, webtest.Directory, o)
	if got := s.Get(t, "/feeds/all.atom", "User-Agent", "A/1"); got.StatusCode != 503 {
		t.Fatalf("GET = %d", got.StatusCode)
	}
	store.Set(func(s *webtest.Shop) { s.Broken = nil })
	s.Stop()
	if got := store.Counted(webtest.At("00:00:00.000")); got != nil {
		t.Errorf("counted %v", got)
	}
}
