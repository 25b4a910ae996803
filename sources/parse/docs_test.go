package parse

import (
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// structure is what holds elements, and what is read as a part of the element that it stands in.
var structure = []string{
	"rss", "rdf", "channel", "item", "feed", "entry", "name", "email", "uri", "url", "width", "height",
	"atom:name", "atom:email", "atom:uri",
}

// What the scanner lets through is kept or dropped on purpose, and docs/kept.md says which.
func TestEveryElementThatIsReadIsDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/kept.md")
	if err != nil {
		t.Fatal(err)
	}
	text := strings.ToLower(string(doc))
	read := map[string]shape{}
	for _, table := range []map[string]shape{extensions, rssElements, atomElements} {
		maps.Copy(read, table)
	}
	for name := range read {
		if !slices.Contains(structure, name) && !strings.Contains(text, "`"+name+"`") && !strings.Contains(text, "`"+name+" ") {
			t.Errorf("%s is read, and docs/kept.md does not say what for", name)
		}
	}
	kept, _, found := strings.Cut(text, "## news sitemaps")
	if !found {
		t.Fatal("docs/kept.md has no section on news sitemaps")
	}
	for _, m := range regexp.MustCompile("`((?:atom|dc|dcterms|content|itunes|media|feedburner|cc|rsl|xhtml|sy):[a-z]+)").FindAllStringSubmatch(kept, -1) {
		if _, ok := read[m[1]]; !ok {
			t.Errorf("docs/kept.md says that %s is kept, and it is not read", m[1])
		}
	}
}

// formats are the elements of each format and module, and the members of JSON Feed, as their specifications list them.
var formats = map[string]string{
	"RSS 2.0": `title link description language copyright managingEditor webMaster pubDate lastBuildDate category generator docs
		cloud ttl image rating textInput skipHours skipDays hour day url width height author comments enclosure guid source`,
	"Atom": `author category contributor generator icon id link logo rights subtitle title updated published content summary source`,
	"Media RSS": `media:group media:content media:adult media:rating media:title media:description media:keywords media:thumbnail
		media:category media:hash media:player media:credit media:copyright media:text media:restriction media:community
		media:starRating media:statistics media:tags media:comments media:comment media:embed media:param media:responses
		media:response media:backLinks media:backLink media:status media:price media:license media:subTitle media:peerLink
		media:location media:rights media:scenes media:scene`,
	"iTunes": `itunes:author itunes:block itunes:category itunes:complete itunes:duration itunes:email itunes:episode
		itunes:episodeType itunes:explicit itunes:image itunes:isClosedCaptioned itunes:keywords itunes:name itunes:new-feed-url
		itunes:order itunes:owner itunes:season itunes:subtitle itunes:summary itunes:title itunes:type`,
	"Dublin Core": `dc:contributor dc:coverage dc:creator dc:date dc:description dc:format dc:identifier dc:language dc:publisher
		dc:relation dc:rights dc:source dc:subject dc:title dc:type dcterms:abstract dcterms:created dcterms:creator
		dcterms:issued dcterms:license dcterms:modified dcterms:rights`,
	"Podcast Namespace": `podcast:transcript podcast:locked podcast:funding podcast:chapters podcast:soundbite podcast:person
		podcast:location podcast:season podcast:episode podcast:trailer podcast:license podcast:alternateEnclosure podcast:source
		podcast:integrity podcast:guid podcast:value podcast:valueRecipient podcast:valueTimeSplit podcast:medium podcast:images
		podcast:image podcast:liveItem podcast:contentLink podcast:socialInteract podcast:chat podcast:block podcast:txt
		podcast:remoteItem podcast:podroll podcast:updateFrequency podcast:podping podcast:publisher`,
	"JSON Feed": `title home_page_url feed_url description user_comment next_url icon favicon authors author avatar language expired
		hubs id url external_url content_html content_text summary image banner_image date_published date_modified tags attachments`,
}

func TestEveryElementOfTheFormatsIsDocumented(t *testing.T) {
	doc, err := os.ReadFile("../../docs/kept.md")
	if err != nil {
		t.Fatal(err)
	}
	for format, elements := range formats {
		for name := range strings.FieldsSeq(elements) {
			if text := string(doc); !strings.Contains(text, "`"+name+"`") && !strings.Contains(text, "`"+name+" ") {
				t.Errorf("%s has %s, and docs/kept.md says neither what becomes of it nor why it is dropped", format, name)
			}
		}
	}
}
