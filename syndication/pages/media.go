package pages

import (
	"fmt"
	"strings"
	"time"
	"unicode"
)

// Media is a recording or a film that belongs to an article. Nothing of it is loaded before a person asks for it.
type Media struct {
	Kind     string // "audio" or "video"
	URL      string
	Type     string // media type
	Title    string
	Duration time.Duration // 0 when unknown
	Bytes    int64         // 0 when unknown
}

// Length is the playing time as clocks show it: "1:02:03" or "4:05"; empty when it is unknown.
func (m Media) Length() string {
	s := int(m.Duration.Round(time.Second) / time.Second)
	switch {
	case s <= 0:
		return ""
	case s >= 3600:
		return fmt.Sprintf("%d:%02d:%02d", s/3600, s/60%60, s%60)
	}
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// ISO is the playing time for machines, as a time element has it.
func (m Media) ISO() string {
	return fmt.Sprintf("PT%dS", int(m.Duration.Round(time.Second)/time.Second))
}

// Size is how large the file is: "12 MB"; empty when it is unknown.
func (m Media) Size() string {
	switch {
	case m.Bytes <= 0:
		return ""
	case m.Bytes < 1e6:
		return fmt.Sprintf("%d kB", max(1, m.Bytes/1e3))
	case m.Bytes < 1e9:
		return fmt.Sprintf("%d MB", (m.Bytes+5e5)/1e6)
	}
	return fmt.Sprintf("%.1f GB", float64(m.Bytes)/1e9)
}

// Picture is a picture with its size, where that is known.
type Picture struct {
	URL           string
	Width, Height int
	Alt, Credit   string
}

// A person reads so many words, or so many Chinese or Japanese characters, in a minute.
const (
	wordsAMinute      = 230
	charactersAMinute = 450
)

// firstOwn is the first character of the scripts whose characters are counted: to look up those of other scripts costs more than all
// else.
const firstOwn = '\u2e80'

// Minutes is how long a plain text takes to read: at least 1, and 0 for one that is too short to say so.
func Minutes(text string) int {
	characters, words := 0, 0
	for word := range strings.FieldsSeq(text) {
		own := 0
		for _, r := range word {
			if r >= firstOwn && unicode.In(r, unicode.Han, unicode.Hiragana, unicode.Katakana) {
				own++
			}
		}
		if characters += own; own == 0 {
			words++
		}
	}
	if words < 100 && characters < 200 {
		return 0
	}
	return max(1, (words*charactersAMinute+characters*wordsAMinute+wordsAMinute*charactersAMinute/2)/(wordsAMinute*charactersAMinute))
}
