package date

import (
	"fmt"
	"regexp"
	"strings"
	"time"
)

// plainForm brings what languages write in ways of their own to one form: digits, points, the halves of a day, and the
// words that stand beside numbers and say nothing more.
func plainForm(s string) string {
	s = strings.Map(plainDigit, s)
	s = cjkWeekday.ReplaceAllString(s, " ")
	s = ideographs.Replace(s)
	for _, f := range wordForms {
		s = f.form.ReplaceAllString(s, f.plain)
	}
	return oneLine(s)
}

// digitZeros are the zeros of scripts that have digits of their own.
var digitZeros = []rune{0x0660, 0x06F0, 0x0966, 0x09E6, 0x0E50, 0xFF10}

func plainDigit(c rune) rune {
	for _, zero := range digitZeros {
		if c >= zero && c < zero+10 {
			return '0' + c - zero
		}
	}
	return c
}

// cjkWeekday is a day of the week in Chinese, Japanese or Korean. Its signs are those of a date's days and months too.
var cjkWeekday = regexp.MustCompile(`[(（]?(?:星期|周|週|禮拜|礼拜)[一二三四五六日天][)）]?|` +
	`[(（][月火水木金土日](?:曜日?)?[)）]|[月火水木金土日]曜日?|[(（]?[월화수목금토일]요일[)）]?|[(（][월화수목금토일][)）]`)

// ideographs are the signs for year, month and day, hour, minute and second, and for morning and afternoon.
var ideographs = strings.NewReplacer(
	"年", "-", "月", "-", "日", " ", "号", " ", "號", " ", "時", ":", "时", ":", "點", ":", "点", ":", "分", ":", "秒", " ",
	"년 ", "-", "년", "-", "월 ", "-", "월", "-", "일", " ", "上午", " am ", "下午", " pm ", "오전", " am ", "오후", " pm ",
	"午前", " am ", "午後", " pm ", "−", "-", "–", "-", "—", "-", "،", ",", "：", ":", "\u200e", "", "\u200f", "",
	"كانون الثاني", "يناير", "كانون الأول", "ديسمبر", "تشرين الأول", "أكتوبر", "تشرين الثاني", "نوفمبر",
	"پیش از ظهر", " am ", "صباحاً", " am ", "صباحا", " am ", "مساءً", " pm ", "مساء", " pm ", "पूर्वाह्न", " am ", "अपराह्न", " pm ",
)

// wordForms are words beside numbers, in plain form. Polish and Russian put a word for the year behind it, German one behind
// the hour; Arabic has a letter for each half of the day.
var wordForms = []struct {
	form  *regexp.Regexp
	plain string
}{
	{regexp.MustCompile(`(\d{4}) ?(?:roku|року|году?а?|r|г|р)\.?(?:,|\s|$)`), "$1 "},
	{regexp.MustCompile(`(^|[^\d.:])(\d{1,2})[.:](\d{2}) ?(?:uhr|uur)(?:,|\s|$)`), "$1$2:$3 "},
	{regexp.MustCompile(`(^|[^\d.:])(\d{1,2}) ?(?:uhr|uur)(?:,|\s|$)`), "$1$2:00 "},
	{regexp.MustCompile(`(\d:\d{2}) ?(?:uhr|uur|hrs|hs|h|ч)\.?(?:,|\s|$)`), "$1 "},
	{regexp.MustCompile(`(\d) ?ص(?:,|\s|$)`), "$1 am "},
	{regexp.MustCompile(`(:\d{2}) ?م(?:,|\s|$)`), "$1 pm "},
	{regexp.MustCompile(`(\d) ?([ap])\. ?m\.?(?:,|\s|$)`), "$1 ${2}m "},
	{regexp.MustCompile(`(\d{1,2}),? tháng (\d{1,2}),?(?: năm)? (\d{4})`), "$1.$2.$3"},
}

// numericForm is a date in numbers: words before it or a time with its zone, the date with the year first or last, and
// what is behind it.
var numericForm = regexp.MustCompile(`^([^\d+]{0,30}?)(?:(\d{1,2}:\d{2}(?::\d{2})?(?: ?[ap]m\b)?)((?: ?[a-z]{3,4}\b| ?[+-]\d{2}:?\d{2})?)[ ,|-]+)?` +
	`(?:(\d{4})([-/.]) ?(\d{1,2})[-/.] ?(\d{1,2})|(\d{1,2})([-/.]) ?(\d{1,2})[-/.] ?(\d{4}|\d{2}))([^\d].*)?$`)

// numeric brings a date in numbers to the form of ISO 8601, with its time and zone behind it. What has another form comes
// back as it is. The error wraps [ErrNotDate]; it is [ErrAmbiguous] where the numbers may be one of two days.
func numeric(s string) (string, error) {
	m := numericForm.FindStringSubmatch(s)
	if m == nil {
		return s, nil
	}
	day := m[4] + "-" + m[6] + "-" + m[7]
	if m[4] == "" {
		t, err := numbers{m[8], m[10], m[11], m[9]}.day(weekdayIn(m[1] + " " + m[12]))
		if err != nil {
			return "", err
		}
		day = t.Format(time.DateOnly)
	}
	rest := strings.TrimLeft(m[12], "., |")
	if strings.HasPrefix(m[12], "-") || strings.HasPrefix(m[12], "+") || strings.HasPrefix(m[12], "t") || strings.HasPrefix(m[12], "z") { // an offset, or ISO's own T
		return day + m[12], nil
	}
	rest = withoutWords(rest)
	if m[2] != "" {
		rest = strings.TrimSpace(m[2] + m[3] + " " + rest)
	}
	return strings.TrimSpace(day + " " + rest), nil
}

