package demo

import "time"

// canal has what is particular to Atom: several authors an entry, contributors of text in xhtml, xml:base with relative
// links, rights and a licence.
func canal() *site {
	var (
		jin   = author{Name: "Jin Jiang", Key: "jin"}
		maeve = author{Name: "Maeve O'Dowd", Key: "maeve"}
		pavel = author{Name: "Pavel Šíma", Key: "pavel"}
	)
	zone := time.FixedZone("", 60*60) // the publisher writes its dates with its own offset
	at := func(month time.Month, day, hour, minute int) time.Time {
		return time.Date(2026, month, day, hour, minute, 0, 0, zone)
	}
	return &site{
		ID: "canal", Name: "Notes from the Canal", Language: "en-IE",
		Tagline:  "Walking pace, with locks",
		Kind:     "Atom with several authors, xml:base, xhtml and a licence",
		FeedPath: "/notes/feed.atom", FeedType: "application/atom+xml", Template: "canal.atom.tmpl",
		MaxAge: 30 * time.Second, Schedule: "@every 5s", Policy: "full", Categories: []string{"outdoors"},
		Authors: []author{jin, maeve, pavel},
		News: fixed(
			article{
				Path: "notes/heron.html", Title: "The heron of the third lock", Authors: []author{maeve, pavel},
				Published: at(time.February, 22, 8, 5), Terms: []string{"birds", "locks"},
				Summary: "It has stood there for eleven winters, and nobody has seen it arrive.",
				Content: `<p>It has stood there for eleven winters, and nobody has seen it arrive. The lock keeper says it is not one
heron but a post held in turn, like his own.</p>
<p><img src="../pictures/heron.png" alt="A grey shape by the lower gate" width="320" height="180"/></p>
<p>We sat from first light until the <a href="ferry.html">winter ferry</a> came through. At no moment was the post
empty. At two moments there were two herons, and neither looked at the other.</p>`,
				Picture: picture{Name: "heron.png", Title: "A grey shape by the lower gate", Credit: "Pavel Šíma"},
			},
			article{
				Path: "notes/trade.html", Title: "What the barges carried", Authors: []author{jin},
				Published: at(time.February, 10, 18, 40), Terms: []string{"trade", "history"},
				Summary: "A ledger in the old toll house lists every cargo from 1891 to 1923, down to one harp.",
				Content: `<p>A ledger in the old toll house lists every cargo from 1891 to 1923, down to one harp.</p>
<table><thead><tr><th>Cargo</th><th>Barges</th></tr></thead><tbody><tr><td>Coal</td><td>4,118</td></tr>
<tr><td>Barley</td><td>2,960</td></tr><tr><td>Bricks</td><td>1,204</td></tr><tr><td>Harps</td><td>1</td></tr></tbody></table>
<p>The harp paid the toll for furniture, was measured twice, and is the only cargo with a remark: <q>played well</q>.</p>`,
			},
			article{
				Path: "notes/ferry.html", Title: "The winter ferry takes four", Authors: []author{pavel},
				Published: at(time.January, 30, 7, 0), Updated: at(time.February, 2, 9, 30), Terms: []string{"boats"},
				Summary: "Four passengers, or three and a bicycle. The timetable is a bell.",
				Content: `<p>Four passengers, or three and a bicycle. The timetable is a bell that hangs on the far side, so that you
must be heard by someone who cannot see you.</p>
<p>Ring twice and wait. If there is ice, ring once and walk back; the keeper will wave to say that he knows.</p>`,
			},
			article{
				Path: "notes/names.html", Title: "Every bridge has two names", Authors: []author{maeve, jin},
				Published: at(time.January, 12, 20, 15), Terms: []string{"bridges", "history"},
				Summary: "One on the map and one in use. We walked nineteen bridges and asked at each.",
				Content: `<p>One on the map and one in use. We walked nineteen bridges and asked at each.</p>
<dl><dt>Bridge 7, Commissioners’</dt><dd>“The low one.”</dd><dt>Bridge 12, Saint Brendan’s</dt><dd>“Murphy’s, and don’t tell
Murphy.”</dd><dt>Bridge 15</dt><dd>It has no name on the map. In use it is called the Nameless, which we think counts.</dd></dl>`,
			},
		),
	}
}
