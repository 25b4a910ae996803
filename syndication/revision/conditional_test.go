package revision_test

import (
	"bytes"
	"compress/gzip"
	"io"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/andybalholm/brotli"
	"github.com/klauspost/compress/zstd"

	"github.com/newswire/newswire/syndication/internal/webtest"
	"github.com/newswire/newswire/syndication/web"
)

func TestConditionalRequests(t *testing.T) {
	s := webtest.Serve(t, webtest.NewShop(webtest.Article("a", webtest.At("09:00:00.500"))), webtest.Fast)
	first := s.Get(t, "/feeds/all.atom")
	etag, modified := first.Header.Get("ETag"), first.Header.Get("Last-Modified")
	if strings.HasPrefix(etag, "W/") || len(etag) < 10 {
		t.Fatalf("ETag: %s; want a strong one", etag)
	}
	gzipped := s.Get(t, "/feeds/all.atom", "Accept-Encoding", "gzip").Header.Get("ETag")
	const (
		before = "Mon, 02 Nov 2026 08:59:59 GMT"
		after  = "Mon, 02 Nov 2026 09:00:01 GMT"
	)
	for _, tt := range []struct {
		name   string
		fields []string
		want   int
	}{
		{"nothing known", nil, 200},
		{"the tag", []string{"If-None-Match", etag}, 304},
		{"the tag, weakly", []string{"If-None-Match", "W/" + etag}, 304},
		{"any", []string{"If-None-Match", "*"}, 304},
		{"another tag", []string{"If-None-Match", `"x"`}, 200},
		{"a list with it", []string{"If-None-Match", `"x", W/"y" ,` + etag}, 304},
		{"a list with empty items", []string{"If-None-Match", `, ,"x",,` + etag + `,`}, 304},
		{"a list without it", []string{"If-None-Match", `"x", "y"`}, 200},
		{"a comma in a tag before it", []string{"If-None-Match", `"x,y", ` + etag}, 304},
		{"its text inside another tag", []string{"If-None-Match", `"x, ` + strings.Trim(etag, `"`) + `"`}, 200},
		{"two fields", []string{"If-None-Match", `"x"`, "If-None-Match", etag}, 304},
		{"without its quotes", []string{"If-None-Match", strings.Trim(etag, `"`)}, 200},
		{"never closed", []string{"If-None-Match", strings.TrimSuffix(etag, `"`)}, 200},
		{"empty", []string{"If-None-Match", ""}, 200},
		{"the tag of another coding", []string{"If-None-Match", gzipped}, 200},
		{"the tag of the coding asked for", []string{"If-None-Match", gzipped, "Accept-Encoding", "gzip"}, 304},
		{"the plain tag with a coding asked for", []string{"If-None-Match", etag, "Accept-Encoding", "gzip"}, 200},
		{"its date", []string{"If-Modified-Since", modified}, 304},
		{"its date in an old form", []string{"If-Modified-Since", "Monday, 02-Nov-26 09:00:00 GMT"}, 304},
		{"a later date", []string{"If-Modified-Since", after}, 304},
		{"an earlier date", []string{"If-Modified-Since", before}, 200},
		{"no date", []string{"If-Modified-Since", "yesterday"}, 200},
		{"two dates", []string{"If-Modified-Since", after, "If-Modified-Since", after}, 200},
		{"another tag and its date", []string{"If-None-Match", `"x"`, "If-Modified-Since", after}, 200},
		{"the tag and an earlier date", []string{"If-None-Match", etag, "If-Modified-Since", before}, 304},
	} {
		t.Run(tt.name, func(t *testing.T) {
			for _, method := range []string{"GET", "HEAD"} {
				got := s.Ask(t, method, "/feeds/all.atom", tt.fields...)
				if got.StatusCode != tt.want {
					t.Errorf("%s with %q = %d; want %d", method, tt.fields, got.StatusCode, tt.want)
				}
				if got.StatusCode == 304 {
					checkNotModified(t, got)
				}
			}
		})
	}
}

