package clean

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html/atom"

	"github.com/newswire/newswire/sources/internal/byteset"
)

// What a notice is about, as bits.
const (
	ofViews  = 1 << iota // whose the views are
	ofRights             // whose the rights are
	ofComplaints
	ofItself // says that it is about this article or this site

	ofNotices = ofViews | ofRights | ofComplaints
)

const (
	maxNotices = 12  // lines
	maxNotice  = 400 // letters of a line
)

var (
	// numeral is how a notice is numbered.
	numeral = regexp.MustCompile(`^(?:[(（\[]?\s*(?:\d{1,2}|[一二三四五六七八九十]{1,2})\s*[)）\].、．。:：]|[①-⑳⑴-⒇])\s*`)

	// declaration stands over notices, or before the first on its line.
	declaration = regexp.MustCompile(`^[【\[]?(?:(?:特别|免责|版权|郑重|本站|平台|文章|网站|温馨|法律)?(?:声明|提示|说明)|(?:legal |important )?(?:notices?|disclaimers?)|terms)[】\]]?\s*(?:[:：]|$)`)

	mailbox = regexp.MustCompile(`[A-Za-z0-9][\w.+-]*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+`)
	webpage = regexp.MustCompile(`https?://[^\s<>"，。；、）)]+`)
)

// subjects are the words by which a notice is known; one of each list must be there. They are folded.
var subjects = []struct {
	of         int
	some, also []string
}{
	{ofViews, []string{"观点", "立场", "言论", "views", "view ", "opinion"}, []string{"作者", "本人", "个人", "author", "writer", "contributor"}},
	{ofRights, []string{"版权", "著作权", "知识产权", "copyright", "all rights"}, []string{"作者", "原作", "所有", "归", "author", "writer", "owner", "belong", "stay", "remain"}},
	{ofComplaints, []string{"投诉", "举报", "侵权", "侵犯", "异议", "complain", "infring", "objection", "takedown", "take-down"}, []string{"联系", "联络", "邮箱", "邮件", "电话", "发送", "客服", "contact", "mail", "write to", "address", "send", "report", "go to", "@"}},
	{ofItself, []string{"本文", "文章", "本站", "本平台", "平台", "本网", "该文", "作品", "文中", "内容", "article", "this site", "this text", "platform", "content", "post", "published here"}, []string{""}},
}

// subjectsOf are those of the asked subjects that a line is about.
func subjectsOf(folded string, asked int) int {
	found, ascii := 0, isASCII(folded)
	for i := range subjects {
		s := &subjects[i]
		if s.of&asked != 0 && holdsAny(folded, s.some, ascii) && holdsAny(folded, s.also, ascii) {
			found |= s.of
		}
	}
	return found
}

// holdsAny is containsAny of a text that may be ASCII alone: then words that are not are not looked for.
func holdsAny(text string, words []string, ascii bool) bool {
	for _, w := range words {
		if ascii && w != "" && w[0] >= utf8.RuneSelf {
			continue
		}
		if strings.Contains(text, w) {
			return true
		}
	}
	return false
}

func containsAny(text string, words []string) bool { return holdsAny(text, words, false) }

// notices finds the platform's notices: lines at the end, numbered or under a declaration, of which some say whose the
// views or the rights are, or where complaints go.
func (r *findings) notices(lines []line) (int, bool) {
	left, about, numbered, declared := len(lines), 0, 0, false
	for i := len(lines) - 1; i >= 0 && len(lines)-i <= maxNotices && !declared; i-- {
		l := lines[i].measure()
		if l.letters == 0 || l.letters > maxNotice || len(l.anchors) > 2 {
			break
		}
		folded := l.fold()
		of := subjectsOf(folded, ofNotices)
		counted := isNumbered(l)
		declared = mayDeclare(folded) && declaration.MatchString(folded)
		if of == 0 && !counted && !declared {
			break
		}
		if of != 0 || declared {
			left = i
		}
		about |= of | subjectsOf(folded, ofItself)
		if counted && of != 0 {
			numbered++
		}
	}
	known := about & ofNotices
	several := known&(known-1) != 0
	if !(declared && known != 0 && about&ofItself != 0) && !(numbered >= 2 && several && about&ofItself != 0) {
		return 0, false
	}
	return left, true
}

// mayDeclare says quickly of most lines that no declaration begins them.
func mayDeclare(folded string) bool {
	return folded != "" && (folded[0] >= utf8.RuneSelf || slices.ContainsFunc(declared, func(word string) bool { return strings.HasPrefix(folded, word) }))
}

// declared are what a declaration in ASCII begins with.
var declared = []string{"[", "legal ", "important ", "notice", "disclaimer", "terms"}

// alphabetic are the letters of ASCII, with which no number begins.
var alphabetic = byteset.Of(byteset.Letters)

func isNumbered(l *line) bool {
	if l.text != "" && !alphabetic[l.text[0]] && numeral.MatchString(l.text) {
		return true
	}
	for n := l.first.Parent; n != nil; n = n.Parent {
		if n.DataAtom == atom.Li {
			return n.Parent != nil && n.Parent.DataAtom == atom.Ol
		}
	}
	return false
}

// extractNotices makes a statement and an address for complaints of the notices.
func (r *findings) extractNotices(lines []line) {
	var statement []string
	contact := ""
	for i := range lines {
		l := &lines[i]
		text := numeral.ReplaceAllString(l.text, "")
		folded := fold(text)
		of := subjectsOf(folded, ofNotices)
		if of&ofComplaints != 0 && contact == "" {
			contact = contactIn(l)
		}
		if rest := declaration.ReplaceAllString(folded, ""); rest == "" || of&(ofViews|ofRights) == 0 && of&ofComplaints != 0 && contact != "" {
			continue
		}
		statement = append(statement, text)
	}
	if r.Statement == "" {
		r.Statement = cut(strings.Join(statement, " "), maxStatement)
	}
	if r.Contact == "" {
		r.Contact = contact
	}
}

// contactIn is the address that a line names: a mailbox before a page.
func contactIn(l *line) string {
	if m := mailbox.FindString(l.text); m != "" {
		return m
	}
	if len(l.anchors) > 0 {
		return l.anchors[0].address
	}
	return webpage.FindString(l.text)
}
