package sitemap_test

import (
	"testing"

	"github.com/newswire/newswire/sources/internal/hostile"
	"github.com/newswire/newswire/sources/parse"
	"github.com/newswire/newswire/sources/sitemap"
)

func TestWhatReadingCostsGrowsWithTheLengthAlone(t *testing.T) {
	for _, in := range []hostile.Input{
		hostile.Repeat("entries", "<urlset>", "<url><loc>/%</loc><lastmod>05/02/2026</lastmod></url>", "</urlset>"),
		hostile.Repeat("entries that are not closed", "<urlset>", "<url><loc>/%", "</urlset>"),
		hostile.Repeat("elements in each other", "<urlset><url>", "<news><image>", ""),
		hostile.Repeat("ends of nothing", "<urlset><url>", "</loc></x>", ""),
		hostile.Repeat("pictures", "<urlset><url>", "<image><loc>/%</loc><title>t</title></image>", "</url></urlset>"),
		hostile.Repeat("keywords", "<urlset><url><news><keywords>", "word%,", "</keywords></news></url></urlset>"),
		hostile.Repeat("attributes", "<urlset><url ", `a%="b" `, "></url></urlset>"),
		hostile.Repeat("references", "<urlset><url><loc>/", "&amp;&x", "</loc></url></urlset>"),
		hostile.Repeat("declarations", "", "<!D [", "<urlset/>"),
		hostile.Repeat("children", "<sitemapindex>", "<sitemap><loc>/%</loc></sitemap>", "</sitemapindex>"),
	} {
		err := in.Grow(func(text string) {
			_, _ = sitemap.Parse([]byte(text), parse.Options{URL: address})
			_, _ = sitemap.Children([]byte(text), parse.Options{URL: address})
		})
		if err != nil {
			t.Error(err)
		}
	}
}
