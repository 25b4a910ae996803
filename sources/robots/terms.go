package robots

import (
	"strings"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/internal/aipref"
)

// Terms are what an origin's robots.txt says of the use of its content.
type Terms struct {
	License string // address of the site's terms in Really Simple Licensing (RSL 1.0), as written; may be empty

	origin string
	rules  *rules
}

// Usage is what machines may do with what is at an address (draft-ietf-aipref-attach §3): what the rules with the longest
// path that fits say. An address of another origin, or one that we may not fetch, has no statement.
func (t *Terms) Usage(address string) newswire.Usage {
	u, err := locate(address)
	if err != nil || len(t.rules.usage) == 0 || originOf(u) != t.origin || !t.rules.allow(u) {
		return ""
	}
	return t.rules.usageOf(anchor + octets(pathOf(u)))
}

// usageRule is a Content-Usage rule.
type usageRule struct {
	pattern string // as canonical writes it; empty for a rule about all paths
	usage   newswire.Usage
}

// maxUsage bounds the Content-Usage rules of a visitor. Real files have a few. What those beyond it deny is denied
// everywhere.
const maxUsage = 100

// addUsage adds the rule of a line: a statement, after a path and a space where the rule is about a part of the site.
func (r *record) addUsage(value string) {
	path := ""
	if strings.HasPrefix(value, "/") {
		end := strings.IndexAny(value, " \t")
		if end < 0 {
			return
		}
		path, value = value[:end], strings.TrimSpace(value[end:])
	}
	rule := usageRule{canonical(path), aipref.Parse(value)}
	switch {
	case rule.usage == "" && path == "":
		return
	case path != "" && rule.pattern == "":
		return // longer than any address that is fetched
	case len(r.usage) < maxUsage:
		r.usage = append(r.usage, rule)
	default:
		last := &r.usage[maxUsage-1]
		*last = usageRule{usage: last.usage.Denied().And(rule.usage.Denied())}
	}
}

// usageOf is the statement about a path that is written as rules are. Of rules with equal paths all count.
func (r *rules) usageOf(path string) newswire.Usage {
	longest, usage := -1, newswire.Usage("")
	for _, rule := range r.usage {
		switch n := len(rule.pattern); {
		case n < longest || n > 0 && !matches(rule.pattern, path):
		case n == longest:
			usage = usage.And(rule.usage)
		default:
			longest, usage = n, rule.usage
		}
	}
	if len(r.usage) == maxUsage {
		usage = usage.And(r.usage[maxUsage-1].usage.Denied())
	}
	return usage
}

// matches says whether a pattern fits the beginning of a path, or all of it where it ends with $. The time is linear in the
// length of both.
func matches(pattern, path string) bool {
	pattern, whole := strings.CutSuffix(pattern, "$")
	parts := strings.Split(pattern, "*")
	rest, ok := strings.CutPrefix(path, parts[0])
	if !ok {
		return false
	}
	for i, part := range parts[1:] {
		if whole && i == len(parts)-2 {
			return strings.HasSuffix(rest, part)
		}
		at := strings.Index(rest, part)
		if at < 0 {
			return false
		}
		rest = rest[at+len(part):]
	}
	return !whole || rest == ""
}
