package clean_test

import (
	"testing"

	"github.com/newswire/newswire/sources/clean"
)

const (
	ferry = `<img src="https://harbour.example/ferry.jpg" alt="the ferry" loading="lazy"/>`
	named = `<img alt="the ferry" src="https://harbour.example/ferry.jpg" loading="lazy"/>`
	blank = `data:image/gif;base64,R0lGODlhAQABAAAAACw=`
)

// late are pictures and frames whose addresses are left for a script to find.
var late = []struct{ name, in, want string }{
	{"an attribute of no known name", `<img alt="the ferry" data-deferred-photo="/ferry.jpg">`, named},
	{"a vendor's attribute", `<img alt="the ferry" pagespeed_lazy_src="/ferry.jpg">`, named},
	{"one without data- before it", `<img alt="the ferry" lazy-src="/ferry.jpg">`, named},
	{"an address without an ending, by the attribute's name", `<img alt="a" data-image="https://cdn.example/p/7?w=900">`, `<img alt="a" src="https://cdn.example/p/7?w=900" loading="lazy"/>`},
	{"an address of a page", `<img alt="a" data-permalink="https://harbour.example/ferry/">`, ``},
	{"a stand-in of data", `<img alt="the ferry" src="` + blank + `" data-hires="/ferry.jpg">`, `<img alt="the ferry" src="https://harbour.example/ferry.jpg" loading="lazy"/>`},
	{"a stand-in by its name", `<img src="/img/placeholder.png" alt="the ferry" data-echo="/ferry.jpg">`, ferry},
	{"a stand-in by its size", `<img src="/ferry-24x16.jpg" alt="the ferry" data-full="/ferry.jpg">`, ferry},
	{"a stand-in by what is asked of the server", `<img src="/ferry.jpg?w=32&amp;q=10" alt="the ferry" data-main="/ferry.jpg">`, ferry},
	{"a stand-in where a stand-in is late", `<img src="/spacer.gif" data-src="/blank.gif" alt="the ferry" data-big="/ferry.jpg">`, ferry},
	{"a stand-in and nothing else", `<img src="/img/placeholder.png" alt="a">`, `<img src="https://harbour.example/img/placeholder.png" alt="a" loading="lazy"/>`},
	{"a picture of its own before a thumbnail", `<img src="/ferry.jpg" alt="the ferry" data-thumb="/ferry-150.jpg" data-link="/ferry-big.jpg">`, ferry},
	{"the picture before its thumbnail", `<img alt="the ferry" data-thumb="/small.jpg" data-hero="/ferry.jpg">`, `<img alt="the ferry" src="https://harbour.example/ferry.jpg" loading="lazy"/>`},
	{"a thumbnail alone", `<img alt="a" data-thumb="/small.jpg">`, `<img alt="a" src="https://harbour.example/small.jpg" loading="lazy"/>`},
	{"several sizes", `<img alt="a" data-sizes-srcset="/a.jpg 1x, /b.jpg 2x">`, `<img alt="a" src="https://harbour.example/a.jpg" srcset="https://harbour.example/a.jpg 1x, https://harbour.example/b.jpg 2x" loading="lazy"/>`},
	{"a background", `<img alt="the ferry" data-bg="url('/ferry.jpg')">`, `<img alt="the ferry" src="https://harbour.example/ferry.jpg" loading="lazy"/>`},
	{"a picture for readers without scripts", `<img src="/loading.gif" alt="a"><noscript><img src="/ferry.jpg" alt="the ferry"></noscript>`, ferry},
	{"a set of stand-ins", `<img alt="a" src="` + blank + `" srcset="` + blank + ` 1w" data-srcset="/a.jpg 1x">`, `<img alt="a" src="https://harbour.example/a.jpg" srcset="https://harbour.example/a.jpg 1x" loading="lazy"/>`},

	{"a picture element whose img has nothing", `<picture><source srcset="/ferry.webp" type="image/webp"><source data-srcset="/ferry.jpg" type="image/jpeg"><img alt="the ferry"></picture>`, `<picture><source srcset="https://harbour.example/ferry.webp" type="image/webp"/><source type="image/jpeg" srcset="https://harbour.example/ferry.jpg"/><img alt="the ferry" src="https://harbour.example/ferry.jpg" loading="lazy"/></picture>`},
	{"a picture element without img", `<picture><source srcset="/ferry.jpg"></picture>`, `<picture><source srcset="https://harbour.example/ferry.jpg"/><img src="https://harbour.example/ferry.jpg" alt="" loading="lazy"/></picture>`},
	{"a picture element of stand-ins", `<picture><source srcset="` + blank + `"><img alt="the ferry"></picture>`, ``},

	{"amp-img", `<amp-img src="/ferry.jpg" alt="the ferry" width="9" height="6" layout="responsive"><noscript><img src="/ferry.jpg"></noscript></amp-img>`, `<img src="https://harbour.example/ferry.jpg" alt="the ferry" width="9" height="6" loading="lazy"/>`},
	{"amp-img that does not end", `<amp-img src="/ferry.jpg" alt="the ferry"><p>It left.</p>`, ferry + `<p>It left.</p>`},
	{"amp-youtube", `<amp-youtube data-videoid="a_b-c123456" title="A film"><div placeholder>x</div></amp-youtube>`, `<a href="https://www.youtube.com/watch?v=a_b-c123456">A film</a>`},
	{"lite-youtube", `<lite-youtube videoid="a_b-c123456" style="background-image:url(x)"></lite-youtube>`, `<a href="https://www.youtube.com/watch?v=a_b-c123456">youtube.com</a>`},
	{"amp-vimeo", `<amp-vimeo data-videoid="27246366"></amp-vimeo>`, `<a href="https://vimeo.com/27246366">vimeo.com</a>`},
	{"an identifier that is none", `<p>a<amp-youtube data-videoid="x&quot;&gt;y"></amp-youtube></p>`, `<p>a</p>`},
	{"amp-iframe", `<amp-iframe src="https://map.example/1" title="A map"><amp-img placeholder src="/m.png"></amp-img></amp-iframe>`, `<a href="https://map.example/1">A map</a>`},
	{"amp-ad", `<p>a</p><amp-ad type="x" data-slot="y"><div>Buy</div></amp-ad>`, `<p>a</p>`},

	{"a frame that waits", `<iframe src="about:blank" data-lazy-src="https://film.example/1"></iframe>`, `<a href="https://film.example/1">film.example</a>`},
	{"a frame that waits for consent", `<iframe data-consent-src="https://film.example/1" data-thumb="https://film.example/1.jpg" title="A film"></iframe>`, `<a href="https://film.example/1">A film</a>`},
	{"a frame of nothing", `<p>a</p><iframe src="about:blank"></iframe><iframe src="javascript:x" data-id="7"></iframe>`, `<p>a</p>`},
	{"a frame that ends as in XML", `<p>One.</p><iframe src="https://film.example/1"/><p>Two.</p>`, `<p>One.</p><a href="https://film.example/1">film.example</a><p>Two.</p>`},
	{"other elements that end as in XML", `<p>One.</p><video src="/a.mp4" /><script src="b.js"/><p>Two <i class="icon"/>words.</p>`, `<p>One.</p><video src="https://harbour.example/a.mp4" controls="controls"></video><p>Two words.</p>`},

	{"text in the place of a word", `<p>It works <img alt="☺" src="data:image/gif;x"> well</p>`, `<p>It works ☺ well</p>`},
	{"text in the place of a picture", `<figure><img alt="A crane" src="javascript:x"><figcaption>The crane</figcaption></figure><p>a</p><img alt="b">`, `<figure><figcaption>The crane</figcaption></figure><p>a</p>`},
}

func TestPicturesAndFramesThatComeLateAreFound(t *testing.T) {
	base := page(t)
	base.Path = "/"
	for _, tt := range late {
		got := asHTML(t, tt.in, base)
		if got != tt.want {
			t.Errorf("%s: HTML(%q)\n got %q\nwant %q", tt.name, tt.in, got, tt.want)
		}
		checkClean(t, got, base)
	}
}

func TestAFragmentLeadsIntoTheArticle(t *testing.T) {
	const in = `<p>See<a href="#fn1">1</a> and <a href="notes#n2">2</a>.</p>`
	a := about()
	a.URL = "https://harbour.example/2026/crane#top"
	want := `<p>See<a href="https://harbour.example/2026/crane#fn1">1</a> and <a href="https://harbour.example/2026/crane/notes#n2">2</a>.</p>`
	if got := asArticle(t, in, page(t), a).HTML; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestTextGoesOnBehindWhatEndsAsInXML(t *testing.T) {
	if got := clean.Text(`One <iframe src="x"/>two <script src="y" />three`); got != "One two three" {
		t.Errorf("Text = %q", got)
	}
}
