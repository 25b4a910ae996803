package config

import (
	"strings"
	"testing"
)

func TestAnAuthorsIDThatASourceCouldMakeIsNoticed(t *testing.T) {
	const sources = "site: {url: https://wire.example}\nsources: [{id: a, url: 'https://a.example/'}, {id: a-b, url: 'https://b.example/'}]\nauthors:\n"
	for _, tt := range []struct{ author, want string }{
		{"- {id: a-star, name: Ann}", `newswire.yaml:4: author id "a-star" is like those of the authors of source a: its author "star"`},
		{"- {id: a-b.star, name: Ann}", `newswire.yaml:4: author id "a-b.star" is like those of the authors of source a: its author "b.star"`},
		{"- {id: star, name: Ann}", ""},
		{"- {id: a, name: Ann}", ""},
		{"- {id: ab-star, name: Ann}", ""},
	} {
		c, err := Parse("newswire.yaml", []byte(sources+tt.author))
		if err != nil {
			t.Fatal(err)
		}
		got := c.Notices.Error()
		if !strings.HasPrefix(got, tt.want) || tt.want == "" && got != "" {
			t.Errorf("%s: noticed %q; want %q", tt.author, got, tt.want)
		}
	}
}
