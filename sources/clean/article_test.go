package clean_test

import (
	"fmt"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/clean"
)

const (
	paragraph = `<p>The crane fell into the harbour on Monday morning, and the crew was unhurt. Divers lifted it two days later with the help of a second crane from the yard across the water, which had been built in the same year.</p>`
	bericht   = `<p>电商平台在今年第三季度公布的财报显示，营业收入同比增长百分之二十，活跃用户突破三亿。分析人士认为，物流成本的下降和直播带货的兴起是主要原因，明年的竞争将更加激烈。公司表示将继续投入技术研发，改善农村地区的配送，并在东南亚开设新的仓库，以满足不断增长的跨境需求，同时提高售后的效率与质量。</p>`
	reportage = `<p>電商平台在今年第三季度公佈的財報顯示，營業收入同比增長百分之二十，活躍用戶突破三億。分析人士認為，物流成本的下降和直播帶貨的興起是主要原因，明年的競爭將更加激烈。</p>`
)

// anchors are links, each a text and an address.
func anchors(open, between, end string, links ...string) string {
	var b strings.Builder
	b.WriteString(open)
	for i := 0; i < len(links); i += 2 {
		if i > 0 {
			b.WriteString(between)
		}
		b.WriteString(`<a href="` + links[i+1] + `">` + links[i] + `</a>`)
	}
	return b.String() + end
}

var (
	spammed = anchors(`<div>`, ` `, `</div>`, "online casino", "https://luck.example/c", "viagra", "https://pills.example/", "payday loan", "https://money.example/", "replica watches", "https://w.example/")
	phrases = anchors(`<p>`, ` | `, `</p>`, "bathroom renovation", "https://bath.example/", "divorce lawyer", "https://law.example/",
		"carpet cleaning", "https://carpet.example/", "tyre fitting kent", "https://tyre.example/", "wedding photographer", "https://wed.example/",
		"loft insulation", "https://loft.example/", "dog grooming", "https://dog.example/")
	cyrillic = anchors(`<p>`, ` `, `</p>`, "ремонт квартир", "https://a.example/", "окна пвх", "https://b.example/", "натяжные потолки", "https://c.example/",
		"грузоперевозки", "https://d.example/", "кредит без отказа", "https://e.example/", "шкафы купе", "https://f.example/")
	chinese = anchors(`<p>`, "　", `</p>`, "澳門賭場", "https://a.example/", "時時彩", "https://b.example/", "六合彩", "https://c.example/", "娛樂城", "https://d.example/")
)

