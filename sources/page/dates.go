package page

import (
	"regexp"
	"strings"
	"time"

	"golang.org/x/text/width"

	"github.com/newswire/newswire/sources/parse/date"
)

// dateForms find a date inside of a line that says more, the surest form first.
var dateForms = []*regexp.Regexp{
	regexp.MustCompile(`\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?\s?(?:[Zz]|[+-]\d{2}:?\d{2})`),
	regexp.MustCompile(`\d{4}\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}\s?[日号號]?,?[T ]?\s?(?:上午|下午|AM|PM|am|pm)?\s?\d{1,2}[:时時點点]\d{2}(?:[:分]\d{2}秒?)?(?:\s?(?:AM|PM|am|pm))?`),
	regexp.MustCompile(`(?i)\d{1,2}\.?\s\pL{3,12}\.?,?\s\d{4}(?:,?\s(?:at\s)?\d{1,2}:\d{2}(?::\d{2})?(?:\s?[ap]\.?m\.?)?)?`),
	regexp.MustCompile(`(?i)\pL{3,12}\.?\s\d{1,2}(?:st|nd|rd|th)?,?\s\d{4}(?:,?\s(?:at\s)?\d{1,2}:\d{2}(?::\d{2})?(?:\s?[ap]\.?m\.?)?)?`),
	regexp.MustCompile(`\d{4}\s?[-/.年]\s?\d{1,2}\s?[-/.月]\s?\d{1,2}`),
}

// date reads a date, alone or inside of a line. It is zero where there is none.
func (p *page) date(s string) time.Time {
	s = width.Narrow.String(line(s)) // full-width digits and colons
	if s == "" {
		return time.Time{}
	}
	if t, err := date.Parse(s, p.Timezone); err == nil {
		return plausible(t)
	}
	for _, form := range dateForms {
		for _, found := range form.FindAllString(s, 5) {
			if t, err := date.Parse(strings.TrimSpace(found), p.Timezone); err == nil && !t.IsZero() {
				return plausible(t)
			}
		}
	}
	return time.Time{}
}

// oldest is before the first web page.
var oldest = time.Date(1990, 1, 1, 0, 0, 0, 0, time.UTC)

// plausible takes a time that no web page can be of for none.
func plausible(t time.Time) time.Time {
	if t.Before(oldest) {
		return time.Time{}
	}
	return t
}

// dates is the first of the texts that holds a date.
func (p *page) dates(texts ...string) time.Time {
	for _, s := range texts {
		if t := p.date(s); !t.IsZero() {
			return t
		}
	}
	return time.Time{}
}
