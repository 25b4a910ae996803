package page_test

import (
	"strings"
	"testing"

	"github.com/newswire/newswire/sources/clean"
)

// prose is a paragraph that is long enough to be of a text, about something.
func prose(about string) string {
	return "<p>" + strings.Repeat("The harbour master said, after a long night, that the "+about+" would be back at its berth before the tide turned. ", 3) + "</p>"
}

// beside are lines that stand in the text of articles and are not of it.
var beside = []struct{ name, line string }{
	{"a date", `<p>Updated 6:55 AM, Nov 19, 2026; Posted Nov 18</p>`},
	{"a date in the middle of a line's elements", `<div><span>Published 11:11 pm EST, Thursday, November 19, 2026</span><p>` + strings.TrimPrefix(prose("tug"), "<p>") + `</div>`},
	{"an advertisement's place", `<div>Advertisement</div>`},
	{"a way on", `<p>Continue reading below</p>`},
	{"a call to read something else", `<p>READ MORE: <a href="/other">The lighthouse keeper's cat has come home</a></p>`},
	{"a call to follow", `<p><a href="/app">CLICK HERE TO GET THE HARBOUR APP</a></p>`},
	{"a promotion in capitals", `<p><a href="/other">THE LIGHTHOUSE KEEPER'S CAT HAS COME HOME</a></p>`},
	{"a menu", `<nav><ul><li><a href="/">Home</a><li><a href="/news">News</a></ul></nav>`},
	{"where the page is", `<div class="breadcrumbs"><a href="/">Home</a> <a href="/news">News</a></div>`},
	{"a notice about cookies", `<div id="cookie-notice"><p>This website uses cookies to improve your experience.</p></div>`},
	{"a notice about cookies by its words", `<p>This site uses cookies. Read our policy, or opt out if you wish.</p>`},
	{"related pages", `<h3>You may also like...</h3><p><a href="/1">How the tides are predicted in the north</a></p><p><a href="/2">A history of cranes and their drivers</a></p>`},
	{"the number of a picture", `<p>Image 1 of / 23</p>`},
	{"a credit of a gallery", `<div>Photo: Ann Lee, Harbour Press</div>`},
}

func TestWhatIsBesideTheTextIsTakenOut(t *testing.T) {
	for _, tt := range beside {
		it := one(t, "<title>The crane</title>", "<article>"+prose("crane")+prose("ferry")+tt.line+prose("barge")+"</article>")
		text := clean.Text(it.Content)
		said := clean.Text(tt.line)
		if strings.Contains(tt.line, "<span>") {
			said = "Published 11:11 pm"
		}
		if strings.Contains(text, said) {
			t.Errorf("%s: %q is left in %q", tt.name, said, it.Content)
		}
		for _, about := range []string{"crane", "ferry", "barge"} {
			if !strings.Contains(text, about) {
				t.Errorf("%s: the text about the %s is lost: %q", tt.name, about, text)
			}
		}
	}
}

// ofTheText are lines like those that are of the text all the same.
var ofTheText = []struct{ name, line string }{
	{"a sentence that begins like a call", `<p>Read more than the headline, said the harbour master.</p>`},
	{"a sentence with a link", `<p>More on that is in the <a href="/report">report</a> of the inspectors, who came twice.</p>`},
	{"a list of links in the middle", `<ul><li><a href="/1">How the tides are predicted in the north</a><li><a href="/2">A history of cranes and their drivers</a><li><a href="/3">Notes on welding under water</a></ul>`},
	{"short links at the end of a section", `<h2>See also</h2><ul><li><a href="/1">Tide</a><li><a href="/2">Crane</a><li><a href="/3">Quay</a></ul>`},
	{"links to other sites", `<ul><li><a href="https://a.example/1">How the tides are predicted in the north</a><li><a href="https://b.example/2">A history of cranes and their drivers</a></ul>`},
	{"a heading", `<h2>Comments of the crew</h2>`},
	{"a heading in capitals", `<h2>WHAT THE CREW SAID LATER</h2>`},
	{"a date in a sentence", `<p>The rules were updated in 2019, as the crew learned too late.</p>`},
	{"a caption", `<figure><img src="/a.jpg"><figcaption>Photo: the crane, by Ann Lee</figcaption></figure>`},
	{"a line of capitals that leads nowhere", `<p>NO ENTRY AFTER DARK WITHOUT A PERMIT</p>`},
}

func TestWhatIsOfTheTextIsLeft(t *testing.T) {
	for _, tt := range ofTheText {
		it := one(t, "<title>The crane</title>", "<article>"+prose("crane")+prose("ferry")+tt.line+prose("barge")+"</article>")
		if text := clean.Text(it.Content); !strings.Contains(text, clean.Text(tt.line)) {
			t.Errorf("%s: %q is lost: %q", tt.name, clean.Text(tt.line), it.Content)
		}
	}
}

func TestBylinesAboveTheTextAreTakenOut(t *testing.T) {
	for _, tt := range []struct{ name, head, line string }{
		{"an initial", `<meta name="author" content="J. Okafor">`, `<p>By J. Okafor</p>`},
		{"an initial, and what the author is", `<meta name="author" content="J. Okafor">`, `<p>J. Okafor, Shipping Correspondent</p>`},
		{"a title", `<meta name="author" content="Dr. Ann M. Lee Jr.">`, `<p>By Dr. Ann M. Lee Jr.</p>`},
		{"several", `<meta name="author" content="J. Okafor and A. B. Reis">`, `<div>By J. Okafor, A. B. Reis</div>`},
		{"with a date", `<meta name="author" content="J. Okafor">`, `<p>by J. Okafor - 11/18/26 11:04 PM EST</p>`},
	} {
		it := one(t, "<title>The crane</title>"+tt.head, "<article>"+tt.line+prose("crane")+prose("ferry")+"</article>")
		if text := clean.Text(it.Content); strings.Contains(text, "Okafor") || strings.Contains(text, "Lee") {
			t.Errorf("%s: the byline is left: %.150q", tt.name, text)
		}
		if len(it.Authors) == 0 {
			t.Errorf("%s: no author", tt.name)
		}
	}
}
