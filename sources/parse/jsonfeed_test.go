package parse_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire"
)

func TestJSONFeedIsReadWhole(t *testing.T) {
	doc := parsed(t, `{
  "version": "https://jsonfeed.org/version/1.1", "title": "Harbour <News>", "home_page_url": "https://harbour.example/",
  "feed_url": "https://harbour.example/feed.json", "description": "d", "icon": "/icon.png", "favicon": "/fav.png", "language": "en",
  "authors": [{"name": "Dora", "url": "https://dora.example/", "avatar": "https://dora.example/a.png"}],
  "hubs": [{"type": "rssCloud", "url": "https://cloud.example/"}, {"type": "WebSub", "url": "https://hub.example/"}],
  "items": [
    {"id": 17, "url": "/17", "external_url": "https://elsewhere.example/", "title": "a <b> title", "summary": "1 < 2",
     "content_text": "first\nline\n\nsecond & last", "date_published": "2026-03-02T10:30:00+01:00", "date_modified": "2026-03-02T11:00:00Z",
     "tags": ["ports", 7], "image": "/p.jpg", "language": "de", "author": {"name": "Ann"},
     "attachments": [{"url": "/a.mp3", "mime_type": "audio/mpeg", "size_in_bytes": "12", "duration_in_seconds": 90.5, "title": "A"}]},
    {"id": "https://harbour.example/18", "url": "https://harbour.example/18", "content_html": "<p>x</p>"},
    "not an item"
  ]}`)
	if doc.Format != "json feed 1.1" || doc.Hub != "https://hub.example/" {
		t.Errorf("format %q, hub %q", doc.Format, doc.Hub)
	}
	wantPublisher := newswire.Publisher{
		ID: "https://harbour.example/feed.json", Title: "Harbour <News>", Subtitle: "d", URL: "https://harbour.example/",
		FeedURL: "https://harbour.example/feed.json", Icon: "https://harbour.example/fav.png", Logo: "https://harbour.example/icon.png",
		Language: "en", Authors: []newswire.Person{{Name: "Dora", URL: "https://dora.example/"}},
	}
	if diff := cmp.Diff(wantPublisher, doc.Publisher); diff != "" {
		t.Errorf("publisher (-want +got):\n%s", diff)
	}
	want := newswire.Article{
		GUID: "17", AtomID: "tag:harbour.example,2026:17", URL: "https://harbour.example/17", Title: "a <b> title",
		Summary: "1 &lt; 2", Content: "<p>first<br>line</p><p>second &amp; last</p>", Authors: []newswire.Person{{Name: "Ann"}},
		Published: time.Date(2026, 3, 2, 9, 30, 0, 0, time.UTC), Updated: time.Date(2026, 3, 2, 11, 0, 0, 0, time.UTC), Language: "de",
		Terms: []newswire.Term{{Term: "ports"}, {Term: "7"}},
		Enclosures: []newswire.Enclosure{
			{URL: "https://harbour.example/a.mp3", Type: "audio/mpeg", Title: "A", Length: 12, Duration: 90 * time.Second},
		},
		Image: &newswire.Image{URL: "https://harbour.example/p.jpg", Type: "image/jpeg"},
		Links: []newswire.Link{{Rel: "related", URL: "https://elsewhere.example/"}},
	}
	if diff := cmp.Diff(want, doc.Items[0].Article); diff != "" {
		t.Errorf("item (-want +got):\n%s", diff)
	}
	second := doc.Items[1]
	if !second.PermaLink || len(second.Authors) != 1 || second.Authors[0].Name != "Dora" || len(doc.Items) != 2 {
		t.Errorf("second item %+v of %d", second, len(doc.Items))
	}
}
