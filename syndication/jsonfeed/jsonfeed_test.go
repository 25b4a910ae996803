package jsonfeed_test

import (
	"testing"

	"github.com/newswire/newswire/syndication/internal/feedtest"
	"github.com/newswire/newswire/syndication/jsonfeed"
)

func TestEncode(t *testing.T) {
	for name, f := range feedtest.Samples() {
		t.Run(name, func(t *testing.T) {
			got, err := jsonfeed.Encode(&f)
			if err != nil {
				t.Fatal(err)
			}
			feedtest.Golden(t, name+"."+jsonfeed.Extension, got)
		})
	}
}

func TestEncodedFeedsAreValid(t *testing.T) {
	documents := map[string][]byte{}
	for name, f := range feedtest.Samples() {
		got, err := jsonfeed.Encode(&f)
		if err != nil {
			t.Fatal(err)
		}
		documents[name+"."+jsonfeed.Extension] = got
	}
	feedtest.Validate(t, documents)
}
