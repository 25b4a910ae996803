package demo

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/mmcdole/gofeed"
	"go.yaml.in/yaml/v4"
)

func TestEveryFeedIsReadAndEveryAddressInItAnswers(t *testing.T) {
	pubs := start(t)
	kinds := map[string]string{"kitchen": "rss", "canal": "atom", "almanac": "json", "dsb": "rss", "harbour": "rss"}
	for _, p := range pubs.All() {
		t.Run(p.ID, func(t *testing.T) {
			feed, err := gofeed.NewParser().ParseString(get(t, p.Feed, nil).body)
			if err != nil {
				t.Fatalf("%s: %v", p.Feed, err)
			}
			if feed.FeedType != kinds[p.ID] {
				t.Errorf("feed type = %q; want %q", feed.FeedType, kinds[p.ID])
			}
			if feed.Title != p.Name {
				t.Errorf("feed title = %q; want %q", feed.Title, p.Name)
			}
			if len(feed.Items) == 0 {
				t.Error("the feed has no articles")
			}
			for _, item := range feed.Items {
				addresses := []string{item.Link}
				for _, e := range item.Enclosures {
					addresses = append(addresses, e.URL)
				}
				if item.Image != nil {
					addresses = append(addresses, item.Image.URL)
				}
				for _, a := range addresses {
					a = resolve(t, item.Link, a)
					if got := get(t, a, nil); got.status != http.StatusOK || got.body == "" {
						t.Errorf("GET %s = %d with %d bytes; want 200 and a body", a, got.status, len(got.body))
					}
				}
			}
		})
	}
}

func TestFeedsShowWhatTheyAreThereToShow(t *testing.T) {
	pubs := start(t)
	tests := []struct {
		publisher string
		want      []string
	}{
		{"kitchen", []string{
			"<dc:creator>Tomasz Wren</dc:creator>\n    <dc:creator>Odile Marchetti</dc:creator>",
			"<content:encoded><![CDATA[", "<media:credit role=\"photographer\">Ruth Adeyemi</media:credit>", `type="audio/wav" length="16044"`,
		}},
		{"canal", []string{
			`/notes/">`, `xml:base=`, `href="../notes/heron.html"`, `<a href="ferry.html">`, `<content type="xhtml">`,
			"<rights>© 2026 Maeve O&#39;Dowd and Pavel Šíma</rights>", `rel="license"`, "<updated>2026-02-22T08:05:00+01:00</updated>",
		}},
		{"almanac", []string{`"authors": [{"name": "Sana Qureshi"`, `"size_in_bytes": 75`, `"tags": ["twilight","sun"]`}},
		{"dsb", []string{
			"<pubDate>2026-02-25 09:08:00</pubDate>", "<dc:creator>金江</dc:creator>", "<title>電商報</title>", "快遞", "<p>3. 如有异议，请联系 info@dsb.example。</p>",
		}},
		{"harbour", []string{"<guid>http://127.0.0.1:"}},
	}
	for _, tt := range tests {
		t.Run(tt.publisher, func(t *testing.T) {
			feed := get(t, find(t, pubs, tt.publisher).Feed, nil).body
			for _, want := range tt.want {
				if !strings.Contains(feed, want) {
					t.Errorf("no %q in the feed:\n%s", want, feed)
				}
			}
		})
	}
}

func TestFixedPublishersSayTheSameInEveryRun(t *testing.T) {
	first, second := start(t), start(t)
	for i, p := range first.All() {
		if p.ID == "harbour" {
			continue
		}
		q := second.All()[i]
		a := strings.ReplaceAll(get(t, p.Feed, nil).body, p.URL, "/")
		b := strings.ReplaceAll(get(t, q.Feed, nil).body, q.URL, "/")
		if diff := cmp.Diff(a, b); diff != "" {
			t.Errorf("%s differs between two runs (-first +second):\n%s", p.ID, diff)
		}
	}
}

func TestEitherValidatorAloneGetsA304(t *testing.T) {
	p := find(t, start(t), "canal")
	for _, encoding := range []string{"identity", "gzip"} {
		full := get(t, p.Feed, http.Header{"Accept-Encoding": {encoding}})
		if got := full.header.Get("Cache-Control"); got != "max-age=30" {
			t.Errorf("Cache-Control = %q; want max-age=30", got)
		}
		for header, validator := range map[string]string{"If-None-Match": "ETag", "If-Modified-Since": "Last-Modified"} {
			got := get(t, p.Feed, http.Header{"Accept-Encoding": {encoding}, header: {full.header.Get(validator)}})
			if got.status != http.StatusNotModified || got.body != "" {
				t.Errorf("%s, %s: status %d with %d bytes; want 304 without a body", encoding, header, got.status, len(got.body))
			}
		}
	}
}

func TestGzipIsTheSameFeedUnderAnotherETag(t *testing.T) {
	p := find(t, start(t), "kitchen")
	plain := get(t, p.Feed, http.Header{"Accept-Encoding": {"identity"}})
	packed := get(t, p.Feed, http.Header{"Accept-Encoding": {"gzip"}})
	if packed.header.Get("Content-Encoding") != "gzip" {
		t.Fatalf("Content-Encoding = %q; want gzip", packed.header.Get("Content-Encoding"))
	}
	r, err := gzip.NewReader(strings.NewReader(packed.body))
	if err != nil {
		t.Fatal(err)
	}
	unpacked, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(plain.body, string(unpacked)); diff != "" {
		t.Errorf("gzip holds another feed (-plain +gzip):\n%s", diff)
	}
	if plain.header.Get("ETag") == packed.header.Get("ETag") {
		t.Errorf("both representations have the ETag %s", plain.header.Get("ETag"))
	}
}

