// Package terminal keeps a terminal safe from the words of strangers: titles, addresses and errors of publishers can hold
// characters that move the cursor, hide a line or turn its direction around.
//
//	w := terminal.NewWriter(os.Stdout)
//	fmt.Fprintln(w, article.Title)
package terminal

import (
	"io"
	"unicode/utf8"
)

// Writer passes text on without its control characters, but for line breaks and tabs, and without those that change the
// direction of text (Unicode's Bidi_Control). Letters of every script stay, and the order that they have by themselves.
type Writer struct {
	w    io.Writer
	part []byte // the beginning of a character whose end was not written yet
}

// NewWriter returns a Writer to w.
func NewWriter(w io.Writer) *Writer { return &Writer{w: w} }

// Write implements [io.Writer].
func (w *Writer) Write(p []byte) (int, error) {
	text := append(w.part, p...)
	out := make([]byte, 0, len(text))
	for len(text) > 0 && (utf8.FullRune(text) || len(text) >= utf8.UTFMax) {
		r, size := utf8.DecodeRune(text)
		if !hidden(r, size) {
			out = append(out, text[:size]...)
		}
		text = text[size:]
	}
	w.part = append([]byte(nil), text...)
	if len(out) == 0 {
		return len(p), nil
	}
	if _, err := w.w.Write(out); err != nil {
		return 0, err
	}
	return len(p), nil
}

// hidden says whether a character is one that a terminal acts on. A byte that is no UTF-8 may be one too: 0x9b begins a
// command.
func hidden(r rune, size int) bool {
	switch {
	case r == '\n', r == '\t':
		return false
	case r < 0x20, r >= 0x7f && r <= 0x9f, r == utf8.RuneError && size == 1:
		return true
	}
	return IsBidiControl(r)
}

// IsBidiControl says whether a character changes the direction of the text around it.
func IsBidiControl(r rune) bool {
	switch {
	case r == 0x061c, r == 0x200e, r == 0x200f, r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069:
		return true
	}
	return false
}
