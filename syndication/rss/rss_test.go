package rss_test

import (
	"testing"

	"github.com/newswire/newswire/syndication/internal/feedtest"
	"github.com/newswire/newswire/syndication/rss"
)

func TestEncode(t *testing.T) {
	for name, f := range feedtest.Samples() {
		t.Run(name, func(t *testing.T) {
			got, err := rss.Encode(&f)
			if err != nil {
				t.Fatal(err)
			}
			feedtest.Golden(t, name+"."+rss.Extension, got)
		})
	}
}

func TestEncodedFeedsAreValid(t *testing.T) {
	documents := map[string][]byte{}
	for name, f := range feedtest.Samples() {
		got, err := rss.Encode(&f)
		if err != nil {
			t.Fatal(err)
		}
		documents[name+"."+rss.Extension] = got
	}
	feedtest.Validate(t, documents)
}
