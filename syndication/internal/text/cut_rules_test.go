package text

import (
	"strings"
	"testing"

	"github.com/rivo/uniseg"
	"pgregory.net/rapid"
)

// byRules is [cutter.scan], with every character looked at by the rules of Unicode.
func byRules(text string, limit int) cutter {
	c := cutter{text: text, limit: limit}
	rest, state := text, -1
	for n := 1; rest != "" && n <= limit; n++ {
		var cluster string
		var boundaries int
		cluster, rest, boundaries, state = uniseg.StepString(rest, state)
		if c.end += len(cluster); n >= limit/leastOf && rest != "" {
			c.note(n, boundaries)
		}
	}
	return c
}

func TestSimpleCharactersEndWhereTheRulesSay(t *testing.T) {
	pieces := []string{
		"a", "Z", "7", " ", ".", ",", ":", "'", "_", "-", "\"", "\t", "~", "word", "3.5", "can't", "ㄅ", "ꀀ", "ꀀ.ꀀ", "カ", "カナ", "ー", "あ", "市", "，", "。",
		"א", "\"", "é", "e\u0301", "\u0301", "\u200d", "\u00ad", "👩‍🚀", "🇫🇷", "ก", "ㄅ.", "a.", "1.", "\r", "\n",
	}
	rapid.Check(t, func(t *rapid.T) {
		in := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 60).Draw(t, "pieces"), "")
		limit := rapid.IntRange(1, 80).Draw(t, "limit")
		got, want := cutter{text: in, limit: limit}, byRules(in, limit)
		if got.scan(); got != want {
			t.Fatalf("%q in %d characters has its places at %+v; want %+v", in, limit, got, want)
		}
	})
}
