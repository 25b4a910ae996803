package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/newswire/newswire/cmd/newswire/internal/terminal"
)

// printLines writes a list to standard output as JSON, a line each, for scripts.
func printLines[T any](c *console, list []T) error {
	var b bytes.Buffer
	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)
	for _, v := range list {
		b.Reset()
		if err := encoder.Encode(v); err != nil {
			return err
		}
		if _, err := c.data.Write(escaped(b.Bytes())); err != nil {
			return err
		}
	}
	return nil
}

// escaped writes as escapes what a terminal acts on: JSON with the same meaning, that can be shown.
func escaped(json []byte) []byte {
	if !bytes.ContainsFunc(json, acts) {
		return json
	}
	var out []byte
	for _, r := range string(json) {
		if acts(r) {
			out = fmt.Appendf(out, `\u%04x`, r)
		} else {
			out = utf8.AppendRune(out, r)
		}
	}
	return out
}

func acts(r rune) bool { return terminal.IsBidiControl(r) || r >= 0x7f && r <= 0x9f }

// when is a time as tables show it.
func when(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format(time.RFC3339)
}

// dash stands where there is nothing to show.
func dash(s string) string { return cmp.Or(s, "-") }
