// Package date reads dates as publishers write them.
//
//	t, err := date.Parse("lun., 2 févr. 2026 10:30 CET", timezone)
//
// It refuses to guess: what could be two dates is none.
package date

import (
	"cmp"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/newswire/newswire/sources/clean"
)

// ErrNotDate says that a text is no date that can be read with certainty.
var ErrNotDate = errors.New("not a date")

// ErrAmbiguous says that a text may be one of two days, such as 05/02/2026. It is an [ErrNotDate].
var ErrAmbiguous = fmt.Errorf("%w: it may be one of two days", ErrNotDate)

// maxDate is longer than any date, in bytes.
const maxDate = 160

// Parse reads a date as publishers write it: RFC 822 and its variants, RFC 3339 and ISO 8601 down to the day, asctime,
// names of months in several languages, seconds since 1970. A date without a zone is in loc, UTC where nil. A name of a
// zone means what it means in loc, if it is used there, and else what it commonly means: CST is China's at a source in
// Shanghai, and North America's elsewhere.
//
// The result is in UTC and whole milliseconds. It is zero, without error, for what software writes where it has no
// date: the year 1 or earlier and the first second of 1970. An error wraps [ErrNotDate]; an unknown zone is one too,
// for reading it as UTC would be wrong by hours.
func Parse(s string, loc *time.Location) (time.Time, error) {
	if loc == nil {
		loc = time.UTC
	}
	t, ok := inUsualForm(s)
	if !ok {
		text := strings.ToLower(oneLine(clean.Legal(s[:min(len(s), 2*maxDate)])))
		if text == "" || len(s) > maxDate {
			return time.Time{}, fmt.Errorf("date %q: %w", excerpt(s), ErrNotDate)
		}
		var err error
		if t, err = readDate(text, loc); err != nil {
			return time.Time{}, fmt.Errorf("date %q: %w", excerpt(s), err)
		}
	}
	t = t.UTC().Truncate(time.Millisecond)
	if t.Year() <= 1 || t.Unix() == 0 {
		return time.Time{}, nil
	}
	if t.Year() > 9999 {
		return time.Time{}, fmt.Errorf("date %q: %w", excerpt(s), ErrNotDate)
	}
	return t, nil
}

// inUsualForm reads the two forms that most software writes, RFC 822 as in RSS and RFC 3339, with a zone that is a number: each
// part has its place, and the expressions for all forms take twenty times as long. It is not ok for any other, and where readDate has
// more to say.
func inUsualForm(s string) (t time.Time, ok bool) {
	layout := ""
	switch len(s) {
	case len("Mon, 02 Jan 2006 15:04:05 -0700"):
		layout = time.RFC1123Z
	case len("2006-01-02T15:04:05Z"), len("2006-01-02T15:04:05+07:00"):
		layout = time.RFC3339
	default:
		return time.Time{}, false
	}
	t, err := time.Parse(layout, s)
	_, offset := t.Zone()
	return t, err == nil && t.Year() > 0 && max(offset, -offset) <= maxOffset
}

// readDate tries the forms of dates.
func readDate(s string, loc *time.Location) (time.Time, error) {
	if t, ok := epoch(s); ok {
		return t, nil
	}
	if rfc822.MatchString(s) {
		return fromWords(s, loc)
	}
	if m := isoForm.FindStringSubmatch(s); m != nil && m[2] != "" && isPlainZone(m[len(m)-1]) {
		return fromISO(m, loc)
	}
	s = plainForm(s)
	iso, err := numeric(s)
	if err != nil {
		return time.Time{}, err
	}
	if m := isoForm.FindStringSubmatch(iso); m != nil && (m[2] != "" || m[11] == "") { // else the month is a word
		return fromISO(m, loc)
	}
	return fromWords(s, loc)
}

// isPlainZone says whether what stands behind a time is no more than one word of ASCII.
func isPlainZone(s string) bool {
	return !strings.ContainsFunc(s, func(c rune) bool { return c == ' ' || c >= utf8.RuneSelf })
}

// rfc822 is the form that most dates of RSS have.
var rfc822 = regexp.MustCompile(`^(?:[a-z]{3}, )?\d{1,2} [a-z]{3} \d{4} \d{2}:\d{2}(?::\d{2})? (?:[a-z]{1,4}|[+-]\d{4})$`)

