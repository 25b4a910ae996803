package clean

import "testing"

// FuzzMayBeStandIn: no address is passed over quickly that the expression for stand-ins would match.
func FuzzMayBeStandIn(f *testing.F) {
	for _, place := range []string{
		"img/placeholder.png", "spacer.gif", "a/transparent.gif", "blank", "a-loading.svg", "ajax-loader.gif", "lazy_load/a", "lazyload", "LAZY.png", "spinner", "1x1",
		"a/pixel.png", "dummy", "gray.gif", "GREY.png", "lqip", "loader", "clear.gif", "a-empty.png", "a-10X20.jpg?x", "a?blur=1", "a?w=10", "a&h=9&", "e_blur:3",
		"w_10,a", "a/W_10/a", "\u017fpacer", "\u212aa", "wp-content/uploads/2026/a.jpg",
	} {
		f.Add(place)
	}
	f.Fuzz(func(t *testing.T, place string) {
		if standIn.MatchString("/"+place) && !mayBeStandIn(place) {
			t.Errorf("%q is passed over, and is a stand-in", place)
		}
	})
}
