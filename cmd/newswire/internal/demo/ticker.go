package demo

import (
	"fmt"
	"time"
)

const (
	tickerEvery = 4 * time.Second // between two articles
	tickerKeeps = 20              // articles in the feed
)

var (
	ships   = []string{"Alder", "Brenta", "Coriander", "Dunlin", "Estuary Queen", "Firth", "Gannet"}
	cargoes = []string{"oranges", "sawn timber", "bicycles", "school desks", "green tea", "roof tiles", "sea salt", "pianos", "rope", "letters", "umbrellas"}
	keepers = []author{{Name: "The East Light", Key: "east"}, {Name: "The West Light", Key: "west"}}
)

// tickerSite is the publisher that always has something new. What it has is a function of the time since it began, so
// nothing runs between two requests.
func tickerSite(now func() time.Time) *site {
	began := now().UTC().Truncate(time.Second)
	return &site{
		ID: "harbour", Name: "Harbour Bulletin", Language: "en",
		Tagline:  "Every ship that passes the mole, as it passes",
		Kind:     "RSS 2.0, a new article every few seconds",
		FeedPath: "/bulletin.rss", FeedType: "application/rss+xml", Template: "harbour.rss.tmpl",
		MaxAge: 2 * time.Second, Schedule: "@every 2s", Policy: "full", Categories: []string{"harbour"},
		Authors: keepers,
		News:    func() []article { return passages(began, now()) },
	}
}

// passages are the ticker's newest articles at a moment, newest first.
func passages(began, now time.Time) []article {
	newest := max(0, int(now.Sub(began)/tickerEvery))
	oldest := max(0, newest-tickerKeeps+1)
	all := make([]article, 0, tickerKeeps)
	for n := newest; n >= oldest; n-- {
		all = append(all, passage(began, n))
	}
	return all
}

// passage is the ticker's n-th article, counted from 0.
func passage(began time.Time, n int) article {
	ship, cargo := ships[n%len(ships)], cargoes[n%len(cargoes)]
	at := began.Add(time.Duration(n) * tickerEvery)
	title := fmt.Sprintf("No. %d: %s comes in with %s", n+1, ship, cargo)
	term := "arrivals"
	if n%2 == 1 {
		title = fmt.Sprintf("No. %d: %s puts out with %s", n+1, ship, cargo)
		term = "departures"
	}
	text := fmt.Sprintf("The %s passed the mole at %s with %s in her hold. Wind %d, sea %s.",
		ship, at.Format(time.TimeOnly), cargo, n%7, []string{"calm", "slight", "moderate"}[n%3])
	return article{
		Path:      fmt.Sprintf("passages/%d-%d.html", began.Unix(), n+1),
		Title:     title,
		Authors:   keepers[n%len(keepers) : n%len(keepers)+1],
		Published: at,
		Terms:     []string{term, "trade"},
		Summary:   text,
		Content:   "<p>" + text + "</p>",
	}
}
