package parse_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire"
)

// names are people of whom no more is known.
func names(names ...string) []newswire.Person {
	people := make([]newswire.Person, len(names))
	for i, name := range names {
		people[i].Name = name
	}
	return people
}

// lines are people on one line.
var lines = []struct {
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
	{"Ann One, Bo Two-Three and José de la Four", names("Ann One", "Bo Two-Three", "José de la Four")},
	{"Ann One, Bo Two, and Cy Three", names("Ann One", "Bo Two", "Cy Three")},
	{"By Ann One and Bo Two", names("Ann One", "Bo Two")},
	{"Ann One &amp;amp; Bo Two", names("Ann One", "Bo Two")},
	{"Ann, Bo and Cy", names("Ann", "Bo", "Cy")},
	{"A, B and C", names("A", "B", "C")},
	{"A; B", names("A", "B")},
	{"Ann One; Bo Two;", names("Ann One", "Bo Two")},
	{"Ann One | Bo Two", names("Ann One", "Bo Two")},
	{"One, Ann; Two, Bo", names("One, Ann", "Two, Bo")},
	{"One, A., Two, B. C.", names("One, A.", "Two, B. C.")},
	{"Anna Eins und Bo Zwei", names("Anna Eins", "Bo Zwei")},
	{"Ana Uno y Bo Dos", names("Ana Uno", "Bo Dos")},
	{"José Ortega y Gasset", names("José Ortega y Gasset")},
	{"Marks and Spencer", names("Marks and Spencer")},
	{"Department of Health and Human Services", names("Department of Health and Human Services")},
	{"Smith, John", names("Smith, John")},
	{"García Márquez, Gabriel", names("García Márquez, Gabriel")},
	{"King, Jr.", names("King, Jr.")},
	{"Mo King, Jr., and Ann One", names("Mo King, Jr.", "Ann One")},
	{"Mo King, Jr. and Ann One", names("Mo King, Jr.", "Ann One")},
	{"Ann One, PhD", names("Ann One, PhD")},
	{"Ann One, Harbour News", names("Ann One, Harbour News")},
	{"Ann One, Senior Editor", names("Ann One, Senior Editor")},
	{"张三、李四", names("张三", "李四")},
	{"张三，李四，王五", names("张三", "李四", "王五")},
	{"张三,李四", names("张三", "李四")},
	{"张三/李四", names("张三", "李四")},
	{"김철수·이영희", names("김철수", "이영희")},
	{"山田 太郎", names("山田 太郎")},
	{"アラン・スミシー", names("アラン・スミシー")},
	{"金江", []newswire.Person{{Name: "金江"}}},
	{"@ann", []newswire.Person{{Name: "@ann"}}},
	{"<name>Ann Lee</name><title>Editor</title>", []newswire.Person{{Name: "Ann Lee"}}},
	{"  ", nil},
}

func TestPeopleAreReadFromOneLine(t *testing.T) {
	for _, tt := range lines {
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

func TestSeveralPeopleInOneElementOfAtomOrJSONAreSeveral(t *testing.T) {
	want := names("Ann One", "Bo Two")
	for _, document := range []string{
		atom(`<entry><id>a:1</id><author><name>Ann One, Bo Two</name><uri>https://harbour.example/people</uri></author></entry>`),
		rss(`<item><title>t</title><atom:author><atom:name>Ann One and Bo Two</atom:name></atom:author></item>`),
		rss(`<item><title>t</title><itunes:author>Ann One &amp;amp; Bo Two</itunes:author></item>`),
		`{"version":"https://jsonfeed.org/version/1.1","title":"n","items":[{"id":"1","authors":[{"name":"Ann One; Bo Two"}]}]}`,
	} {
		it := single(t, document)
		if diff := cmp.Diff(want, it.Authors); diff != "" {
			t.Errorf("%s (-want +got):\n%s", document, diff)
		}
	}
}
