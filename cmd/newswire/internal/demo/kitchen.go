package demo

import "time"

// kitchen has all that RSS 2.0 has grown: content:encoded, several dc:creator, Media RSS, an enclosure.
func kitchen() *site {
	var (
		odile  = author{Name: "Odile Marchetti", Key: "odile"}
		tomasz = author{Name: "Tomasz Wren", Key: "tomasz"}
		ruth   = author{Name: "Ruth Adeyemi", Key: "ruth"}
	)
	return &site{
		ID: "kitchen", Name: "The Slow Kitchen", Language: "en",
		Tagline:  "Cooking that waits until it is ready",
		Kind:     "RSS 2.0 with full content, several authors, pictures and a recording",
		FeedPath: "/feed.xml", FeedType: "application/rss+xml", Template: "kitchen.rss.tmpl",
		MaxAge: 30 * time.Second, Schedule: "@every 5s", Policy: "excerpt", Categories: []string{"food"},
		Statement: "© 2026 The Slow Kitchen and its authors",
		Contact:   "letters@kitchen.example",
		Authors:   []author{odile, tomasz, ruth},
		News: fixed(
			article{
				Path: "2026/crust.html", Title: "What a crust sounds like", Authors: []author{tomasz, odile},
				Published: on(time.February, 18, 7, 30), Terms: []string{"bread", "listening"},
				Summary: "Take a loaf out of the oven, put your ear to it, and wait. A good crust sings for about four minutes.",
				Content: `<p>Take a loaf out of the oven, put your ear to it, and wait. A good crust <em>sings</em>: it cools faster than
the crumb, shrinks, and cracks in a hundred places, each with a small clear tick.</p>
<p>We recorded nine loaves. The quiet ones had two things in common: too much steam at the end, and a baker in a hurry.</p>
<blockquote><p>“If it says nothing, leave it on the rack and do not take it personally.”</p></blockquote>
<p>The recording that comes with this piece is a bell at the pitch of the best of them. The bread itself we ate.</p>`,
				Picture: picture{Name: "crust.png", Title: "A rack of loaves by the window", Credit: "Ruth Adeyemi"},
				File:    file{Name: "crust.wav", Type: "audio/wav", Title: "The pitch of a good crust", Data: tone(880, 2)},
			},
			article{
				Path: "2026/stock.html", Title: "Stock, and how to forget it properly", Authors: []author{odile},
				Published: on(time.February, 4, 16, 0), Terms: []string{"soup"},
				Summary: "Bones, water, an onion with its skin on. Everything after that is leaving it alone.",
				Content: `<p>Bones, water, an onion with its skin on. Everything after that is leaving it alone.</p>
<ol><li>Bring it up slowly; an hour is not too long.</li><li>Skim once. Only once.</li>
<li>Go for a walk. There is a market at the north gate if you need a reason.</li></ol>
<p>When you come back the kitchen will tell you how it went before you see the pot.</p>`,
				Picture: picture{Name: "stock.png", Title: "Steam on a winter window", Credit: "Odile Marchetti"},
			},
			article{
				Path: "2026/market.html", Title: "Six radishes & a conversation", Authors: []author{ruth},
				Published: on(time.January, 21, 9, 15), Terms: []string{"market", "vegetables"},
				Summary: "The radish seller at the north gate has opinions on butter. We wrote them down.",
				Content: `<p>The radish seller at the north gate has opinions on butter. We wrote them down.</p>
<ul><li>Cold, but not from the coldest shelf.</li><li>Salted; “the radish has done its part already”.</li>
<li>Thick enough to show the marks of teeth.</li></ul>
<p>We went for six radishes and stayed for forty minutes. The radishes were very good.</p>`,
			},
			article{
				Path: "2026/beans.html", Title: "The beans are not late, you are early", Authors: []author{odile, ruth, tomasz},
				Published: on(time.January, 7, 12, 0), Updated: on(time.January, 9, 8, 0), Terms: []string{"beans"},
				Summary: "Three cooks, one pot, and the oldest argument in the house: does salt go in at the start?",
				Content: `<p>Three cooks, one pot, and the oldest argument in the house: does salt go in at the start?</p>
<p>We cooked the same beans twice. With salt from the beginning they took eleven minutes longer and kept their skins.
Without, they were done first and looked it.</p>
<p><strong>Correction.</strong> An earlier version of this article gave the difference as an hour. That was the walk.</p>`,
			},
		),
	}
}
