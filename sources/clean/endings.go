package clean

import (
	"context"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
)

// ending finds at the end of a text what is not the article's own: the number of lines that are left before it, and why
// it goes. There is none when found is false.
type ending struct {
	reason string
	find   func(*findings, []line) (left int, found bool)
	keep   func(*findings, []line) // what is to be known of it; nil: nothing
}

// endings are looked for in turn until none is there any more, for platforms put several under a text and injections
// come between them.
var endings = []ending{
	{Annotations, (*findings).annotation, nil},
	{Notices, (*findings).notices, (*findings).extractNotices},
	{Related, (*findings).related, nil},
	{Injected, (*findings).injected, nil},
}

// maxRounds bounds how often the end of a text is looked at again: each time costs as much as the text is long.
const maxRounds = 30

// foot removes what is not the article's own from the end of a cleaned text. It is done unless it was at it for too long.
func (r *findings) foot(ctx context.Context, root *html.Node) (done bool, err error) {
	lines := r.placeholders(root, linesOf(root, r.lines[:0]))
	r.lines, r.words = lines, nil
	defer func() { r.lines = lines }()
	for range maxRounds {
		before := len(lines)
		for _, e := range endings {
			if err := ctx.Err(); err != nil {
				return false, err
			}
			left, found := e.find(r, lines)
			if !found || !says(lines[:left]) {
				continue
			}
			r.remove(e.reason, beginningOf(lines[left:]))
			if e.keep != nil {
				e.keep(r, lines[left:])
			}
			removeLines(root, lines[left:])
			lines = lines[:left]
		}
		if len(lines) == before {
			return true, nil
		}
	}
	return false, nil
}

// says tells whether lines hold a letter.
func says(lines []line) bool {
	for i := range lines {
		if lines[i].measure().letters > 0 {
			return true
		}
	}
	return false
}

// beginningOf is as much of the text of lines as is kept of a removal.
func beginningOf(lines []line) string {
	size := 0
	for i := range lines {
		if size += len(lines[i].measure().text); size > maxExcerpt*utf8.UTFMax {
			lines = lines[:i+1]
			break
		}
	}
	return textOf(lines)
}

// textOf is the text of lines, with a space between two.
func textOf(lines []line) string {
	var b strings.Builder
	for i := range lines {
		b.WriteString(lines[i].measure().text + " ")
	}
	return strings.TrimSpace(b.String())
}

// placeholder is what stands where a picture or an advertisement was, in brackets and alone on its line.
var placeholder = regexp.MustCompile(`^[\[【（(]\s*(?i:图片|圖片|图|圖|视频|視頻|影片|广告|廣告|image|photo|picture|video|advertisement)\s*[\]】）)]$`)

// placeholders removes the lines that are only a placeholder, wherever they stand.
func (r *findings) placeholders(root *html.Node, lines []line) []line {
	var empty []line
	rest := slices.DeleteFunc(lines, func(l line) bool {
		if l.first != l.last || l.first.Type != html.TextNode {
			return false
		}
		text := strings.TrimSpace(l.first.Data)
		if len(text) > 40 || !placeholder.MatchString(text) {
			return false
		}
		empty = append(empty, l)
		return true
	})
	if len(rest) == 0 {
		return empty
	}
	for i := range empty {
		r.remove(Annotations, empty[i].measure().text)
	}
	removeLines(root, empty)
	return rest
}

// mark is what editors and their programs leave at the end of a text.
var mark = regexp.MustCompile(`^[\[【（(]?\s*(?:(?:本文)?(?:责任编辑|責任編輯|责编|責編|编辑|編輯|校对|校對|审核|審核|编审|編審)\s*[:：/]\s*\S{1,20}(?:\s\S{1,20}){0,2}|展开全文|展開全文|阅读全文|閱讀全文|点击展开全文|點擊展開全文|收起全文|返回搜狐，查看更多)\s*[\]】）)]?$`)

func (r *findings) annotation(lines []line) (int, bool) {
	left := len(lines)
	for left > 0 {
		l := lines[left-1].measure()
		if l.letters == 0 || l.letters > 40 || isASCII(l.text) || len(r.foreign(l)) > 0 || !mark.MatchString(l.text) { // all marks are Chinese
			break
		}
		left--
	}
	return left, left < len(lines)
}

// relatedHeading stands over a list of a platform's other articles. What may be over an author's own list, such as "see
// also", is not among them.
var relatedHeading = regexp.MustCompile(`^[【\[]?(?i:相关阅读|相关文章|相关新闻|相关推荐|相关报道|推荐阅读|延伸阅读|猜你喜欢|热门文章|热门推荐|为您推荐|更多文章|更多新闻|您可能感兴趣的文章|関連記事|あわせて読みたい|おすすめ記事|관련기사|related (?:articles?|posts?|stories|story|reading|news|content)|read (?:more|next|also)|also read|more (?:stories|articles|news)|more from .{1,40}|(?:you )?(?:may|might) also like|you (?:may|might) also like|recommended(?: for you| reading| articles?| stories)?|what to read next|top stories|trending(?: now)?)[】\]]?\s*[:：]?$`)

// maxRelated bounds how long a list of related articles may be.
const maxRelated = 30

// related finds a heading under which there is nothing but links to the publisher's own pages.
func (r *findings) related(lines []line) (int, bool) {
	links := 0
	for i := len(lines) - 1; i >= 0 && len(lines)-i <= maxRelated; i-- {
		l := lines[i].measure()
		label := l.text
		if len(l.anchors) > 0 {
			if len(r.foreign(l)) > 0 || len(r.own) == 0 {
				return 0, false
			}
			links += len(l.anchors)
			label = l.lead()
		}
		if l.letters <= 40+l.linked && relatedHeading.MatchString(fold(label)) {
			return i, links > 1 || links == 1 && isHan(label)
		}
		if isMostlyText(l) {
			return 0, false
		}
	}
	return 0, false
}

// isMostlyText says whether a line says more than its links and the times beside them.
func isMostlyText(l *line) bool {
	unlinked := l.letters - l.linked
	if unlinked*2 > l.linked && strings.ContainsAny(l.text, "0123456789") { // seldom so: the expression is slow
		unlinked = letters(dates.ReplaceAllString(l.text, "")) - l.linked
	}
	return unlinked*2 > l.linked
}

func isHan(s string) bool { return strings.ContainsFunc(s, isUnspaced) }

// dates are the times that stand beside a link.
var dates = regexp.MustCompile(`\d[\d年月日时時分:：./,-]*`)
