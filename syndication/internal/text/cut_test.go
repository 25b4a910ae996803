package text_test

import (
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"golang.org/x/net/html"
	"pgregory.net/rapid"

	"github.com/newswire/newswire/syndication/internal/text"
)

// cutCase is a text in which "|" marks where it is to be cut: the rest goes. Where there is none, all of it fits.
type cutCase struct {
	name, in string
	limit    int
}

// cutSentences end with a sentence.
var cutSentences = []cutCase{
	{"English", "The tide turns.| The boats swing round.", 24},
	{"English, the last that fits", "It turns. The boats swing.| The gulls rise and scream.", 40},
	{"English, early", "The tide turns.| " + strings.Repeat("And turns ", 20), 120},
	{"English, a title", "It was Dr. Smith.| He had come with Mr. Jones of the harbour.", 36},
	{"English, a country", "The U.S. Navy left.| The port is empty and quiet now.", 40},
	{"English, initials", "J. R. R. Tolkien wrote.| Others read it all night.", 40},
	{"English, a company", "Acme Inc. Germany grew.| The rest of it fell by half.", 40},
	{"English, hours", "It opens at 9 a.m. Monday.| Bring your boots and a coat.", 44},
	{"English, a number", "He is No. 5 now.| The list has forty more of them.", 34},
	{"English, no number", "He said no.| They went on without him for a while.", 30},
	{"English, a decimal", "It rose 3.5 percent.| Then it fell by more than that.", 36},
	{"English, a degree", "Ann Lee, Ph.D. Oxford, won.| She is glad to be there.", 40},
	{"English, a domain at the end", "Read example.com.| There is more of it every day.", 36},
	{"English, a quotation", "“It turns.”| The boats swing round at once.", 30},
	{"English, quoted questions", "“Why?” she asked.| No answer came from the harbour.", 36},
	{"English, straight quotes", `He said "go." Then he went.|` + " Nobody saw him leave the pier.", 44},
	{"English, a name with a mark", "Yahoo! grew again.| Its rivals did not grow at all.", 34},
	{"English, an ellipsis", "They waited...| Then the tide turned and all was well.", 30},
	{"English, two marks", "Really?!| The harbour is to be closed for the winter.", 28},
	{"English, brackets", "It turns (at last.)| The boats swing round at once.", 36},
	{"English, a bracket after", "It turns.| (The boats swing round at once, and so on.)", 30},
	{"German, an abbreviation", "Es gibt z. B. Äpfel und Birnen.| Mehr gibt es hier nicht.", 50},
	{"German, without a space", "Es gibt z.B. Äpfel und Birnen.| Mehr gibt es hier nicht.", 50},
	{"German, an ordinal", "Am 3. Oktober ist Feiertag.| Alle haben dann frei.", 40},
	{"German, a king", "Ludwig XIV. Frankreichs König kam.| Alle sahen es.", 44},
	{"German, a street", "Sie wohnt Beethovenstr. Nr. 5 hier.| Niemand weiß es.", 44},
	{"German, money", "Das kostet 3 Mio. Euro.| Niemand hat so viel Geld.", 36},
	{"German, quotes", "„Komm!“ rief sie.| Er kam nicht, und sie ging fort.", 34},
	{"German, quotes at the end", "Sie rief: „Komm!“| Er kam nicht, und sie ging fort.", 34},
	{"French, spaced marks", "« Vraiment ? » Il rit.| Personne ne répond à la question.", 40},
	{"French, spaced quotes go on", "« Vraiment ? » dit-il.| Personne ne répond à la question.", 40},
	{"French, sir", "M. Dupont est là.| Mme Durand arrive avec les autres.", 34},
	{"French, exclamation", "C'est fini !| La mer monte et les bateaux tournent.", 30},
	{"Spanish", "¿Quién es?| El Sr. Gómez no lo sabe, ni nadie más.", 32},
	{"Spanish, a title", "Vino la Sra. Gómez ayer.| No dijo nada a los demás.", 40},
	{"Spanish, a country", "Viene de EE.UU. Trump lo dice.| Nadie más lo sabe hoy.", 44},
	{"Italian", "Il dott. Rossi è qui.| Non parla con nessuno di noi.", 36},
	{"Portuguese", "O Sr. Silva saiu.| A Dra. Costa ficou com os outros.", 32},
	{"Dutch", "Mevr. Jansen komt.| De anderen blijven vandaag thuis.", 32},
	{"Polish", "Prof. Nowak mówi o tzw. Polsce.| Nikt go nie słucha dziś.", 48},
	{"Czech", "Dne 5. Května se slaví.| Nikdo dnes nepracuje v práci.", 40},
	{"Russian", "В 2024 г. Москва росла.| Потом всё стало иначе и хуже.", 40},
	{"Russian, a street", "Он живёт на ул. Ленина здесь.| Потом он уехал далеко.", 44},
	{"Russian, speech", "«Пойдём!» — сказал он.| Никто не ответил ему на это.", 38},
	{"Ukrainian", "Це м. Київ.| Тут живе багато людей і багато собак.", 30},
	{"Greek, a question", "Ποιος είναι;| Κανείς δεν ξέρει τίποτα για αυτόν.", 32},
	{"Turkish", "Prof. Dr. Ayşe geldi.| Kimse onu görmedi bugün burada.", 38},
	{"Arabic", "وصل د. أحمد اليوم.| لم يره أحد في المدينة بعد ذلك.", 36},
	{"Arabic, a question", "من هو؟| لا أحد يعرف عنه شيئا في هذه المدينة.", 26},
	{"Urdu", "وہ آیا۔| پھر وہ چلا گیا اور کسی نے نہیں دیکھا۔", 24},
	{"Hindi", "वह आया।| फिर वह चला गया और किसी ने नहीं देखा।", 22},
	{"Hindi, a title", "डॉ. शर्मा आए।| फिर वे चले गए और किसी ने नहीं देखा।", 24},
	{"Chinese", "攤位還在。人卻少了。|老闆說話。", 12},
	{"Chinese, a quotation", "老闆說：「收攤了。」|人都走了，夜市很安靜。", 14},
	{"Chinese, simplified", "“你好！”|他说完就走了，没有人回答他的话。", 10},
	{"Chinese, two marks", "真的？！|沒有人知道這件事情的經過。", 8},
	{"Chinese, a Latin name", "他用iPhone 15拍照。|照片很好看，大家都喜欢。", 18},
	{"Chinese, an address inside", "见https://example.com/a。|更多内容在这里，请阅读。", 28},
	{"Japanese", "市場が開いた。|人々は静かに歩いていた。", 12},
	{"Japanese, speech goes on", "「行くか？」と聞いた。|誰も答えなかったのである。", 18},
	{"Korean", "시장이 열렸다.| 사람들은 조용히 걷고 있었다.", 14},
	{"Korean, one syllable", "그렇게 해.| 사람들은 조용히 걷고 있었다고 한다.", 14},
	{"Khmer", "ផ្សារបើក។| មនុស្សដើរដោយស្ងៀមស្ងាត់នៅទីនោះ", 14},
	{"Burmese", "ဈေးဖွင့်သည်။| လူများ တိတ်ဆိတ်စွာ လမ်းလျှောက်နေကြသည်။", 14},
	{"Amharic", "ገበያው ተከፈተ።| ሰዎች በጸጥታ ይራመዱ ነበር ዛሬም ነገም።", 18},
	{"Armenian", "Շուկան բացվեց։| Մարդիկ լուռ քայլում էին այնտեղ։", 24},
	{"Vietnamese", "TP. Hồ Chí Minh mưa.| Không ai ra đường hôm nay cả.", 34},
	{"an emoji after", "It turns.| 🎉 The boats swing round at once today.", 26},
}

