package opml_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire/sources/opml"
)

func document(outlines string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><opml version="2.0"><head><title>t</title></head><body>` + outlines + `</body></opml>`
}

func TestDecodeReadsWhatProgramsWrite(t *testing.T) {
	feed := func(title, url string, path ...string) []opml.Outline {
		return []opml.Outline{{Title: title, FeedURL: url, Path: path}}
	}
	const a = "https://a.example/feed"
	tests := []struct {
		name, in string
		want     []opml.Outline
	}{
		{
			"title and page", document(`<outline text="A" title="a" type="rss" xmlUrl=" https://a.example/feed " htmlUrl="https://a.example/"/>`),
			[]opml.Outline{{Title: "A", FeedURL: a, HomePage: "https://a.example/"}},
		},
		{"a title alone, xmlURL", document(`<outline title="A" xmlURL="https://a.example/feed"></outline>`), feed("A", a)},
		{"no title", document(`<outline xmlUrl="https://a.example/feed"/>`), feed("", a)},
		{"url of type rss", document(`<outline text="A" type="RSS" url="https://a.example/feed"/>`), feed("A", a)},
		{"a link is no feed", document(`<outline text="A" type="link" url="https://a.example/feed"/>`), nil},
		{
			"nested groups", document(`<outline text="News"><outline title="Asia &amp; more"><outline text="A" xmlUrl="https://a.example/feed"/></outline></outline>`),
			feed("A", a, "News", "Asia & more"),
		},
		{"a group without a title", document(`<outline><outline text="A" xmlUrl="https://a.example/feed"/></outline>`), feed("A", a)},
		{
			"a feed within a feed", document(`<outline text="B" xmlUrl="b"><outline text="A" xmlUrl="https://a.example/feed"/></outline>`),
			[]opml.Outline{{Title: "B", FeedURL: "b"}, {Title: "A", FeedURL: a}},
		},
		{
			"groups end", document(`<outline text="G"><outline xmlUrl="b"/></outline><outline text="A" xmlUrl="https://a.example/feed"/>`),
			[]opml.Outline{{FeedURL: "b", Path: []string{"G"}}, {Title: "A", FeedURL: a}},
		},
		{
			"a bare ampersand and an undeclared entity", document(`<outline text="Caf&eacute; & bar" xmlUrl="https://a.example/?a=1&copy=2"/>`),
			feed("Café & bar", "https://a.example/?a=1&copy=2"),
		},
		{"a title that is escaped twice", document(`<outline text="a &amp;lt;b&amp;gt; &amp;amp;amp;" xmlUrl="https://a.example/feed"/>`), feed("a <b> &amp;", a)},
		{"characters that XML cannot hold", document("<outline text=\"A\x08&#8;\" xmlUrl=\"https://a.example/feed\"/>"), feed("A", a)},
		{"latin-1", strings.Replace(document("<outline text=\"Caf\xe9\" xmlUrl=\"https://a.example/feed\"/>"), "UTF-8", "ISO-8859-1", 1), feed("Café", a)},
		{"cut off", strings.TrimSuffix(document(`<outline text="A" xmlUrl="https://a.example/feed"/><outline text="B" xml`), "</body></opml>"), feed("A", a)},
		{"no more than outlines", `<outline text="A" xmlUrl="https://a.example/feed"/>`, feed("A", a)},
		{"nothing in it", document(""), nil},
		{"end tags of nothing", document(`</outline></outline><outline text="A" xmlUrl="https://a.example/feed"/>`), feed("A", a)},
	}
	for _, tt := range tests {
		got, err := opml.Decode([]byte(tt.in))
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}

func TestOutlinesThatAreNoFeedsAreCounted(t *testing.T) {
	for _, tt := range []struct {
		name, in string
		feeds    int
		left     int
	}{
		{"a feed in a group", `<outline text="G"><outline xmlUrl="a"/></outline>`, 1, 0},
		{"a link and a note", `<outline type="link" url="https://a.example/"/><outline text="a note"></outline><outline xmlUrl="a"/>`, 1, 2},
		{"an empty group", `<outline text="G"><outline text="H"></outline></outline>`, 0, 1},
		{"a note below a feed", `<outline xmlUrl="a"><outline text="note"/></outline>`, 1, 1},
		{"cut off", `<outline text="G"><outline text="note">`, 0, 1},
	} {
		got, err := opml.Read([]byte(document(tt.in)))
		if err != nil || len(got.Feeds) != tt.feeds || got.LeftOut != tt.left {
			t.Errorf("%s: %d feeds, %d left out, %v; want %d and %d", tt.name, len(got.Feeds), got.LeftOut, err, tt.feeds, tt.left)
		}
	}
}

func TestDecodeSaysWhatADocumentIsInstead(t *testing.T) {
	tests := []struct {
		name, in string
		want     error
		found    string
	}{
		{"nothing", "", opml.ErrNotOPML, "without elements"},
		{"a page", "<!DOCTYPE html><html><body><outline></body></html>", opml.ErrNotOPML, "<html>"},
		{"a feed", `<rss version="2.0"/>`, opml.ErrNotOPML, "<rss>"},
		{"no end of feeds", document(strings.Repeat(`<outline xmlUrl="a"/>`, 20_001)), opml.ErrTooLarge, "20000"},
	}
	for _, tt := range tests {
		got, err := opml.Decode([]byte(tt.in))
		if !errors.Is(err, tt.want) || !strings.Contains(err.Error(), tt.found) {
			t.Errorf("%s: Decode = %v, %v; want %v that names %q", tt.name, got, err, tt.want, tt.found)
		}
	}
}

func TestDecodeBoundsGroupsAndTitles(t *testing.T) {
	const depth = 200_000
	var in strings.Builder
	for i := range depth {
		fmt.Fprintf(&in, `<outline text="%d">`, i)
	}
	in.WriteString(`<outline text="` + strings.Repeat("電", 5000) + `" xmlUrl="a"/>`)
	got, err := opml.Decode([]byte(document(in.String())))
	if err != nil || len(got) != 1 {
		t.Fatalf("Decode of %d groups = %d feeds, %v; want 1", depth, len(got), err)
	}
	if n := len(got[0].Path); n != 32 || got[0].Path[31] != "31" {
		t.Errorf("the path has %d groups, want the 32 outermost", n)
	}
	if want := strings.Repeat("電", 333); got[0].Title != want {
		t.Errorf("the title has %d bytes, want %d", len(got[0].Title), len(want))
	}
}

func TestEncodeSharesGroups(t *testing.T) {
	got := string(opml.Encode("The <Wire>", []opml.Outline{
		{Title: "A & B", FeedURL: "https://a.example/?x=1&y=2", HomePage: "https://a.example/", Path: []string{"News", "Asia"}},
		{Title: "C", FeedURL: "https://c.example/", Path: []string{"News"}},
		{Title: "no feed", Path: []string{"Empty"}},
		{Title: "&lt;\n<i>", FeedURL: "https://e.example/"},
		{Title: "電商報\x00", FeedURL: "https://d.example/"},
	}))
	const want = `<?xml version="1.0" encoding="UTF-8"?>
<opml version="2.0">
  <head>
    <title>The &lt;Wire&gt;</title>
  </head>
  <body>
    <outline text="News">
      <outline text="Asia">
        <outline text="A &amp; B" title="A &amp; B" type="rss" xmlUrl="https://a.example/?x=1&amp;y=2" htmlUrl="https://a.example/"/>
      </outline>
      <outline text="C" title="C" type="rss" xmlUrl="https://c.example/"/>
    </outline>
    <outline text="&amp;amp;lt;
&amp;lt;i&amp;gt;" title="&amp;amp;lt;
&amp;lt;i&amp;gt;" type="rss" xmlUrl="https://e.example/"/>
    <outline text="電商報" title="電商報" type="rss" xmlUrl="https://d.example/"/>
  </body>
</opml>
`
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Encode (-want +got):\n%s", diff)
	}
}

// FuzzDecode: what was read can be written, and is then read as the same.
func FuzzDecode(f *testing.F) {
	f.Add([]byte(document(`<outline text="News"><outline text="A &amp; B" xmlUrl="https://a.example/?a=1&copy=2"/></outline><outline url="b" type="rss"/>`)))
	f.Add([]byte("\xff\xfe<\x00o\x00p\x00m\x00l\x00>\x00"))
	f.Add([]byte("<outline xmlUrl=\"a\r\nb\" text='&#39;\u00a0&quot;&amp;amp;amp;'><outline xmlUrl=\"\u0085c\">"))
	f.Fuzz(func(t *testing.T, in []byte) {
		read, err := opml.Decode(in)
		if err != nil {
			return
		}
		written := opml.Encode("t", read)
		again, err := opml.Decode(written)
		if err != nil {
			t.Fatalf("what was written is refused: %v\n%s", err, written)
		}
		if diff := cmp.Diff(read, again); diff != "" {
			t.Errorf("read, written and read again (-first +second):\n%s\nwritten:\n%s", diff, written)
		}
	})
}
