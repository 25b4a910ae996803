// Package names tells people's names apart that a publisher has put on one line.
//
//	for _, name := range names.On("Ann Lee, Ben Ode and Cy Pic") { … }
//
// It refuses to guess: where a line may be one name, it is one.
package names

import (
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/newswire/newswire/sources/internal/byteset"
)

// maxLength bounds the length of a line, in bytes, on which names are told apart.
const maxLength = 1000

// On tells the names on a line apart: "A, B and C", "A; B" and "张三、李四" are several. "Smith, John" and "King, Jr." are
// one, and so is what may be the name of a house: "Marks and Spencer", "Ann Lee, Harbour News". Where that is in doubt, a
// line is one name.
func On(s string) []string {
	if len(s) > maxLength || isPlain(s) {
		return []string{s}
	}
	return apart(s)
}

// isPlain says quickly of most lines with one name that they have no more: nothing in them could stand between two names. The
// expressions take a hundred times as long.
func isPlain(s string) bool {
	if inPlain.Span(s) < len(s) {
		return false
	}
	for word := range strings.FieldsSeq(s) {
		switch strings.ToLower(word) {
		case "and", "und", "et", "y", "e", "och", "og", "en", "i":
			return false
		}
	}
	return true
}

var inPlain = byteset.Of(byteset.Letters + " .'-")

// apart are the names on a line.
func apart(s string) []string {
	var names []string
	for _, part := range certain.Split(s, -1) {
		if part = strings.TrimSpace(part); part != "" {
			names = append(names, listed(part)...)
		}
	}
	if len(names) < 2 || !allNames(names) {
		return []string{s}
	}
	return names
}

// certain are the signs that stand in no name.
var certain = regexp.MustCompile(`\s*[;；、，،|]\s*|[\n\r]+`)

var (
	comma = regexp.MustCompile(`\s*,\s*`)

	// conjunction stands between the last two of a list, in the languages whose word for it is no part of names that have two
	// words on both sides of it.
	conjunction = regexp.MustCompile(`(?i)\s+(?:and|und|et|y|e|och|og|en|i|и|та|&|\+)\s+`)

	// asiatic is a name in Chinese, Japanese or Korean signs, which is never written with a comma inside.
	asiatic = regexp.MustCompile(`^[\p{Han}\p{Hiragana}\p{Katakana}\p{Hangul}·・ー]{2,12}$`)

	// strokes stand between names in such signs, and a point between Korean ones.
	strokes = regexp.MustCompile(`\s*[/／]\s*`)
	points  = regexp.MustCompile(`^\p{Hangul}{2,4}(?:[·・]\p{Hangul}{2,4})+$`)

	// surnameFirst is a name as catalogues have it.
	surnameFirst = regexp.MustCompile(`^(?:\p{Ll}+ ){0,2}[\pL'’-]+, [\pL.'’-]+(?: [\pL.'’-]+)?$`)

	initials = regexp.MustCompile(`^(?:\p{Lu}\p{L}?\.[ -]?){1,4}$|^\p{Lu}{1,3}$`)
	suffix   = regexp.MustCompile(`(?i)^(?:jr|sr|[js]nr|ii|iii|iv|ph\.? ?d|m\.? ?d|d\.? ?d\.? ?s|m\.? ?b\.? ?a|esq|m\.? ?[as]c?|b\.? ?[as]c?|j\.? ?d|r\.? ?n|c\.? ?p\.? ?a|o\.? ?b\.? ?e|c\.? ?b\.? ?e|m\.? ?p)\.?$`)
)

// listed are the names of a list with commas and a conjunction, or the one name that the text is.
func listed(s string) []string {
	switch {
	case points.MatchString(s):
		return strings.FieldsFunc(s, func(c rune) bool { return c == '·' || c == '・' })
	case strings.ContainsAny(s, "/／") && all(strokes.Split(s, -1), asiatic.MatchString):
		return strokes.Split(s, -1)
	}
	if sides := conjunction.Split(s, -1); len(sides) > 1 && all(sides, surnameFirst.MatchString) { // "Lee, Ann and Ode, Ben"
		return sides
	}
	pieces := withSuffixes(comma.Split(s, -1))
	last := len(pieces) - 1
	pieces[last] = strings.TrimSpace(leadingAnd.ReplaceAllString(pieces[last], ""))
	ends := conjunction.Split(pieces[last], -1)
	switch {
	case last == 0 && len(ends) > 1 && all(ends, isFullName): // "Ann Lee and Ben Ode"
		return ends
	case last == 0:
		return []string{s}
	case pairs(pieces) != nil: // "Lee, A., Ode, B."
		return pairs(pieces)
	case last == 1 && len(ends) == 1 && !all(pieces, asiatic.MatchString) && !all(pieces, isFullName): // "Lee, Ann"
		return []string{s}
	case slices.ContainsFunc(pieces[1:], isHouse):
		return []string{s}
	}
	return slices.DeleteFunc(append(pieces[:last:last], ends...), func(name string) bool { return name == "" })
}