// cutElsewhere end with a clause or a word, for no sentence ends in time.
var cutElsewhere = []cutCase{
	{"all of it fits", "One two.", 8},
	{"nothing", "", 10},
	{"one character over", "One two| three", 12},
	{"a sentence that says nothing", "No. The tide turns and the boats swing| round and round.", 40},
	{"an abbreviation is no end", "The people of Dr.| Smith were there and then went home", 20},
	{"no comma is left", "The tide turns|, and the boats swing round", 15},
	{"no bracket is left", "The tide turns| (and the boats swing round)", 18},
	{"Chinese, with a word", "攤位還在人卻|少了老闆說話", 6},
	{"Chinese, at a comma", "攤位都還在這裡|，人卻少了老闆說話去了", 10},
	{"Chinese, no opening bracket is left", "攤位還在|「人卻少了」老闆說話", 5},
	{"Japanese, at a comma", "市場がまた開いて|、人々は静かに歩いていたのである", 12},
	{"Thai, at a space", "ตลาดเปิดแล้ว| ผู้คนเดินอย่างเงียบสงบในตอนเช้า", 20},
	{"Thai, at an early space", "ตลาด| ผู้คนเดินอย่างเงียบสงบในตอนเช้าของวันนี้ที่นี่", 24},
	{"Khmer, at a space", "ផ្សារបើកហើយ| មនុស្សដើរដោយស្ងៀមស្ងាត់នៅទីនោះ", 14},
	{"Lao, at a space", "ຕະຫຼາດເປີດແລ້ວ| ຜູ້ຄົນຍ່າງຢ່າງງຽບໆໃນຕອນເຊົ້າ", 18},
	{"a word that is too long", strings.Repeat("a", 10) + "|" + strings.Repeat("a", 40), 10},
	{"never in a character", strings.Repeat("👩‍🚀", 3) + "|" + strings.Repeat("👩‍🚀", 2), 3},
	{"never in a flag", "🇫🇷🇩🇪|🇪🇸", 2},
	{"never in a letter with its accents", "e\u0301e\u0301|e\u0301", 2},
	{"never in an address", "The whole story is at| https://example.com/a?b=1&c=2 and more", 34},
	{"never in a bare address", "The whole story is at| www.example.com/and/so/on/it/goes", 34},
	{"never in a mail address", "Complaints to| desk@example.com/please or by letter", 20},
	{"never in an address among Chinese", "更多內容請見|https://example.com/news/2026/11/28", 12},
	{"an address alone", "|https://example.com/news/2026/11/28", 12},
	{"never in a reference", strings.Repeat("a", 8) + "|&amp;" + strings.Repeat("b", 30), 10},
	{"a dot in an address is no end", "See at| www.example.com/a.html and elsewhere, too", 25},
}

