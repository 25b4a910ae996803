package console_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/console"
)

// notes are those of a document that was mended and of a failure.
func notes() []newswire.Note {
	return []newswire.Note{
		{At: time.Now(), Outcome: "failed", Error: "no answer <within> 30 s", Took: 30 * time.Second, Confirmed: 7},
		{
			At: time.Now().Add(-24 * time.Hour), Outcome: "changed", Status: 200, Bytes: 123_456, Offered: 20, New: 2, Edited: 1, Took: 1234567 * time.Microsecond,
			URL: "https://a.example/feed", Header: []newswire.HeaderField{{Name: "ETag", Value: `W/"<1>"`}, {Name: "Cache-Control", Value: "max-age=1800"}},
			Repairs: []string{"an ampersand stood bare"}, Removed: map[string]int{"related reading": 3},
		},
	}
}

// busy are days with visits, articles and failures.
func busy() (d newswire.Days) {
	for i := range 10 {
		d = d.Add(time.Now().AddDate(0, 0, i-9), newswire.Day{Visits: 24, Articles: i, Failures: i / 9})
	}
	return d
}

func TestASourceTellsOfItsLastVisits(t *testing.T) {
	s := &shelf{notes: notes(), sources: []console.Source{{ID: "a", Name: "Fine", Condition: "well", Days: busy(), Confirmed: 41}}}
	b := newBrowser(t, s, console.Options{})
	_, body := b.get("/sources/a")
	for _, want := range []string{
		"41 visits were answered 304", "no answer &lt;within&gt; 30 s", "7 visits were answered 304",
		"HTTP 200, 123 kB, took 1.235s.", "20 articles offered: 2 new, 1 changed.", "an ampersand stood bare", "related reading: 3",
		"W/&#34;&lt;1&gt;&#34;", "max-age=1800",
		`aria-label="240 visits in 30 days, at most 24 a day"`, `aria-label="45 articles in 30 days, at most 9 a day"`, `aria-label="1 failure in 30 days, at most 1 a day"`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %s\n%s", want, body)
		}
	}
	paths := regexp.MustCompile(`<path d="([^"]*)"/>`).FindAllStringSubmatch(body, -1)
	if len(paths) != 3 || strings.Count(paths[0][1], "M") != 10 || !strings.HasPrefix(paths[0][1], "M80 0h3v24h-3z") || strings.Count(paths[2][1], "M") != 1 {
		t.Errorf("the plots are %q", paths)
	}
	if strings.Contains(body, "style=") {
		t.Error("the page has inline style, which its policy forbids")
	}
}