// epoch reads seconds or milliseconds since 1970, from 2001 on.
func epoch(s string) (time.Time, bool) {
	n, err := strconv.ParseInt(s, 10, 64)
	switch {
	case err != nil:
		return time.Time{}, false
	case len(s) == 10:
		return time.Unix(n, 0), true
	case len(s) == 13:
		return time.UnixMilli(n), true
	default:
		return time.Time{}, false
	}
}

// isoForm is ISO 8601 with what is left out or put in of it. Its groups: year, month, day, the half of the day, hour,
// minute with a colon or without, second, fraction, the half of the day, zone.
var isoForm = regexp.MustCompile(`^(\d{4})(?:[-/.]?(\d{1,2})(?:[-/.]?(\d{1,2}))?)? ?` +
	`(?:(?:t|,| )? ?(am|pm)? ?(\d{1,2})(?::(\d{1,2})|\.?(\d{2}))(?::?(\d{1,2})(?:[.,](\d+))?)?:? ?([ap]\.?m\b\.?)?)?\s*([a-z+\-(].*|\d{2}:?\d{2})?$`)

// fromISO builds a time of the groups of isoForm.
func fromISO(m []string, loc *time.Location) (time.Time, error) {
	c := clock{year: number(m[1]), month: 1, day: 1}
	if m[2] != "" {
		c.month = time.Month(number(m[2]))
	}
	if m[3] != "" {
		c.day = number(m[3])
	}
	c.hour, c.minute, c.second = number(m[5]), number(cmp.Or(m[6], m[7])), number(m[8])
	c.nanosecond = fraction(m[9])
	if !c.half(cmp.Or(m[4], m[10])) || m[3] == "" && m[11] != "" { // behind a month a zone may be a day
		return time.Time{}, ErrNotDate
	}
	return c.in(m[11], loc)
}

// clock is what a clock and a calendar show.
type clock struct {
	year       int
	month      time.Month
	day        int
	hour       int
	minute     int
	second     int
	nanosecond int
}

// half moves the hour to the half of the day that it is in. It returns false if there is no such hour.
func (c *clock) half(of string) bool {
	switch strings.ReplaceAll(of, ".", "") {
	case "":
		return true
	case "am":
		if c.hour == 12 {
			c.hour = 0
		}
	case "pm":
		if c.hour < 12 {
			c.hour += 12
		}
	}
	return c.hour < 24
}

// in is the time at which the clock shows that in a zone. What no clock shows, such as the 30th of February, is not
// a date; but midnight may be 24:00 and a minute may have a leap second.
func (c *clock) in(zone string, loc *time.Location) (time.Time, error) {
	if c.month < 1 || c.month > 12 || c.day < 1 || c.hour > 24 || c.minute > 59 || c.second > 60 ||
		c.hour == 24 && c.minute+c.second > 0 {
		return time.Time{}, ErrNotDate
	}
	day := time.Date(c.year, c.month, c.day, 0, 0, 0, 0, time.UTC)
	if day.Day() != c.day {
		return time.Time{}, ErrNotDate
	}
	loc, err := zoneOf(zone, loc, c)
	if err != nil {
		return time.Time{}, err
	}
	return time.Date(c.year, c.month, c.day, c.hour, c.minute, c.second, c.nanosecond, loc), nil
}

var (
	timeForm = regexp.MustCompile(`^(\d{1,2})[:.h](\d{2})(?:[:.](\d{2})(?:[.,](\d+))?)?([ap]m)?$`)
	dayForm  = regexp.MustCompile(`^(\d{1,2})(?:st|nd|rd|th|er|º|ª|\.)?$`)
)

