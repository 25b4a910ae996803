package feedtest

import (
	"math/rand/v2"
	"strings"
)

// Paragraphs is HTML of n paragraphs, of enough different words to compress as a text does.
func Paragraphs(rng *rand.Rand, n int) string {
	words := strings.Fields("harbour tide moon market ship price night morning city street people water report council vote rain storm " +
		"bridge river canal engine paper letter field stone glass winter summer the a of and to in that is was for on with as at by")
	var b strings.Builder
	for range n {
		b.WriteString("<p>")
		for range 20 + rng.IntN(30) {
			b.WriteString(words[rng.IntN(len(words))])
			b.WriteByte(' ')
		}
		b.WriteString("</p>")
	}
	return b.String()
}