// checkNotModified checks that a 304 has the fields that it must have, and nothing of a body.
func checkNotModified(t *testing.T, got webtest.Reply) {
	t.Helper()
	for _, name := range []string{"ETag", "Cache-Control", "Vary", "Last-Modified", "Access-Control-Allow-Origin"} {
		if got.Header.Get(name) == "" {
			t.Errorf("304 without %s", name)
		}
	}
	if got.Text != "" || got.Header.Get("Content-Type") != "" || got.Header.Get("Content-Encoding") != "" {
		t.Errorf("304 with a body or its description: %q %v", got.Text, got.Header)
	}
}

// negotiations are of codings, by Accept-Encoding.
var negotiations = []struct {
	name   string
	accept []string // fields; nil for none
	want   string   // "" for 406
}{
	{"nothing said", nil, "identity"},
	{"an empty field", []string{""}, "identity"},
	{"gzip", []string{"gzip"}, "gzip"},
	{"its old name", []string{"x-gzip"}, "gzip"},
	{"in capitals", []string{"GZIP"}, "gzip"},
	{"zstd", []string{"zstd"}, "zstd"},
	{"br", []string{"br"}, "br"},
	{"what a browser says", []string{"gzip, deflate, br, zstd"}, "br"},
	{"in several fields", []string{"gzip", "zstd"}, "zstd"},
	{"weights", []string{"br;q=0.5, gzip;q=0.8, zstd;q=0.7"}, "gzip"},
	{"weights with white space", []string{"br ; q=0.5 ,\tgzip ; Q=0.8"}, "gzip"},
	{"what is refused", []string{"br;q=0, gzip"}, "gzip"},
	{"all refused by name", []string{"gzip;q=0, br;q=0, zstd;q=0.000"}, "identity"},
	{"unknown ones", []string{"deflate, compress"}, "identity"},
	{"plain rather than gzip", []string{"gzip;q=0.5, identity"}, "identity"},
	{"gzip rather than plain", []string{"gzip, identity;q=0.5"}, "gzip"},
	{"anything", []string{"*"}, "br"},
	{"anything but", []string{"*, br;q=0"}, "zstd"},
	{"anything else less", []string{"gzip, *;q=0.1"}, "gzip"},
	{"anything but plain", []string{"identity;q=0, *"}, "br"},
	{"gzip or nothing", []string{"gzip, *;q=0"}, "gzip"},
	{"gzip or nothing, in other words", []string{"gzip, identity;q=0"}, "gzip"},
	{"nothing at all", []string{"*;q=0"}, ""},
	{"not plain, and nothing else", []string{"identity;q=0"}, ""},
	{"not plain, and only unknown ones", []string{"identity;q=0, deflate"}, ""},
	{"plain though nothing else", []string{"*;q=0, identity;q=0.1"}, "identity"},
	{"a malformed weight says nothing", []string{"br;q=high, gzip;q=2, zstd;q=0.1"}, "zstd"},
	{"a weight that is no number", []string{"br;q=NaN, gzip;q=0.1"}, "gzip"},
}

func TestContentCodingIsNegotiated(t *testing.T) {
	s := webtest.Serve(t, webtest.NewShop(webtest.ArticlesFrom(20)...), webtest.Fast)
	plain := s.Get(t, "/feeds/all.atom", "Accept-Encoding", "identity").Text
	tags := map[string]string{} // by coding
	for _, tt := range negotiations {
		t.Run(tt.name, func(t *testing.T) {
			var fields []string
			for _, a := range tt.accept {
				fields = append(fields, "Accept-Encoding", a)
			}
			got := s.Get(t, "/feeds/all.atom", fields...)
			if !strings.HasPrefix(got.Header.Get("Vary"), "Accept-Encoding") {
				t.Errorf("Vary: %q", got.Header.Get("Vary"))
			}
			if tt.want == "" {
				if got.StatusCode != 406 {
					t.Errorf("Accept-Encoding %q = %d; want 406", tt.accept, got.StatusCode)
				}
				return
			}
			coding := got.Header.Get("Content-Encoding")
			if coding == "" {
				coding = "identity"
			}
			if got.StatusCode != 200 || coding != tt.want {
				t.Fatalf("Accept-Encoding %q = %d in %s; want 200 in %s", tt.accept, got.StatusCode, coding, tt.want)
			}
			if body := decode(t, coding, got.Text); body != plain {
				t.Errorf("%s decodes to %d bytes; want the %d of the plain form", coding, len(body), len(plain))
			}
			if int(got.ContentLength) != len(got.Text) {
				t.Errorf("Content-Length: %d; the body has %d bytes", got.ContentLength, len(got.Text))
			}
			for other, tag := range tags {
				if (other == coding) != (tag == got.Header.Get("ETag")) {
					t.Errorf("ETag %s in %s, %s in %s; want one for each coding", got.Header.Get("ETag"), coding, tag, other)
				}
			}
			tags[coding] = got.Header.Get("ETag")
		})
	}
}

