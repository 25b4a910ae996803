package sources_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/sourcetest"
)

// TestAnArticlesIDFollowsWhatIsKnownOfItsGuid has a planet republish an article with its guid and its address. As long as
// no source is at home at that address, the guid is the planet's to give. Once the article's own source is in the config,
// the planet's copy has an id of its own.
func TestAnArticlesIDFollowsWhatIsKnownOfItsGuid(t *testing.T) {
	d, planet, own := newHarness(t), sourcetest.NewPublisher(t, ""), sourcetest.NewPublisher(t, rss("1 Harbour"))
	const page = "https://harbour.example/2026/tides"
	document := strings.NewReplacer(">1<", ">"+page+"<", "https://pub.example/1", page).Replace(rss("1 Planet", "2 Other"))
	planet.Publish(document)
	list := []newswire.Source{{ID: "planet", URL: planet.URL()}}
	d.visit(nil, list...)
	ids := func() map[string]string {
		out := map[string]string{}
		for _, a := range d.articles(newswire.All) {
			out[a.Title] = a.AtomID
		}
		return out
	}
	want := map[string]string{"Planet": page, "Other": "tag:127.0.0.1,2026:planet/2"}
	if diff := cmp.Diff(want, ids()); diff != "" {
		t.Errorf("alone (-want +got):\n%s", diff)
	}
	list = append(list, newswire.Source{ID: "harbour", URL: own.URL(), Site: "https://www.harbour.example/"})
	d.visit(nil, list...)
	want["Planet"], want["Harbour"] = "tag:127.0.0.1,2026:planet/"+page, "tag:127.0.0.1,2026:harbour/1"
	if diff := cmp.Diff(want, ids()); diff != "" {
		t.Errorf("beside a source at its address (-want +got):\n%s", diff)
	}
}
