package text

import "time"

// RFC3339 writes a time as Atom and JSON Feed have it, in UTC, with as many decimals of a second as it has; empty for a
// time that was not said or that has no year of four digits.
func RFC3339(t time.Time) string {
	if t = t.UTC(); t.IsZero() || t.Year() < 1 || t.Year() > 9999 {
		return ""
	}
	return t.Format(time.RFC3339Nano)
}

// RFC822 writes a time as RSS has it, in GMT and with a year of four digits; empty for a time that was not said or that
// has no such year. Fractions of a second are lost.
func RFC822(t time.Time) string {
	if t = t.UTC(); t.IsZero() || t.Year() < 1 || t.Year() > 9999 {
		return ""
	}
	return t.Format("Mon, 02 Jan 2006 15:04:05 GMT")
}