// notOurs are texts with something in them that is not the article's own.
var notOurs = []struct {
	name, in, want string
	reasons        []string
}{
	{"display none", paragraph + `<div style="display:none"><a href="https://x.example/">cheap</a></div>`, paragraph, []string{clean.Hidden}},
	{"display none, obfuscated", paragraph + `<div style="color:red; DISPLAY :/**/ none !important">x</div>`, paragraph, []string{clean.Hidden}},
	{"the attribute hidden", paragraph + `<p hidden>x</p>`, paragraph, []string{clean.Hidden}},
	{"visibility hidden", paragraph + `<span style="visibility: hidden">x</span>`, paragraph, []string{clean.Hidden}},
	{"transparent", `<p>a<b style="opacity:0.0">x</b> and what follows it on the line</p>`, `<p>a and what follows it on the line</p>`, []string{clean.Hidden}},
	{"letters of no size", paragraph + `<p style="font-size:0px">x</p>`, paragraph, []string{clean.Hidden}},
	{"out of the window", paragraph + `<div style="position:absolute;left:-9999px">x</div>`, paragraph, []string{clean.Hidden}},
	{"indented out of the window", paragraph + `<p style="text-indent:-999em">x</p>`, paragraph, []string{clean.Hidden}},
	{"a box of no size", paragraph + `<div style="height:0;overflow:hidden">x</div>`, paragraph, []string{clean.Hidden}},
	{"a marquee of a pixel", paragraph + `<marquee width="1" height="1">x</marquee>`, paragraph, []string{clean.Hidden}},
	{"clipped", paragraph + `<span style="position:absolute;clip:rect(1px,1px,1px,1px)">x</span>`, paragraph, []string{clean.Hidden}},
	{"white on white", paragraph + `<p style="color:#FFF;background-color: white">x</p>`, paragraph, []string{clean.Hidden}},
	{"a hidden block longer than the article", `<p>Short.</p><div style="display:none">` + phrases + phrases + `</div>`, `<p>Short.</p>`, []string{clean.Hidden}},
	{"links withheld from screen readers", paragraph + `<div aria-hidden="true"><a href="https://x.example/">a</a> <a href="https://y.example/">b</a></div>`, paragraph, []string{clean.Hidden}},

	{"injected words", paragraph + spammed, paragraph, []string{clean.Injected}},
	{"injected words in the article's last paragraph", `<p>Body of the text, long enough. <a href="https://1.example/">casino bonus</a>, <a href="https://2.example/">free spins</a>, <a href="https://3.example/">viagra</a>, <a href="https://4.example/">cialis</a>, <a href="https://5.example/">porn</a></p>`, `<p>Body of the text, long enough. </p>`, []string{clean.Injected}},
	{"injected in sentences", paragraph + `<p>If you look for the best <a href="https://a.example/">online casino</a>, and for <a href="https://b.example/">viagra</a>, or a <a href="https://c.example/">payday loan</a>, look no further.</p>`, paragraph, []string{clean.Injected}},
	{"search phrases all over the web", paragraph + phrases, paragraph, []string{clean.Injected}},
	{"another script", paragraph + cyrillic, paragraph, []string{clean.Injected}},
	{"another script, in Chinese", bericht + cyrillic, bericht, []string{clean.Injected}},
	{"search phrases in English under a Chinese text", bericht + phrases, bericht, []string{clean.Injected}},
	{"traditional words under a simplified text", bericht + chinese, bericht, []string{clean.Injected}},
	{"traditional words under a traditional text", reportage + chinese, reportage, []string{clean.Injected}},
	{"a list item each", paragraph + anchors(`<ul><li>`, `</li><li>`, `</li></ul>`, "casino", "https://a.example/", "slots online", "https://b.example/", "togel", "https://c.example/"), paragraph, []string{clean.Injected}},
	{"a line each", `<div>The text of the article.<br>` + anchors(``, `<br>`, ``, "casino", "https://a.example/", "togel", "https://b.example/", "baccarat", "https://c.example/") + `</div>`, `<div>The text of the article.</div>`, []string{clean.Injected}},
	{"under a heading of its own", paragraph + `<h4>Partners:</h4>` + spammed, paragraph + `<h4>Partners:</h4>`, []string{clean.Injected}},
	{"a word that the operator blocks", paragraph + `<p><a href="https://x.example/">Büroklammern</a></p>`, paragraph, []string{clean.Injected}},
	{"a blocked word in an address", paragraph + `<p><a href="https://x.example/bueroklammern-kaufen">hier</a></p>`, paragraph, []string{clean.Injected}},
	{"a blocked word in the other characters", bericht + `<p><a href="https://x.example/">辦證</a></p>`, bericht, []string{clean.Injected}},

	{"related reading", bericht + `<p>相关阅读：</p><ul><li><a href="/1">一季度财报</a></li><li><a href="/2">二季度财报</a></li></ul>`, bericht, []string{clean.Related}},
	{"related reading, traditional", reportage + `<h3>相關閱讀</h3><p><a href="https://www.harbour.example/1">一季度財報</a> 2026-03-01</p>`, reportage, []string{clean.Related}},
	{"related reading on one line", reportage + `<p>延伸閱讀：<a href="/1">一季度財報</a> <a href="/2">二季度財報</a></p>`, reportage, []string{clean.Related}},
	{"related articles", paragraph + `<h2>Related Articles</h2><ul><li><a href="/1">The yard</a></li><li><a href="/2">The divers</a></li></ul>`, paragraph, []string{clean.Related}},
	{"related articles, Japanese", reportage + `<h3>関連記事</h3><ul><li><a href="/1">一</a></li><li><a href="/2">二</a></li></ul>`, reportage, []string{clean.Related}},
	{"related articles, Korean", reportage + `<h3>관련기사</h3><ul><li><a href="/1">하나</a></li><li><a href="/2">둘</a></li></ul>`, reportage, []string{clean.Related}},
	{"read more", paragraph + `<p><strong>Read more:</strong></p><p><a href="/1">The yard</a></p><p><a href="/2">The divers</a></p>`, paragraph, []string{clean.Related}},

	{"an editor's mark", bericht + `<p>（责任编辑：王小明）</p>`, bericht, []string{clean.Annotations}},
	{"a placeholder", bericht + `<p>[图片]</p>` + bericht, bericht + bericht, []string{clean.Annotations}},
	{
		"all of it at once", bericht + cyrillic + `<p>编辑：李华</p><h4>相关文章</h4><ul><li><a href="/1">一季度财报</a></li></ul><p>声明：本文仅代表作者个人观点。</p>` + spammed,
		bericht,
		[]string{clean.Injected, clean.Notices, clean.Related, clean.Annotations, clean.Injected},
	},
}

