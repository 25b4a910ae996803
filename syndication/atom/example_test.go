package atom_test

import (
	"fmt"
	"strings"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/atom"
)

func ExampleEncode() {
	feed := newswire.Feed{
		Site:  newswire.Site{Title: "The Wire", URL: "https://wire.example.org"},
		Topic: newswire.All,
		Title: "All",
		Articles: []newswire.Article{{
			AtomID: "tag:harbour.example.com,2026:1", URL: "https://harbour.example.com/1", Title: "Tides & terms",
			Published: time.Date(2026, 3, 1, 8, 30, 0, 0, time.UTC),
			Publisher: newswire.Publisher{Title: "Harbour Notes", URL: "https://harbour.example.com/", FeedURL: "https://harbour.example.com/feed"},
		}},
	}
	body, err := atom.Encode(&feed)
	if err != nil {
		fmt.Println(err)
		return
	}
	_, entry, _ := strings.Cut(string(body), "<entry>")
	fmt.Println(entry)
	// Output:
	// <updated>2026-03-01T08:30:00Z</updated>
	//     <id>tag:harbour.example.com,2026:1</id>
	//     <published>2026-03-01T08:30:00Z</published>
	//     <title>Tides &#x26; terms</title>
	//     <link href="https://harbour.example.com/1" rel="alternate"></link>
	//     <author>
	//       <name>Harbour Notes</name>
	//     </author>
	//     <summary type="html">Tides &amp;amp; terms</summary>
	//     <source>
	//       <id>https://harbour.example.com/feed</id>
	//       <title>Harbour Notes</title>
	//       <updated>2026-03-01T08:30:00Z</updated>
	//       <link href="https://harbour.example.com/feed" rel="self"></link>
	//       <link href="https://harbour.example.com/" rel="alternate"></link>
	//     </source>
	//   </entry>
	// </feed>
}
