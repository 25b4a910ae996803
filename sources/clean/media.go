package clean

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// image gives a picture its address, also where a script was to put it there later, and takes away one without.
func (p *pass) image(n *html.Node) fate {
	switch n.DataAtom {
	case atom.Img:
	case atom.Source:
		set(n, "srcset", p.candidates(value(n, "srcset", "data-srcset", "data-lazy-srcset")))
		if n.Parent.DataAtom == atom.Picture && value(n, "srcset") == "" {
			return remove
		}
		return keep
	default:
		return keep
	}
	candidates := p.candidates(value(n, "data-srcset", "data-lazy-srcset"))
	if candidates == "" {
		candidates = p.candidates(value(n, "srcset"))
	}
	source := ""
	for _, key := range []string{"data-src", "data-lazy-src", "data-original", "data-orig-file", "data-actualsrc", "src"} {
		if source = Untracked(p.address(value(n, key))); source != "" {
			break
		}
	}
	if source == "" {
		source, _, _ = strings.Cut(candidates, " ")
		source = strings.TrimSuffix(source, ",")
	}
	alternative := strings.TrimSpace(value(n, "alt"))
	if source == "" {
		return replaced(n, alternative)
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

// replaced puts text in the place of an element.
func replaced(n *html.Node, text string) fate {
	if text != "" {
		n.AppendChild(&html.Node{Type: html.TextNode, Data: text})
	}
	return unwrap
}

// pixels is a number of pixels as HTML writes it. A percentage or a mistake is none.
func pixels(s string) string {
	if s == "" {
		return ""
	}
	n, err := strconv.Atoi(strings.TrimSuffix(s, "px"))
	if err != nil || n < 1 {
		return ""
	}
	return strconv.Itoa(n)
}

// maxCandidates bounds the addresses of one picture: real ones have a dozen.
const maxCandidates = 50

// candidates makes the addresses of a srcset absolute. An address may hold commas: it ends at white space, or at a
// comma before that (HTML, "parse a srcset attribute").
func (p *pass) candidates(srcset string) string {
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
		address := Untracked(p.address(ref))
		if address = strings.Trim(address, ","); address == "" {
			continue
		}
		if kept = append(kept, strings.TrimSpace(address+" "+spaced(descriptor))); len(kept) == maxCandidates {
			break
		}
	}
	return strings.Join(kept, ", ")
}

// recording gives audio and video their addresses and controls.
func (p *pass) recording(n *html.Node) fate {
	switch n.DataAtom {
	case atom.Audio, atom.Video:
		set(n, "poster", Untracked(p.address(value(n, "poster"))))
		set(n, "src", Untracked(p.address(value(n, "src", "data-src"))))
		if value(n, "src") == "" && !p.hasSource(n) {
			p.unstable = true
			return unwrap // what is shown instead
		}
		set(n, "controls", "controls")
	case atom.Source, atom.Track:
		set(n, "src", Untracked(p.address(value(n, "src", "data-src"))))
		if n.Parent.DataAtom != atom.Picture && value(n, "src") == "" {
			return remove
		}
		if n.Parent.DataAtom != atom.Picture && n.Parent.DataAtom != atom.Audio && n.Parent.DataAtom != atom.Video {
			return remove
		}
	}
	return keep
}

// hasSource says whether audio or video have a source that leads somewhere.
func (p *pass) hasSource(n *html.Node) bool {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.DataAtom == atom.Source && p.address(value(c, "src", "data-src")) != "" {
			return true
		}
	}
	return false
}
