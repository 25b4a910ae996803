package revision

import (
	"net/http"
	"strings"
	"time"
)

// notModified says whether the reader already has what would be sent: If-None-Match decides if there is one, and
// If-Modified-Since only if there is none (RFC 9110 §13.2.2). A zero date never matches.
func notModified(h http.Header, etag string, modified time.Time) bool {
	if tags, ok := h["If-None-Match"]; ok {
		for _, list := range tags {
			if matches(list, etag) {
				return true
			}
		}
		return false
	}
	since := h["If-Modified-Since"]
	if len(since) != 1 || modified.IsZero() {
		return false
	}
	t, err := http.ParseTime(since[0])
	return err == nil && !modified.After(t)
}

// matches compares a list of entity tags with one, weakly: W/"x" is as good as "x" (RFC 9110 §8.8.3.2, §13.1.2).
func matches(list, etag string) bool {
	for tag, rest, ok := nextTag(list); ok; tag, rest, ok = nextTag(rest) {
		if tag == etag || tag == "*" {
			return true
		}
	}
	return false
}

// nextTag cuts the first entity tag, with its quotes and without a W/, off a list; a "*" stands alone. A comma may stand
// inside a tag. What follows something malformed is not believed.
func nextTag(list string) (tag, rest string, ok bool) {
	list = strings.TrimLeft(list, " \t,")
	if strings.HasPrefix(list, "*") {
		return "*", "", strings.TrimRight(list, " \t") == "*"
	}
	list = strings.TrimPrefix(list, "W/")
	if !strings.HasPrefix(list, `"`) {
		return "", "", false
	}
	end := strings.IndexByte(list[1:], '"')
	if end < 0 {
		return "", "", false
	}
	end += 2
	return list[:end], list[end:], true
}
