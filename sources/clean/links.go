package clean

import (
	"net/mail"
	"net/url"
	"slices"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// link makes a link absolute and unwraps one that leads nowhere.
func (p *pass) link(n *html.Node) fate {
	if n.DataAtom != atom.A {
		return keep
	}
	target := p.target(p.within(value(n, "href")))
	if target == "" {
		p.unstable = true
		return unwrap
	}
	set(n, "href", target)
	if p.findings != nil {
		p.findings.anchors++
	}
	return keep
}

// within makes a fragment by itself lead into the article, not into the document that the article came in.
func (p *pass) within(href string) string {
	if !strings.HasPrefix(href, "#") || p.findings == nil || p.findings.about.URL == "" {
		return href
	}
	page, _, _ := strings.Cut(p.findings.about.URL, "#")
	return page + href
}

// target is where a link may lead: to a web address, a mailbox or a telephone.
func (r *resolver) target(href string) string {
	if len(href) > maxAddress {
		return ""
	}
	scheme, rest, _ := strings.Cut(href, ":")
	switch strings.ToLower(scheme) {
	case "mailto":
		address, _, _ := strings.Cut(rest, "?")
		parsed, err := mail.ParseAddress(address)
		if err != nil || strings.ContainsAny(parsed.Address, " \"<>%\\") {
			return ""
		}
		return escape("mailto:" + parsed.Address)
	case "tel":
		digits := strings.Map(func(c rune) rune {
			if c >= '0' && c <= '9' || c == '+' || c == '-' {
				return c
			}
			return -1
		}, rest)
		if digits == "" {
			return ""
		}
		return "tel:" + digits
	default:
		return Untracked(r.address(href))
	}
}

// trackers are the parameters by which visitors are told apart or their ways followed.
var trackers = map[string]bool{
	"fbclid": true, "gclid": true, "gclsrc": true, "dclid": true, "gbraid": true, "wbraid": true, "msclkid": true,
	"yclid": true, "ysclid": true, "twclid": true, "ttclid": true, "li_fat_id": true, "igshid": true, "igsh": true,
	"mc_cid": true, "mc_eid": true, "mkt_tok": true, "_hsenc": true, "_hsmi": true, "__hstc": true, "__hssc": true,
	"__hsfp": true, "hsctatracking": true, "vero_id": true, "vero_conv": true, "oly_anon_id": true, "oly_enc_id": true,
	"wickedid": true, "rb_clickid": true, "s_cid": true, "ml_subscriber": true, "ml_subscriber_hash": true,
	"_openstat": true, "wt_mc": true, "wtrid": true, "ncid": true, "spm": true, "scm": true, "at_medium": true,
	"at_campaign": true, "xtor": true, "pk_campaign": true, "pk_kwd": true, "pk_source": true, "pk_medium": true,
	"mtm_campaign": true, "mtm_source": true, "mtm_medium": true, "mtm_keyword": true,
}

func isTracker(parameter string) bool {
	name, _, _ := strings.Cut(parameter, "=")
	name = strings.ToLower(name)
	return trackers[name] || strings.HasPrefix(name, "utm_")
}

// Untracked takes the parameters that follow readers around out of an address: utm_*, fbclid, gclid and their kin. All
// else stays byte for byte.
func Untracked(address string) string {
	if strings.IndexByte(address, '?') < 0 && strings.IndexByte(address, '#') < 0 {
		return address
	}
	before, fragment, _ := strings.Cut(address, "#")
	before, query, hasQuery := strings.Cut(before, "?")
	route, parameters, hasParameters := strings.Cut(fragment, "?") // of an application that runs in the page
	switch {
	case hasParameters:
		fragment = route
		if parameters = withoutTrackers(parameters); parameters != "" {
			fragment += "?" + parameters
		}
	case !strings.ContainsAny(fragment, "/!"):
		fragment = withoutTrackers(fragment)
	}
	if hasQuery {
		query = withoutTrackers(query)
	}
	if query != "" {
		before += "?" + query
	}
	if fragment != "" {
		before += "#" + fragment
	}
	return before
}

// withoutTrackers leaves a query without trackers as it is.
func withoutTrackers(query string) string {
	if strings.IndexByte(query, '&') < 0 {
		if isTracker(query) {
			return ""
		}
		return query
	}
	parameters := strings.Split(query, "&")
	kept := slices.DeleteFunc(parameters, isTracker)
	if len(kept) == 0 {
		return ""
	}
	return strings.Join(kept, "&")
}

// counters are the hosts, and the beginnings of paths on them, that serve pictures for being counted and no others.
var counters = []string{
	"pixel.wp.com/", "stats.wordpress.com/", "feeds.wordpress.com/1.0/", "pixel.quantserve.com/",
	"b.scorecardresearch.com/", "www.google-analytics.com/", "ad.doubleclick.net/", "stats.g.doubleclick.net/",
	"www.facebook.com/tr", "medium.com/_/stat", "feedads.g.doubleclick.net/", "pixel.mathtag.com/",
	"blogger.googleusercontent.com/tracker/", "feedproxy.google.com/~r/", "feeds.feedburner.com/~r/",
	"feeds.feedburner.com/~ff/", "rss.buysellads.com/", "da.feedsportal.com/", "res3.feedsportal.com/",
}

// tracker removes pictures that are there to be counted: of a pixel's size, out of sight, or from a counter.
func (p *pass) tracker(n *html.Node) fate {
	if n.DataAtom != atom.Img {
		return keep
	}
	if isTiny(n) {
		return remove
	}
	address := p.address(value(n, "src"))
	_, place, _ := strings.Cut(address, "://")
	host, _, _ := strings.Cut(place, "/")
	if host = strings.ToLower(host) + "/"; !slices.ContainsFunc(counters, func(c string) bool { return strings.HasPrefix(c, host) }) {
		return keep
	}
	u, err := url.Parse(address)
	if err != nil {
		return keep
	}
	place = strings.ToLower(u.Host) + u.Path
	if slices.ContainsFunc(counters, func(c string) bool { return strings.HasPrefix(place, c) }) {
		return remove
	}
	return keep
}
