//go:build linux

package main

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
)

// vocabulary is how many words there are.
const vocabulary = 20_000

// prose writes text that compresses as that of publishers does: words of which few are frequent, in sentences, paragraphs and links.
type prose struct {
	words []string
	rand  *rand.Rand
	zipf  *rand.Zipf
}

// words are the vocabulary, the same in every run.
var words = sync.OnceValue(func() (words []string) {
	r := rand.New(rand.NewPCG(1, 1))
	letters := "eeeeettttaaaooiinnnsshhrrddllucmfwygpbvk"
	for range vocabulary {
		word := make([]byte, 2+r.IntN(9))
		for i := range word {
			word[i] = letters[r.IntN(len(letters))]
		}
		words = append(words, string(word))
	}
	return words
})

// newProse writes the same for the same seed.
func newProse(seed uint64) *prose {
	r := rand.New(rand.NewPCG(2, seed))
	return &prose{words: words(), rand: r, zipf: rand.NewZipf(r, 1.3, 4, vocabulary-1)}
}

// sentence has some words.
func (p *prose) sentence() string {
	var words []string
	for range 6 + p.rand.IntN(18) {
		words = append(words, p.words[p.zipf.Uint64()])
	}
	text := strings.Join(words, " ")
	return strings.ToUpper(text[:1]) + text[1:] + "."
}

// html has some paragraphs: at least so many bytes.
func (p *prose) html(size int) string {
	var b strings.Builder
	for b.Len() < size {
		b.WriteString("<p>")
		for range 3 + p.rand.IntN(3) {
			b.WriteString(p.sentence() + " ")
		}
		fmt.Fprintf(&b, `<a href="https://www.example.com/%s/%d">%s</a></p>`+"\n", p.words[p.zipf.Uint64()], p.rand.IntN(1e6), p.words[p.zipf.Uint64()])
	}
	return b.String()
}
