package charset

import (
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Unmojibake undoes what becomes of UTF-8 when software takes it for windows-1252 and encodes it again: "CafÃ©" is "Café",
// and "itâ€™s" is "it’s". It does so only where all of a text is like that, and where no other text would be: an accented
// letter before a quotation mark is the same by chance as a character that was encoded twice.
func Unmojibake(s string) string {
	if !mayBeTwice(s) {
		return s
	}
	once := make([]byte, 0, len(s))
	for i, c := range s {
		b, ok := charmap.Windows1252.EncodeRune(c)
		if !ok {
			return s
		}
		once = append(once, b)
		if n := len(once); b == 0x80 && n > 1 && once[n-2] == 0xE2 && !continues(s[i+len("€"):]) {
			once = append(once, 0x9D) // of a closing quotation mark: no character of windows-1252 has it, so it was lost
		}
	}
	if !utf8.Valid(once) || !isMeant(string(once)) {
		return s
	}
	return string(once)
}

// mayBeTwice says quickly whether there is a letter that begins what was encoded twice: one from Â to ô, before a character
// that is beyond ASCII too.
func mayBeTwice(s string) bool {
	for {
		i := strings.IndexByte(s, 0xC3) // with which those from À to ÿ begin in UTF-8
		if i < 0 || i+2 >= len(s) {
			return false
		}
		if s[i+1] >= 0x82 && s[i+1] <= 0xB4 && s[i+2] >= utf8.RuneSelf {
			return true
		}
		s = s[i+2:]
	}
}

// continues says whether a text begins with a character whose byte in windows-1252 goes on with a character of UTF-8.
func continues(s string) bool {
	c, _ := utf8.DecodeRuneInString(s)
	b, ok := charmap.Windows1252.EncodeRune(c)
	return ok && b >= 0x80 && b <= 0xBF
}

// isMeant says whether a text that was encoded once cannot have come of another by chance: an accented letter, and
// behind it nothing but what stands behind words, is such a chance, unless there are many.
func isMeant(once string) bool {
	chances := 0
	for i, c := range once {
		size := utf8.RuneLen(c)
		if size == 1 {
			continue
		}
		if (size > 2 || once[i] <= 0xC3) && !isBehindWord(once[i+1:i+size]) {
			return true
		}
		chances++
	}
	return chances > 2
}

// isBehindWord says whether bytes are, in windows-1252, characters that stand behind a word.
func isBehindWord(s string) bool {
	for i := range len(s) {
		if strings.IndexByte(closing, s[i]) < 0 {
			return false
		}
	}
	return true
}

// closing are, in windows-1252, the characters that stand behind a word: marks of quotation, dashes, points and trade marks.
const closing = "\x82\x84\x85\x8B\x91\x92\x93\x94\x95\x96\x97\x99\x9B\xA0\xAB\xAD\xAE\xB7\xBB"
