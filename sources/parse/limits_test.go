package parse_test

import (
	"testing"
	"time"

	"github.com/newswire/newswire"
)

func TestPublishersSayFromWhenAndUntilWhenAnItemMayBeShown(t *testing.T) {
	utc := func(day, hour, minute int) time.Time { return time.Date(2026, 12, day, hour, minute, 0, 0, time.UTC) }
	never := time.Time{}
	for _, tt := range []struct {
		says        string
		from, until time.Time
	}{
		{`<title>none</title>`, never, never},
		{`<prism:expirationDate>2026-12-24T18:00:00+01:00</prism:expirationDate>`, never, utc(24, 17, 0)},
		{`<prism:expirationDate>2026-12-24</prism:expirationDate>`, never, utc(25, 0, 0)},
		{`<prism:embargoDate>2026-12-01T06:30:00Z</prism:embargoDate>`, utc(1, 6, 30), never},
		{`<prism:killDate>2026-12-03T00:00:00Z</prism:killDate>`, never, utc(3, 0, 0)},
		{`<dcterms:valid>start=2026-12-01T09:00Z; end=2026-12-02T17:30:00Z; scheme=W3C-DTF</dcterms:valid>`, utc(1, 9, 0), utc(2, 17, 30)},
		{`<dcterms:valid>name=The Fair; End = 2026-12-02</dcterms:valid>`, never, utc(3, 0, 0)},
		{`<dcterms:valid>2026-12-01/2026-12-02</dcterms:valid>`, utc(1, 0, 0), utc(3, 0, 0)},
		{`<dcterms:valid>2026-12-02T17:30:00Z</dcterms:valid>`, never, utc(2, 17, 30)},
		{`<dcterms:valid>for a while</dcterms:valid>`, never, never},
		{`<dcterms:valid>end=2026-12-05T00:00:00Z</dcterms:valid><prism:expirationDate>2026-12-04T00:00:00Z</prism:expirationDate>`, never, utc(4, 0, 0)},
		{`<dcterms:valid>end=2026-12-05T00:00:00Z</dcterms:valid><prism:expirationDate>2026-12-06T00:00:00Z</prism:expirationDate>`, never, utc(5, 0, 0)},
	} {
		const modules = ` xmlns:prism="http://prismstandard.org/namespaces/basic/2.1/" xmlns:dcterms="http://purl.org/dc/terms/"`
		for _, document := range []string{
			`<rss version="2.0"` + modules + `><channel><item><guid>1</guid>` + tt.says + `</item></channel></rss>`,
			`<feed xmlns="http://www.w3.org/2005/Atom"` + modules + `><entry><id>urn:1</id>` + tt.says + `</entry></feed>`,
		} {
			d := parsed(t, document)
			want := newswire.Rights{From: tt.from, Until: tt.until}
			if got := d.Items[0].Rights; got != want {
				t.Errorf("%s %s: %+v, want %+v", d.Format, tt.says, got, want)
			}
		}
	}
}
