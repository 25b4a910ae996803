package parse

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/clean"
	"github.com/newswire/newswire/sources/internal/stable"
)

// maxGUID is longer than any honest guid; a longer one is known by its hash.
const maxGUID = 2048

// tagDate is the date of the tag: URIs that are made here (RFC 4151 §2.1). The date must be one on which the publisher
// held its domain, must not lie in the future, and must be the same at every visit; so it is a constant, the beginning
// of the year in which the first of these URIs was made.
const tagDate = "2026"

// identify gives every item a guid and an atom:id, and makes both unique in the document.
//
// An item without a guid is known by its address, without what changes in it from visit to visit, and without an address
// by a hash of its title, date and text. Items that share a guid are told apart by [documentReader.separate].
func (r *documentReader) identify(doc *Document) {
	for i := range doc.Items {
		it := &doc.Items[i]
		if plain := stable.Plain(it.URL); plain != it.URL {
			if it.Base == it.URL {
				it.Base = plain
			}
			it.URL = plain
		}
		it.GUID = strings.TrimSpace(clean.Legal(it.GUID))
		switch {
		case len(it.GUID) > maxGUID:
			r.repaired("a guid of %d bytes was replaced by its hash", len(it.GUID))
			it.GUID, it.PermaLink = newswire.Hash(it.GUID), false
		case it.GUID == "" && it.URL != "":
			it.GUID = stable.Address(it.URL)
			it.PermaLink = it.GUID == it.URL
		case it.GUID == "":
			it.GUID = newswire.Hash(it.Title, it.Published.String(), it.Summary, it.Content)
		}
	}
	doc.Shared = r.separate(doc.Items)
	doc.Items = r.latest(doc.Items)
	used := make(map[string]bool, len(doc.Items))
	authority := authorityOf(doc.Publisher.URL, doc.Publisher.FeedURL, r.URL)
	for i := range doc.Items {
		it := &doc.Items[i]
		it.AtomID = atomID(it.GUID, authority)
		if used[it.AtomID] {
			it.AtomID = tagURI(authority, newswire.Hash(it.GUID))
		}
		used[it.AtomID] = true
	}
}

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

// isAtomID says whether an id can be an atom:id as it is: an absolute IRI (RFC 4287 §4.2.6) of a registered scheme, in
// the form that the scheme asks for.
func isAtomID(id string) bool {
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

// atomID is the guid where that can be an atom:id, else a tag: URI for it.
func atomID(guid, authority string) string {
	if isAtomID(guid) {
		return guid
	}
	return tagURI(authority, guid)
}

// tagURI makes the tag: URI of a guid (RFC 4151). Different guids get different URIs.
func tagURI(authority, guid string) string {
	const hex = "0123456789ABCDEF"
	var b strings.Builder
	b.WriteString("tag:" + authority + "," + tagDate + ":")
	for i := range len(guid) {
		c := guid[i]
		if isAlphanumeric(c) || strings.IndexByte("-._~:@!$'()*+,;=/?", c) >= 0 {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(hex[c>>4])
		b.WriteByte(hex[c&15])
	}
	return b.String()
}

// authorityOf is the authority of a publisher's tag: URIs: the host of the first address that has one, in the
// characters of a DNS name.
func authorityOf(addresses ...string) string {
	for _, address := range addresses {
		u := baseOf(webAddress(address))
		if u == nil {
			continue
		}
		host := strings.Map(func(c rune) rune {
			if c < 0x80 && (isAlphanumeric(byte(c)) || c == '.' || c == '-') {
				return c
			}
			return '-'
		}, strings.ToLower(u.Hostname()))
		if host = strings.Trim(host, "-."); host != "" {
			return host
		}
	}
	return "publisher.invalid" // RFC 2606 §2: a reserved name
}

func isAlphanumeric(c byte) bool {
	return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
}
