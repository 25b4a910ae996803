package page_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/page"
)

func TestAPageSaysItsTermsInRSL(t *testing.T) {
	const (
		link   = `<link rel="license" type="application/rsl+xml" href="/license.xml">`
		script = `<script type="application/rsl+xml"><rsl xmlns="https://rslstandard.org/rsl"><content url=""><copyright>Ann Lee</copyright>` +
			`<license><payment type="attribution"><standard>https://creativecommons.org/licenses/by/4.0/</standard></payment></license></content></rsl></script>`
	)
	inscribed := newswire.Rights{License: "https://creativecommons.org/licenses/by/4.0/", Statement: "© Ann Lee"}
	for _, tt := range []struct {
		name, head, body string
		want             newswire.Rights
	}{
		{"a document that is linked", link, "", newswire.Rights{License: "https://harbour.example/license.xml"}},
		{"a document in the head", link + script, "", inscribed},
		{"a document in the text", "", "<article>" + script + "</article>", inscribed},
		{"a document about a figure", "", "<figure>" + script + "</figure>", newswire.Rights{}},
		{"a licence for people", link + script + `<link rel="license" href="/terms">`, "", newswire.Rights{License: "https://harbour.example/terms", Statement: "© Ann Lee"}},
		{"no licence", `<script type="application/rsl+xml"></script>`, "", newswire.Rights{}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			document := "<!DOCTYPE html><html><head><title>A crane</title>" + tt.head + "</head><body><h1>A crane</h1>" + tt.body + "<p>It fell.</p></body></html>"
			item, err := page.Read(t.Context(), []byte(document), page.Options{URL: "https://harbour.example/crane"}, page.Selectors{})
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, item.Rights); diff != "" {
				t.Error(diff)
			}
		})
	}
}
