// Package stable tells the parts of an address that name a document from those that change from one day to the next:
// marks of campaigns, signatures, times of expiry, counters that keep caches from answering.
//
//	item.URL = stable.Plain(item.URL)
//	if stable.Address(before) == stable.Address(now) { … }
//
// It refuses to guess beyond its tables: a parameter that it does not know is a part of the name.
package stable

import (
	"regexp"
	"slices"
	"strings"

	"github.com/newswire/newswire/sources/internal/byteset"
)

// Plain is an address without the marks of campaigns (utm_source and its kin), which lead to the same document for every
// reader. An address that has none comes back as it is.
func Plain(address string) string { return without(address, "&", isCampaign) }

// Address is an address without what changes while the document stays: marks of campaigns, signatures with their times of
// expiry, cache busters, sessions. It is for comparisons: what it leads to may need the parts that it lacks.
func Address(address string) string {
	if strings.IndexByte(address, ';') >= 0 {
		return without(sessionInPath.ReplaceAllString(address, ""), "&", volatile(address))
	}
	if strings.IndexByte(address, '?') < 0 {
		return Plain(address)
	}
	return without(address, "&", volatile(address))
}

// Same says whether two addresses are forms of one: with and without a slash at the end, with http and https, with other
// marks of campaigns, signatures or counters.
func Same(a, b string) bool { return a == b || Key(a) == Key(b) }

// Key is what all forms of an address have in common, for the comparison of many.
func Key(address string) string {
	address = Address(address)
	_, rest, found := strings.Cut(address, "://")
	if !found {
		return address
	}
	return strings.TrimSuffix(strings.TrimPrefix(rest, "www."), "/")
}

// Text is a text with each address that has a query, as it stands in HTML, in its stable form; for comparisons. It is read for
// every article of every document, so without an expression.
func Text(text string) string {
	var b strings.Builder
	written, from := 0, 0 // what was written, and where the next address can begin
	for {
		mark := strings.IndexByte(text[from:], '?')
		if mark < 0 {
			break
		}
		mark += from
		begin, end := from+addressBefore(text[from:mark]), mark+1
		if begin >= from {
			end += inQuery.Span(text[end:])
		}
		from = end
		if end == mark+1 {
			continue
		}
		if address := stableInHTML(text[begin:end]); len(address) < end-begin {
			b.Grow(len(text) - written)
			b.WriteString(text[written:begin])
			b.WriteString(address)
			written = end
		}
	}
	if written == 0 {
		return text
	}
	b.WriteString(text[written:])
	return b.String()
}

// stableInHTML is the stable form of an address that may be written with references.
func stableInHTML(address string) string {
	if strings.Contains(address, "&amp;") {
		return without(address, "&amp;", volatile(address))
	}
	return Address(address)
}

// addressBefore is where the address begins that a text ends with: the first http:// or https:// behind which nothing but
// an address follows. It is negative for none.
func addressBefore(text string) int {
	first := len(text)
	for first > 0 && inQuery[text[first-1]] {
		first--
	}
	for at := first; ; at++ {
		next := strings.Index(text[at:], "://")
		if next < 0 || at+next+len("://") == len(text) {
			return -1
		}
		at += next
		for _, scheme := range []string{"https", "http"} {
			if strings.HasSuffix(text[first:at], scheme) {
				return at - len(scheme)
			}
		}
	}
}

// inQuery are the bytes that can stand in an address in HTML.
var inQuery = func() (s byteset.Set) {
	outside := byteset.Of(" \t\n\f\r\"'<>")
	for c := range s {
		s[c] = !outside[c]
	}
	return s
}()

// sessionInPath is a session as some servers write it behind a path.
var sessionInPath = regexp.MustCompile(`(?i);jsessionid=[0-9a-z.!-]+`)

// without leaves the parameters out of a query that a function recognises. Nothing else of the address is changed.
func without(address, divider string, drop func(name, value string) bool) string {
	before, fragment, hasFragment := strings.Cut(address, "#")
	if name, _, _ := strings.Cut(fragment, "="); hasFragment && isCampaign(name, "") {
		address, fragment = before, ""
	} else {
		fragment = address[len(before):]
	}
	before, query, hasQuery := strings.Cut(before, "?")
	if !hasQuery {
		return address
	}
	dropped := func(parameter string) bool {
		name, value, _ := strings.Cut(parameter, "=")
		return drop(strings.ToLower(name), value)
	}
	some := false
	for p := range strings.SplitSeq(query, divider) {
		some = some || dropped(p)
	}
	if !some {
		return address
	}
	kept := slices.DeleteFunc(strings.Split(query, divider), dropped)
	if query = strings.Join(kept, divider); query != "" {
		query = "?" + query
	}
	return before + query + fragment
}

