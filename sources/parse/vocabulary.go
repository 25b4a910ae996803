package parse

import "strings"

// shape says what the canonical document makes of an element.
type shape int

const (
	skipped   shape = iota // with all that is in it
	container              // holds elements
	leaf                   // holds text: markup inside of it becomes text too
)

// namespaces maps every spelling of a namespace that is read, in lower case and without a trailing slash or number
// sign, to its prefix in the canonical document.
var namespaces = map[string]string{
	"http://www.w3.org/2005/atom":                                                 "atom",
	"http://purl.org/atom/ns":                                                     "atom",
	"http://purl.org/dc/elements/1.1":                                             "dc",
	"http://purl.org/dc/elements/1.0":                                             "dc",
	"http://purl.org/dc/terms":                                                    "dcterms",
	"http://purl.org/rss/1.0/modules/content":                                     "content",
	"http://purl.org/rss/1.0/modules/syndication":                                 "sy",
	"http://www.itunes.com/dtds/podcast-1.0.dtd":                                  "itunes",
	"http://example.com/dtds/podcast-1.0.dtd":                                     "itunes",
	"http://search.yahoo.com/mrss":                                                "media",
	"http://www.rssboard.org/media-rss":                                           "media",
	"http://rssnamespace.org/feedburner/ext/1.0":                                  "feedburner",
	"http://backend.userland.com/creativecommonsrssmodule":                        "cc",
	"http://cyber.law.harvard.edu/rss/creativecommonsrssmodule.html":              "cc",
	"http://web.resource.org/cc":                                                  "cc",
	"http://creativecommons.org/ns":                                               "cc",
	"http://creativecommons.org/ns#license":                                       "cc",
	"http://purl.org/atompub/tombstones/1.0":                                      "at",
	"http://prismstandard.org/namespaces/basic/3.0":                               "prism",
	"http://prismstandard.org/namespaces/basic/2.2":                               "prism",
	"http://prismstandard.org/namespaces/basic/2.1":                               "prism",
	"http://prismstandard.org/namespaces/basic/2.0":                               "prism",
	"http://prismstandard.org/namespaces/1.2/basic":                               "prism",
	"http://prismstandard.org/namespaces/basic/1.2":                               "prism",
	"http://purl.org/rss/1.0/modules/prism":                                       "prism",
	"https://podcastindex.org/namespace/1.0":                                      "podcast",
	"https://github.com/podcastindex-org/podcast-namespace/blob/main/docs/1.0.md": "podcast",
	"https://rslstandard.org/rsl":                                                 "rsl",
	"http://rslstandard.org/rsl":                                                  "rsl",
	"http://www.w3.org/1999/xhtml":                                                "xhtml",
	"http://www.w3.org/1999/02/22-rdf-syntax-ns":                                  "rdf",
	"http://news.yandex.ru":                                                       "yandex",
	"http://turbo.yandex.ru":                                                      "turbo",
}

// conventional are the prefixes that are understood where a publisher forgot to declare them.
var conventional = map[string]string{
	"atom": "atom", "atom10": "atom", "dc": "dc", "dcterms": "dcterms", "content": "content", "sy": "sy",
	"itunes": "itunes", "media": "media", "feedburner": "feedburner", "cc": "cc", "creativecommons": "cc",
	"rsl": "rsl", "xhtml": "xhtml", "rdf": "rdf", "at": "at", "podcast": "podcast", "a10": "atom", "prism": "prism", "yandex": "yandex", "turbo": "turbo",
}

// rssNamespaces are those that RSS elements themselves have been put into.
var rssNamespaces = map[string]bool{
	"http://www.w3.org/1999/02/22-rdf-syntax-ns":   true,
	"http://purl.org/rss/1.0":                      true,
	"http://purl.org/net/rss1.1":                   true,
	"http://my.netscape.com/rdf/simple/0.9":        true,
	"http://channel.netscape.com/rdf/simple/0.9":   true,
	"http://backend.userland.com/rss2":             true,
	"http://blogs.law.harvard.edu/tech/rss":        true,
	"http://cyber.law.harvard.edu/rss/rss.html":    true,
	"http://my.netscape.com/publish/formats/rss-0": true,
}

// extensions are the elements of other namespaces that are read in any format.
var extensions = map[string]shape{
	"dc:creator": leaf, "dc:author": leaf, "dc:contributor": leaf, "dc:date": leaf, "dc:language": leaf,
	"dc:rights": leaf, "dc:subject": leaf, "dc:title": leaf, "dc:description": leaf, "dc:identifier": leaf,
	"dcterms:created": leaf, "dcterms:issued": leaf, "dcterms:modified": leaf, "dcterms:license": leaf,
	"dcterms:rights": leaf, "dcterms:accessrights": leaf, "dcterms:abstract": leaf, "dcterms:creator": leaf, "dcterms:valid": leaf,
	"prism:embargodate": leaf, "prism:expirationdate": leaf, "prism:killdate": leaf,
	"content:encoded": leaf,
	"sy:updateperiod": leaf, "sy:updatefrequency": leaf, "sy:updatebase": leaf,
	"itunes:author": leaf, "itunes:duration": leaf, "itunes:image": leaf, "itunes:summary": leaf,
	"itunes:subtitle": leaf, "itunes:keywords": leaf, "itunes:owner": container, "itunes:name": leaf,
	"itunes:email": leaf, "itunes:title": leaf, "itunes:category": container, "itunes:link": leaf,
	"podcast:person": leaf, "podcast:license": leaf,
	"media:group": container, "media:content": container, "media:thumbnail": leaf, "media:credit": leaf,
	"media:title": leaf, "media:description": leaf, "media:keywords": leaf, "media:category": leaf,
	"media:copyright": leaf, "media:license": leaf,
	"feedburner:origlink": leaf,
	"cc:license":          leaf,
	"xhtml:body":          leaf, "xhtml:div": leaf,
	"yandex:full-text": leaf, "turbo:content": leaf,
	"at:deleted-entry": container, "at:comment": leaf,
	"rsl:content": container, "rsl:license": container, "rsl:payment": container, "rsl:standard": leaf, "rsl:custom": leaf,
	"rsl:terms": leaf, "rsl:copyright": leaf,
}