// ours are texts of which nothing may be removed.
var ours = []struct{ name, in string }{
	{"nothing special", paragraph},
	{"a link blog", `<p><a href="https://a.example/1">How the tides are predicted</a></p><p><a href="https://b.example/2">A history of cranes</a></p><p><a href="https://c.example/3">Notes on welding</a></p><p><a href="https://d.example/4">Rust never sleeps</a></p><p><a href="https://e.example/5">The last lightship</a></p><p><a href="https://f.example/6">Ropes and knots</a></p>`},
	{"a weekly roundup", `<p>What we read this week, while the crane was being lifted out of the harbour and the weather kept everybody inside. There was a lot of it, and most of it was worth the time that it took, as you will see from what follows.</p>` +
		anchors(`<ul><li>`, `</li><li>`, `</li></ul>`, "Why bridges fall down, and what is done about it", "https://a.example/", "The people who map the bottom of the sea", "https://b.example/",
			"A short history of the shipping container", "https://c.example/", "Learning to weld at seventy: a diary", "https://d.example/", "How to read a tide table without tears", "https://e.example/",
			"Lighthouses of the northern coast, photographed", "https://f.example/", "What the divers saw under the pier in winter", "https://g.example/")},
	{"references", paragraph + `<h2>References</h2>` + phrases},
	{"references under a label", paragraph + `<p>Sources:</p>` + phrases},
	{"references on one line", paragraph + strings.Replace(phrases, "<p>", "<p>Sources: ", 1)},
	{"references in bold", paragraph + `<p><b>Elsewhere</b></p>` + phrases},
	{"參考資料", reportage + `<h3>參考資料</h3>` + anchors(`<ol><li>`, `</li><li>`, `</li></ol>`, "Annual report", "https://a.example/", "Half-year report", "https://b.example/", "Press release", "https://c.example/", "Interview", "https://d.example/", "Slides", "https://e.example/", "Data", "https://f.example/")},
	{"sources by name", bericht + anchors(`<p>`, ` `, `</p>`, "TechPost", "https://techpost.example/1", "The Ledger", "https://theledger.example/2", "Wharf Times", "https://wharf-times.example/3", "Ports", "https://ports.example/4", "Cargo Weekly", "https://cargoweekly.example/5", "Quay", "https://quay.example/6")},
	{"where to listen", paragraph + anchors(`<p>`, ` | `, `</p>`, "Apple Podcasts", "https://podcasts.apple.com/x", "Spotify", "https://open.spotify.com/x", "Overcast", "https://overcast.fm/x", "Pocket Casts", "https://pca.st/x", "YouTube", "https://www.youtube.com/x", "RSS", "https://feeds.sound.example/x")},
	{"where to share", paragraph + anchors(`<p>`, ` `, `</p>`, "Tweet", "https://twitter.com/x", "Share", "https://www.facebook.com/x", "Pin", "https://www.pinterest.com/x", "Mail", "https://mail.google.com/x", "Reddit", "https://reddit.com/x", "Pocket", "https://getpocket.com/x")},
	{"raw addresses", paragraph + anchors(`<p>`, `<br/>`, `</p>`, "https://a.example/x", "https://a.example/x", "https://b.example/y", "https://b.example/y", "c.example", "https://c.example/", "d.example", "https://d.example/", "e.example", "https://e.example/", "f.example", "https://f.example/")},
	{"links on the article's subject", paragraph + anchors(`<p>`, ` | `, `</p>`, "crane hire", "https://a.example/", "divers wanted", "https://b.example/", "harbour tours", "https://c.example/", "second hand cranes", "https://d.example/", "the yard", "https://e.example/", "water levels", "https://f.example/")},
	{"an article about casinos", `<p>The casino on the pier has closed. Its online casino stays open, says the owner, who also sells viagra.</p>` + anchors(`<p>`, ` `, `</p>`, "The casino", "https://casino.example/", "Its online casino", "https://c.example/", "Viagra", "https://d.example/")},
	{"footnotes", paragraph + `<ol><li id="fn1">See the report. <a href="#fnref1">↩</a></li><li>Ibid. <a href="#fnref2">↩</a></li></ol>`},
	{"an author's own list", paragraph + `<h2>See also</h2><ul><li><a href="/1">Part one</a></li><li><a href="/2">Part two</a></li></ul>`},
	{"further reading elsewhere", paragraph + `<h2>Further reading</h2><ul><li><a href="https://a.example/">A book on cranes, in two volumes</a></li><li><a href="https://b.example/">Another one</a></li></ul>`},
	{"related articles elsewhere", paragraph + `<h2>Related articles</h2><ul><li><a href="https://a.example/">On cranes</a></li><li><a href="https://b.example/">On yards</a></li></ul>`},
	{"a way to the whole text", paragraph + `<p><a href="/2026/crane">Read more</a></p>`},
	{"read more, once", paragraph + `<p>Read more: <a href="/1">The yard</a></p>`},
	{"a numbered list", bericht + `<p>1、提高效率</p><p>2、降低成本</p><p>3、改善服务</p>`},
	{"an article on rights", bericht + `<p>1、著作权属于作者。</p><p>2、观众可以拍照。</p>`},
	{"a copyright line", paragraph + `<p>© 2026 The author. All rights reserved.</p>`},
	{"a mailbox", paragraph + `<p>Contact: <a href="mailto:desk@harbour.example">desk@harbour.example</a></p>`},
	{"an editor in a sentence", bericht + `<p>编辑部的同事都说：这是一篇值得一读再读的文章，写得极好，我们会在下一期继续讨论这个话题的方方面面。</p>`},
	{"pictures that fade in", `<p>a</p><figure style="opacity:0"><img src="/a.png" alt="a"/></figure><div style="visibility:hidden"><img src="/b.png" alt="b"/></div>`},
	{"a frame that keeps its ratio", `<p>a</p><div style="position:relative;height:0;overflow:hidden;padding-bottom:56%"><iframe src="https://film.example/1" title="Film"></iframe></div>`},
	{"gaps that are closed", `<p>a</p><div style="font-size:0"><span style="font-size:14px">b</span><span style="font-size:14px">c</span></div>`},
	{"a page that waits for its script", `<div style="visibility:hidden;opacity:0">` + bericht + `</div>`},
	{"a shaded box", `<p>a</p><p style="color:#fff;background:#000;width:100%;height:1px;margin-left:-20px;position:relative;left:-3px">b</p>`},
	{"a formula read aloud and shown", `<p>a <span aria-hidden="true">x = 1</span></p>`},
	{"a picture behind a link for the eye", `<p>a</p><div aria-hidden="true"><a href="/x"><img src="/a.png" alt=""/></a></div>`},
	{"text until found", `<p>a</p><div hidden="until-found">b</div>`},
	{"a text that is nothing but a list", `<h2>Related articles</h2><ul><li><a href="/1">a</a></li><li><a href="/2">b</a></li></ul>`},
	{"a text that is nothing but a placeholder", `<p>[图片]</p>`},
	{"a text that is nothing but notices", `<p>声明：本文仅代表作者个人观点。</p>`},
}

