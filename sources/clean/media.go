package clean

import (
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

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

// recording gives audio and video their addresses and controls.
func (p *pass) recording(n *html.Node) fate {
	switch n.DataAtom {
	case atom.Audio, atom.Video:
		set(n, "poster", p.picture(value(n, "poster", "data-poster")))
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
func (r *resolver) hasSource(n *html.Node) bool {
	for c := n.FirstChild; c != nil; c = c.NextSibling {
		if c.DataAtom == atom.Source && r.address(value(c, "src", "data-src")) != "" {
			return true
		}
	}
	return false
}
