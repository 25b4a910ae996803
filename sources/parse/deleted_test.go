package parse_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/newswire/newswire/sources/parse"
)

func TestDeletedEntriesAreRead(t *testing.T) {
	when := time.Date(2026, 3, 2, 10, 0, 0, 0, time.UTC)
	const ns = ` xmlns:at="http://purl.org/atompub/tombstones/1.0"`
	for _, tt := range []struct {
		name, document string
		want           []parse.Deletion
	}{
		{
			"Atom with a comment", atom(`<at:deleted-entry` + ns + ` ref=" urn:x:1 " when="2026-03-02T11:00:00+01:00"><at:by><name>Ann</name></at:by>` +
				`<at:comment type="html">a &lt;b>mistake&lt;/b> &amp;amp; more</at:comment></at:deleted-entry>`),
			[]parse.Deletion{{"urn:x:1", when, "a mistake & more"}},
		},
		{
			"another prefix, no comment, no date", atom(`<t:deleted-entry xmlns:t="http://purl.org/atompub/tombstones/1.0" ref="urn:x:1"/>`),
			[]parse.Deletion{{GUID: "urn:x:1"}},
		},
		{
			"text that looks like markup", atom(`<at:deleted-entry` + ns + ` ref="urn:x:1"><at:comment>a &lt;b&gt; c</at:comment></at:deleted-entry>`),
			[]parse.Deletion{{GUID: "urn:x:1", Reason: "a <b> c"}},
		},
		{
			"one that is not closed before an entry", atom(`<at:deleted-entry` + ns + ` ref="urn:x:1"><entry><id>urn:x:2</id><title>t</title></entry>`),
			[]parse.Deletion{{GUID: "urn:x:1"}},
		},
		{
			"a repeated one, and one of nothing", atom(`<at:deleted-entry` + ns + ` ref="urn:x:1"/><at:deleted-entry` + ns + ` ref="urn:x:1"/><at:deleted-entry` + ns + `/>`),
			[]parse.Deletion{{GUID: "urn:x:1"}},
		},
		{"an entry that was updated later is back", atom(`<at:deleted-entry` + ns + ` ref="urn:x:1" when="2026-03-02T10:00:00Z"/>` +
			`<entry><id>urn:x:1</id><title>t</title><updated>2026-03-02T10:00:01Z</updated></entry>`), nil},
		{"an entry that was updated earlier is not", atom(`<at:deleted-entry` + ns + ` ref="urn:x:1" when="2026-03-02T10:00:00Z"/>` +
			`<entry><id>urn:x:1</id><title>t</title><updated>2026-03-02T10:00:00Z</updated></entry>`), []parse.Deletion{{GUID: "urn:x:1", When: when}}},
		{"one inside of an entry says nothing", atom(`<entry><id>urn:x:2</id><title>t</title><at:deleted-entry` + ns + ` ref="urn:x:1"/></entry>`), nil},
		{
			"RSS", rss(`<at:deleted-entry` + ns + ` ref="1" when="2026-03-02T10:00:00Z"><at:comment>gone</at:comment></at:deleted-entry>`),
			[]parse.Deletion{{"1", when, "gone"}},
		},
		{
			"JSON", `{"version":"https://jsonfeed.org/version/1.1","title":"t","items":[],"_newswire":{"tombstones":[` +
				`{"id":"1","article":"dsb-x","withdrawn":"2026-03-02T10:00:00Z","reason":"a\nmistake"},{"id":2},"odd",{"article":"dsb-y"}]}}`,
			[]parse.Deletion{{"1", when, "a mistake"}, {GUID: "2"}},
		},
		{"JSON of another make", `{"version":"https://jsonfeed.org/version/1.1","title":"t","items":[],"_newswire":{"tombstones":{"id":"1"}}}`, nil},
	} {
		if diff := cmp.Diff(tt.want, parsed(t, tt.document).Deleted, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", tt.name, diff)
		}
	}
}
