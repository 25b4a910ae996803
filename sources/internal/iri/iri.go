// Package iri has what an id must be to stand in an Atom feed (RFC 4287 §4.2.6), and makes such ids of others.
//
//	id := guid
//	if !iri.IsID(guid) {
//		id = iri.Tag("harbour.example", guid)
//	}
//
// It compares and changes no id: ids are compared character by character.
package iri

import (
	"net/url"
	"regexp"
	"strings"
)

// tagDate is the date of the tag: URIs that are made here (RFC 4151 §2.1). The date must be one on which the publisher
// held its domain, must not lie in the future, and must be the same at every visit; so it is a constant, the beginning
// of the year in which the first of these URIs was made.
const tagDate = "2026"

var (
	uriForm  = regexp.MustCompile(`^[a-zA-Z][0-9a-zA-Z+.-]*:(//)?[0-9a-zA-Z;/?:@&=+$.\-_!~*'()%,#]+$`)
	httpForm = regexp.MustCompile(`^\w+://[^/]`)
	tagForm  = regexp.MustCompile(`^tag:([a-z0-9\-._]+@)?[a-z0-9.\-]+,\d{4}(-\d{2}(-\d{2})?)?:[0-9a-zA-Z;/?:@&=+$.\-_!~*'()%,]*(#[0-9a-zA-Z;/?:@&=+$.\-_!~*'()%,]*)?$`)
	urnForm  = regexp.MustCompile(`^[Uu][Rr][Nn]:[a-zA-Z0-9][a-zA-Z0-9-]{1,31}:([a-zA-Z0-9()+,.:=@;$_!*'\-]|%[0-9A-Fa-f]{2})+$`)
	uuidForm = regexp.MustCompile(`^(?i)urn:uuid:[a-f0-9]{8}(-[a-f0-9]{4}){3}-[a-f0-9]{12}$`)
)

// idSchemes are the registered schemes that ids are seen with. A word before a colon is not a scheme by itself:
// "story:17" is a guid, and no IRI.
var idSchemes = map[string]bool{
	"http": true, "https": true, "ftp": true, "tag": true, "urn": true, "mailto": true, "news": true, "nntp": true,
	"info": true, "cid": true, "mid": true, "xmpp": true, "gopher": true, "opaquelocktoken": true,
}

// IsID says whether an id can be an atom:id as it is: an absolute IRI (RFC 4287 §4.2.6) of a registered scheme, in
// the form that the scheme asks for.
func IsID(id string) bool {
	scheme, _, _ := strings.Cut(id, ":")
	scheme = strings.ToLower(scheme)
	if !idSchemes[scheme] || !uriForm.MatchString(id) {
		return false
	}
	switch scheme {
	case "tag":
		return tagForm.MatchString(id)
	case "urn":
		if len(id) > 9 && strings.EqualFold(id[:9], "urn:uuid:") {
			return uuidForm.MatchString(id)
		}
		return urnForm.MatchString(id)
	case "http", "https", "ftp":
		u, err := url.Parse(id)
		return err == nil && u.Host != "" && httpForm.MatchString(id)
	default:
		return true
	}
}

// Tag makes the tag: URI of a guid (RFC 4151). Different guids get different URIs.
func Tag(authority, guid string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	b.WriteString("tag:" + authority + "," + tagDate + ":")
	for i := range len(guid) {
		c := guid[i]
		if alphanumeric(c) || strings.IndexByte("-._~:@!$'()*+,;=/?", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hex[c>>4])
		b.WriteByte(hex[c&15])
	}
	return b.String()
}

// Nowhere is the authority of a publisher without a host: a reserved name (RFC 2606 §2).
const Nowhere = "publisher.invalid"

// Authority is a host in the characters of a DNS name, as a tag: URI has it; empty if the host has none of them.
func Authority(host string) string {
	host = strings.Map(func(c rune) rune {
		if c < 0x80 && (alphanumeric(byte(c)) || c == '.' || c == '-') {
			return c
		}
		return '-'
	}, strings.ToLower(host))
	return strings.Trim(host, "-.")
}

// IsAddress says whether an id leads somewhere on the web: an http, https or ftp address.
func IsAddress(id string) bool {
	scheme, _, _ := strings.Cut(id, ":")
	switch strings.ToLower(scheme) {
	case "http", "https", "ftp":
		return true
	}
	return false
}

func alphanumeric(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}