func TestTheFrontPageLeadsToTheFeedAndToEveryArticle(t *testing.T) {
	p := find(t, start(t), "dsb")
	front := get(t, p.URL, nil).body
	for _, want := range []string{`href="/rss.xml"`, `<a href="/a/1004.html">夜市搬到手机上以后</a>`, `<li id="jin">金江</li>`} {
		if !strings.Contains(front, want) {
			t.Errorf("no %q on the front page:\n%s", want, front)
		}
	}
}

func TestAnUnknownPageIsNotFound(t *testing.T) {
	p := find(t, start(t), "almanac")
	for _, path := range []string{"nights/none.html", "pictures/none.png", "files/none.csv"} {
		if got := get(t, p.URL+path, nil); got.status != http.StatusNotFound {
			t.Errorf("GET /%s = %d; want 404", path, got.status)
		}
	}
}

func TestTheTickerHasANewArticleEveryFewSeconds(t *testing.T) {
	began := time.Date(2026, 2, 26, 6, 0, 0, 0, time.UTC)
	tests := []struct {
		name   string
		after  time.Duration
		newest string
		count  int
	}{
		{"at the start", 0, "No. 1: Alder comes in with oranges", 1},
		{"just before the second", tickerEvery - 1, "No. 1: Alder comes in with oranges", 1},
		{"the second", tickerEvery, "No. 2: Brenta puts out with sawn timber", 2},
		{"the feed is full", 19 * tickerEvery, "No. 20: Firth puts out with rope", tickerKeeps},
		{"the oldest falls out", 20 * tickerEvery, "No. 21: Gannet comes in with letters", tickerKeeps},
		{"a clock set back", -time.Hour, "No. 1: Alder comes in with oranges", 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			got := passages(began, began.Add(tt.after))
			if len(got) != tt.count || got[0].Title != tt.newest {
				t.Errorf("%d articles, newest %q; want %d, %q", len(got), got[0].Title, tt.count, tt.newest)
			}
		})
	}
}

func TestTheTickersArticlesStayAsTheyWere(t *testing.T) {
	began := time.Date(2026, 2, 26, 6, 0, 0, 0, time.UTC)
	earlier := passages(began, began.Add(9*tickerEvery))
	later := passages(began, began.Add(12*tickerEvery))
	if diff := cmp.Diff(earlier, later[3:]); diff != "" {
		t.Errorf("articles changed as new ones arrived (-earlier +later):\n%s", diff)
	}
}

func TestConfigListsEveryPublisher(t *testing.T) {
	pubs := start(t)
	type source struct{ ID, Name, URL string }
	var config struct {
		Site    struct{ URL string }
		Listen  string
		Store   string
		Sources []source
	}
	if err := yaml.Unmarshal(pubs.Config(Settings{SiteURL: "http://127.0.0.1:8080", Listen: "127.0.0.1:8080"}), &config); err != nil {
		t.Fatal(err)
	}
	if config.Site.URL != "http://127.0.0.1:8080" || config.Listen != "127.0.0.1:8080" || config.Store != "" {
		t.Errorf("url %q, listen %q, store %q; want the settings, and no store", config.Site.URL, config.Listen, config.Store)
	}
	var want []source
	for _, p := range pubs.All() {
		want = append(want, source{p.ID, p.Name, p.Feed})
	}
	if diff := cmp.Diff(want, config.Sources); diff != "" {
		t.Errorf("sources (-want +got):\n%s", diff)
	}
}

func TestAfterCloseNobodyAnswers(t *testing.T) {
	pubs, err := Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := pubs.Close(); err != nil {
		t.Fatalf("Close: %v", err)
	}
	for _, p := range pubs.All() {
		resp, err := http.Get(p.Feed)
		if err == nil {
			resp.Body.Close()
			t.Errorf("%s still answers: %s", p.ID, resp.Status)
		}
	}
}

func start(t *testing.T) *Publishers {
	t.Helper()
	pubs, err := Start(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := pubs.Close(); err != nil {
			t.Errorf("Close: %v", err)
		}
	})
	return pubs
}

func find(t *testing.T, pubs *Publishers, id string) Publisher {
	t.Helper()
	for _, p := range pubs.All() {
		if p.ID == id {
			return p
		}
	}
	t.Fatalf("no publisher %s", id)
	return Publisher{}
}

// resolve makes an address absolute: one publisher names its pictures relative to the article.
func resolve(t *testing.T, base, address string) string {
	t.Helper()
	b, err := url.Parse(base)
	if err != nil {
		t.Fatal(err)
	}
	u, err := b.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	return u.String()
}

type answer struct {
	status int
	header http.Header
	body   string
}

func get(t *testing.T, address string, header http.Header) answer {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, nil)
	if err != nil {
		t.Fatal(err)
	}
	for k, v := range header {
		req.Header[k] = v
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatalf("read %s: %v", address, err)
	}
	return answer{resp.StatusCode, resp.Header, string(body)}
}
