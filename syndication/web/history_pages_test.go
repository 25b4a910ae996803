package web_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/webtest"
	"github.com/newswire/newswire/syndication/pictures"
	"github.com/newswire/newswire/syndication/web"
)

// No article is left out. The newest page of the archive may have some of the newest articles too, as in feeds.
func TestPagesLeadBackThroughAllArticles(t *testing.T) {
	store := webtest.OpenStore(t)
	articles := webtest.ArticlesFrom(14)
	for i := range articles {
		articles[i].Listed = articles[i].Listed.AddDate(0, 0, -i%3)
		articles[i].Offer = fmt.Sprint(i)
	}
	webtest.Record(t, store, "dsb", articles...)
	s := webtest.Serve(t, store, webtest.Four)
	older := regexp.MustCompile(`<a href="([^"]*)" rel="next">Older articles</a>`)
	for _, start := range []string{"/", "/category/finance", "/author/jin-jiang", "/source/dsb"} {
		first, seen, visited := "", map[string]int{}, 0
		for path := start; path != "" && visited < 10; visited++ {
			got := s.Get(t, path)
			if got.StatusCode != 200 {
				t.Fatalf("GET %s = %d", path, got.StatusCode)
			}
			if visited == 0 {
				first = got.Text
			}
			for _, m := range regexp.MustCompile(`>Article (n\d+)</a>`).FindAllStringSubmatch(got.Text, -1) {
				seen[m[1]]++
			}
			if visited > 0 && !strings.Contains(got.Text, fmt.Sprintf(`<a href="%s">Newest articles</a>`, start)) {
				t.Errorf("%s does not lead to %s", path, start)
			}
			path = ""
			if m := older.FindStringSubmatch(got.Text); m != nil {
				path = m[1]
			}
		}
		if len(seen) != len(articles) || visited < 3 {
			t.Errorf("from %s on: %d articles on %d pages, want %d", start, len(seen), visited, len(articles))
		}
		for guid, n := range seen {
			if n != 1 && !strings.Contains(first, ">Article "+guid+"<") {
				t.Errorf("from %s on: %s is there %d times", start, guid, n)
			}
		}
	}
	for _, path := range []string{"/archive/0", "/archive/01", "/archive/x", "/archive/99", "/category/nothing/archive/1", "/source/Dsb/archive/1"} {
		if got := s.Get(t, path); got.StatusCode != 404 {
			t.Errorf("GET %s = %d", path, got.StatusCode)
		}
	}
}

func TestRetiredPageLeadsOn(t *testing.T) {
	store := webtest.OpenStore(t)
	articles := webtest.ArticlesFrom(14)
	webtest.Record(t, store, "dsb", articles...)
	s := webtest.Serve(t, store, webtest.Four)
	s.Get(t, "/source/dsb")
	s.Get(t, "/")
	for _, a := range articles[:2] {
		if _, err := store.Withdraw(t.Context(), a.ID, "The author asked."); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]string{"/source/dsb/archive/1": "../../dsb", "/archive/1": "../"} {
		webtest.Until(t, path+" leads on", func() bool { return s.Get(t, path).StatusCode == 301 })
		if got := s.Get(t, path).Header.Get("Location"); got != want {
			t.Errorf("GET %s leads to %s, want %s", path, got, want)
		}
	}
}

func TestDaysAreHeadings(t *testing.T) {
	late, early, before := webtest.Article("late", webtest.At("09:00:00.000")), webtest.Article("early", webtest.At("00:00:00.000")), webtest.Article("before", webtest.At("23:59:59.000").AddDate(0, 0, -1))
	s := webtest.Serve(t, webtest.NewShop(late, early, before), webtest.Fast)
	body := s.Get(t, "/category/finance").Text
	for _, want := range []string{
		`<h2 class="day"><time datetime="2026-11-02">2 November 2026</time></h2>`, `<h2 class="day"><time datetime="2026-11-01">1 November 2026</time></h2>`,
	} {
		if strings.Count(body, want) != 1 {
			t.Errorf("%d times %s", strings.Count(body, want), want)
		}
	}
}

const pixel = "\x89PNG\r\n\x1a\nthe rest of a picture"

