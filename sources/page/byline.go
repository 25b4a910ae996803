package page

import (
	"cmp"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/newswire/newswire"
)

var (
	// lead is what stands before names: "By", "Posted by", "Text:", and in other languages.
	lead = regexp.MustCompile(`(?i)^(?:(?:(?:written|posted|published|words|story|text|reported|reporting|article|submitted|opinion|analysis) )?(?:by|par|von|door|por)\b\s*:?|(?:author|authors|auteur|autor|autora|autore|text|words|door|byline)\s*:|` +
		`(?:作者|撰文|撰稿人|撰稿|作者署名|筆者|笔者|著者|執筆|文)\s*[:：/／|｜丨]|[(（]?(?:本报|本報|本刊|本网|本網|特约|特約|实习|實習|见习)?(?:记者|記者)\s*[:：]?\s*)\s*`)

	// labelled is an author in a line that says more: "来源：电商报 作者：金江 2026-03-05 10:30".
	labelled = regexp.MustCompile(`(?:作者|撰文|撰稿人|撰稿|文|筆者|笔者|著者|執筆)\s*[:：/／|｜丨]\s*([^:：/／|｜丨]+)`)

	// label is a word before a colon that says what follows is no author of the text: the outlet, an editor, a picture.
	label = regexp.MustCompile(`(?:来源|來源|稿源|出处|出處|转自|轉自|责任编辑|責任編輯|责编|責編|编辑|編輯|校对|校對|图片|圖片|图|圖|摄影|攝影|时间|時間|日期|发布时间|發布時間|发布|發布|发表于|發表於|更新|阅读|閱讀|点击|浏览|评论|字号|分享|审核|審核)\s*[:：/／|｜丨]`)

	// datelike is where a date or a time begins.
	datelike = regexp.MustCompile(`(?i)\b(?:\d{1,2}\s+)?(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|sep(?:t(?:ember)?)?|oct(?:ober)?|nov(?:ember)?|dec(?:ember)?)\.?\s+\d{1,4}|\d{4}\s*[-/.年]\s*\d{1,2}|\d{1,2}\s*[-/.月]\s*\d{1,2}|\d{1,2}\s+[A-Za-zÀ-ž]{3,10}\.?\s+\d{4}|\d{1,2}:\d{2}`)

	// trailing is what is written behind names.
	trailing = regexp.MustCompile(`(?i)\s*(?:[/／|｜丨]\s*(?:文|撰文|著)|[(（](?:文|撰文)[)）]|(?:报道|報道|撰稿|专栏|專欄))$|[\s,;:|·•–—/-]+$|\s+(?:on|published|updated|posted|last|last updated)$|^(?:last|published|updated|posted)$|\s+edited\s+by\s.*$|[\s|,]+follow(?: (?:author|@?\w+))?$`)

	ampersands = regexp.MustCompile(`(?i)\s+(?:and|und|et|y|e|en|och)\s+|\s*(?:&|;|、|；|｜|\||/|・)\s*`)
	commas     = regexp.MustCompile(`\s*[,，]\s*`)
	mailForm   = regexp.MustCompile(`[(<\[]?\s*(?:mailto:)?([^\s<>()\[\],;:"@]+@[^\s<>()\[\],;:"@]+\.[A-Za-z]{2,24})\s*[)>\]]?`)
	webForm    = regexp.MustCompile(`(?i)^(?:https?:)?//|^www\.|^@`)
)

// byline reads who wrote an article from the line that says so: "By Ann Lee and Bo Cai", "作者：金江", "金江/文".
func byline(s string) []newswire.Person {
	s = plain(s)
	if webForm.MatchString(s) {
		return nil
	}
	email := ""
	if m := mailForm.FindStringSubmatchIndex(s); m != nil {
		email = s[m[2]:m[3]]
		s = line(s[:m[0]] + " " + s[m[1]:])
	}
	s = unlabelled(s)
	if at := datelike.FindStringIndex(s); at != nil {
		s = s[:at[0]]
	}
	s = stripped(s)
	var people []newswire.Person
	for _, name := range split(s) {
		if name = stripped(name); isName(name) {
			people = append(people, newswire.Person{Name: name})
		}
	}
	switch {
	case len(people) == 1:
		people[0].Email = email
	case len(people) == 0 && s == "" && email != "":
		people = []newswire.Person{{Name: email, Email: email}}
	}
	return people
}

// unlabelled leaves of a line with labels what belongs to the author.
func unlabelled(s string) string {
	if m := labelled.FindStringSubmatchIndex(s); m != nil {
		s = s[m[2]:]
	}
	if at := label.FindStringIndex(s); at != nil {
		s = s[:at[0]]
	}
	return s
}

// stripped takes away what stands before and behind names.
func stripped(s string) string {
	for range 4 { // "By: By Ann Lee on |"
		before := s
		s = strings.TrimSpace(lead.ReplaceAllString(strings.TrimSpace(s), ""))
		s = strings.TrimSpace(trailing.ReplaceAllString(s, ""))
		s = strings.Trim(s, `"“”'`)
		if s == before {
			break
		}
	}
	return s
}

// split tells several names on a line apart. A comma does so only between names that are whole without it: in "Jong,
// Michiel de" and "Brenda Goodman, MA" it belongs to the name.
func split(s string) []string {
	var names []string
	for _, part := range ampersands.Split(s, maxValues) {
		pieces := commas.Split(part, maxValues)
		for _, piece := range pieces {
			if !isWhole(piece) {
				pieces = []string{part}
				break
			}
		}
		for _, piece := range pieces {
			names = append(names, apart(piece)...)
		}
	}
	return names
}

// apart splits Chinese names at the spaces between them.
func apart(s string) []string {
	pieces := strings.Fields(s)
	for _, piece := range pieces {
		if n := utf8.RuneCountInString(piece); n < 2 || n > 4 || !isHan(piece) {
			return []string{s}
		}
	}
	return pieces
}

// isWhole says whether a text could be a person's whole name: a first and a last one, or Chinese.
func isWhole(s string) bool {
	return isHan(s) || len(strings.Fields(s)) >= 2
}

func isHan(s string) bool {
	return s != "" && strings.IndexFunc(s, func(c rune) bool { return !unicode.Is(unicode.Han, c) && c != '·' }) < 0
}

// isName refuses what is no name: an address, a sentence, a number, what a template says where it knows no name.
func isName(s string) bool {
	switch strings.ToLower(s) {
	case "", "admin", "administrator", "anonymous", "unknown", "author", "by", "editor", "null", "undefined", "none",
		"佚名", "匿名", "管理员", "管理員", "网络", "網絡", "未知", "本站", "原创", "转载":
		return false
	}
	return !webForm.MatchString(s) && utf8.RuneCountInString(s) <= 80 && strings.ContainsFunc(s, unicode.IsLetter)
}

// maxPeople bounds the authors of one article.
const maxPeople = 50

// join adds people to a list, once each.
func join(people []newswire.Person, more ...newswire.Person) []newswire.Person {
next:
	for _, p := range more {
		for i := range people {
			if strings.EqualFold(people[i].Name, p.Name) {
				people[i].URL, people[i].Email = cmp.Or(people[i].URL, p.URL), cmp.Or(people[i].Email, p.Email)
				continue next
			}
		}
		if len(people) < maxPeople {
			people = append(people, p)
		}
	}
	return people
}
