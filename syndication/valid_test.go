package syndication_test

import (
	"testing"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication"
	"github.com/newswire/newswire/syndication/internal/feedtest"
)

func TestBuiltFeedsAreValidUnderEveryPolicy(t *testing.T) {
	documents := map[string][]byte{}
	for name, sample := range feedtest.Samples() {
		for _, policy := range []newswire.Policy{newswire.PolicyFull, newswire.PolicyExcerpt, newswire.PolicyTitle} {
			for i := range sample.Articles {
				sample.Articles[i].Rights.Policy = policy
			}
			feed := syndication.Build(sample.Site, sample.Topic, sample.Title, sample.Subtitle, sample.Articles)
			for _, f := range formats {
				body, err := f.encode(&feed)
				if err != nil {
					t.Fatal(err)
				}
				documents[name+"-"+string(policy)+"."+f.name] = body
			}
		}
	}
	feedtest.Validate(t, documents)
}
