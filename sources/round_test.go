package sources_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/sourcetest"
)

func TestARoundSaysThatAnotherProcessVisitsASource(t *testing.T) {
	d := newHarness(t)
	publisher := sourcetest.NewPublisher(t, rss("1 One"))
	catalog, err := sources.NewCatalog([]newswire.Source{{ID: "a", URL: publisher.URL(), Schedule: "@every 1h"}}, nil, nil)
	if err != nil {
		t.Fatal(err)
	}
	setup := sources.Setup{Catalog: catalog, Fetcher: d.client}
	publisher.Answer(publisher.Hang())
	ctx, stop := context.WithCancel(t.Context())
	other := make(chan error, 1)
	go func() { other <- sources.NewAggregator(d.store, setup, sources.Options{}).Round(ctx) }()
	defer func() {
		stop()
		<-other // it was cut off
	}()
	for len(publisher.Requests()) == 0 {
		time.Sleep(time.Millisecond)
	}
	for _, named := range [][]string{nil, {"a"}} {
		var got []sources.Result
		round := sources.NewAggregator(d.store, setup, sources.Options{Report: func(r sources.Result) { got = append(got, r) }})
		if err := round.Round(t.Context(), named...); err != nil {
			t.Fatal(err)
		}
		if len(got) != 1 || got[0].Outcome != sources.PutOff || !strings.Contains(got[0].Why, "it is being visited") {
			t.Errorf("a round of %v reports %+v; want a source that is put off because another process visits it", named, got)
		}
	}
}
