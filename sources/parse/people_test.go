package parse_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire"
)

func TestPeopleAreReadFromOneLine(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want []newswire.Person
	}{
		{"Ann Lee", []newswire.Person{{Name: "Ann Lee"}}},
		{"Ann Lee &lt;ann@harbour.example&gt;", []newswire.Person{{Name: "Ann Lee", Email: "ann@harbour.example"}}},
		{`"Lee, Ann" &lt;ann@harbour.example&gt;`, []newswire.Person{{Name: "Lee, Ann", Email: "ann@harbour.example"}}},
		{"ann@harbour.example (Ann Lee)", []newswire.Person{{Name: "Ann Lee", Email: "ann@harbour.example"}}},
		{"Ann Lee (ann@harbour.example)", []newswire.Person{{Name: "Ann Lee", Email: "ann@harbour.example"}}},
		{"mailto:ann@harbour.example", []newswire.Person{{Name: "ann@harbour.example", Email: "ann@harbour.example"}}},
		{"ann@harbour.example", []newswire.Person{{Name: "ann@harbour.example", Email: "ann@harbour.example"}}},
		{"noreply@blogger.com (Ann Lee)", []newswire.Person{{Name: "Ann Lee"}}},
		{"noreply@blogger.com", nil},
		{"Ann &amp;amp; Ben", []newswire.Person{{Name: "Ann & Ben"}}},
		{"&lt;a href='https://x.example'&gt;Ann&lt;/a&gt;", []newswire.Person{{Name: "Ann"}}},
		{"By Ann Lee", []newswire.Person{{Name: "Ann Lee"}}},
		{"Ann Lee, ann@harbour.example", []newswire.Person{{Name: "Ann Lee", Email: "ann@harbour.example"}}},
		{"Byron Lee", []newswire.Person{{Name: "Byron Lee"}}},
		{"ann@harbour.example (Ann), ben@harbour.example (Ben)", []newswire.Person{{Name: "Ann", Email: "ann@harbour.example"}, {Name: "Ben", Email: "ben@harbour.example"}}},
		{"Lee, Ann &lt;ann@harbour.example>; ben@harbour.example", []newswire.Person{
			{Name: "Lee, Ann", Email: "ann@harbour.example"}, {Name: "ben@harbour.example", Email: "ben@harbour.example"},
		}},
		{"ann@harbour.example, ben@harbour.example (Ben); Cy", []newswire.Person{
			{Name: "ann@harbour.example", Email: "ann@harbour.example"}, {Name: "Ben", Email: "ben@harbour.example"}, {Name: "Cy"},
		}},
		{"@ann, @ben", []newswire.Person{{Name: "@ann, @ben"}}},
		{"金江", []newswire.Person{{Name: "金江"}}},
		{"@ann", []newswire.Person{{Name: "@ann"}}},
		{"<name>Ann Lee</name><title>Editor</title>", []newswire.Person{{Name: "Ann Lee"}}},
		{"  ", nil},
	} {
		it := single(t, rss(`<item><title>t</title><author>`+tt.in+`</author></item>`))
		if diff := cmp.Diff(tt.want, it.Authors); diff != "" {
			t.Errorf("author %q (-want +got):\n%s", tt.in, diff)
		}
	}
}

func TestAnItunesAuthorIsTheItemsOnlyWhereNoOtherIs(t *testing.T) {
	it := single(t, rss(`<item><title>t</title><itunes:author>Harbour FM</itunes:author></item>`))
	if len(it.Authors) != 1 || it.Authors[0].Name != "Harbour FM" {
		t.Errorf("authors %v", it.Authors)
	}
	it = single(t, rss(`<item><title>t</title><itunes:author>Harbour FM</itunes:author><dc:creator>Ann</dc:creator></item>`))
	if len(it.Authors) != 1 || it.Authors[0].Name != "Ann" {
		t.Errorf("authors %v", it.Authors)
	}
}

func TestACreatorInDublinCoresTermsIsAnAuthor(t *testing.T) {
	it := single(t, rss(`<item><title>t</title><dcterms:creator xmlns:dcterms="http://purl.org/dc/terms/">Ann</dcterms:creator></item>`))
	if len(it.Authors) != 1 || it.Authors[0].Name != "Ann" {
		t.Errorf("authors %v", it.Authors)
	}
}
