package parse_test

import "testing"

func TestASourceThatIsTheItemItselfIsNoUpstream(t *testing.T) {
	for _, tt := range []struct {
		name, document string
		want           string // the title of the upstream
	}{
		{"a topic as the source of its first post", rss(`<item><title>Which rope?</title><link>https://forum.example/t/which-rope/7</link>
			<source url="https://forum.example/t/which-rope/7.rss">Which rope?</source></item>`), ""},
		{"a topic as the source of a later post", rss(`<item><title>Which rope?</title><link>https://forum.example/t/which-rope/7/12</link>
			<source url="https://forum.example/t/which-rope/7.rss">Which rope?</source></item>`), ""},
		{"a source under the item's address, by another title", rss(`<item><title>Re: rope</title><link>https://forum.example/t/7</link>
			<source url="https://forum.example/t/7/feed/">Rope and line</source></item>`), ""},
		{"the feed itself", rss(`<item><title>t</title><link>https://harbour.example/1</link><source url="` + address + `">Harbour News</source></item>`), ""},
		{"a topic without an address", rss(`<item><title>Which rope?</title><source>Which rope?</source></item>`), ""},
		{"another publisher without an address", rss(`<item><title>Quay</title><source>Daily</source></item>`), "Daily"},
		{"an Atom entry's own id", atom(`<entry><id>urn:harbour:1</id><title>t</title><source><id>urn:harbour:1</id><title>t</title></source></entry>`), ""},
		{"an Atom entry's own page", atom(`<entry><id>urn:harbour:1</id><title>Rope</title><link href="https://forum.example/7"/>` +
			`<source><id>urn:harbour:2</id><title>Rope</title><link href="https://forum.example/7"/></source></entry>`), ""},
		{"another publisher", rss(`<item><title>Quay - Daily</title><link>https://finder.example/1</link><source url="https://daily.example/">Daily</source></item>`), "Daily"},
		{"another feed of the same host", rss(`<item><title>Quay</title><link>https://daily.example/1</link><source url="https://daily.example/ports.rss">Ports</source></item>`), "Ports"},
		{"a site whose front page the item is", rss(`<item><title>Quay</title><link>https://daily.example/</link><source url="https://daily.example/ports.rss">Ports</source></item>`), "Ports"},
	} {
		got := ""
		if it := single(t, tt.document); it.Upstream != nil {
			got = it.Upstream.Title
		}
		if got != tt.want {
			t.Errorf("%s: the upstream is %q, want %q", tt.name, got, tt.want)
		}
	}
}
