package text_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/syndication/internal/feedtest"
	"github.com/newswire/newswire/syndication/internal/text"
)

func TestLegalDropsWhatNoFeedMayHold(t *testing.T) {
	tests := []struct{ name, in, want string }{
		{"nothing to do", "Tides & <terms> 夜市 👩‍🚀\t\r\n", "Tides & <terms> 夜市 👩‍🚀\t\r\n"},
		{"controls", "a\x00\x08\x0b\x1f\x7fb", "ab"},
		{"C1 controls", "a\u0080\u0085\u009fb", "ab"},
		{"what was lost before", "a\ufffdb", "ab"},
		{"invalid UTF-8", "a\xff\xc3b", "ab"},
		{"noncharacters", "a\ufdd0\ufffe\uffff\U0001ffff\U0010fffeb", "ab"},
	}
	for _, tt := range tests {
		if got := text.Legal(tt.in); got != tt.want {
			t.Errorf("%s: Legal(%q) = %q, want %q", tt.name, tt.in, got, tt.want)
		}
	}
}

func TestArticleReachesEveryString(t *testing.T) {
	sample := func(s string) *newswire.Article {
		a := feedtest.Rich()
		a.Upstream = &newswire.Publisher{Authors: []newswire.Person{{}}}
		fill(reflect.ValueOf(&a).Elem(), s)
		return &a
	}
	a, want := sample("a\x00b"), sample("ab")
	got := text.Article(a)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Article left something (-want +got):\n%s", diff)
	}
	if got.Terms[0].Term = "changed"; a.Terms[0].Term != "a\x00b" || a.Title != "a\x00b" {
		t.Error("Article shares memory with its argument, or changed it")
	}
	if got := text.Article(want); got != want {
		t.Error("Article copied what needed no change")
	}
	strings := 0
	each(reflect.ValueOf(want).Elem(), func(reflect.Value) { strings++ })
	for n := range strings {
		a, i := sample("ab"), 0
		each(reflect.ValueOf(a).Elem(), func(v reflect.Value) {
			if i == n {
				v.SetString("a\x00b")
			}
			i++
		})
		if diff := cmp.Diff(want, text.Article(a)); diff != "" {
			t.Errorf("Article overlooked one string (-want +got):\n%s", diff)
		}
	}
}

func TestEnvelopeReachesEveryString(t *testing.T) {
	sample := func(s string) *newswire.Feed {
		f := &newswire.Feed{Tombstones: []newswire.Tombstone{{Topics: []newswire.Topic{"all"}}}}
		fill(reflect.ValueOf(f).Elem(), s)
		return f
	}
	f := sample("a\x00b")
	f.Articles = []newswire.Article{feedtest.Rich()}
	if diff := cmp.Diff(sample("ab"), text.Envelope(f)); diff != "" {
		t.Errorf("Envelope left something, or its articles (-want +got):\n%s", diff)
	}
	if len(f.Articles) != 1 || f.Title != "a\x00b" {
		t.Error("Envelope changed its argument")
	}
}

// fill sets every string in v.
func fill(v reflect.Value, s string) {
	each(v, func(v reflect.Value) { v.SetString(s) })
}

// each calls do for every string in v.
func each(v reflect.Value, do func(reflect.Value)) {
	switch v.Kind() {
	case reflect.String:
		do(v)
	case reflect.Pointer:
		each(v.Elem(), do)
	case reflect.Slice:
		for i := range v.Len() {
			each(v.Index(i), do)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				each(v.Field(i), do)
			}
		}
	}
}

