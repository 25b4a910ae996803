package clean

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

const (
	minInjected  = 3   // links with which a block of words that are known for it begins
	minUnrelated = 6   // links with which one that is merely out of place begins
	minDomains   = 4   // that those lead to
	minBody      = 150 // letters of an article that something can be out of place in
	maxWords     = 5   // of an anchor that is a search phrase and no title
	maxHan       = 10  // characters of the same
)

// injected finds links at the end of a text that its author did not put there. They stand under words that the operator
// blocks, or under words that are known for it and that the article is not about. Or there are many, in a script or on
// subjects that the article has nothing of. A list under a heading or a label of its own is the author's unless its words tell otherwise.
func (r *findings) injected(lines []line) (int, bool) {
	if r.anchors == 0 || len(r.own) == 0 {
		return 0, false
	}
	start := len(lines)
	for start > 0 && r.isLinkLine(&lines[start-1]) {
		start--
	}
	if start == len(lines) {
		return 0, false
	}
	tail := lines[start:]
	if i, found := r.blocked(tail); found {
		return start + i, true
	}
	if i, found := r.spammy(tail, start); found {
		return start + i, true
	}
	if start > 0 && lines[start-1].heads() && lines[start-1].letters <= 40 || isLabel(tail[0].lead()) {
		return 0, false
	}
	return start, r.outOfPlace(lines, start)
}

// isLinkLine says whether a line is made of links to other sites, or holds some between words that are known for it.
func (r *findings) isLinkLine(l *line) bool {
	r.tell(l)
	return l.isLinks
}

// isMadeOfLinks is isLinkLine of a line whose links to other sites are known.
func (r *findings) isMadeOfLinks(l *line) bool {
	if len(l.foreign) == 0 || l.letters == 0 {
		return false
	}
	if len(l.foreign) == len(l.anchors) && l.linked*10 >= l.letters*8 {
		return true
	}
	return len(r.about.Block.in(l.fold())) > 0 || len(l.foreign) > 1 && len(spam.in(l.fold())) > 1
}

func isLabel(lead string) bool {
	return strings.HasSuffix(lead, ":") || strings.HasSuffix(lead, "：") || letters(lead) > 0 && letters(lead) <= 20
}

// blocked is the first line with a word that the operator blocks.
func (r *findings) blocked(tail []line) (int, bool) {
	if r.about.Block == nil {
		return 0, false
	}
	for i := range tail {
		for _, a := range r.foreign(&tail[i]) {
			if len(r.about.Block.in(a.folded+" "+fold(addressWords(a.address)))) > 0 {
				return i, true
			}
		}
		if len(r.about.Block.in(tail[i].fold())) > 0 {
			return i, true
		}
	}
	return 0, false
}

// addressWords is an address with spaces for all that is not a letter.
func addressWords(address string) string {
	return strings.Join(strings.FieldsFunc(address, func(c rune) bool { return !unicode.IsLetter(c) && !unicode.IsDigit(c) }), " ")
}

// spammy is the first line with a word that is known for injections, if there are several that the rest of the article
// does not hold, or one in every second link.
func (r *findings) spammy(tail []line, start int) (int, bool) {
	first, hits, links := -1, 0, 0
	words := map[string]bool{}
	for i := range tail {
		links += len(r.foreign(&tail[i]))
		for _, a := range r.foreign(&tail[i]) {
			found := false
			for _, term := range a.spam {
				if !r.vocabulary().saysTerm(fold(term), start) {
					words[term], found = true, true
				}
			}
			if found {
				hits++
				if first < 0 {
					first = i
				}
			}
		}
	}
	return first, links >= minInjected && hits > 0 && (len(words) > 1 || hits*2 >= links)
}

// wellKnown are sites that everybody links to.
var wellKnown = map[string]bool{
	"facebook.com": true, "twitter.com": true, "x.com": true, "t.co": true, "linkedin.com": true, "reddit.com": true, "pinterest.com": true,
	"instagram.com": true, "youtube.com": true, "youtu.be": true, "whatsapp.com": true, "wa.me": true, "t.me": true, "telegram.me": true,
	"tumblr.com": true, "getpocket.com": true, "ycombinator.com": true, "threads.net": true, "bsky.app": true, "mastodon.social": true,
	"apple.com": true, "google.com": true, "spotify.com": true, "stitcher.com": true, "overcast.fm": true, "pca.st": true, "castro.fm": true,
	"amazon.com": true, "patreon.com": true, "github.com": true, "gitlab.com": true, "wikipedia.org": true, "wikimedia.org": true,
	"archive.org": true, "doi.org": true, "arxiv.org": true, "medium.com": true, "vimeo.com": true, "flickr.com": true, "soundcloud.com": true,
	"weibo.com": true, "qq.com": true, "zhihu.com": true, "douban.com": true, "bilibili.com": true, "baidu.com": true, "line.me": true,
	"vk.com": true, "ok.ru": true, "feedburner.com": true,
}

