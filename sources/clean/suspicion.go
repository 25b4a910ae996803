package clean

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"
)

// crowd are so many links that a text may be nothing but links.
const crowd = 5

// suspicion says why a whole article looks injected, by what is left of it, its title and its publisher; nothing where
// it does not.
func (r *findings) suspicion() string {
	title, spamInTitle := r.about.title()
	if words := r.about.Block.in(title); len(words) > 0 {
		return fmt.Sprintf("the title says %q, which the operator blocks", words[0])
	}
	titled := r.alien(spamInTitle)
	crowded := r.anchors >= crowd && r.linked*2 > r.weight
	if r.about.Block == nil && len(titled) == 0 && !crowded {
		return "" // most articles: nothing more to look for
	}
	text := fold(textOf(r.lines))
	if word := r.harps(text); word != "" {
		return fmt.Sprintf("the text says %q over and over, which the operator blocks", word)
	}
	if len(titled) == 0 && !crowded {
		return ""
	}
	links := r.links()
	switch {
	case len(titled) > 2 && spam.covers(title):
		return "the title is nothing but " + quoted(titled)
	case len(titled) > 0 && (links.spammy > 1 && links.heavily() || links.mostly() || r.hiddenLinks > 2), len(titled) > 1 && links.heavily():
		return "the title is about " + quoted(titled) + ", and the text leads to other sites"
	case len(titled) > 0 && links.heavily() && r.isStranger(r.about.Title):
		return "the title is about " + quoted(titled) + ", in a script that is not the publisher's"
	case links.mostly() && links.foreign >= crowd && len(r.alien(spam.in(text))) > 2:
		return "almost nothing but links to other sites, about " + quoted(r.alien(spam.in(text)))
	case links.mostly() && links.foreign >= crowd && r.isStranger(text):
		return "almost nothing but links to other sites, in a script that is not the publisher's"
	}
	return ""
}

// title is the title to be looked through, and what it says of the words that are known for injections.
func (a *About) title() (folded string, spammy []string) {
	a.fill()
	return a.folded, a.titled
}

// maxPublisher bounds, in bytes, what is read of a publisher's words about itself.
const maxPublisher = 4096

// publisher is what the publisher says of itself, made comparable.
func (a *About) publisher() string {
	a.fill()
	return a.says
}

func (a *About) fill() {
	if a.read {
		return
	}
	a.read = true
	a.folded = fold(a.Title)
	a.titled = spam.in(a.folded)
	a.says = fold(Legal(a.Publisher[:min(len(a.Publisher), maxPublisher)]))
	a.alien = map[string]bool{}
}

// isAlien says whether a term is not the publisher's own subject.
func (a *About) isAlien(term string) bool {
	a.fill()
	alien, known := a.alien[term]
	if !known {
		alien = count(a.says, fold(term), 1) == 0
		a.alien[term] = alien
	}
	return alien
}

// quoted are the first few terms, in quotation marks.
func quoted(terms []string) string {
	const few = 5
	var out []string
	for _, term := range terms[:min(few, len(terms))] {
		out = append(out, strconv.Quote(term))
	}
	return strings.Join(out, ", ")
}

// alien are the terms that are not the publisher's own subject.
func (r *findings) alien(terms []string) []string {
	var out []string
	for _, term := range terms {
		if r.about.isAlien(term) {
			out = append(out, term)
		}
	}
	return out
}

// harps is a blocked term that a text comes back to.
func (r *findings) harps(text string) string {
	const often = 3
	if r.about.Block == nil {
		return ""
	}
	for i, term := range r.about.Block.folded {
		if count(text, term, often) == often {
			return r.about.Block.plain[i]
		}
	}
	return ""
}

// linkage is how a text is linked to other sites.
type linkage struct {
	foreign, spammy int // links to other sites; those under words that are known for spam
	linked, letters int // letters in those links, and in all
}

// heavily says whether more of the text is links than a reporter's sources are.
func (l linkage) heavily() bool { return l.foreign > 0 && l.linked*4 >= l.letters }

func (l linkage) mostly() bool { return l.foreign > 2 && l.linked*10 >= l.letters*7 }

func (r *findings) links() linkage {
	var sum linkage
	for i := range r.lines {
		l := r.lines[i].measure()
		sum.letters += l.letters
		for _, a := range r.foreign(l) {
			sum.foreign++
			sum.linked += a.letters
			if len(r.alien(a.spam)) > 0 {
				sum.spammy++
			}
		}
	}
	return sum
}

// isStranger says whether a text is in another script than its publisher's language is written in, as far as that is
// known.
func (r *findings) isStranger(text string) bool {
	language, _, _ := strings.Cut(strings.ToLower(r.about.Language), "-")
	expected, known := scripts[language]
	if !known {
		return false
	}
	inside, all := 0, 0
	for _, c := range text {
		if unicode.IsLetter(c) {
			all++
			if unicode.In(c, expected...) {
				inside++
			}
		}
	}
	return all > 0 && inside*10 < all
}

// scripts are what languages are written in.
var scripts = map[string][]*unicode.RangeTable{
	"zh": {unicode.Han}, "ja": {unicode.Han, unicode.Hiragana, unicode.Katakana}, "ko": {unicode.Hangul, unicode.Han},
	"ru": {unicode.Cyrillic}, "uk": {unicode.Cyrillic}, "bg": {unicode.Cyrillic}, "el": {unicode.Greek}, "he": {unicode.Hebrew},
	"ar": {unicode.Arabic}, "fa": {unicode.Arabic}, "ur": {unicode.Arabic}, "th": {unicode.Thai}, "hi": {unicode.Devanagari},
	"en": {unicode.Latin}, "de": {unicode.Latin}, "fr": {unicode.Latin}, "es": {unicode.Latin}, "it": {unicode.Latin},
	"pt": {unicode.Latin}, "nl": {unicode.Latin}, "pl": {unicode.Latin}, "sk": {unicode.Latin}, "cs": {unicode.Latin},
	"tr": {unicode.Latin}, "vi": {unicode.Latin}, "id": {unicode.Latin}, "sv": {unicode.Latin},
}