func TestCutKeepsWholeSentences(t *testing.T) { testCut(t, cutSentences) }

func TestCutWithoutASentenceEndsWithAClauseOrAWord(t *testing.T) { testCut(t, cutElsewhere) }

func testCut(t *testing.T, tests []cutCase) {
	t.Helper()
	for _, tt := range tests {
		want, rest, _ := strings.Cut(tt.in, "|")
		in := want + rest
		if rest == "" {
			if want = tt.in; uniseg.GraphemeClusterCount(in) > tt.limit {
				t.Errorf("%s: the case does not say where to cut", tt.name)
			}
		}
		got, cut := text.Cut(in, tt.limit)
		if got != want || cut != (rest != "") {
			t.Errorf("%s: Cut(%q, %d) = %q, %v; want %q", tt.name, in, tt.limit, got, cut, want)
		}
	}
}

// pieces are what texts of the property test are made of.
var pieces = []string{
	"a", "The", "tide ", "turns. ", "Dr. ", "U.S. ", "z. B. ", "3. ", "“", "”", "「", "」", "。", "！", "？", "…", ". ", "!", " ", "\u00a0",
	"攤位", "還在", "市場が", "시장이 ", "ตลาด", "ផ្សារ", "שוק ", "سوق ", "👩‍🚀", "🇫🇷", "🇩🇪", "e\u0301", "\u0301\u0301", "\u200b", "\u200d", "&amp;", ";", "<b>", "</",
	"https://example.com/a?b=c&d=e", "www.example.org", "ada@example.org", "(", ")", ",", "，", "—",
}

func TestCutOfAnyTextIsAWellFormedBeginning(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 80).Draw(t, "pieces"), "")
		limit := rapid.IntRange(1, 120).Draw(t, "limit")
		checkCut(t, in, limit)
		got, _ := text.Cut(in, limit)
		for _, whole := range []string{"https://example.com/a?b=c&d=e", "www.example.org", "ada@example.org", "&amp;"} {
			if begun := whole[:5]; strings.Count(got, begun) != strings.Count(got, whole) {
				t.Fatalf("Cut(%q, %d) = %q, which ends in %s", in, limit, got, whole)
			}
		}
	})
}

func FuzzCut(f *testing.F) {
	for _, c := range append(cutSentences, cutElsewhere...) {
		f.Add(c.in, c.limit)
	}
	f.Fuzz(func(t *testing.T, in string, limit int) {
		if limit < 1 || limit > 2000 || !utf8.ValidString(in) {
			t.Skip()
		}
		checkCut(t, in, limit)
	})
}

// checkCut fails if a text is cut where it must not be.
func checkCut(t interface{ Fatalf(string, ...any) }, in string, limit int) {
	got, cut := text.Cut(in, limit)
	switch {
	case !strings.HasPrefix(strings.TrimLeft(in, " \t\n\r\v\f\u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"), got) && got != in:
		t.Fatalf("Cut(%q, %d) = %q, which is not its beginning", in, limit, got)
	case !cut && got != in:
		t.Fatalf("Cut(%q, %d) = %q, false", in, limit, got)
	case !utf8.ValidString(got):
		t.Fatalf("Cut(%q, %d) = %q, which is no UTF-8", in, limit, got)
	case uniseg.GraphemeClusterCount(got) > limit:
		t.Fatalf("Cut(%q, %d) = %q, which is longer", in, limit, got)
	}
	if again, cut := text.Cut(got, limit); again != got || cut {
		t.Fatalf("Cut(%q, %d) = %q, which is cut again to %q", in, limit, got, again)
	}
	escaped := html.EscapeString(got)
	if back := html.UnescapeString(escaped); back != got {
		t.Fatalf("Cut(%q, %d) = %q, which is not itself as HTML: %q", in, limit, got, back)
	}
}

func TestCutOfALongTextTakesTheTimeOfAShortOne(t *testing.T) {
	for name, in := range map[string]string{
		"words":   strings.Repeat("The tide turns. ", 1<<20),
		"accents": "e" + strings.Repeat("\u0301", 4<<20),
		"address": "https://example.com/" + strings.Repeat("a", 4<<20),
	} {
		got, cut := text.Cut(in, 400)
		if !cut || len(got) > 8<<10 {
			t.Errorf("%s: Cut has %d bytes, %v", name, len(got), cut)
		}
	}
}
