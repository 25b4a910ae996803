package clean

import (
	"strings"
	"unicode"
)

// vocabulary says of words which line of a text says them first. So a word is looked for in the text before a line by one
// look into a table, and a thousand links cost no thousand readings of the text.
type vocabulary struct {
	words map[string]int // by words of letters that are written apart
	pairs map[[2]rune]int
	terms map[string]int // by terms that were asked for
	lines []line
	about string // folded; said before all lines
}

// The line of what is said before all lines, and of what no line says.
const (
	before = -1
	never  = int(^uint(0) >> 1)
)

// newVocabulary reads the words of lines, and of what is known about them besides.
func newVocabulary(about string, lines []line) *vocabulary {
	v := &vocabulary{words: map[string]int{}, pairs: map[[2]rune]int{}, terms: map[string]int{}, lines: lines, about: about}
	v.learn(about, before)
	for i := range lines {
		v.learn(lines[i].measure().fold(), i)
	}
	return v
}

// learn takes up the words of a folded text.
func (v *vocabulary) learn(folded string, at int) {
	for word := range wordsOf(folded) {
		if _, known := v.words[word]; !known {
			v.words[word] = at
		}
	}
	last := rune(0)
	for _, c := range folded {
		if last != 0 && (isUnspaced(c) || isUnspaced(last)) {
			if pair := [2]rune{last, c}; !isKnown(v.pairs, pair) {
				v.pairs[pair] = at
			}
		}
		last = c
	}
}

func isKnown(pairs map[[2]rune]int, pair [2]rune) bool {
	_, known := pairs[pair]
	return known
}

// wordsOf are the words of a text, of letters that are written with spaces between words.
func wordsOf(folded string) func(yield func(string) bool) {
	return strings.FieldsFuncSeq(folded, func(c rune) bool { return !isWordy(c) })
}

// says tells whether one of the lines before the given one says a word, if only with an s behind it.
func (v *vocabulary) says(word string, line int) bool {
	for _, form := range []string{word, word + "s"} {
		if at, known := v.words[form]; known && at < line {
			return true
		}
	}
	return false
}

// saysPair tells the same of two characters side by side.
func (v *vocabulary) saysPair(pair [2]rune, line int) bool {
	at, known := v.pairs[pair]
	return known && at < line
}

// saysTerm tells the same of a folded term.
func (v *vocabulary) saysTerm(term string, line int) bool {
	at, asked := v.terms[term]
	if !asked {
		at = v.first(term)
		v.terms[term] = at
	}
	return at < line
}

func (v *vocabulary) first(term string) int {
	if count(v.about, term, 1) > 0 {
		return before
	}
	for i := range v.lines {
		if count(v.lines[i].fold(), term, 1) > 0 {
			return i
		}
	}
	return never
}

// shares says whether a text has a word in common with the lines before the given one that says something; where words
// are not told apart, two characters side by side.
func (v *vocabulary) shares(folded string, line int) bool {
	for word := range strings.FieldsFuncSeq(folded, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) }) {
		characters := []rune(word)
		if !isHan(word) {
			if len(characters) > 3 && !empty[word] && v.says(word, line) {
				return true
			}
			continue
		}
		for i := 0; i+2 <= len(characters); i++ {
			if !empty[string(characters[i:i+2])] && v.saysPair([2]rune(characters[i:i+2]), line) {
				return true
			}
		}
	}
	return false
}
