package demo

import "time"

// almanac speaks JSON Feed 1.1: authors with addresses, tags, an attachment.
func almanac() *site {
	var (
		sana = author{Name: "Sana Qureshi", Key: "sana"}
		leif = author{Name: "Leif Aune", Key: "leif"}
	)
	return &site{
		ID: "almanac", Name: "Plain Sky Almanac", Language: "en",
		Tagline:  "What is up there tonight, without a telescope",
		Kind:     "JSON Feed 1.1 with authors and an attachment",
		FeedPath: "/feed.json", FeedType: "application/feed+json", Template: "almanac.json.tmpl",
		MaxAge: 30 * time.Second, Schedule: "@every 5s", Policy: "full", Categories: []string{"science"},
		Statement: "© 2026 Plain Sky Almanac",
		Authors:   []author{sana, leif},
		News: fixed(
			article{
				Path: "nights/twilight.html", Title: "Twilight comes in three sizes", Authors: []author{sana, leif},
				Published: on(time.February, 20, 17, 45), Terms: []string{"twilight", "sun"},
				Summary: "Civil, nautical, astronomical: how to tell them apart with a newspaper, a horizon and some patience.",
				Content: `<p>You can still read a newspaper: <b>civil</b>. You can no longer read it, but the horizon is a line:
<b>nautical</b>. The line is gone, and the faintest stars are not yet there: <b>astronomical</b>.</p>
<p>Each lasts as long as the sun takes to sink six degrees more. At the equator that is about 24 minutes; where Leif lives,
in June, it is until August.</p>
<p>The table that comes with this piece has the sun's depth at the end of each.</p>`,
				Picture: picture{Name: "twilight.png", Title: "Three bands over the sea", Credit: "Leif Aune"},
				File: file{
					Name: "twilight.csv", Type: "text/csv", Title: "Depth of the sun",
					Data: []byte("twilight,ends_at_degrees_below_horizon\ncivil,6\nnautical,12\nastronomical,18\n"),
				},
			},
			article{
				Path: "nights/dipper.html", Title: "Measure the sky with your hand", Authors: []author{sana},
				Published: on(time.February, 3, 21, 10), Terms: []string{"how-to"},
				Summary: "A little finger at arm's length is one degree, a fist is ten. It works for everyone, because arms and hands agree.",
				Content: `<p>A little finger at arm's length is one degree, a fist is ten. It works for children too, because long arms
come with large hands.</p><p>Try it on the Big Dipper: the two stars at the end of the bowl are five degrees apart, three
fingers. Then follow them five times as far and you are at the pole.</p>`,
			},
			article{
				Path: "nights/moon.html", Title: "The moon is not bigger tonight", Authors: []author{leif},
				Published: on(time.January, 16, 19, 0), Updated: on(time.January, 17, 6, 20), Terms: []string{"moon"},
				Summary: "It only looks so near the horizon. Roll up a sheet of paper, look through it, and see it shrink.",
				Content: `<p>It only looks so near the horizon. Roll up a sheet of paper until the moon just fills it, tape it, and look
again at midnight. It fits.</p><p>Nobody is quite sure why we see it large. This is one of the few mysteries you can hold in
your hand.</p>`,
			},
		),
	}
}
