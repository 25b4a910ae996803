package parse

import (
	"strconv"
	"strings"
)

// bypass has the texts of items that do not go through gofeed. gofeed would return them as they are, but encoding/xml
// reads a byte at a time, and nine bytes of ten in a feed are such texts.
type bypass []string

// bypassMark begins what is written instead of a text that goes around gofeed; its number follows.
const bypassMark = "newswire-text:"

// maxThrough is the length of the longest text that goes through gofeed.
const maxThrough = 200

// put returns what to write for a text. A short one is written as it is, unless it looks like a mark.
func (b *bypass) put(text string) string {
	if len(text) <= maxThrough && !strings.HasPrefix(text, bypassMark) {
		return text
	}
	*b = append(*b, text)
	return bypassMark + strconv.Itoa(len(*b)-1)
}

// text is the text that was meant by what was written.
func (b bypass) text(written string) string {
	number, marked := strings.CutPrefix(written, bypassMark)
	if n, err := strconv.Atoi(number); marked && err == nil && n >= 0 && n < len(b) {
		return b[n]
	}
	return written
}

// isLong says whether an element of an item holds one of the texts that may be long.
func isLong(name string) bool {
	switch name {
	case "description", "content:encoded", "summary", "content", itemText:
		return true
	}
	return false
}
