package clean

import (
	"cmp"
	"path"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// image gives a picture its address, also where a script was to put it there later, and takes away one without.
func (p *pass) image(n *html.Node) fate {
	switch n.DataAtom {
	case atom.Img:
	case atom.Source:
		set(n, "srcset", p.sources(n))
		if n.Parent.DataAtom == atom.Picture && value(n, "srcset") == "" {
			return remove
		}
		return keep
	case atom.Picture:
		complete(n)
		return keep
	default:
		return keep
	}
	candidates := p.sources(n)
	source := p.source(n)
	if source == "" {
		source = firstOf(candidates)
	}
	if source == "" && n.Parent.DataAtom == atom.Picture {
		source = besides(n)
	}
	if source == "" {
		return withoutPicture(n)
	}
	if isWithoutScript(nextElement(n)) && isStandIn(source) {
		return remove // the picture itself is there
	}
	set(n, "src", source)
	set(n, "srcset", candidates)
	if candidates == "" {
		set(n, "sizes", "")
	}
	if !has(n, "alt") {
		n.Attr = append(n.Attr, html.Attribute{Key: "alt"})
	}
	set(n, "loading", "lazy")
	for _, key := range []string{"width", "height"} {
		set(n, key, pixels(value(n, key)))
	}
	return keep
}

// lateKeys are the attributes in which most pages leave a picture's address for a script to find.
var lateKeys = []string{"data-src", "data-lazy-src", "data-original", "data-orig-file", "data-actualsrc"}

// source is the address of a picture: one that is known to be left for a script, its own, or any other attribute's where
// its own is none or that of a stand-in.
func (r *resolver) source(n *html.Node) string {
	doubtful := ""
	for _, key := range lateKeys {
		address := r.picture(value(n, key))
		if address != "" && !isStandIn(address) {
			return address
		}
		doubtful = cmp.Or(doubtful, address)
	}
	own := r.picture(value(n, "src"))
	if own != "" && !isStandIn(own) {
		return own
	}
	return cmp.Or(r.late(n), doubtful, own)
}

// picture makes a picture's address absolute.
func (r *resolver) picture(ref string) string {
	if isInlined(ref) {
		return ""
	}
	return Untracked(r.address(ref))
}

// isInlined says that a reference is the thing itself.
func isInlined(ref string) bool {
	scheme, _, _ := strings.Cut(ref[:min(len(ref), 16)], ":")
	return strings.EqualFold(scheme, "data") || strings.EqualFold(scheme, "blob")
}

// maxLate bounds the attributes of one element that are looked through.
const maxLate = 40

// late is the best of the addresses of pictures that stand in other attributes: one of a picture as it is meant before a
// smaller one of it.
func (r *resolver) late(n *html.Node) string {
	second := ""
	for _, a := range n.Attr[:min(len(n.Attr), maxLate)] {
		if a.Namespace != "" || !isLate(a.Key) {
			continue
		}
		ref := strings.TrimSpace(a.Val)
		if inner, ok := strings.CutPrefix(ref, "url("); ok {
			ref = strings.Trim(strings.TrimSuffix(inner, ")"), `'" `)
		}
		if strings.ContainsAny(ref, " \t\n") {
			ref = firstOf(r.candidates(ref))
		}
		address := ""
		if isPicture(a.Key, ref) {
			address = r.picture(ref)
		}
		switch {
		case address == "" || isStandIn(address):
		case lesser.MatchString(a.Key):
			second = address
		default:
			return address
		}
	}
	return second
}

// isLate says whether an attribute may hold an address for a script: HTML itself gives it no meaning.
func isLate(key string) bool {
	if strings.HasPrefix(key, "data-") {
		return true
	}
	switch key {
	case "src", "srcset", "alt", "title", "href", "longdesc", "class", "id", "style", "usemap", "sizes":
		return false
	}
	return strings.Contains(key, "src") || strings.Contains(key, "lazy") || strings.Contains(key, "original")
}

var (
	// lesser are attributes with a picture that is smaller than it is meant, or that stands beside it.
	lesser = regexp.MustCompile(`thumb|small|low|tiny|blur|lqip|preview|placeholder|mobile|fallback|avatar|icon`)

	// ofPictures are attributes that are known by their names to hold a picture.
	ofPictures = regexp.MustCompile(`src|lazy|img|image|photo|pic|orig|full|large|hi-?res|poster|background|bg`)

	// standIn are the names that stand-ins go by, and the sizes and effects that are asked of a server for one.
	standIn = regexp.MustCompile(`(?i)placeholder|spacer|transparent|\bblank\b|[-_/]loading\.(?:gif|svg|png)|ajax-load|lazy[-_]?load|lazy\.|spinner|\b1x1\b|[-_/]pixel\.|dummy|gr[ae]y\.(?:gif|png)|lqip|\bloader\b|clear\.gif|[-_/]empty\.|[-_/]([1-4]?\d)x([1-4]?\d)\.\w+(?:\?|$)|[?&]blur=|[?&](?:w|width|h|height|resize|size)=[1-4]?\d(?:&|,|x|$)|e_blur|/w_[1-4]?\d[,/]`)
)

// isStandIn says whether an address is of what is shown until a picture has come.
func isStandIn(address string) bool {
	_, place, _ := strings.Cut(address, "://")
	_, place, _ = strings.Cut(place, "/")
	return mayBeStandIn(place) && standIn.MatchString("/"+place)
}

// standInSigns are in all that standIn matches, besides sizes such as 10x10.
var standInSigns = []string{
	"placeholder", "spacer", "transparent", "blank", "loading.", "loader", "ajax-load", "lazyload", "lazy-load", "lazy_load", "lazy.",
	"spinner", "pixel.", "dummy", "gray.", "grey.", "lqip", "clear.gif", "empty.", "?", "&", "blur", "/w_",
}

// mayBeStandIn says quickly of most addresses that they are none: the expression takes fifty times as long.
func mayBeStandIn(place string) bool {
	if strings.ContainsFunc(place, func(c rune) bool { return c >= utf8.RuneSelf }) {
		return true
	}
	place = strings.ToLower("/" + place)
	for i := 1; i+1 < len(place); i++ {
		if place[i] == 'x' && isDigit(place[i-1]) && isDigit(place[i+1]) {
			return true
		}
	}
	return containsAny(place, standInSigns)
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

// isPicture says whether a text is the address of a picture, by its ending or by the attribute in which it stands.
func isPicture(key, ref string) bool {
	before, _, _ := strings.Cut(ref, "?")
	before, _, _ = strings.Cut(before, "#")
	if isPictureName(before) {
		return true
	}
	absolute := strings.HasPrefix(ref, "https://") || strings.HasPrefix(ref, "http://") || strings.HasPrefix(ref, "//")
	return absolute && strings.Count(ref, "/") > 2 && ofPictures.MatchString(strings.TrimPrefix(key, "data-"))
}

func isPictureName(name string) bool {
	switch strings.ToLower(path.Ext(name)) {
	case ".jpg", ".jpeg", ".jpe", ".png", ".gif", ".webp", ".avif", ".svg", ".bmp", ".jxl", ".heic", ".tif", ".tiff", ".jfif":
		return len(name) <= maxAddress && !strings.ContainsAny(name, "{}[]<>|\"")
	}
	return false
}

// sources are the addresses of a picture for several sizes: those left for a script before its own.
func (r *resolver) sources(n *html.Node) string {
	for _, key := range []string{"data-srcset", "data-lazy-srcset"} {
		if candidates := r.candidates(value(n, key)); candidates != "" {
			return candidates
		}
	}
	own := r.candidates(value(n, "srcset"))
	if own != "" && !isStandIn(firstOf(own)) {
		return own
	}
	for _, a := range n.Attr[:min(len(n.Attr), maxLate)] {
		if a.Namespace != "" || a.Key == "srcset" || !isLate(a.Key) || !strings.Contains(a.Key, "srcset") && n.DataAtom != atom.Source {
			continue
		}
		if candidates := r.candidates(a.Val); candidates != "" && isPicture("srcset", firstOf(candidates)) {
			return candidates
		}
	}
	return own
}

// firstOf is the first address of a srcset.
func firstOf(candidates string) string {
	first, _, _ := strings.Cut(candidates, " ")
	return strings.TrimSuffix(first, ",")
}

// complete gives a picture element without a picture one, which takes its address from the sources.
func complete(picture *html.Node) {
	sources := 0
	for c := picture.FirstChild; c != nil; c = c.NextSibling {
		switch {
		case c.Type != html.ElementNode:
		case c.DataAtom == atom.Source:
			sources++
		default:
			return // the picture, or what another step makes one
		}
	}
	if sources > 0 {
		picture.AppendChild(&html.Node{Type: html.ElementNode, Data: "img", DataAtom: atom.Img})
	}
}

// besides is the address of a picture whose sources stand before it: of a form that every reader shows, where there is one.
func besides(n *html.Node) string {
	best := ""
	for s, few := n.PrevSibling, 0; s != nil && few < maxLate; s, few = s.PrevSibling, few+1 {
		address := ""
		if s.DataAtom == atom.Source {
			address = firstOf(value(s, "srcset"))
		}
		switch kind := value(s, "type"); {
		case address == "":
		case kind == "image/jpeg" || kind == "image/png" || kind == "" && !isModern(address):
			return address
		default:
			best = address
		}
	}
	return best
}

func isModern(address string) bool {
	before, _, _ := strings.Cut(address, "?")
	return strings.HasSuffix(before, ".avif") || strings.HasSuffix(before, ".webp") || strings.HasSuffix(before, ".jxl")
}

// isWithoutScript says whether an element holds a picture for readers without scripts.
func isWithoutScript(n *html.Node) bool {
	if n == nil || n.DataAtom != atom.Noscript {
		return false
	}
	for c, few := n.FirstChild, 0; c != nil && few < maxLate; c, few = c.NextSibling, few+1 {
		if c.DataAtom == atom.Img || c.DataAtom == atom.Picture {
			return true
		}
	}
	return false
}

// withoutPicture leaves of a picture that cannot be had its text, where that is a word of a line: a smiley, a letter. What
// describes a picture by itself describes nothing without it.
func withoutPicture(n *html.Node) fate {
	alternative := strings.TrimSpace(value(n, "alt"))
	before := func(s *html.Node) *html.Node { return s.PrevSibling }
	after := func(s *html.Node) *html.Node { return s.NextSibling }
	if alternative == "" || !isInLine(n, before) && !isInLine(n, after) {
		return remove
	}
	n.AppendChild(&html.Node{Type: html.TextNode, Data: alternative})
	return unwrap
}

// isInLine says whether there are words beside a node, on one side of it, before the line ends.
func isInLine(n *html.Node, beside func(*html.Node) *html.Node) bool {
	const far = 4
	for range far {
		if n = beside(n); n == nil {
			return false
		}
		if n.Type == html.TextNode && strings.ContainsFunc(n.Data, isLetter) {
			return true
		}
		if n.Type == html.ElementNode {
			return inline[n.Data] && n.DataAtom != atom.Wbr && n.FirstChild != nil
		}
	}
	return false
}

// maxCandidates bounds the addresses of one picture: real ones have a dozen.
const maxCandidates = 50

// candidates makes the addresses of a srcset absolute. An address may hold commas: it ends at white space, or at a
// comma before that (HTML, "parse a srcset attribute").
func (r *resolver) candidates(srcset string) string {
	var kept []string
	for srcset = strings.TrimLeft(srcset, " \t\r\n,"); srcset != ""; srcset = strings.TrimLeft(srcset, " \t\r\n,") {
		end := strings.IndexAny(srcset, " \t\r\n")
		if end < 0 {
			end = len(srcset)
		}
		ref, descriptor := srcset[:end], ""
		srcset = srcset[end:]
		if bare := strings.TrimRight(ref, ","); bare != ref {
			ref = bare
		} else {
			descriptor, srcset, _ = strings.Cut(srcset, ",")
		}
		address := strings.Trim(r.picture(ref), ",")
		if address == "" {
			continue
		}
		candidate := strings.TrimSpace(address + " " + spaced(descriptor))
		if slices.Contains(kept, candidate) {
			continue
		}
		if kept = append(kept, candidate); len(kept) == maxCandidates {
			break
		}
	}
	return strings.Join(kept, ", ")
}