func TestURL(t *testing.T) {
	tests := []struct{ in, want string }{
		{"https://harbour.example.com/a?b=c&d=%20#e", "https://harbour.example.com/a?b=c&d=%20#e"},
		{" HTTP://Harbour.example.com/ ", "HTTP://Harbour.example.com/"},
		{"https://harbour.example.com/a b|c[d]{e}^\"<>\\`", "https://harbour.example.com/a%20b%7Cc%5Bd%5D%7Be%7D%5E%22%3C%3E%5C%60"},
		{"https://news.example.com/夜市", "https://news.example.com/%E5%A4%9C%E5%B8%82"},
		{"https://例え.example.com:8443/例え.example.com", "https://xn--r8jz45g.example.com:8443/%E4%BE%8B%E3%81%88.example.com"},
		{"https://[2001:db8::1]:8080/[x]", "https://[2001:db8::1]:8080/%5Bx%5D"},
		{"ftp://harbour.example.com/a.zip", "ftp://harbour.example.com/a.zip"},
		{"javascript:alert(1)", ""},
		{"data:text/html,x", ""},
		{"//harbour.example.com/", ""},
		{"/relative", ""},
		{"https:opaque", ""},
		{"https://", ""},
		{"https://a b/", ""},
		{"https://[zz]/", ""},
		{"", ""},
	}
	for _, tt := range tests {
		if got := text.URL(tt.in); got != tt.want {
			t.Errorf("URL(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestIRI(t *testing.T) {
	tests := []struct{ in, want string }{
		{"https://news.example.com/夜市", "https://news.example.com/夜市"},
		{"tag:harbour.example.com,2020:1", "tag:harbour.example.com,2020:1"},
		{"urn:uuid:1", "urn:uuid:1"},
		{"https://harbour.example.com/<2>", "https://harbour.example.com/%3C2%3E"},
		{"https://harbour.example.com/a b", ""},
		{"harbour tags", ""},
		{"17", ""},
		{"", ""},
	}
	for _, tt := range tests {
		if got := text.IRI(tt.in); got != tt.want {
			t.Errorf("IRI(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestMail(t *testing.T) {
	for in, want := range map[string]string{
		"ada@harbour.example.com":          "ada@harbour.example.com",
		"mailto:ada+tides@example.org":     "ada+tides@example.org",
		"ada@localhost":                    "",
		"Ada <ada@harbour.example.com>":    "",
		"a@b@c.example.org":                "",
		"https://harbour.example.com/a@b.": "",
	} {
		if got := text.Mail(in); got != want {
			t.Errorf("Mail(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestMediaType(t *testing.T) {
	for in, want := range map[string]string{
		"audio/mpeg":                 "audio/mpeg",
		`audio/mpeg; codecs="mp3,x"`: `audio/mpeg; codecs="mp3,x"`,
		"mp3":                        "",
		"not a/type":                 "",
		"":                           "",
	} {
		if got := text.MediaType(in); got != want {
			t.Errorf("MediaType(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestLanguage(t *testing.T) {
	for in, want := range map[string]string{
		"en": "en", "zh-Hant-TW": "zh-Hant-TW", "en_GB": "en-GB", "English": "", "e": "", "en\"": "", "": "",
	} {
		if got := text.Language(in); got != want {
			t.Errorf("Language(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestPlain(t *testing.T) {
	tests := []struct{ in, want string }{
		{"no  markup\n at all", "no markup at all"},
		{"<p>One</p><p>two<br>three</p>", "One two three"},
		{"un<b>brok</b>en", "unbroken"},
		{"1 &lt; 2 &amp; 夜市&nbsp;x", "1 < 2 & 夜市 x"},
		{"<script>alert(1)</script><style>p{}</style>seen", "seen"},
		{"an <unfinished", "an"},
		{"a &#1;&#xFFFD;\x02control", "a control"},
	}
	for _, tt := range tests {
		if got := text.Plain(tt.in); got != tt.want {
			t.Errorf("Plain(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestLooksLikeMarkup(t *testing.T) {
	for in, want := range map[string]bool{
		"Tides":              false,
		"R&D at AT&T":        false,
		"1 < 2 && 3 > 2":     false,
		"a <b> tag":          true,
		"end </b":            true,
		"<!-- x":             true,
		"&amp; explained":    true,
		"&copy 2026":         true,
		"&#38":               true,
		"&unknown; is still": true,
		"1&1":                false,
	} {
		if got := text.LooksLikeMarkup(in); got != want {
			t.Errorf("LooksLikeMarkup(%q) = %v, want %v", in, got, want)
		}
	}
}

func TestAttribute(t *testing.T) {
	for in, want := range map[string]string{
		" R&D  at\nsea ": "R&D  at sea",
		"1&1":            "",
		"<b>":            "",
	} {
		if got := text.Attribute(in); got != want {
			t.Errorf("Attribute(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestUncredited(t *testing.T) {
	for in, want := range map[string]string{
		"<p>Text.</p><p>↗ credit</p>":        "<p>Text.</p>",
		"<p>↗ credit</p>":                    "",
		"<p>Text.</p>":                       "<p>Text.</p>",
		"<p>↗ not at the end</p><p>Text</p>": "<p>↗ not at the end</p><p>Text</p>",
	} {
		if got := text.Uncredited(in); got != want {
			t.Errorf("Uncredited(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestDates(t *testing.T) {
	zone := time.FixedZone("", 8*60*60)
	tests := []struct {
		name            string
		in              time.Time
		rfc3339, rfc822 string
	}{
		{"a zone becomes UTC", time.Date(2026, 3, 1, 4, 5, 6, 0, zone), "2026-02-28T20:05:06Z", "Sat, 28 Feb 2026 20:05:06 GMT"},
		{"milliseconds", time.Date(2026, 3, 1, 4, 5, 6, 70e6, time.UTC), "2026-03-01T04:05:06.07Z", "Sun, 01 Mar 2026 04:05:06 GMT"},
		{"not said", time.Time{}, "", ""},
		{"a year of five digits", time.Date(12026, 3, 1, 0, 0, 0, 0, time.UTC), "", ""},
		{"a year before the first", time.Date(-5, 3, 1, 0, 0, 0, 0, time.UTC), "", ""},
	}
	for _, tt := range tests {
		if got := text.RFC3339(tt.in); got != tt.rfc3339 {
			t.Errorf("%s: RFC3339 = %q, want %q", tt.name, got, tt.rfc3339)
		}
		if got := text.RFC822(tt.in); got != tt.rfc822 {
			t.Errorf("%s: RFC822 = %q, want %q", tt.name, got, tt.rfc822)
		}
	}
}
