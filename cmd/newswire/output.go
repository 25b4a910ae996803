package main

import (
	"cmp"
	"encoding/json"
	"time"
)

// printLines writes a list to standard output as JSON, a line each, for scripts.
func printLines[T any](c *console, list []T) error {
	encoder := json.NewEncoder(c.stdout)
	encoder.SetEscapeHTML(false)
	for _, v := range list {
		if err := encoder.Encode(v); err != nil {
			return err
		}
	}
	return nil
}

// when is a time as tables show it.
func when(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format(time.RFC3339)
}

// dash stands where there is nothing to show.
func dash(s string) string { return cmp.Or(s, "-") }
