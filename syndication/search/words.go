package search

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

const (
	longestText = 256 << 10 // bytes of a text that are indexed
	longestWord = 64        // bytes of a word that count
)

// unspaced are the scripts whose words have no spaces between them, or are found by their parts.
var unspaced = []*unicode.RangeTable{
	unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Hangul, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar,
}

// words are the words of a text, folded, with a space after each. Of a run of an unspaced script each pair of neighbours is a
// word, and so is the last character: what begins at any character of it is found by pairs, and a single character by the
// beginning of a pair.
func words(s string) string {
	if len(s) > longestText {
		s = strings.ToValidUTF8(s[:longestText], "")
	}
	var w writer
	w.write(fold(s))
	w.end()
	return w.out.String()
}

// fold takes case, width and compatibility forms out of a text.
func fold(s string) string {
	if isASCII(s) {
		return strings.ToLower(s)
	}
	return norm.NFKC.String(cases.Fold().String(s))
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// writer writes words.
type writer struct {
	out  strings.Builder
	word []byte // that is under way, of a spaced script
	last rune   // the one before in a run of an unspaced script; 0 outside of one
}

func (w *writer) write(folded string) {
	for _, r := range folded {
		switch {
		case r < utf8.RuneSelf:
			if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' {
				w.letter(r)
			} else {
				w.end()
			}
		case r >= 0x0E00 && isUnspaced(r):
			w.pair(r)
		case unicode.IsLetter(r) || unicode.IsDigit(r):
			w.letter(base(r))
		case unicode.IsMark(r):
			if r > 0x036F { // an accent alone is none
				w.letter(r)
			}
		default:
			w.end()
		}
	}
}

// isUnspaced says whether a character is of an unspaced script, with the signs that stand within their words.
func isUnspaced(r rune) bool {
	return r == 'ー' || r == '々' || r == '〇' || unicode.In(r, unspaced...)
}

// base is a letter without its accent.
func base(r rune) rune {
	if r >= 0x2000 || r >= 0x0590 && r < 0x1E00 { // of scripts whose signs are more than accents
		return r
	}
	var buf [utf8.UTFMax]byte
	d := norm.NFD.Properties(buf[:utf8.EncodeRune(buf[:], r)]).Decomposition()
	if len(d) == 0 {
		return r
	}
	b, _ := utf8.DecodeRune(d)
	return b
}

func (w *writer) letter(r rune) {
	if w.last != 0 {
		w.end()
	}
	if len(w.word)+utf8.RuneLen(r) <= longestWord {
		w.word = utf8.AppendRune(w.word, r)
	}
}

func (w *writer) pair(r rune) {
	if len(w.word) > 0 {
		w.end()
	}
	if w.last != 0 {
		w.out.WriteRune(w.last)
		w.out.WriteRune(r)
		w.out.WriteByte(' ')
	}
	w.last = r
}

// end ends the word or the run that is under way.
func (w *writer) end() {
	if len(w.word) > 0 {
		w.out.Write(w.word)
		w.out.WriteByte(' ')
		w.word = w.word[:0]
	}
	if w.last != 0 {
		w.out.WriteRune(w.last)
		w.out.WriteByte(' ')
		w.last = 0
	}
}

// phrase are the words by which a text is looked for, and whether more may follow the last of them.
func phrase(s string) (found []string, open bool) {
	var w writer
	w.write(fold(s))
	last, alone := w.last, w.last != 0
	w.last = 0
	w.end()
	found = strings.Fields(w.out.String())
	if !alone {
		return found, false
	}
	// The text ends within a run. Its pairs are there already; a single character is the beginning of a pair, or a last one.
	if n := len(found); n > 0 && strings.HasSuffix(found[n-1], string(last)) && utf8.RuneCountInString(found[n-1]) == 2 && isUnspaced(last) {
		return found, false
	}
	return append(found, string(last)), true
}