// rssElements are what RSS 0.9x, 1.0 and 2.0 elements are read, besides extensions; atomInRSS the parts of Atom that are
// used inside of them.
var rssElements = map[string]shape{
	"rss": container, "rdf": container, "channel": container, "item": container, "image": container,
	"skiphours": container, "skipdays": container, "hour": leaf, "day": leaf,
	"title": leaf, "link": leaf, "description": leaf, "language": leaf, "copyright": leaf, "managingeditor": leaf,
	"pubdate": leaf, "lastbuilddate": leaf, "ttl": leaf, "category": leaf, "url": leaf, "width": leaf, "height": leaf,
	"author": leaf, "comments": leaf, "enclosure": leaf, "guid": leaf, "source": leaf,

	"atom:link": leaf, "atom:updated": leaf, "atom:published": leaf, "atom:rights": leaf, "atom:icon": leaf,
	"atom:logo": leaf, "atom:author": container, "atom:contributor": container, "atom:name": leaf, "atom:email": leaf,
	"atom:uri": leaf, "atom:summary": leaf,
}

// atomElements are what Atom 0.3 and 1.0 elements are read, besides extensions.
var atomElements = map[string]shape{
	"feed": container, "entry": container, "source": container, "author": container, "contributor": container,
	"id": leaf, "title": leaf, "subtitle": leaf, "tagline": leaf, "updated": leaf, "modified": leaf, "published": leaf,
	"issued": leaf, "created": leaf, "link": leaf, "category": leaf, "icon": leaf, "logo": leaf, "rights": leaf,
	"copyright": leaf, "summary": leaf, "content": leaf, "name": leaf, "email": leaf, "uri": leaf, "url": leaf,
}

// attributes are those that are read, by their names in lower case.
var attributes = map[string]string{
	"href": "href", "url": "url", "src": "src", "resource": "resource", "type": "type", "length": "length", "rel": "rel",
	"title": "title", "term": "term", "scheme": "scheme", "label": "label", "domain": "domain",
	"ispermalink": "isPermaLink", "version": "version", "width": "width", "height": "height", "medium": "medium",
	"filesize": "fileSize", "duration": "duration", "role": "role", "isdefault": "isDefault",
	"ref": "ref", "when": "when", "text": "text",
}

// namesAddress are the attributes whose values are addresses.
var namesAddress = map[string]bool{"href": true, "url": true, "src": true, "resource": true}

// holdsAddress are the elements whose text is an address.
var holdsAddress = map[string]bool{
	"link": true, "comments": true, "url": true, "icon": true, "logo": true, "uri": true, "atom:icon": true,
	"atom:logo": true, "atom:uri": true, "feedburner:origlink": true, "cc:license": true, "dcterms:license": true,
	itemImage: true,
}

// knownNamespace is the canonical prefix of a namespace in the form of the tables. One that is spelt nearly right is known
// too: with https or www, or, under the prefix by which it is known, with another path of the same site or none at all.
func knownNamespace(prefix, key string) string {
	if known := namespaces[key]; known != "" || prefix == "" && key == "" {
		return known
	}
	bare := bareNamespace(key)
	for _, scheme := range []string{"http://", "http://www.", "https://"} {
		if known := namespaces[scheme+bare]; known != "" {
			return known
		}
	}
	known := conventional[strings.ToLower(prefix)]
	if known == "" {
		return ""
	}
	host, _, _ := strings.Cut(bare, "/")
	for _, home := range homes[known] {
		if bare == "" || host == home || strings.HasSuffix(host, "."+home) {
			return known
		}
	}
	return ""
}

// bareNamespace is a namespace without what is written wrong most often.
func bareNamespace(key string) string {
	if _, rest, found := strings.Cut(key, "://"); found {
		key = rest
	}
	return strings.TrimPrefix(key, "www.")
}

// homes are the sites of the namespaces of conventional prefixes.
var homes = map[string][]string{
	"atom": {"w3.org", "purl.org"}, "dc": {"purl.org", "dublincore.org"}, "dcterms": {"purl.org", "dublincore.org"}, "content": {"purl.org"},
	"sy": {"purl.org"}, "itunes": {"itunes.com", "apple.com"}, "media": {"yahoo.com", "rssboard.org"}, "podcast": {"podcastindex.org", "github.com"},
	"cc": {"creativecommons.org", "userland.com"}, "feedburner": {"rssnamespace.org", "feedburner.com"}, "yandex": {"yandex.ru", "yandex.com"},
	"turbo": {"yandex.ru", "yandex.com"},
}

// namespaceKey brings a namespace to the form of the tables.
func namespaceKey(uri string) string {
	return strings.TrimRight(strings.ToLower(strings.TrimSpace(uri)), "/#")
}