// outOfPlace says whether links are search phrases that lead all over the web, and next to none of them has to do with the
// rest of the article: by its words, by its host, or because the link names the site that it leads to.
func (r *findings) outOfPlace(lines []line, start int) bool {
	if !r.hasBody(lines[:start]) {
		return false
	}
	domains := map[string]bool{}
	links, phrases := 0, 0
	for i := range lines[start:] {
		for _, a := range r.foreign(&lines[start+i]) {
			domains[registrable(host(a.address))] = true
			links++
			if isPhrase(a.folded) {
				phrases++
			}
		}
	}
	return links >= minUnrelated && len(domains) >= minDomains && phrases*10 >= links*9 && r.relatedLinks(lines, start)*5 <= links
}

// hasBody says whether there is enough of an article for something to be out of place in it.
func (r *findings) hasBody(lines []line) bool {
	size := letters(r.about.Title) + letters(r.about.publisher())
	for i := 0; i < len(lines) && size < minBody; i++ {
		size += lines[i].measure().letters
	}
	return size >= minBody
}

// relatedLinks counts the links that have to do with what stands before them.
func (r *findings) relatedLinks(lines []line, start int) int {
	related := 0
	for i := range lines[start:] {
		for _, a := range r.foreign(&lines[start+i]) {
			if wellKnown[registrable(host(a.address))] || names(a.text, a.address) || r.vocabulary().shares(a.folded, start) {
				related++
			}
		}
	}
	return related
}

// vocabulary is that of the whole text and of what is known about it. Lines go from the end only, so it holds for what is
// left of them.
func (r *findings) vocabulary() *vocabulary {
	if r.words == nil {
		r.words = newVocabulary(fold(r.about.Title+"\n"+r.about.publisher()), r.lines)
	}
	return r.words
}

// isPhrase says whether an anchor is as short as what people search for.
func isPhrase(folded string) bool {
	han := 0
	for _, c := range folded {
		if isUnspaced(c) {
			han++
		}
	}
	return folded != "" && han <= maxHan && len(strings.Fields(folded)) <= maxWords && !strings.ContainsAny(folded, ".?!。？！")
}

// names says whether an anchor names the site that it leads to: with a capital, as names are, or by its address.
func names(text, address string) bool {
	squeezed := squeeze(text)
	site, label := squeeze(host(address)), squeeze(label(address))
	if first, _ := utf8.DecodeRuneInString(text); !unicode.IsUpper(first) {
		return strings.Contains(text, ".") && strings.Contains(squeeze(address), squeezed)
	}
	return strings.Contains(site, squeezed) || len(label) > 2 && strings.Contains(squeezed, label)
}

// label is the part of an address that was chosen as the name of a site.
func label(address string) string {
	name, _, _ := strings.Cut(registrable(host(address)), ".")
	return name
}

// squeeze leaves of a text its letters and digits, in lower case.
func squeeze(s string) string {
	return strings.Map(func(c rune) rune {
		if unicode.IsLetter(c) || unicode.IsDigit(c) {
			return unicode.ToLower(c)
		}
		return -1
	}, s)
}

// empty are words that say nothing about a text that holds them.
var empty = func() map[string]bool {
	m := map[string]bool{}
	for word := range strings.FieldsSeq(`about after also best before buy cheap click come company find first free from get good
		great have here home http https info into know like link links made make many more most much need news next online
		only other over page price product products review reviews sale service services shop site some store than that the
		their them then there these they this time today very want website what when where which will with work world year
		your 公司 中国 北京 上海 深圳 广州 网站 平台 服务 官网 网络 在线 免费 最新 下载 手机 大全 推荐 中文 视频 有限 专业 哪里 什么 我们`) {
		m[word] = true
	}
	return m
}()
