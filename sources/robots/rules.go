package robots

import (
	"cmp"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/temoto/robotstxt"
)

// rules are what a robots.txt says to one visitor.
type rules struct {
	group   *robotstxt.Group
	delay   time.Duration
	usage   []usageRule
	license string // RSL 1.0: of the site, for any visitor
}

// allow says whether an address on the origin may be fetched.
func (r *rules) allow(u *url.URL) bool {
	path := pathOf(u)
	return path == robotsPath || r.group.Test(anchor+octets(path)) // §2.2.2: the file itself is always allowed
}

// pathOf is what of an address rules are about.
func pathOf(u *url.URL) string {
	path := u.EscapedPath()
	if path == "" {
		path = "/"
	}
	if u.RawQuery != "" || u.ForceQuery {
		path += "?" + u.RawQuery
	}
	return path
}

// record is the lines about one group of visitors (RFC 9309 §2.1).
type record struct {
	allow, disallow []string
	delay           time.Duration
	usage           []usageRule
}

// readRules reads the rules for the visitor of that product token, or those for all where there are none, and writes them
// for robotstxt.
func readRules(body []byte, token string) (*rules, error) {
	f := fileReader{token: token, own: &record{}, others: &record{}}
	for _, text := range lines(string(body)) {
		if key, value, ok := strings.Cut(text, ":"); ok {
			f.line(strings.ToLower(strings.TrimSpace(key)), strings.TrimSpace(value))
		}
	}
	if !f.named {
		f.own = f.others
	}
	r, err := f.own.rules()
	if err != nil {
		return nil, err
	}
	r.license = f.license
	return r, nil
}

// fileReader is a robots.txt that is being read for one visitor.
type fileReader struct {
	token       string
	own, others *record
	named       bool      // a group for this visitor is there, if without rules
	open        []*record // those that the next rules belong to
	collecting  bool      // of the lines that name visitors
	license     string
}

// line reads one line. Only rules of RFC 9309 itself end the names of a group (§2.2).
func (f *fileReader) line(key, value string) {
	switch key {
	case "user-agent", "useragent":
		f.visitor(value)
	case "allow":
		f.collecting = false
		for _, r := range f.open {
			r.allow = append(r.allow, value)
		}
	case "disallow":
		f.collecting = false
		for _, r := range f.open {
			r.disallow = append(r.disallow, value)
		}
	case "crawl-delay":
		for _, r := range f.open {
			r.delay = delayOf(value)
		}
	case "content-usage":
		f.collecting = false
		for _, r := range f.open {
			r.addUsage(value)
		}
	case "license":
		f.license = cmp.Or(f.license, value)
	}
}

// visitor reads a line that names the visitors of a group.
func (f *fileReader) visitor(name string) {
	if !f.collecting {
		f.open, f.collecting = nil, true
	}
	if name == "*" || strings.HasPrefix(name, "* ") {
		f.open = append(f.open, f.others)
	} else if productToken(name) == f.token && f.token != "" {
		f.open, f.named = append(f.open, f.own), true
	}
}

var lineEnds = regexp.MustCompile(`\r\n?|\n`)

// lines are the lines of a file without its comments.
func lines(text string) []string {
	all := lineEnds.Split(strings.TrimPrefix(text, "\uFEFF"), -1)
	for i, s := range all {
		s, _, _ = strings.Cut(s, "#")
		all[i] = strings.TrimSpace(s)
	}
	return all
}

// productToken is the first word of a User-Agent or of a line that names one (§2.2.1), in lower case.
func productToken(s string) string {
	end := strings.IndexFunc(s, func(c rune) bool {
		return c != '-' && c != '_' && (c < 'a' || c > 'z') && (c < 'A' || c > 'Z')
	})
	if end < 0 {
		end = len(s)
	}
	return strings.ToLower(s[:end])
}

// delayOf reads a Crawl-delay: seconds.
func delayOf(s string) time.Duration {
	seconds, err := strconv.ParseFloat(s, 64)
	if err != nil || !(seconds > 0) {
		return 0
	}
	return time.Duration(min(seconds, maxDelay.Seconds()) * float64(time.Second))
}

// rules writes a record as robotstxt reads it right: one group, for all visitors. What is allowed goes first, for among
// equals that wins (§2.2.2), and robotstxt keeps the first of equals.
func (r *record) rules() (*rules, error) {
	var b strings.Builder
	b.WriteString("User-agent: *\n")
	count := 0
	for _, part := range []struct {
		key   string
		paths []string
	}{{"Allow: ", r.allow}, {"Disallow: ", r.disallow}} {
		for _, path := range part.paths {
			pattern := canonical(path)
			if pattern == "" {
				continue
			}
			count += strings.Count(pattern, "*") + strings.Count(pattern, "$")
			b.WriteString(part.key + pattern + "\n")
		}
	}
	if count > maxWildcards {
		return nil, fmt.Errorf("%w: it has more than %d wildcards in its rules for us", ErrUnreadable, maxWildcards)
	}
	file, err := robotstxt.FromString(b.String())
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrUnreadable, err)
	}
	return &rules{group: file.FindGroup("*"), delay: r.delay, usage: r.usage}, nil
}

// anchor stands before every path and every rule, and nowhere else in them: a rule with a wildcard becomes a regular
// expression that might otherwise begin anywhere.
const anchor = "/"

var wildcards = regexp.MustCompile(`\*+`)

// canonical writes the path of a rule for robotstxt. It is empty for a rule that says nothing.
func canonical(path string) string {
	if path == "" || len(path) > maxPattern {
		return ""
	}
	path, atEnd := strings.CutSuffix(path, "$")
	if !strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "*") {
		path = "/" + path // §2.2.2 asks for the slash; without it is meant with
	}
	path = wildcards.ReplaceAllString(path, "*")
	var b strings.Builder
	b.WriteString(anchor)
	for i, literal := range strings.Split(path, "*") {
		if i > 0 {
			b.WriteByte('*')
		}
		b.WriteString(octets(literal))
	}
	if atEnd {
		b.WriteByte('$')
	}
	return b.String()
}

// octets writes each octet of a path as %XX. So those that were escaped equal those that were not (§2.2.2), none means
// anything in a regular expression, and the longer of two rules is the one with more octets. An escaped octet of the
// reserved set stays apart from the same octet as it is.
func octets(path string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	b.Grow(3 * len(path))
	write := func(c byte) {
		b.WriteByte('%')
		b.WriteByte(hex[c>>4])
		b.WriteByte(hex[c&15])
	}
	for i := 0; i < len(path); i++ {
		c := path[i]
		if c == '%' && i+2 < len(path) {
			if n, err := strconv.ParseUint(path[i+1:i+3], 16, 8); err == nil {
				c = byte(n)
				if strings.IndexByte(":/?#[]@!$&'()*+,;=%", c) >= 0 {
					write('%')
				}
				i += 2
			}
		}
		write(c)
	}
	return b.String()
}