// fromWords reads a date whose parts stand apart, the month by its name, in any order that leaves no doubt.
func fromWords(s string, loc *time.Location) (time.Time, error) {
	if at := strings.IndexByte(s, '('); at > 0 && strings.HasSuffix(s, ")") { // an RFC 822 comment
		s = s[:at]
	}
	var c clock
	var zone []string
	half, timed := "", false
	for _, f := range tied {
		s = f.form.ReplaceAllString(s, f.loose)
	}
	words := strings.FieldsFunc(s, func(r rune) bool { return r == ' ' || r == ',' })
	for i, w := range words {
		switch m := timeForm.FindStringSubmatch(w); {
		case m != nil && !timed && (c.month == 0 || c.day > 0):
			c.hour, c.minute, c.second, c.nanosecond = number(m[1]), number(m[2]), number(m[3]), fraction(m[4])
			half, timed = m[5], true
		case timed && (w == "am" || w == "pm" || w == "a.m." || w == "p.m."):
			half = w
		case weekdays[strings.Trim(w, "().")] != 0 && i > 0:
		case c.month == 0 && monthOf(w) != 0 && !(i == 0 && isTuesday(words)):
			c.month = monthOf(w)
		case c.day == 0 && dayForm.MatchString(w):
			c.day = number(dayForm.FindStringSubmatch(w)[1])
		case c.year == 0 && yearOf(w) != 0:
			c.year = yearOf(w)
		case c.day == 0 && !timed && !hasDigit(w): // the day of the week, and words such as "at" and "de"
		case timed && between[w]:
		case timed:
			zone = append(zone, w)
		case hasDigit(w):
			return time.Time{}, ErrNotDate
		default:
			if i < len(words)-1 || len(w) > 4 {
				continue
			}
			zone = append(zone, w)
		}
	}
	if c.year > buddhistEra+1900 && strings.ContainsFunc(s, func(r rune) bool { return unicode.Is(unicode.Thai, r) }) {
		c.year -= buddhistEra
	}
	if c.month == 0 || c.day == 0 || c.year == 0 || !c.half(half) {
		return time.Time{}, ErrNotDate
	}
	return c.in(strings.Join(zone, " "), loc)
}

// buddhistEra is by how many years the calendar of Thailand is ahead.
const buddhistEra = 543

// tied are parts of a date that stand together: 06-Jan-2018, 2018-Jan-06, Jan-06-2018, and a time with its zone right
// behind it.
var tied = []struct {
	form  *regexp.Regexp
	loose string
}{
	{regexp.MustCompile(`\b(\d{1,2})[-/](\pL+)\.?[-/](\d{2,4})\b`), "$1 $2 $3"},
	{regexp.MustCompile(`\b(\d{4})[-/](\pL+)\.?[-/](\d{1,2})\b`), "$3 $2 $1"},
	{regexp.MustCompile(`(^|[ ,])(\pL+)\.?[-/](\d{1,2})[-/](\d{4})\b`), "$1$3 $2 $4"},
	{regexp.MustCompile(`\b(\d{1,2}:\d{2}:\d{2})([a-z]{3,5}\b|[+-]\d{2}:?\d{2}\b)`), "$1 $2"},
}

// between are words between a time and the date behind it.
var between = map[string]bool{
	"-": true, "|": true, "/": true, "on": true, "le": true, "el": true, "del": true, "il": true, "den": true, "dnia": true, "de": true,
	"du": true, "of": true, "в": true, "от": true, "la": true,
}

// monthOf is the month of that name, or of that abbreviation with or without a point. It may have two names, divided by a
// stroke, and in Hebrew a letter in front.
func monthOf(w string) time.Month {
	w = strings.TrimSuffix(w, ".")
	if one, other, two := strings.Cut(w, "/"); two {
		if months[one] == months[other] {
			return months[one]
		}
		return 0
	}
	return cmp.Or(months[w], months[strings.TrimPrefix(w, "ב")])
}

// isTuesday says whether the first word is short for mardi, martes, martedì or marți and not for March: then the month comes
// behind it.
func isTuesday(words []string) bool {
	return strings.TrimSuffix(words[0], ".") == "mar" && slices.ContainsFunc(words[1:], func(w string) bool { return monthOf(w) != 0 })
}

// yearOf reads a year; of two digits by RFC 2822 §4.3.
func yearOf(w string) int {
	n, err := strconv.Atoi(w)
	switch {
	case err != nil || n < 0:
		return 0
	case len(w) == 4:
		return n
	case len(w) == 2 && n < 50:
		return 2000 + n
	case len(w) == 2:
		return 1900 + n
	default:
		return 0
	}
}

func hasDigit(w string) bool { return strings.ContainsAny(w, "0123456789") }

// number reads digits that a pattern has found.
func number(digits string) int {
	n, err := strconv.Atoi(digits)
	if err != nil {
		return 0
	}
	return n
}

// fraction reads the digits behind the point of a second, as nanoseconds.
func fraction(digits string) int {
	if len(digits) > 9 {
		digits = digits[:9]
	}
	n := number(digits)
	for range 9 - len(digits) {
		n *= 10
	}
	return n
}

// oneLine makes every run of white space one space.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// excerpt is a short piece of a text, for an error message.
func excerpt(s string) string {
	const length = 60
	s = oneLine(s[:min(len(s), 4*length)])
	if runes := []rune(s); len(runes) > length {
		return string(runes[:length]) + "…"
	}
	return s
}
