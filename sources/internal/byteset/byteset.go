// Package byteset says of bytes whether they are in a set, as fast as a table does.
//
//	digits := byteset.Of(byteset.Digits)
//	n := digits.Span("42 cranes") // 2
package byteset

// Sets of ASCII that others are made of.
const (
	Letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	Digits  = "0123456789"
)

// Set is a set of bytes; a byte is in it where its entry is true.
type Set [256]bool

// Of is the set of a string's bytes.
func Of(members string) (s Set) {
	for i := range len(members) {
		s[members[i]] = true
	}
	return s
}

// Span is how many bytes of the set a string begins with.
func (s *Set) Span(of string) int {
	n := 0
	for n < len(of) && s[of[n]] {
		n++
	}
	return n
}
