package propose

import (
	"regexp"
	"strings"
	"unicode"
)

// nameForm is a class or an id that can stand in a selector as it is, and that a person has chosen.
var nameForm = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_-]{1,39}$`)

// rank says how well a class or an id serves in a selector: 0 not at all, 1 if there is no better one, 2 as a name, and 3 as
// one that says what stands there.
func rank(name string) int {
	if !nameForm.MatchString(name) || isGenerated(name) {
		return 0
	}
	words := wordsOf(name)
	kind := 2
	for _, w := range words {
		switch {
		case passing[w]:
			return 0
		case telling[w]:
			kind = 3
		case layout[w] && kind == 2:
			kind = 1
		}
	}
	return kind
}

// moduleForm is a class of CSS modules: a name that a person has chosen, and a hash that changes with each build.
var moduleForm = regexp.MustCompile(`^([A-Za-z][A-Za-z0-9]*(?:[_-][A-Za-z0-9]+)*__)([A-Za-z0-9_-]{4,8})$`)

// lasting is what of a class lasts: all of it, or the part before a hash, which ends with two underscores.
func lasting(class string) string {
	m := moduleForm.FindStringSubmatch(class)
	if m != nil && (strings.ContainsAny(m[2], "0123456789-_") || strings.ContainsFunc(m[2][1:], unicode.IsUpper)) {
		return m[1]
	}
	return class
}

var beforeHash = regexp.MustCompile(`\.([A-Za-z][A-Za-z0-9_-]*__)([^A-Za-z0-9_-]|$)`)

// written is a selector as it is given to people: a class before its hash is a part of the attribute.
func written(selector string) string {
	return beforeHash.ReplaceAllString(selector, `[class*="$1"]$2`)
}

// isGenerated says whether a name was made by a program, which may make another one tomorrow: it has a number, or letters
// that make no word.
func isGenerated(name string) bool {
	for _, prefix := range []string{"css-", "sc-", "jss", "emotion-", "svelte-", "styled-", "jsx-", "ng-", "data-v-", "yui", "ember"} {
		if strings.HasPrefix(strings.ToLower(name), prefix) {
			return true
		}
	}
	digits := strings.IndexFunc(name, unicode.IsDigit)
	if digits >= 0 && strings.IndexFunc(name[digits+1:], unicode.IsDigit) >= 0 {
		return true
	}
	for part := range strings.FieldsFuncSeq(name, func(c rune) bool { return c == '-' || c == '_' }) {
		words := camelWords(part)
		letters := len(part)
		switch {
		case digits >= 0 && letters >= 5 && strings.ContainsFunc(part[:letters-1], unicode.IsDigit) && !strings.HasPrefix(part, "h"):
			return true // a digit inside of letters
		case letters >= 5 && !strings.ContainsAny(strings.ToLower(part), "aeiouy"):
			return true
		case len(words) >= 3 && letters < 3*len(words):
			return true // cQwRtY
		}
	}
	return false
}

// wordsOf are the words of a name, in lower case: "newsList__item-title" has four.
func wordsOf(name string) []string {
	var words []string
	for part := range strings.FieldsFuncSeq(name, func(c rune) bool { return !unicode.IsLetter(c) }) {
		for _, w := range camelWords(part) {
			words = append(words, strings.ToLower(w))
		}
	}
	return words
}

// camelWords splits a word before each capital letter that follows a small one.
func camelWords(s string) []string {
	var words []string
	start := 0
	for i := 1; i < len(s); i++ {
		if s[i] >= 'A' && s[i] <= 'Z' && (s[i-1] < 'A' || s[i-1] > 'Z') {
			words, start = append(words, s[start:i]), i
		}
	}
	return append(words, s[start:])
}

func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

var (
	// passing are words for how an element is just now, or which of several it is.
	passing = set(`active first last odd even alt current featured sticky new unread read visited selected open closed hover focus
		is has js normal hidden visible show fade lazy lazyload loaded big small large animated wow`)

	// layout are words for how an element looks.
	layout = set(`row col column columns cols container wrap wrapper inner outer clearfix clear left right center fl fr pull float grid
		flex block inline text bg border btn button badge img image pic thumb media box panel section sm md lg xl xs div span w h
		mb mt pt pb px py mx my d full width fluid`)

	// telling are words for what stands in an element.
	telling = set(`article articles post posts entry entries news item items story stories card cards teaser teasers list listing listings
		release releases press event events job jobs topic topics thread threads archive feed headline headlines title titles date time
		published author byline summary notice notices announcement result results blog piece update updates ticker latest`)

	// beside are words for parts of a page that are about other things than its articles.
	beside = set(`nav navi navbar navigation menu gnb gnavi lnb topnav topbar topmenu submenu masthead footer foot breadcrumb breadcrumbs pagination pager
		paging pagebox paginate tagcloud tags share sharing social comment comments login signin filter filters toolbar skiplinks cookie
		newsletter subscribe language lang sitemap copyright linklist crumbs colophon`)

	// around are words for parts that list articles, but not the page's own.
	around = set(`sidebar side aside related popular hot rank ranking trending mostread widget promo promos sponsor sponsored ad ads advert
		advertisement banner recommend recommended recommendations complementary secondary video videos partner partners`)

	// adverts are words for elements among articles that are none.
	adverts = set(`ad ads advert advertisement adv promo promoted sponsor sponsored banner werbung anzeige`)
)

// has says whether a name has one of the words.
func has(name string, words map[string]bool) bool {
	for _, w := range wordsOf(name) {
		if words[w] {
			return true
		}
	}
	return false
}