// about is what is known of the texts.
func about() *clean.About {
	return &clean.About{
		Title: "A crane has fallen", Language: "en", Publisher: "Harbour News",
		Sites: clean.SitesOf("https://harbour.example/"), Block: clean.NewTerms("Büroklammern", "bueroklammern", "办证"),
	}
}

func TestWhatIsNotTheArticlesOwnIsRemoved(t *testing.T) {
	base := page(t)
	for _, tt := range notOurs {
		t.Run(tt.name, func(t *testing.T) {
			got := asArticle(t, tt.in, base, about())
			if got.HTML != tt.want {
				t.Errorf("Article(%q)\n got %q\nwant %q", tt.in, got.HTML, tt.want)
			}
			var reasons []string
			for _, r := range got.Removed {
				reasons = append(reasons, r.Reason)
				if r.Text == "" {
					t.Errorf("nothing is said of what is %s", r.Reason)
				}
			}
			if d := cmp.Diff(tt.reasons, reasons); d != "" {
				t.Error(d)
			}
			checkArticle(t, got, base)
		})
	}
}

func TestWhatMayBeTheAuthorsIsLeft(t *testing.T) {
	base := page(t)
	for _, tt := range ours {
		t.Run(tt.name, func(t *testing.T) {
			got := asArticle(t, tt.in, base, about())
			if want := asHTML(t, tt.in, base); got.HTML != want {
				t.Errorf("Article(%q)\n got %q\nwant %q", tt.in, got.HTML, want)
			}
			if len(got.Removed) > 0 || got.Suspicion != "" || got.Statement != "" || got.Contact != "" {
				t.Errorf("found %+v", got)
			}
			checkArticle(t, got, base)
		})
	}
}