// leadingAnd is the conjunction behind a last comma: "A, B, and C".
var leadingAnd = regexp.MustCompile(`(?i)^(?:and|und|et|&)\s+`)

// withSuffixes puts what is a part of the name before a comma back to it: "King, Jr.".
func withSuffixes(pieces []string) []string {
	out := pieces[:0:0]
	for _, p := range pieces {
		before, after, more := cutConjunction(p)
		switch {
		case len(out) > 0 && suffix.MatchString(p):
			out[len(out)-1] += ", " + p
		case len(out) > 0 && more && suffix.MatchString(before): // "King, Jr. and Ann Lee"
			out[len(out)-1] += ", " + before
			out = append(out, after)
		default:
			out = append(out, p)
		}
	}
	return out
}

func cutConjunction(s string) (before, after string, found bool) {
	at := conjunction.FindStringIndex(s)
	if at == nil {
		return s, "", false
	}
	return s[:at[0]], s[at[1]:], true
}

// pairs are the names of a list in which initials follow each surname, as in references; none where it is no such list.
func pairs(pieces []string) []string {
	if len(pieces)%2 != 0 || len(pieces) < 4 {
		return nil
	}
	var names []string
	for i := 0; i < len(pieces); i += 2 {
		if !initials.MatchString(pieces[i+1]) || initials.MatchString(pieces[i]) {
			return nil
		}
		names = append(names, pieces[i]+", "+pieces[i+1])
	}
	return names
}

// isFullName says whether a text has the form of a given name and a surname, and is not the name of a house.
func isFullName(s string) bool {
	words := strings.Fields(strings.ReplaceAll(s, ",", " "))
	return len(words) >= 2 && isName(s) && !isHouse(s) && unicode.IsUpper([]rune(words[0])[0])
}

// isName says whether a text can be a name at all.
func isName(s string) bool {
	words := strings.Fields(s)
	if len(words) == 0 || len(words) > 6 || len(s) > 100 {
		return false
	}
	return !strings.ContainsAny(s, "0123456789@:/<>()[]{}!?\"“”…")
}

func allNames(names []string) bool { return all(names, isName) }

// all says whether something holds of each of the texts.
func all(texts []string, holds func(string) bool) bool {
	return !slices.ContainsFunc(texts, func(s string) bool { return !holds(s) })
}

// isHouse says whether a text names a house, an office or what a person does there.
func isHouse(s string) bool {
	return slices.ContainsFunc(strings.Fields(strings.ToLower(s)), func(w string) bool { return houses[strings.Trim(w, ".,'’")] })
}

// houses are words in the names of publishers, agencies and other bodies, and of what people do there.
var houses = map[string]bool{
	"news": true, "press": true, "times": true, "post": true, "journal": true, "magazine": true, "daily": true, "weekly": true,
	"gazette": true, "herald": true, "tribune": true, "agency": true, "radio": true, "tv": true, "television": true, "media": true,
	"staff": true, "editor": true, "editors": true, "editorial": true, "reporter": true, "reporters": true, "correspondent": true,
	"writer": true, "writers": true, "team": true, "desk": true, "bureau": true, "office": true, "department": true, "ministry": true,
	"university": true, "college": true, "school": true, "institute": true, "center": true, "centre": true, "foundation": true,
	"association": true, "society": true, "council": true, "committee": true, "inc": true, "ltd": true, "llc": true, "gmbh": true,
	"ag": true, "co": true, "corp": true, "corporation": true, "company": true, "group": true, "services": true, "service": true,
	"the": true, "for": true, "redaktion": true, "rédaction": true, "redacción": true, "redação": true, "redazione": true, "redaktionen": true,
	"director": true, "manager": true, "president": true, "minister": true, "professor": true, "blog": true, "online": true, "network": true,
	"contributor": true, "contributors": true, "contributing": true, "columnist": true, "photographer": true, "author": true, "guest": true,
	"senior": true, "chief": true, "freelance": true, "producer": true, "host": true, "analyst": true, "special": true, "various": true,
	"reuters": true, "afp": true, "ap": true, "dpa": true, "xinhua": true, "bbc": true, "cnn": true,
}
