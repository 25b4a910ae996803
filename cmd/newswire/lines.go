package main

import "encoding/json"

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