// isCampaign recognises the marks by which publishers count what campaigns bring them.
func isCampaign(name, _ string) bool { return strings.HasPrefix(name, "utm_") || campaigns[name] }

var campaigns = map[string]bool{
	"fbclid": true, "gclid": true, "dclid": true, "gbraid": true, "wbraid": true, "msclkid": true, "yclid": true, "mc_cid": true,
	"mc_eid": true, "igshid": true, "_hsenc": true, "_hsmi": true, "mkt_tok": true, "xtor": true, "at_medium": true, "at_campaign": true,
}

// volatile recognises the parameters of an address that change while its document stays.
func volatile(address string) func(name, value string) bool {
	asked, is := false, false
	signed := func() bool { // seldom asked, and found out once
		if !asked {
			_, query, _ := strings.Cut(address, "?")
			asked, is = true, isSigned(strings.ToLower(query))
		}
		return is
	}
	return func(name, value string) bool {
		return isCampaign(name, value) || isSignature(name) || counters[name] || besideSignatures[name] && signed() ||
			sometimes[name] && passing.MatchString(value) || value == "" && epoch.MatchString(name)
	}
}

// isSigned says whether a query is signed, in lower case: then names that mean other things elsewhere belong to it.
func isSigned(query string) bool {
	for p := range strings.SplitSeq(query, "&") {
		if name, _, _ := strings.Cut(strings.TrimPrefix(p, "amp;"), "="); isSignature(name) || name == "oh" || name == "st" {
			return true
		}
	}
	return false
}

func isSignature(name string) bool {
	for _, prefix := range []string{"x-amz-", "x-goog-", "x-oss-", "x-tos-", "x-cos-", "hdn"} {
		if strings.HasPrefix(name, prefix) {
			return true
		}
	}
	return signatures[name]
}

// signatures are parameters that belong to no other thing: of Amazon, Google, Azure, Alibaba, Akamai and of nginx.
var signatures = map[string]bool{
	"signature": true, "sig": true, "sign": true, "hmac": true, "expires": true, "expire": true, "expiry": true, "key-pair-id": true,
	"awsaccesskeyid": true, "googleaccessid": true, "ossaccesskeyid": true, "auth_key": true, "wssecret": true, "wstime": true,
	"access_token": true, "security-token": true, "phpsessid": true, "jsessionid": true, "sessionid": true, "session_id": true,
}

// besideSignatures are parameters that are a part of a signature where there is one.
var besideSignatures = map[string]bool{
	"policy": true, "token": true, "exp": true, "e": true, "st": true, "se": true, "sp": true, "sv": true, "sr": true, "spr": true,
	"skoid": true, "sktid": true, "skt": true, "ske": true, "sks": true, "skv": true, "oh": true, "oe": true, "_nc_ht": true, "_nc_ohc": true,
	"_nc_gid": true, "_nc_cat": true, "_nc_sid": true, "_nc_oc": true, "ccb": true, "edm": true, "lsig": true, "sparams": true, "ei": true,
	"ip": true, "hash": true, "verify": true, "nonce": true, "t": true, "ts": true, "timestamp": true, "time": true, "md5": true,
}

// counters are parameters that keep caches from answering, or count.
var counters = map[string]bool{
	"cb": true, "cachebuster": true, "cache_buster": true, "cachebust": true, "cache-buster": true, "nocache": true, "no_cache": true,
	"bust": true, "rand": true, "rnd": true, "random": true, "_": true, "_t": true, "_ts": true, "counter": true, "hitcount": true, "nonce": true,
	"refresh": true, "ig_cache_key": true,
}

// sometimes are parameters that do so where their value is a time or a number by chance.
var sometimes = map[string]bool{
	"v": true, "ver": true, "version": true, "t": true, "ts": true, "time": true, "timestamp": true, "r": true, "dt": true,
	"mtime": true, "modified": true, "lastmod": true, "updated": true, "rev": true, "cache": true,
}

var (
	epoch   = regexp.MustCompile(`^1[4-9]\d{8}(?:\d{3})?$`)
	passing = regexp.MustCompile(`^(?:1[4-9]\d{8}(?:\d{3})?|0\.\d+|20\d{12})$`)
)