// rich is an article with everything that a page shows, whose picture is at an address.
func rich(picture string) newswire.Article {
	a := webtest.Article("rich", webtest.At("09:00:00.000"))
	a.Rights.Policy = newswire.PolicyFull
	a.Summary = ""
	a.Content = `<h1>Part</h1><p>` + strings.Repeat("word ", 700) + `</p><img src="` + picture + `/inside.png" srcset="x 2x" alt="A chart"><audio src="https://cdn.example/b.mp3"></audio>`
	a.Image = &newswire.Image{URL: picture + "/lead.png", Width: 640, Height: 480, Title: "The harbour", Credit: "Ana Reis"}
	a.Terms = []newswire.Term{{Term: "Finance"}, {Term: "t1", Label: "Tariffs"}}
	a.Enclosures = []newswire.Enclosure{{URL: "https://cdn.example/a.mp3", Type: "audio/mpeg", Length: 12_300_000, Duration: 62 * time.Minute}}
	a.Publisher.Icon = picture + "/icon.png"
	return a
}

// publisher serves a picture at every address, and a site that shows it.
func publisher(t *testing.T, mode web.Pictures) (site *webtest.Serving, picture string, store *webtest.Shop) {
	t.Helper()
	origin := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte(pixel)) }))
	t.Cleanup(origin.Close)
	proxy := pictures.New(pictures.Options{AllowPrivate: []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8")}})
	t.Cleanup(proxy.Close)
	d := *webtest.Directory()
	d.Pictures = mode
	o := webtest.Fast
	o.Pictures = proxy
	store = webtest.NewShop(rich(origin.URL))
	return webtest.ServeDirectory(t, store, func() *web.Directory { return &d }, o), origin.URL, store
}

func TestPicturesComeFromOurOrigin(t *testing.T) {
	s, origin, store := publisher(t, web.PicturesByProxy)
	a := rich(origin)
	var paths []string
	for _, page := range []string{"/", "/source/dsb", "/articles/" + a.ID} {
		got := s.Get(t, page)
		inert(t, page, got.Text)
		if strings.Contains(got.Text, `src="`+origin) || strings.Contains(got.Header.Get("Content-Security-Policy"), "img-src 'self' ") {
			t.Errorf("GET %s leads browsers to the publisher", page)
		}
		for _, m := range regexp.MustCompile(`<img src="([^"]*)"|<img alt="A chart" src="([^"]*)"`).FindAllStringSubmatch(got.Text, -1) {
			paths = append(paths, m[1]+m[2])
		}
	}
	if len(paths) != 4 {
		t.Errorf("pictures %v; want one in each list, the publisher's icon, and the one in the text", paths)
	}
	for _, path := range paths {
		got := s.Get(t, path)
		if got.StatusCode != 200 || got.Text != pixel || got.Header.Get("Content-Type") != "image/png" || !strings.Contains(got.Header.Get("Content-Security-Policy"), "sandbox") {
			t.Errorf("GET %s = %d %v", path, got.StatusCode, got.Header)
		}
		if again := s.Get(t, path, "If-None-Match", got.Header.Get("ETag")); again.StatusCode != 304 {
			t.Errorf("GET %s again = %d", path, again.StatusCode)
		}
	}
	other := "/pictures/" + pictures.Name(origin+"/other.png") + "/" + a.ID
	if got := s.Get(t, other); got.StatusCode != 404 {
		t.Errorf("a picture that the article has not: %d", got.StatusCode)
	}
	store.Withdraw(a.ID, webtest.At("10:00:00.000"))
	if got := s.Get(t, paths[0]); got.StatusCode != 404 {
		t.Errorf("the picture of a withdrawn article: %d", got.StatusCode)
	}
}

// What an article's rights do not let us show has no address.
func TestPicturesFollowTheRights(t *testing.T) {
	s, origin, store := publisher(t, web.PicturesByProxy)
	for policy, want := range map[newswire.Policy][2]int{
		newswire.PolicyFull: {200, 200}, newswire.PolicyExcerpt: {200, 404}, newswire.PolicyTitle: {404, 404},
	} {
		a := rich(origin)
		a.Rights.Policy = policy
		store.Put(a, webtest.At("10:00:00.000"))
		for i, name := range []string{"/lead.png", "/inside.png"} {
			path := "/pictures/" + pictures.Name(origin+name) + "/" + a.ID
			if got := s.Get(t, path); got.StatusCode != want[i] {
				t.Errorf("%s: %s = %d, want %d", policy, name, got.StatusCode, want[i])
			}
		}
	}
	held := rich(origin)
	held.Held = "almost nothing but links"
	store.Put(held, webtest.At("11:00:00.000"))
	if got := s.Get(t, "/pictures/"+pictures.Name(origin+"/lead.png")+"/"+held.ID); got.StatusCode != 404 {
		t.Errorf("the picture of an article that is held: %d", got.StatusCode)
	}
}

func TestPicturesCanBeOffOrDirect(t *testing.T) {
	for mode, want := range map[web.Pictures]bool{web.NoPictures: false, web.PicturesDirectly: true} {
		s, origin, _ := publisher(t, mode)
		got := s.Get(t, "/")
		if strings.Contains(got.Text, `<img src="`+origin+`/lead.png" alt="The harbour" width="640" height="480" title="Ana Reis" loading="lazy"`) != want {
			t.Errorf("%q: %s", mode, got.Text)
		}
		if !want && strings.Contains(got.Text, "<img") {
			t.Error("a picture where pictures are off")
		}
		if strings.Contains(got.Header.Get("Content-Security-Policy"), "img-src 'self' https: http:") != want {
			t.Errorf("%q: %s", mode, got.Header.Get("Content-Security-Policy"))
		}
		a := rich(origin)
		if got := s.Get(t, "/pictures/"+pictures.Name(origin+"/lead.png")+"/"+a.ID); got.StatusCode != 404 {
			t.Errorf("%q: the proxy answers %d", mode, got.StatusCode)
		}
	}
}

func TestWholeArticleWithItsRecording(t *testing.T) {
	s, origin, store := publisher(t, web.NoPictures)
	a := rich(origin)
	got := s.Get(t, "/articles/"+a.ID)
	for _, want := range []string{
		`<h2>Part</h2>`, `[A chart]`, `<audio controls preload="none" src="https://cdn.example/a.mp3"></audio>`, `<time datetime="PT3720S">1:02:00</time>`, `12 MB`,
		`<audio src="https://cdn.example/b.mp3" preload="none" controls=""></audio>`, `<a href="/category/finance" dir="auto">Finance</a>`, `<span dir="auto">Tariffs</span>`,
	} {
		if !strings.Contains(got.Text, want) {
			t.Errorf("the page lacks %s:\n%s", want, got.Text)
		}
	}
	if !strings.Contains(got.Header.Get("Content-Security-Policy"), "; media-src https: http:;") {
		t.Errorf("the recording cannot be played: %s", got.Header.Get("Content-Security-Policy"))
	}
	list := s.Get(t, "/")
	if strings.Contains(list.Header.Get("Content-Security-Policy"), "media-src") || strings.Contains(list.Text, "<audio") {
		t.Error("a list plays recordings")
	}
	for _, want := range []string{`<a href="/articles/` + a.ID + `">Listen 1:02:00</a>`, "3 minutes to read"} {
		if !strings.Contains(list.Text, want) {
			t.Errorf("the list lacks %s", want)
		}
	}
	a.Rights.Policy = newswire.PolicyExcerpt
	store.Put(a, webtest.At("10:00:00.000"))
	webtest.Until(t, "the page shows an excerpt", func() bool { return !strings.Contains(s.Get(t, "/articles/"+a.ID).Text, "<h2>Part") })
}

func TestSourcePageTellsOfItsPublisher(t *testing.T) {
	articles := webtest.ArticlesFrom(5)
	for i := range articles {
		articles[i].Listed = webtest.At("08:00:00.000").AddDate(0, 0, i-5)
		articles[i].Publisher.Subtitle = "News of trade"
	}
	s := webtest.Serve(t, webtest.NewShop(articles...), webtest.Fast)
	body := s.Get(t, "/source/dsb").Text
	for _, want := range []string{
		`<a href="https://news.example.com/" rel="external" dir="auto">電商報</a>`, "News of trade", "About 7 articles a week; the newest is of 1 November 2026.",
		`<a href="/author/jin-jiang" dir="auto">金江</a>`, `<a href="/category/finance" dir="auto">Finance</a>`,
	} {
		if !strings.Contains(body, want) {
			t.Errorf("the page lacks %s", want)
		}
	}
	if author := s.Get(t, "/author/jin-jiang").Text; !strings.Contains(author, "Appears in") || !strings.Contains(author, `<li><a href="/source/dsb" dir="auto">電商報</a></li>`) {
		t.Error("the author's page does not name the outlets")
	}
}
