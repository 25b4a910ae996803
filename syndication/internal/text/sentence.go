package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	// spacedMarks end a sentence where a space follows, for they are in numbers, names and addresses too.
	spacedMarks = ".!?;"

	// ownMarks end a sentence wherever they are: those of Chinese and Japanese, Devanagari, Arabic, Urdu, Ethiopic, Armenian,
	// Khmer, Burmese, Tibetan, Mongolian and Greek.
	ownMarks = "。！？｡．‼⁇⁈⁉।॥؟۔።፧։។៕။།༎᠃᠉\u037e"
)

// markBytes bounds how far before a place the mark is looked for that ends a sentence there: it may be in quotation marks.
const markBytes = 16

// endsSentence says whether a sentence ends right before a place of a text in which more follows. It would rather miss
// an end than see one that is none: UAX #29 ends sentences after "Dr." and in the middle of "“Why?” she asked".
func endsSentence(text string, at int) bool {
	before := text[:at]
	if tail := strings.TrimRightFunc(before[max(0, at-markBytes):], closes); len(tail) < min(at, markBytes) {
		before = before[:at-min(at, markBytes)+len(strings.TrimRightFunc(tail, unicode.IsSpace))] // French: « Ah ! »
	}
	mark, size := utf8.DecodeLastRuneInString(before)
	if size == 0 || !isMark(mark) {
		return false
	}
	closed, rest := len(before) < at, text[at:]
	next, _ := utf8.DecodeRuneInString(rest)
	spaced := unicode.IsSpace(next)
	if closes(next) || isMark(next) || strings.ContainsRune(spacedMarks, mark) && !spaced && !(closed && ideographic(next)) {
		return false
	}
	begins, _ := utf8.DecodeRuneInString(strings.TrimLeftFunc(rest[:min(len(rest), 16)], unicode.IsSpace))
	if !beginsSentence(begins, mark != '.' || closed) {
		return false
	}
	head := before[:len(before)-size]
	switch mark {
	case '.':
		return !abbreviated(head, begins)
	case ';': // in Greek, a question mark
		last, _ := utf8.DecodeLastRuneInString(head)
		return unicode.Is(unicode.Greek, last)
	case '।', '།':
		return spaced || closed
	}
	return true
}

func isMark(r rune) bool {
	return strings.ContainsRune(spacedMarks, r) || strings.ContainsRune(ownMarks, r)
}

// beginsSentence says whether a sentence can begin with that. After a question, an exclamation or a quotation, what goes on
// with a small letter, with a dash or with Japanese "to" is still the same sentence.
func beginsSentence(r rune, quoted bool) bool {
	switch {
	case unicode.IsLower(r), unicode.In(r, unicode.Pe, unicode.Pf), strings.ContainsRune(",;:，、；：", r):
		return false
	case quoted && strings.ContainsRune("-–—とっ", r):
		return false
	}
	return true
}

// closes says whether a rune right after a text ends a quotation or brackets in it. Languages differ in which marks open
// and which close.
func closes(r rune) bool {
	return unicode.In(r, unicode.Pe, unicode.Pf) || strings.ContainsRune("\"'“‘«‹", r)
}

// opens says whether a rune may begin a quotation or brackets.
func opens(r rune) bool {
	return unicode.In(r, unicode.Ps, unicode.Pi) || strings.ContainsRune("\"'¿¡", r)
}

// wordLength bounds how far the word before a full stop is looked for, in bytes.
const wordLength = 48

// abbreviated says whether a full stop after a text may belong to its last word: an abbreviation, an initial, or an
// ordinal number ("3. Oktober", "Ludwig XIV.").
func abbreviated(head string, next rune) bool {
	tail := head[max(0, len(head)-wordLength):]
	word := tail[strings.LastIndexFunc(tail, notInWord)+1:]
	if word == "" || strings.HasSuffix(word, ".") { // "..."
		return false
	}
	if strings.Contains(word, ".") {
		return initials(word)
	}
	runes := utf8.RuneCountInString(word)
	first, _ := utf8.DecodeRuneInString(word)
	switch {
	case runes == 1 && unicode.IsLetter(first) && !ideographic(first) && !unicode.Is(unicode.Hangul, first):
		return true
	case strings.Trim(word, "0123456789") == "":
		return runes <= 2 && unicode.IsLetter(next)
	case runes > 1 && strings.Trim(word, "IVXLCDM") == "":
		return true
	}
	word = strings.ToLower(word)
	return abbreviations[word] || unicode.IsDigit(next) && numbered[word]
}

// notInWord says whether a rune parts words.
func notInWord(r rune) bool {
	return !unicode.IsLetter(r) && !unicode.IsMark(r) && !unicode.IsDigit(r) && r != '.'
}

// initials says whether a word with full stops inside of it is "U.S", "z.B" or "Ph.D", and no name such as "example.com".
func initials(word string) bool {
	for part := range strings.SplitSeq(word, ".") {
		if utf8.RuneCountInString(part) > 3 {
			return false
		}
	}
	return true
}
