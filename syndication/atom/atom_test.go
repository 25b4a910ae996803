package atom_test

import (
	"testing"

	"github.com/newswire/newswire/syndication/atom"
	"github.com/newswire/newswire/syndication/internal/feedtest"
)

func TestEncode(t *testing.T) {
	for name, f := range feedtest.Samples() {
		t.Run(name, func(t *testing.T) {
			got, err := atom.Encode(&f)
			if err != nil {
				t.Fatal(err)
			}
			feedtest.Golden(t, name+"."+atom.Extension, got)
		})
	}
}

func TestEncodedFeedsAreValid(t *testing.T) {
	documents := map[string][]byte{}
	for name, f := range feedtest.Samples() {
		got, err := atom.Encode(&f)
		if err != nil {
			t.Fatal(err)
		}
		documents[name+"."+atom.Extension] = got
	}
	feedtest.Validate(t, documents)
}
