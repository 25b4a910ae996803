package clean

import (
	"regexp"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// plainNames are the elements of AMP that are HTML's under another name.
var plainNames = map[string]atom.Atom{
	"amp-img": atom.Img, "amp-anim": atom.Img, "amp-video": atom.Video, "amp-audio": atom.Audio, "amp-iframe": atom.Iframe,
	"amp-video-iframe": atom.Iframe,
}

// players are elements of other vendors that show what is known by an identifier: the attributes that hold it, and where it
// leads.
var players = map[string]struct {
	keys            []string
	address, behind string
}{
	"amp-youtube":     {[]string{"data-videoid"}, "https://www.youtube.com/watch?v=", ""},
	"lite-youtube":    {[]string{"videoid"}, "https://www.youtube.com/watch?v=", ""},
	"youtube-video":   {[]string{"videoid", "video-id"}, "https://www.youtube.com/watch?v=", ""},
	"amp-vimeo":       {[]string{"data-videoid"}, "https://vimeo.com/", ""},
	"lite-vimeo":      {[]string{"videoid"}, "https://vimeo.com/", ""},
	"amp-dailymotion": {[]string{"data-videoid"}, "https://www.dailymotion.com/video/", ""},
	"amp-twitter":     {[]string{"data-tweetid"}, "https://twitter.com/i/status/", ""},
	"amp-instagram":   {[]string{"data-shortcode"}, "https://www.instagram.com/p/", "/"},
	"amp-pinterest":   {[]string{"data-url"}, "", ""},
	"amp-facebook":    {[]string{"data-href"}, "", ""},
	"amp-tiktok":      {[]string{"data-src"}, "", ""},
	"amp-reddit":      {[]string{"data-src"}, "", ""},
	"amp-soundcloud":  {[]string{"data-trackid"}, "https://api.soundcloud.com/tracks/", ""},
}

// unread are the elements of AMP that hold nothing to read.
var unread = map[string]bool{
	"amp-ad": true, "amp-auto-ads": true, "amp-sticky-ad": true, "amp-embed": true, "amp-analytics": true, "amp-pixel": true, "amp-consent": true,
	"amp-sidebar": true, "amp-social-share": true, "amp-user-notification": true, "amp-form": true, "amp-state": true,
}

// identifier is how the things that are shown are known to those who show them.
var identifier = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// vendor gives the elements of AMP and of other vendors the names that they have in HTML, and puts links in the place of
// players.
func (p *pass) vendor(n *html.Node) fate {
	if n.DataAtom != 0 || !strings.Contains(n.Data, "-") || n.Namespace != "" {
		return keep
	}
	if plain, ok := plainNames[n.Data]; ok {
		n.Data, n.DataAtom = plain.String(), plain
		putBehind(n)
		return keep
	}
	player, ok := players[n.Data]
	switch {
	case unread[n.Data]:
		return remove
	case !ok:
		return keep
	}
	id := value(n, player.keys...)
	address := id
	if player.address != "" {
		if !identifier.MatchString(id) {
			return unwrap
		}
		address = player.address + id + player.behind
	}
	putBehind(n)
	return p.linkTo(n, address)
}

// putBehind moves what an element holds behind it, but for what is only shown until the element has come or when it does
// not. Where its end is missing that is the rest of the text.
func putBehind(n *html.Node) {
	next := n.NextSibling
	for c := n.FirstChild; c != nil; c = n.FirstChild {
		n.RemoveChild(c)
		if !has(c, "placeholder") && !has(c, "fallback") && !has(c, "overflow") {
			n.Parent.InsertBefore(c, next)
		}
	}
}

// embedded puts a link in the place of an embedded page.
func (p *pass) embedded(n *html.Node) fate {
	switch n.DataAtom {
	case atom.Iframe, atom.Embed:
		if isTiny(n) {
			return remove
		}
		return p.linkTo(n, p.framed(n))
	case atom.Object:
		if n.FirstChild != nil && !isHollow(n) {
			p.unstable = true
			return unwrap // the author's own replacement
		}
		if isTiny(n) {
			return remove
		}
		return p.linkTo(n, value(n, "data"))
	default:
		return keep
	}
}

// framed is where a frame leads: by its own address, or by one that a script or the reader's consent would put there.
func (r *resolver) framed(n *html.Node) string {
	for _, key := range []string{"src", "data-src", "data-lazy-src"} {
		if ref := value(n, key); ref != "" && !isInlined(ref) && Address(r.base, ref) != "" {
			return ref
		}
	}
	second := ""
	for _, a := range n.Attr[:min(len(n.Attr), maxLate)] {
		ref := strings.TrimSpace(a.Val)
		switch {
		case a.Namespace != "" || !isLate(a.Key), !strings.HasPrefix(ref, "https://") && !strings.HasPrefix(ref, "http://") && !strings.HasPrefix(ref, "//"):
		case isPictureName(ref): // shown until the reader starts it
		case strings.Contains(a.Key, "src"):
			return ref
		case second == "":
			second = ref
		}
	}
	return second
}

// linkTo makes an element a link to what it would show; one that leads nowhere goes.
func (p *pass) linkTo(n *html.Node, ref string) fate {
	address := Untracked(p.address(ref))
	if address == "" {
		return remove
	}
	label := spaced(value(n, "title", "aria-label", "data-title", "playlabel"))
	if label == "" {
		label = host(address)
	}
	for n.FirstChild != nil {
		n.RemoveChild(n.FirstChild)
	}
	n.Data, n.DataAtom, n.Namespace = "a", atom.A, ""
	n.Attr = []html.Attribute{{Key: "href", Val: address}}
	n.AppendChild(&html.Node{Type: html.TextNode, Data: label})
	if p.inside[insideLink] > 0 {
		return unwrap
	}
	return keep
}
