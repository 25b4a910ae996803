package propose_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"text/template"
	"time"
)

// sample is an article that the pages of testdata list.
type sample struct {
	N                        int
	Title, Slug, Author, Sum string
	At                       time.Time
}

// titles are of sample articles, by language; summaries and authors likewise.
var titles = map[string][]string{
	"en": {
		"Harbour authority approves a second container terminal", "Rail freight grows for a third quarter", "Small shops unite against the new parcel levy",
		"What the drought means for canal shipping", "Port of Almera reopens after the storm", "Union and carriers agree on night work",
		"Customs to test paperless entry from May", "A lighthouse keeper looks back on forty years", "Fuel prices ease, ferries do not",
		"Court halts dredging in the northern channel", "Grain exports rise as silos empty", "New rules for lithium cargo take effect", "Pilots warn of fog season",
		"Shipyard wins order for six hybrid tugs",
	},
	"de": {
		"Hafenrat stimmt für zweites Terminal", "Güterverkehr wächst im dritten Quartal", "Kleine Läden gegen neue Paketabgabe", "Was die Dürre für Kanäle bedeutet",
		"Almera öffnet nach dem Sturm wieder", "Einigung über Nachtarbeit", "Zoll prüft papierlose Einfuhr", "Der Leuchtturmwärter blickt zurück",
		"Treibstoff wird billiger, Fähren nicht", "Gericht stoppt Ausbaggerung",
	},
	"zh": {
		"港务局批准第二座集装箱码头", "铁路货运连续三个季度增长", "小商户联合反对新的包裹税", "干旱对运河航运意味着什么", "阿尔梅拉港在风暴后重新开放",
		"工会与船公司就夜班达成一致", "海关五月起试行无纸化申报", "灯塔看守人回顾四十年", "油价回落，渡轮票价依旧", "法院叫停北航道疏浚工程", "粮食出口增加，粮仓见底", "锂电池货物新规生效",
	},
	"ja": {
		"港湾局が第二コンテナ埠頭を承認", "鉄道貨物、三四半期連続で増加", "小規模店が新たな荷物税に反対", "干ばつが運河の海運に与える影響", "嵐の後、アルメラ港が再開",
		"夜勤をめぐり労使が合意", "税関が五月からペーパーレス申告を試行", "灯台守が語る四十年", "燃料は下がれど運賃は下がらず", "北航路の浚渫を裁判所が差し止め",
	},
	"ko": {
		"항만청, 제2 컨테이너 터미널 승인", "철도 화물 세 분기 연속 증가", "소상공인, 새 소포세에 공동 대응", "가뭄이 운하 운송에 미치는 영향", "폭풍 뒤 알메라항 재개항",
		"노조와 선사, 야간 근무 합의", "세관, 5월부터 무서류 신고 시범", "등대지기가 돌아본 사십 년",
	},
	"ar": {
		"هيئة الميناء توافق على محطة حاويات ثانية", "نمو الشحن بالسكك الحديدية للربع الثالث", "المتاجر الصغيرة تتحد ضد ضريبة الطرود", "ماذا يعني الجفاف لشحن القنوات",
		"إعادة فتح ميناء ألميرا بعد العاصفة", "النقابة وشركات النقل تتفق على العمل الليلي", "الجمارك تختبر الدخول بلا ورق", "حارس المنارة يستعيد أربعين عاما",
	},
	"ru": {
		"Портовые власти одобрили второй терминал", "Грузоперевозки растут третий квартал", "Мелкие магазины против нового сбора", "Чем засуха грозит судоходству",
		"Порт Альмера открыт после шторма", "Профсоюз договорился о ночных сменах", "Таможня испытает ввоз без бумаг", "Смотритель маяка вспоминает",
	},
}

var summaries = map[string]string{
	"en": "The decision, number %d of its kind this year, was taken after a long night and affects everyone who moves goods along the coast.",
	"de": "Die Entscheidung, die %d. ihrer Art in diesem Jahr, fiel nach langer Nacht und betrifft alle, die Waren entlang der Küste bewegen.",
	"zh": "这是今年第%d个同类决定，经过漫长的讨论之后作出，影响所有沿海运输货物的人，也影响他们的客户和家人。",
	"ja": "今年%d件目となるこの決定は、長い夜を経て下され、沿岸で荷を運ぶすべての人々とその取引先に影響を及ぼす見通しだ。",
	"ko": "올해 %d번째인 이 결정은 긴 밤 끝에 내려졌으며, 해안을 따라 화물을 옮기는 모든 사람에게 영향을 미친다.",
	"ar": "اتخذ القرار رقم %d من نوعه هذا العام بعد ليلة طويلة، وهو يؤثر في كل من ينقل البضائع على طول الساحل.",
	"ru": "Решение номер %d в этом году принято после долгой ночи и касается всех, кто возит грузы вдоль побережья.",
}