// checkArticle checks what holds of every article that was cleaned.
func checkArticle(t testing.TB, got clean.Result, base *url.URL) {
	t.Helper()
	again := asArticle(t, got.HTML, base, about())
	if again.HTML != got.HTML || len(again.Removed) > 0 {
		t.Errorf("cleaning what is clean\nmade of %q\n       a %q\nwithout %+v", got.HTML, again.HTML, again.Removed)
	}
	if got.HTML != asHTML(t, got.HTML, base) {
		t.Errorf("%q is not clean", got.HTML)
	}
}

func TestNoticesBecomeRightsAndContact(t *testing.T) {
	tests := []struct{ name, in, want, statement, contact string }{
		{
			"simplified", bericht + `<p>1、文章观点仅代表作者本人，不代表本平台立场。</p><p>2、文章版权归作者所有，转载请注明出处。</p><p>3、如有侵权，请联系 ts@harbour.example 投诉。</p>`, bericht,
			"文章观点仅代表作者本人，不代表本平台立场。 文章版权归作者所有，转载请注明出处。", "ts@harbour.example",
		},
		{
			"traditional, in a list", reportage + `<ol><li>本文觀點屬於作者個人</li><li>文章版權歸原作者所有</li><li>投訴請發送郵件至 <a href="mailto:ts@harbour.example">ts@harbour.example</a></li></ol>`, reportage,
			"本文觀點屬於作者個人 文章版權歸原作者所有", "ts@harbour.example",
		},
		{
			"under a declaration", bericht + `<h4>免责声明：</h4><p>本文仅代表作者个人观点，与本站无关。<br>举报投诉请联系：<a href="https://harbour.example/complain">投诉页面</a></p>`, bericht,
			"本文仅代表作者个人观点，与本站无关。", "https://harbour.example/complain",
		},
		{
			"behind a declaration", bericht + `<p>声明：本文由入驻平台的作者撰写，除官方账号外，观点仅代表作者本人，不代表平台立场。</p>`, bericht,
			"声明：本文由入驻平台的作者撰写，除官方账号外，观点仅代表作者本人，不代表平台立场。", "",
		},
		{
			"on one line", bericht + `<p>特别声明：1.本文观点仅代表作者本人；2.版权归作者所有；3.侵权投诉请联系info@harbour.example。</p>`, bericht,
			"特别声明：1.本文观点仅代表作者本人；2.版权归作者所有；3.侵权投诉请联系info@harbour.example。", "info@harbour.example",
		},
		{
			"in circles", bericht + `<div>①本文观点仅代表作者本人<br>②版权归作者所有<br>③侵权举报：info@harbour.example</div>`, bericht,
			"本文观点仅代表作者本人 版权归作者所有", "info@harbour.example",
		},
		{
			"English", paragraph + `<p>1. The views in this article are the author's own.</p><p>2. Copyright stays with the author.</p><p>3. Complaints go to desk@harbour.example.</p>`, paragraph,
			"The views in this article are the author's own. Copyright stays with the author.", "desk@harbour.example",
		},
		{
			"an English disclaimer", paragraph + `<p>Disclaimer: The views in this article are those of the author.</p>`, paragraph,
			"Disclaimer: The views in this article are those of the author.", "",
		},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := asArticle(t, tt.in, page(t), about())
			if got.HTML != tt.want || got.Statement != tt.statement || got.Contact != tt.contact {
				t.Errorf("left %q\nstatement %q\n     want %q\ncontact %q, want %q", got.HTML, got.Statement, tt.statement, got.Contact, tt.contact)
			}
			if len(got.Removed) != 1 || got.Removed[0].Reason != clean.Notices {
				t.Errorf("removed %+v", got.Removed)
			}
			checkArticle(t, got, page(t))
		})
	}
}

