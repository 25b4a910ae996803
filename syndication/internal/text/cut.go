package text

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
)

const (
	// clusterBytes bounds one character as people see it: a letter under a thousand accents is no letter.
	clusterBytes = 256

	// leastOf is the part of the limit that whole sentences must fill at least, for "Yes." says nothing.
	leastOf = 10
)

// Cut shortens plain text to at most limit characters as people count them (UAX #29 grapheme clusters). What it returns is
// the beginning of the text, and whole sentences where one ends in time. Otherwise it ends, from best to worst,
//
//   - at a clause: after a Chinese or Japanese comma, or at a space in a script that has spaces between clauses alone (Thai, Lao, Khmer, Burmese);
//   - with a word, which in Chinese or Japanese may be one character;
//   - in the middle of a word that is longer than half the limit.
//
// It never ends inside of an address or a character reference, and has nothing where one address alone is longer than
// the limit. cut says whether anything went. The time that it takes depends on the limit, not on the length of the text.
func Cut(s string, limit int) (_ string, cut bool) {
	c := cutter{text: s, limit: limit}
	if c.scan() {
		return s, false
	}
	end := c.end
	switch {
	case c.sentence > 0:
		end = c.sentence
	case c.clause > 0:
		end = c.clause
	case c.word > 0:
		end = c.word
	}
	return c.trimmed(c.outside(end), end == c.sentence), true
}

// cutter looks for places where a text can end. They are offsets in bytes: the last of each kind, 0 for none.
type cutter struct {
	text  string
	limit int

	sentence, clause, word int
	end                    int // of what fits
}

// scan looks at the characters that fit. whole says that all do.
func (c *cutter) scan() (whole bool) {
	rest, state := c.text, -1
	least := c.limit / leastOf
	for n := 1; rest != ""; n++ {
		var cluster string
		var boundaries int
		before := rest[:min(len(rest), clusterBytes)]
		if simple(rest) {
			cluster, rest, state = rest[:1], rest[1:], -1
		} else {
			cluster, rest, boundaries, state = uniseg.StepString(rest, state)
		}
		if n > c.limit {
			return false
		}
		if len(cluster) > clusterBytes {
			if c.end == 0 {
				c.end = len(strings.ToValidUTF8(before, ""))
			}
			return false
		}
		c.end += len(cluster)
		if n < least || rest == "" {
			continue
		}
		c.note(n, boundaries)
	}
	return c.end == len(c.text)
}

// simple says whether the first character of a text is known without the rules: it is of ASCII, and so is the next, where the rules can
// begin anew. That is a letter, a number or a space, for they look back at what is before any other, such as a full stop (UAX #29, WB7,
// WB11). Between two of ASCII a word is told by its spaces.
func simple(rest string) bool {
	if len(rest) < 2 || rest[0] < ' ' || rest[0] > '~' {
		return false
	}
	next := rest[1]
	return next == ' ' || '0' <= next && next <= '9' || 'a' <= next|0x20 && next|0x20 <= 'z'
}

// note keeps the place after the n-th character, if a text can end there.
func (c *cutter) note(n, boundaries int) {
	before, _ := utf8.DecodeLastRuneInString(c.text[:c.end])
	after, _ := utf8.DecodeRuneInString(c.text[c.end:])
	switch {
	case endsSentence(c.text, c.end):
		c.sentence = c.end
	case unicode.IsSpace(after) && withoutSpaces(before) && startsClause(c.text[c.end:]):
		c.clause = c.end
	case n < c.limit/2:
	case strings.ContainsRune("，、；：､", before):
		c.clause = c.end
	case unicode.IsSpace(after):
		c.word = c.end
	case boundaries&uniseg.MaskWord != 0 && (ideographic(before) || ideographic(after)) && !opens(before) && !closes(after):
		c.word = c.end
	}
}

// startsClause says whether a space is followed by a script that has spaces between clauses alone.
func startsClause(rest string) bool {
	next, _ := utf8.DecodeRuneInString(strings.TrimLeft(rest[:min(len(rest), 8)], " "))
	return withoutSpaces(next)
}

// withoutSpaces says whether a letter is of a script that has no spaces between words, and whose words only a dictionary
// tells apart.
func withoutSpaces(r rune) bool {
	return unicode.In(r, unicode.Thai, unicode.Lao, unicode.Khmer, unicode.Myanmar)
}

// ideographic says whether a letter is of a script in which one letter may be a word, and no space parts them.
func ideographic(r rune) bool {
	return unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana, unicode.Bopomofo, unicode.Yi) || strings.ContainsRune("。！？」』）》】，、", r)
}

// addressLength bounds how far the ends of an address are looked for.
const addressLength = 2 << 10

// outside moves a place out of an address or a character reference, to where that begins.
func (c *cutter) outside(end int) int {
	first, last := end, end
	for first > 0 && end-first < addressLength && inAddress(c.text[first-1]) {
		first--
	}
	for last < len(c.text) && last-end < addressLength && inAddress(c.text[last]) {
		last++
	}
	if first == end || last == end {
		return end
	}
	run := c.text[first:last]
	if i := startOfAddress(run); i >= 0 && first+i < end {
		return first + i
	}
	if i := strings.LastIndexByte(run[:end-first], '&'); i >= 0 && end-first-i < 32 {
		if j := strings.IndexByte(run[i:], ';'); j > 0 && first+i+j >= end {
			return first + i
		}
	}
	return end
}

// inAddress says whether a byte can stand in an address.
func inAddress(b byte) bool { return b > ' ' && b < 0x7f }

// startOfAddress is where in a run without spaces the first address begins; -1 where there is none.
func startOfAddress(run string) int {
	first := -1
	found := func(at int) {
		if first < 0 || at < first {
			first = at
		}
	}
	lower := strings.ToLower(run)
	if i := strings.Index(lower, "://"); i >= 0 {
		found(strings.LastIndexFunc(lower[:i], func(r rune) bool { return r < 'a' || r > 'z' }) + 1)
	}
	if i := strings.Index(lower, "www."); i >= 0 {
		found(i)
	}
	if i := strings.IndexByte(lower, '@'); i > 0 && strings.Contains(lower[i:], ".") {
		found(strings.LastIndexAny(lower[:i], "<>(),;:\"'") + 1)
	}
	return first
}

// trimmed is the text up to a place. After a clause or a word nothing may be left that leads to what is gone.
func (c *cutter) trimmed(end int, sentence bool) string {
	s := strings.TrimSpace(c.text[:end])
	if sentence {
		return s
	}
	return strings.TrimRightFunc(s, func(r rune) bool {
		return unicode.IsSpace(r) || opens(r) || strings.ContainsRune(",;:，、；：､-–—", r)
	})
}
