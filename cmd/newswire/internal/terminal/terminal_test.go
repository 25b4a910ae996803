package terminal_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/newswire/newswire/cmd/newswire/internal/terminal"
)

func TestTextReachesATerminalWithoutWhatItActsOn(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"Tides & terms\tof 2026\n", "Tides & terms\tof 2026\n"},
		{"金江 é ½ שלום العربية 👩‍🚀", "金江 é ½ שלום العربية 👩‍🚀"},
		{"safe \u202egnp.exe\u202c name", "safe gnp.exe name"},
		{"\u2066a\u2067b\u2068c\u2069\u061c\u200e\u200f\u202a\u202b\u202d", "abc"},
		{"\x1b[2Jred\x1b[31m\a\b\r", "[2Jred[31m"},
		{"\u009b31m\u0085\u007f", "31m"},
		{"a\x9bb\xc3", "ab"},
	} {
		var b strings.Builder
		w := terminal.NewWriter(&b)
		if n, err := fmt.Fprint(w, tt.in); err != nil || n != len(tt.in) {
			t.Errorf("Write(%q) = %d, %v", tt.in, n, err)
		}
		if b.String() != tt.want {
			t.Errorf("%q comes out as %q; want %q", tt.in, b.String(), tt.want)
		}
		var byByte strings.Builder
		w = terminal.NewWriter(&byByte)
		for i := range len(tt.in) {
			if _, err := w.Write([]byte{tt.in[i]}); err != nil {
				t.Fatal(err)
			}
		}
		if byByte.String() != tt.want {
			t.Errorf("%q, written byte by byte, comes out as %q; want %q", tt.in, byByte.String(), tt.want)
		}
	}
}

type broken struct{}

func (broken) Write([]byte) (int, error) { return 0, errors.New("hung up") }

func TestAnErrorOfTheTerminalIsPassedOn(t *testing.T) {
	if _, err := terminal.NewWriter(broken{}).Write([]byte("a")); err == nil {
		t.Error("no error")
	}
}

func FuzzWriter(f *testing.F) {
	f.Add("a\u202eb\x1b", 2)
	f.Fuzz(func(t *testing.T, s string, cut int) {
		var b strings.Builder
		w := terminal.NewWriter(&b)
		cut = max(0, min(cut, len(s)))
		_, _ = w.Write([]byte(s[:cut]))
		_, _ = w.Write([]byte(s[cut:]))
		out := b.String()
		if !utf8.ValidString(out) {
			t.Errorf("%q comes out as %q, which is no UTF-8", s, out)
		}
		for _, r := range out {
			if terminal.IsBidiControl(r) || r < ' ' && r != '\n' && r != '\t' || r >= 0x7f && r <= 0x9f {
				t.Errorf("%q comes out with %q", s, r)
			}
		}
	})
}
