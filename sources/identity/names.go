package identity

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/mozillazg/go-pinyin"
	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Fold makes names comparable: composed, without case, one space between words.
func Fold(s string) string {
	if isASCII(s) { // there lower case is all of it, and a hundredth of the work
		s = strings.ToLower(s)
	} else {
		s = cases.Fold().String(norm.NFKC.String(s))
	}
	return strings.Join(strings.Fields(s), " ")
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// plainLetters are Latin letters that are no letter with an accent, and how they are written without.
var plainLetters = map[rune]string{
	'æ': "ae", 'œ': "oe", 'ø': "o", 'ł': "l", 'đ': "d", 'ð': "d", 'þ': "th", 'ħ': "h", 'ŧ': "t", 'ı': "i", 'ŋ': "ng",
	'ĸ': "k", 'ɓ': "b", 'ɗ': "d", 'ɖ': "d", 'ƙ': "k", 'ƒ': "f", 'ə': "e",
}

// slug writes a folded name in lower-case ASCII letters, digits and dashes. Letters lose their accents, which leaves a
// name of the same publisher the same, and Chinese characters become their usual reading in pinyin, which many names
// share: then it is not exact. It is empty for a name with letters of any other script.
func slug(folded string) (name string, exact bool) {
	exact = true
	var b strings.Builder
	dash := func() {
		if b.Len() > 0 && !strings.HasSuffix(b.String(), "-") {
			b.WriteByte('-')
		}
	}
	for _, r := range norm.NFD.String(folded) {
		switch {
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9':
			b.WriteRune(r)
		case unicode.Is(unicode.Mn, r): // an accent
		case plainLetters[r] != "":
			b.WriteString(plainLetters[r])
		case unicode.Is(unicode.Han, r):
			readings := pinyin.SinglePinyin(r, pinyin.Args{})
			if len(readings) == 0 {
				return "", false
			}
			dash()
			b.WriteString(readings[0])
			dash()
			exact = false
		case unicode.IsLetter(r), unicode.IsNumber(r), unicode.IsMark(r):
			return "", false
		default:
			dash()
		}
	}
	return strings.TrimSuffix(b.String(), "-"), exact
}