// numbers are the three of a date that ends with its year, and what divides them.
type numbers struct{ first, second, year, divider string }

// day is the one day that the numbers may be. With points the day comes first wherever that makes a date; with strokes and
// dashes it may be the month, and in two digits even the year. A day of the week decides, where one is said.
func (n numbers) day(weekday int) (time.Time, error) {
	first, second := number(n.first), number(n.second)
	year := yearOf(n.year)
	days := []time.Time{calendar(year, second, first)}
	if n.divider != "." || days[0].IsZero() {
		days = append(days, calendar(year, first, second))
	}
	if n.divider != "." && len(n.year) == 2 {
		days = append(days, calendar(yearOf(n.first), second, number(n.year)))
	}
	var found time.Time
	for _, d := range days {
		switch {
		case d.IsZero(), weekday != 0 && int(d.Weekday()) != weekday%7:
		case !found.IsZero() && !found.Equal(d):
			return time.Time{}, ErrAmbiguous
		default:
			found = d
		}
	}
	if found.IsZero() {
		return time.Time{}, ErrNotDate
	}
	return found, nil
}

// calendar is a day, or zero where the calendar has none.
func calendar(year, month, day int) time.Time {
	t := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	if year == 0 || t.Day() != day || int(t.Month()) != month {
		return time.Time{}
	}
	return t
}

// timeBehind is a time of day with the words before it.
var timeBehind = regexp.MustCompile(`^((?:[^\d\s+-][^\d\s]*[\s,]+){1,3}(?:[-|] )?)(\d{1,2}:\d{2}.*)$`)

// withoutWords leaves out what stands between a date and its time and says nothing more: a day of the week, or words such
// as "at" and "um". A half of the day says more, and so does the name of a zone, which goes behind the time.
func withoutWords(rest string) string {
	if last := strings.LastIndexByte(rest, ' '); weekdays[strings.Trim(rest[last+1:], "().,")] != 0 {
		rest = strings.TrimRight(rest[:max(last, 0)], " ,")
	}
	m := timeBehind.FindStringSubmatch(rest)
	if m == nil {
		return rest
	}
	for _, w := range strings.FieldsFunc(m[1], func(c rune) bool { return c == ' ' || c == ',' }) {
		if w == "am" || w == "pm" {
			return rest
		}
		if _, zone := zoneOffsets[strings.ToUpper(w)]; zone {
			return m[2] + " " + w
		}
	}
	return m[2]
}

// weekdayIn is the first day of the week that is named among words, Monday being 1 and Sunday 7.
func weekdayIn(words string) int {
	for _, w := range strings.FieldsFunc(words, func(c rune) bool { return c == ' ' || c == ',' || c == '(' || c == ')' || c == '.' }) {
		if d := weekdays[w]; d != 0 {
			return d
		}
	}
	return 0
}

// weekdays are the names and abbreviations of the days of the week, in lower case, Monday being 1 and Sunday 7. A name that
// means different days in different languages, a month or a zone, is left out.
var weekdays = dayNames(`
monday mon montag mo lundi lun lunes lunedì segunda segunda-feira maandag poniedziałek pon pondělí понедельник пн понеділок maanantai måndag mandag hétfő pazartesi δευτέρα الإثنين الاثنين सोमवार senin
tuesday tue tues dienstag di mardi martes martedì terça terça-feira dinsdag wtorek wt úterý út вторник вт вівторок tiistai tisdag tirsdag kedd salı τρίτη الثلاثاء मंगलवार selasa
wednesday wed mittwoch mi mercredi miércoles mercoledì quarta quarta-feira woensdag środa śr středa st среда ср середа keskiviikko onsdag szerda çarşamba τετάρτη الأربعاء बुधवार rabu
thursday thu thur thurs donnerstag do jeudi jeu jueves giovedì quinta quinta-feira donderdag czwartek czw čtvrtek čt четверг чт четвер torstai torsdag csütörtök perşembe πέμπτη الخميس गुरुवार kamis
friday fri freitag fr vendredi ven viernes venerdì sexta sexta-feira vrijdag piątek pátek пятница пт пʼятниця perjantai fredag péntek cuma παρασκευή الجمعة शुक्रवार jumat
saturday sat samstag sonnabend samedi sam sábado sabato zaterdag sobota sob суббота сб субота lauantai lördag lørdag szombat cumartesi σάββατο السبت शनिवार sabtu
sunday sun sonntag dimanche dim domingo domenica zondag niedziela niedz neděle воскресенье вс неділя sunnuntai söndag søndag vasárnap pazar κυριακή الأحد रविवार minggu
`)

// dayNames reads a line of names for every day of the week.
func dayNames(table string) map[string]int {
	names := map[string]int{}
	for i, line := range strings.Split(strings.TrimSpace(table), "\n") {
		for name := range strings.FieldsSeq(line) {
			if names[name] != 0 {
				panic(fmt.Sprintf("date: %q is two days of the week", name))
			}
			names[name] = i + 1
		}
	}
	return names
}