func TestAnArticleThatWasInjectedAsAWholeIsSuspicious(t *testing.T) {
	zh := about()
	zh.Title, zh.Language, zh.Publisher = "三季度财报公布", "zh-Hans", "电商报"
	casinos := about()
	casinos.Publisher = "Casino Weekly: online casino news"
	tests := []struct {
		name, title, in string
		about           *clean.About
		want            string // part of it; empty: no suspicion
	}{
		{"a blocked title", "Büroklammern billig", paragraph, about(), `"Büroklammern"`},
		{"a blocked title in the other characters", "專業辦證", bericht, zh, `"办证"`},
		{"a blocked word over and over", "News", `<p>Büroklammern, Büroklammern und Büroklammern.</p>`, about(), "over and over"},
		{"a blocked word in passing", "News", paragraph + `<p>They used Büroklammern.</p>`, about(), ""},
		{"a title of several such words", "Online casino bonus, free spins and viagra", `<p>Play.</p>`, about(), "the title is nothing but"},
		{"a title of two such words over links", "Viagra from the casino", `<p>Play <a href="https://x.example/">here</a>.</p>`, about(), "leads to other sites"},
		{"such a title over such links", "Best online casino 2026", `<p>Play at <a href="https://x.example/">casino one</a> or <a href="https://y.example/">casino two</a>.</p>`, about(), "leads to other sites"},
		{"such a title in another script", "Best online casino 2026", `<p>Play <a href="https://x.example/">here</a>.</p>`, zh, "script"},
		{"such a title over hidden links", "Casino", `<p>Play.</p><div style="display:none">` + phrases + `</div>`, about(), "leads to other sites"},
		{"nothing but such links", "Welcome", anchors(`<p>`, ` `, `</p>`, "casino", "https://1.example/", "viagra", "https://2.example/", "cialis", "https://3.example/", "porn", "https://4.example/", "togel", "https://5.example/"), about(), "almost nothing but links"},
		{"nothing but links in another script", "三季度", cyrillic, zh, "script"},
		{"Chinese, traditional", "澳門賭場六合彩百家樂", bericht, zh, "the title is nothing but"},

		{"news about a casino", "The casino on the pier closes", paragraph + `<p>See <a href="https://paper.example/">the paper</a>.</p>`, about(), ""},
		{"a report on such things", "Casinos, porn and betting sites face a new tax", paragraph + `<p>The <a href="https://a.example/">casinos</a> and the <a href="https://b.example/">betting sites</a> object.</p>`, about(), ""},
		{"a paper about casinos", "Best online casino 2026", `<p>Play at <a href="https://x.example/">casino one</a> or <a href="https://y.example/">casino two</a>.</p>`, casinos, ""},
		{"a link blog", "Links", ours[1].in, about(), ""},
		{"an English article at a Chinese publisher", "A crane has fallen", paragraph, zh, ""},
		{"赌场 in the news", "澳门赌场收入回升", bericht, zh, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			a := *tt.about
			a.Title = tt.title
			got := asArticle(t, tt.in, page(t), &a).Suspicion
			if tt.want == "" && got != "" || !strings.Contains(got, tt.want) {
				t.Errorf("suspicion %q, want %q", got, tt.want)
			}
		})
	}
}

