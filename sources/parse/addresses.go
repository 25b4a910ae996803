package parse

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/newswire/newswire/sources/clean"
)

// baseOf reads an absolute web address that others may be relative to. It is nil when there is none.
func baseOf(address string) *url.URL {
	u, err := url.Parse(strings.TrimSpace(address))
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" {
		return nil
	}
	return u
}

// within is the base that an xml:base declares inside of another (RFC 3986 §5.1, XML Base §4.3). One that cannot be
// read changes nothing.
func within(base *url.URL, declared string) *url.URL {
	if declared = strings.TrimSpace(declared); declared == "" {
		return base
	}
	if u := baseOf(clean.Address(base, declared)); u != nil {
		return u
	}
	return base
}

// hostAlone is the beginning of an address of which the scheme was left out.
var hostAlone = regexp.MustCompile(`^(?i)www\.[^/?#\s]+\.[^/?#\s]+`)

// resolve makes an address absolute. What is not a web address comes back as it is, for the caller to refuse.
func resolve(base *url.URL, ref string) string {
	ref = strings.TrimSpace(ref)
	if base != nil && ref != "" && ref[0]|0x20 == 'w' && hostAlone.MatchString(ref) {
		ref = base.Scheme + "://" + ref
	}
	if abs := clean.Address(base, ref); abs != "" {
		return abs
	}
	return ref
}

// webAddress is the address if it is an absolute http(s) one, else empty.
func webAddress(address string) string { return clean.Address(nil, address) }

// isUnder says whether an address is that of another with more behind it, such as the feed of a page: /topic/42.rss and
// /topic/42/feed are under /topic/42.
func isUnder(address, page string) bool {
	page, _, _ = strings.Cut(page, "#")
	page, _, _ = strings.Cut(page, "?")
	rest, found := strings.CutPrefix(address, strings.TrimSuffix(page, "/"))
	return found && hasPath(page) && (strings.HasPrefix(rest, ".") || strings.HasPrefix(rest, "/") || strings.HasPrefix(rest, "?"))
}

// hasPath says whether a web address leads further than to the front page of its site.
func hasPath(address string) bool {
	_, rest, _ := strings.Cut(address, "://")
	_, path, _ := strings.Cut(rest, "/")
	return path != ""
}

// hostOf is the host of a web address, in lower case.
func hostOf(address string) string {
	_, rest, _ := strings.Cut(address, "://")
	if end := strings.IndexAny(rest, "/?#"); end >= 0 {
		rest = rest[:end]
	}
	return strings.ToLower(rest)
}
