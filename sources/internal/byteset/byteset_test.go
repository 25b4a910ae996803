package byteset_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/newswire/newswire/sources/internal/byteset"
)

func TestASpanEndsBeforeTheFirstByteThatIsNotOfTheSet(t *testing.T) {
	digits := byteset.Of(byteset.Digits)
	for _, tt := range []struct {
		in   string
		want int
	}{{"", 0}, {"42 cranes", 2}, {"cranes", 0}, {"0123456789", 10}} {
		if got := digits.Span(tt.in); got != tt.want {
			t.Errorf("Span(%q) = %d, want %d", tt.in, got, tt.want)
		}
	}
}

// Each byte is tried at each place among bytes at the edges of what is printable, for eight are looked at together.
func TestNoByteHidesAmongOthers(t *testing.T) {
	for _, around := range []string{" ", "~", "a"} {
		for at := range 17 {
			for c := range 256 {
				text := strings.Repeat(around, at) + string([]byte{byte(c)}) + strings.Repeat(around, 20-at)
				name := fmt.Sprintf("a byte %#x behind %d times %q", c, at, around)
				ascii, printable := at, at/8*8
				if c < 0x80 {
					ascii = len(text)
				}
				if c >= ' ' && c <= '~' {
					printable = len(text) / 8 * 8
				}
				if got := byteset.ASCII([]byte(text)); got != ascii {
					t.Errorf("%s: ASCII is %d, want %d", name, got, ascii)
				}
				if got := byteset.Printable(text); got != printable {
					t.Errorf("%s: Printable is %d, want %d", name, got, printable)
				}
			}
		}
	}
}
