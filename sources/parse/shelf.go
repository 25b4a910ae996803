package parse

import (
	"strconv"
	"strings"
)

// shelf keeps the texts of items while gofeed parses the rest. gofeed would hand them on as they are, but encoding/xml
// reads a byte at a time, and nine bytes of ten in a feed are such texts.
type shelf []string

// shelfMark begins what is written in the place of a text on the shelf; its number follows.
const shelfMark = "newswire-shelf:"

// maxUnshelved is the length of a text from which it is put on the shelf.
const maxUnshelved = 200

// put returns what to write for a text. A short one is written as it is, unless it looks like a mark.
func (s *shelf) put(text string) string {
	if len(text) <= maxUnshelved && !strings.HasPrefix(text, shelfMark) {
		return text
	}
	*s = append(*s, text)
	return shelfMark + strconv.Itoa(len(*s)-1)
}

// take returns the text that was meant by what was written.
func (s shelf) take(written string) string {
	number, marked := strings.CutPrefix(written, shelfMark)
	if n, err := strconv.Atoi(number); marked && err == nil && n >= 0 && n < len(s) {
		return s[n]
	}
	return written
}

// isShelved says whether an element of an item is one whose text goes on the shelf.
func isShelved(name string) bool {
	switch name {
	case "description", "content:encoded", "summary", "content":
		return true
	}
	return false
}
