package identity

import (
	"strings"
	"testing"

	"golang.org/x/text/cases"
	"golang.org/x/text/unicode/norm"
)

// Names in ASCII are folded in a shorter way, to the same.
func TestASCIIIsFoldedAsAllOtherNames(t *testing.T) {
	for c := range 0x80 {
		name := string(rune(c)) + "Aa" + string(rune(c)) + "  Z" + string(rune(c))
		want := strings.Join(strings.Fields(cases.Fold().String(norm.NFKC.String(name))), " ")
		if got := Fold(name); got != want {
			t.Errorf("Fold(%q) = %q, want %q", name, got, want)
		}
	}
}
