package text

import "strings"

// Credit begins the paragraph of credit at the end of a text.
const Credit = "<p>↗ "

// Uncredited is a text without its paragraph of credit.
func Uncredited(fragment string) string {
	if i := strings.LastIndex(fragment, Credit); i >= 0 && strings.Index(fragment[i:], "</p>") == len(fragment)-i-len("</p>") {
		return fragment[:i]
	}
	return fragment
}