func TestWhatIsKeptOfRemovalsIsBounded(t *testing.T) {
	in := paragraph + paragraph
	for i := range 100 {
		in += `<p hidden>` + strings.Repeat("電", 1000+i) + strings.Repeat("x", i) + `</p>`
	}
	got := asArticle(t, in, page(t), about())
	if len(got.Removed) > 20 {
		t.Errorf("%d removals are kept", len(got.Removed))
	}
	for _, r := range got.Removed {
		if n := len([]rune(r.Text)); n > 301 {
			t.Errorf("%d characters of a removal are kept", n)
		}
	}
}

func TestWithoutAPublishersAddressNoLinkIsForeign(t *testing.T) {
	got := asArticle(t, paragraph+spammed, nil, &clean.About{})
	if diff := cmp.Diff(clean.Result{HTML: asHTML(t, paragraph+spammed, nil)}, got, cmp.AllowUnexported(newswire.Removal{})); diff != "" {
		t.Error(diff)
	}
}

// What is removed is gone: nothing of it is left in what comes out, and all of the rest is.
func TestRemovedTextIsNotInTheOutput(t *testing.T) {
	base := page(t)
	word := 0
	outer := t
	next := func(kind string) string { word++; return fmt.Sprintf("%s%dq", kind, word) }
	rapid.Check(t, func(t *rapid.T) {
		var in strings.Builder
		wanted := []string{}
		for range rapid.IntRange(1, 6).Draw(t, "paragraphs") {
			w := next("kept")
			wanted = append(wanted, w)
			kept := rapid.SampledFrom([]string{"<p>%s</p>", "<div><p>%s", "%s<br>", "<blockquote>%s</blockquote>", "<p>a <b>%s</b></p>", "<ul><li>%s</ul>"}).Draw(t, "paragraph")
			in.WriteString(strings.Replace(kept, "%s", w, 1))
			if rapid.Bool().Draw(t, "hides") {
				hidden := rapid.SampledFrom([]string{`<div hidden>%s</div>`, `<p style="display:none">%s</p>`, `<span style="opacity:0">%s</span>`, `<p style="font-size:0"><a href="https://x.example/">%s</a></p>`}).Draw(t, "hidden")
				in.WriteString(strings.Replace(hidden, "%s", next("gone"), 1))
			}
		}
		if rapid.Bool().Draw(t, "injected") {
			tag := rapid.SampledFrom([]string{"p", "div", "h4", "span", "footer"}).Draw(t, "tag")
			in.WriteString("<" + tag + ">")
			for range rapid.IntRange(3, 9).Draw(t, "links") {
				in.WriteString(`<a href="https://` + next("gone") + `.example/">casino ` + next("gone") + "</a> ")
			}
			in.WriteString("</" + tag + ">")
		}
		got := asArticle(outer, in.String(), base, about())
		if strings.Contains(got.HTML, "gone") {
			t.Errorf("Article(%q) left %q", in.String(), got.HTML)
		}
		for _, w := range wanted {
			if !strings.Contains(got.HTML, w) {
				t.Errorf("Article(%q) lost %s: %q", in.String(), w, got.HTML)
			}
		}
	})
}

func FuzzArticle(f *testing.F) {
	for _, tt := range notOurs {
		f.Add(tt.in)
	}
	for _, tt := range ours {
		f.Add(tt.in)
	}
	for _, tt := range fragments {
		f.Add(tt.in)
	}
	base, err := url.Parse("https://harbour.example/a/b")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, fragment string) {
		got := asArticle(t, fragment, base, about())
		checkArticle(t, got, base)
		lower := strings.ToLower(fragment)
		for _, r := range got.Removed {
			switch r.Reason {
			case clean.Hidden:
				if !strings.Contains(lower, "style") && !strings.Contains(lower, "hidden") && !strings.Contains(lower, "width") {
					t.Errorf("%q was taken for hidden in %q", r.Text, fragment)
				}
			case clean.Injected, clean.Related:
				if !strings.Contains(lower, "href") {
					t.Errorf("%q was taken for links in %q", r.Text, fragment)
				}
			}
		}
	})
}
