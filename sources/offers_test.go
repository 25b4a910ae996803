package sources

import (
	"net/http"
	"testing"

	"github.com/newswire/newswire/sources/fetch"
)

func TestALinkHeaderNamesTheLicence(t *testing.T) {
	const rsl = `</license.xml>; rel="license"; type="application/rsl+xml"`
	for _, tt := range []struct {
		name  string
		links []string
		want  string
	}{
		{"none", []string{`</feed>; rel=self`}, ""},
		{"a document for machines", []string{rsl}, "https://harbour.example/license.xml"},
		{"one for people, though another comes first", []string{rsl, `<https://creativecommons.org/licenses/by/4.0/>; rel=License`}, "https://creativecommons.org/licenses/by/4.0/"},
		{"several in one header", []string{`</feed>; rel=self, ` + rsl}, "https://harbour.example/license.xml"},
		{"several relations", []string{`</terms>; rel="copyright license"`}, "https://harbour.example/terms"},
		{"of something else", []string{`</terms>; rel=license; anchor="/other"`}, ""},
		{"no address", []string{`<javascript:alert(1)>; rel=license`}, ""},
	} {
		answer := &fetch.Answer{URL: "https://harbour.example/feeds/news", Header: http.Header{"Link": tt.links}}
		if got := license(answer); got != tt.want {
			t.Errorf("%s: licence %q, want %q", tt.name, got, tt.want)
		}
	}
}
