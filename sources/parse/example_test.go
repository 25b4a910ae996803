package parse_test

import (
	"context"
	"fmt"

	"github.com/newswire/newswire/sources/parse"
)

// A feed as publishers write them: two ampersands and one element are not as XML wants them.
const harbourFeed = `<rss version="2.0"><channel><title>Harbour & News</title>
<item><guid isPermaLink="false">17</guid><title>Crane & sons</title><link>/17</link>
<pubDate>Mon, 02 Mar 2026 10:30:00 CET</pubDate><description>Read <a href="/more">more</a><br>soon</description></item></channel></rss>`

func ExampleParse() {
	doc, err := parse.Parse(context.Background(), []byte(harbourFeed), parse.Options{URL: "https://harbour.example/feed.xml", ContentType: "text/xml; charset=utf-8"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(doc.Format, "of", doc.Publisher.Title)
	for _, it := range doc.Items {
		fmt.Println(it.AtomID, it.URL, it.Title, it.Published)
	}
	// Output:
	// rss 2.0 of Harbour & News
	// tag:harbour.example,2026:17 https://harbour.example/17 Crane & sons 2026-03-02 09:30:00 +0000 UTC
}