func decode(t *testing.T, coding, body string) string {
	t.Helper()
	var r io.Reader = strings.NewReader(body)
	switch coding {
	case "gzip":
		z, err := gzip.NewReader(r)
		if err != nil {
			t.Fatal(err)
		}
		r = z
	case "zstd":
		z, err := zstd.NewReader(r)
		if err != nil {
			t.Fatal(err)
		}
		defer z.Close()
		r = z
	case "br":
		r = brotli.NewReader(r)
	}
	var buf bytes.Buffer
	if _, err := buf.ReadFrom(r); err != nil {
		t.Fatalf("decode %s: %v", coding, err)
	}
	return buf.String()
}

// A date of whole seconds must not cover a change that comes later in the same second.
func TestDateOfASecondThatIsNotOverHidesNoChange(t *testing.T) {
	var clock atomic.Pointer[time.Time]
	set := func(now time.Time) { clock.Store(&now) }
	set(webtest.At("09:00:00.600"))
	store := webtest.NewShop(webtest.Article("a", webtest.At("09:00:00.500")))
	o := webtest.Fast
	o.Now = func() time.Time { return *clock.Load() }
	s := webtest.Serve(t, store, o)

	early := s.Get(t, "/feeds/all.atom")
	date := early.Header.Get("Last-Modified")
	if want := "Mon, 02 Nov 2026 08:59:59 GMT"; date != want {
		t.Errorf("within the second: Last-Modified %s; want %s", date, want)
	}
	store.Put(webtest.Article("b", webtest.At("09:00:00.900")), webtest.At("09:00:00.900"))
	webtest.Until(t, "the second article is there", func() bool {
		return s.Get(t, "/feeds/all.atom").Header.Get("ETag") != early.Header.Get("ETag")
	})
	for _, now := range []string{"09:00:00.950", "09:00:02.000", "09:00:10.000"} {
		set(webtest.At(now))
		if got := s.Get(t, "/feeds/all.atom", "If-Modified-Since", date); got.StatusCode != 200 || !strings.Contains(got.Text, "Article b") {
			t.Errorf("at %s: %d for one who has only the first article; want 200 with the second", now, got.StatusCode)
		}
	}
	webtest.Until(t, "the date is settled", func() bool {
		date = s.Get(t, "/feeds/all.atom").Header.Get("Last-Modified")
		return date == "Mon, 02 Nov 2026 09:00:00 GMT"
	})
	if got := s.Get(t, "/feeds/all.atom", "If-Modified-Since", date); got.StatusCode != 304 {
		t.Errorf("after the second: %d for one who has both; want 304", got.StatusCode)
	}
}

func TestDateTakesTheDirectoryIntoAccount(t *testing.T) {
	store := webtest.NewShop(webtest.Article("a", webtest.At("09:00:00.000")))
	var d atomic.Pointer[web.Directory]
	d.Store(webtest.Directory())
	s := webtest.ServeDirectory(t, store, func() *web.Directory { return d.Load() }, webtest.Fast)
	if got, want := s.Get(t, "/feeds/all.rss").Header.Get("Last-Modified"), "Mon, 02 Nov 2026 09:00:00 GMT"; got != want {
		t.Errorf("Last-Modified %s; want %s", got, want)
	}
	renamed := *webtest.Directory()
	renamed.Site.Title, renamed.Changed = "The Wire, renamed", webtest.At("10:00:00.000")
	d.Store(&renamed)
	s.Invalidate()
	got := s.Get(t, "/feeds/all.rss", "If-Modified-Since", "Mon, 02 Nov 2026 09:00:00 GMT")
	if got.StatusCode != 200 || !strings.Contains(got.Text, "The Wire, renamed") {
		t.Errorf("after a reload: %d; want 200 with the new title", got.StatusCode)
	}
}
