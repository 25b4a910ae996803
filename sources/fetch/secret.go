package fetch

import (
	"fmt"
	"io"
	"log/slog"
)

// Secret is a text that is sent to a publisher and shown to no person and no program. It prints, logs and marshals as "…",
// also as a part of a larger value. The zero value is no secret at all.
type Secret struct {
	text *string // behind a pointer: what prints a struct without asking its fields prints an address
}

const hidden = "…"

// NewSecret hides a text. An empty one is no secret.
func NewSecret(text string) Secret {
	if text == "" {
		return Secret{}
	}
	return Secret{&text}
}

// IsZero says whether there is none.
func (s Secret) IsZero() bool { return s.text == nil }

// reveal is the text, for a request.
func (s Secret) reveal() string {
	if s.text == nil {
		return ""
	}
	return *s.text
}

// String hides the text.
func (s Secret) String() string { return hidden }

// Format hides the text from every verb of package fmt.
func (s Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, hidden) }

// MarshalText hides the text from JSON, XML and YAML.
func (s Secret) MarshalText() ([]byte, error) { return []byte(hidden), nil }

// LogValue hides the text from logs.
func (s Secret) LogValue() slog.Value { return slog.StringValue(hidden) }