var authors = map[string][]string{
	"en": {"Grace Dunn", "Omar Reyes", "Ines Holt"}, "de": {"Jan Petersen", "Uta Kern"}, "zh": {"金江", "林晓"}, "ja": {"田中一郎", "佐藤花"},
	"ko": {"김민수"}, "ar": {"ليلى حداد"}, "ru": {"Анна Белова"},
}

// samples are n articles in a language, the newest first.
func samples(language string, n int) []sample {
	var list []sample
	for i := range n {
		title := titles[language][i%len(titles[language])]
		slug := strings.Join(strings.FieldsFunc(strings.ToLower(titles["en"][i%len(titles["en"])]), func(c rune) bool { return c < 'a' || c > 'z' }), "-")
		list = append(list, sample{
			N: 4200 - i*7, Title: title, Slug: slug, Author: authors[language][i%len(authors[language])], Sum: fmt.Sprintf(summaries[language], i+1),
			At: time.Date(2026, 3, 28, 14, 35, 0, 0, time.UTC).Add(-time.Duration(i) * 53 * time.Hour),
		})
	}
	return list
}

// want marks a link in a page as one of an article that the right proposal lists.
func want(s sample) string { return fmt.Sprintf(" WANT[%s|%s]", s.At.Format(time.DateOnly), s.Title) }

// undated is want for an article of which the list has no date.
func undated(s sample) string { return fmt.Sprintf(" WANT[|%s]", s.Title) }

var marks = regexp.MustCompile(` WANT\[([^|\]]*)\|([^\]]*)\]`)

// wanted is a link that the right proposal has.
type wanted struct{ href, date, title string }

// listPage is a page that lists articles, made of a template in testdata.
type listPage struct {
	name, url, text string
	want            []wanted
}

var (
	addressForm = regexp.MustCompile(`^<!-- (http\S+) -->\n`)
	markedLink  = regexp.MustCompile(`(?i)<a\b[^>]*? WANT\[([^|\]]*)\|([^\]]*)\][^>]*>`)
	hrefForm    = regexp.MustCompile(`(?i)href=(?:"([^"]*)"|'([^']*)'|([^\s>]+))`)
)

// readPages makes the pages of a folder of testdata.
func readPages(t testing.TB, folder string) []listPage {
	t.Helper()
	files, err := filepath.Glob("testdata/" + folder + "/*.html")
	if err != nil {
		t.Fatal(err)
	}
	var pages []listPage
	for _, file := range files {
		source, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		parsed, err := template.New(file).Funcs(template.FuncMap{
			"samples": samples, "want": want, "undated": undated,
			"menu": func() []string {
				return []string{"Home", "World", "Business", "Shipping", "Opinion", "Jobs", "About us"}
			},
			"tags": func() []string {
				return []string{"canals", "customs", "fuel", "grain", "labour law", "lithium", "pilots", "rail", "storms", "tugs"}
			},
			"slice": func(from, to int, list []sample) []sample { return list[from:to] },
			"mod":   func(a, b int) int { return a % b },
		}).Parse(string(source))
		if err != nil {
			t.Fatal(err)
		}
		var b bytes.Buffer
		if err := parsed.Execute(&b, nil); err != nil {
			t.Fatal(err)
		}
		pages = append(pages, newListPage(strings.TrimSuffix(filepath.Base(file), ".html"), b.String()))
	}
	return pages
}

// newListPage takes the marks out of a page.
func newListPage(name, text string) listPage {
	p := listPage{name: name, url: "https://news.example.com/latest/"}
	if m := addressForm.FindStringSubmatch(text); m != nil {
		p.url, text = m[1], text[len(m[0]):]
	}
	for _, m := range markedLink.FindAllStringSubmatch(text, -1) {
		href := hrefForm.FindStringSubmatch(m[0])
		p.want = append(p.want, wanted{href: href[1] + href[2] + href[3], date: m[1], title: m[2]})
	}
	p.text = marks.ReplaceAllString(text, "")
	return p
}
