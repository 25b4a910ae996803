package stable_test

import (
	"regexp"
	"strings"
	"testing"

	"github.com/newswire/newswire/sources/internal/stable"
)

func TestPlainLeavesOutTheMarksOfCampaigns(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"https://harbour.example/1?utm_source=rss", "https://harbour.example/1"},
		{"https://harbour.example/1?UTM_Source=rss&p=1&utm_medium=feed#a", "https://harbour.example/1?p=1#a"},
		{"https://harbour.example/1?p=1&fbclid=x", "https://harbour.example/1?p=1"},
		{"https://harbour.example/1#xtor=RSS-1", "https://harbour.example/1"},
		{"https://harbour.example/1#utm_source=x", "https://harbour.example/1"},
		{"https://harbour.example/1?b=2&a=1;c", "https://harbour.example/1?b=2&a=1;c"},
		{"https://harbour.example/1?Expires=17&Signature=x", "https://harbour.example/1?Expires=17&Signature=x"},
		{"https://harbour.example/utm_source=x", "https://harbour.example/utm_source=x"},
		{"https://harbour.example/?", "https://harbour.example/?"},
		{"", ""},
	} {
		if got := stable.Plain(tt.in); got != tt.want {
			t.Errorf("Plain(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestAddressLeavesOutWhatChangesWhileTheDocumentStays(t *testing.T) {
	for _, tt := range []struct{ in, want string }{
		{"https://cdn.example/a.jpg?X-Amz-Algorithm=A&X-Amz-Date=20260302T000000Z&X-Amz-Expires=300&X-Amz-Signature=0f", "https://cdn.example/a.jpg"},
		{"https://cdn.example/a.jpg?w=800&Expires=1772400000&Signature=x~y&Key-Pair-Id=K", "https://cdn.example/a.jpg?w=800"},
		{"https://cdn.example/a.mp3?sv=2024&se=2026-03-02&sr=b&sp=r&sig=x%3D", "https://cdn.example/a.mp3"},
		{"https://cdn.example/a.jpg?_nc_cat=1&oh=0f&oe=66AA", "https://cdn.example/a.jpg"},
		{"https://cdn.example/a.mp3?st=abc&e=1772400000", "https://cdn.example/a.mp3"},
		{"https://cdn.example/a.jpg?hdnts=exp=1~hmac=2", "https://cdn.example/a.jpg"},
		{"https://cdn.example/a.jpg?cb=17", "https://cdn.example/a.jpg"},
		{"https://cdn.example/a.jpg?1772400000", "https://cdn.example/a.jpg"},
		{"https://cdn.example/a.jpg?v=1772400000123&size=2", "https://cdn.example/a.jpg?size=2"},
		{"https://cdn.example/a.jpg?r=0.61803", "https://cdn.example/a.jpg"},
		{"https://harbour.example/1;jsessionid=0F.a?p=1", "https://harbour.example/1?p=1"},
		{"https://harbour.example/1?PHPSESSID=0f", "https://harbour.example/1"},

		{"https://tube.example/watch?v=dQw4w9WgXcQ&t=10", "https://tube.example/watch?v=dQw4w9WgXcQ&t=10"},
		{"https://forum.example/topic.php?t=1234", "https://forum.example/topic.php?t=1234"},
		{"https://harbour.example/?p=17&e=2", "https://harbour.example/?p=17&e=2"},
		{"https://harbour.example/?12345", "https://harbour.example/?12345"},
		{"https://harbour.example/#c2", "https://harbour.example/#c2"},
	} {
		if got := stable.Address(tt.in); got != tt.want {
			t.Errorf("Address(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestSameAddressesInOtherForms(t *testing.T) {
	for _, tt := range []struct {
		a, b string
		want bool
	}{
		{"http://www.harbour.example/1/", "https://harbour.example/1?utm_source=x", true},
		{"https://harbour.example/1#a", "https://harbour.example/1#b", false},
		{"https://harbour.example/?p=1", "https://harbour.example/?p=2", false},
		{"", "", true},
	} {
		if got := stable.Same(tt.a, tt.b); got != tt.want {
			t.Errorf("Same(%q, %q) = %v, want %v", tt.a, tt.b, got, tt.want)
		}
	}
}

func TestStableTextIsStableInEachAddress(t *testing.T) {
	text := func(signature string) string {
		return `<p>What? <img src="https://cdn.example/a.jpg?w=1&amp;X-Amz-Signature=` + signature + `&amp;h=2"> https://cdn.example/b?Signature=` + signature + ` and <a href='/c?x=1'>?</a></p>`
	}
	want := `<p>What? <img src="https://cdn.example/a.jpg?w=1&amp;h=2"> https://cdn.example/b and <a href='/c?x=1'>?</a></p>`
	if got := stable.Text(text("0f")); got != want {
		t.Errorf("Text = %s, want %s", got, want)
	}
	if stable.Text(text("1")) != stable.Text(text("2")) {
		t.Error("two signatures make two texts")
	}
}

// FuzzAddress: what is stable stays, and only a query or a fragment is ever cut.
func FuzzAddress(f *testing.F) {
	f.Add("https://harbour.example/1?utm_source=rss&p=1#a")
	f.Add("x?a=1&amp;cb=2;jsessionid=3")
	f.Fuzz(func(t *testing.T, s string) {
		once := stable.Address(s)
		if len(once) > len(s) {
			t.Errorf("Address(%q) = %q, which is longer", s, once)
		}
		if !strings.ContainsAny(s, "?#;") && once != s {
			t.Errorf("Address(%q) = %q; want it as it is", s, once)
		}
		_ = stable.Text(s)
	})
}

// withQuery is an address that has a query, as it stands in HTML.
var withQuery = regexp.MustCompile(`https?://[^\s"'<>?]+\?[^\s"'<>]+`)

// FuzzText holds what counts as an address in a text to the expression for it.
func FuzzText(f *testing.F) {
	for _, text := range []string{
		`<a href="https://harbour.example/1?utm_source=rss&amp;p=1">a</a> http://x?utm_a=1`, "http://?cb=1 https://", "http://a http://b?cb=1?cb=2",
		"httphttps://a?cb=1", "xhttp://http://a?cb=1", "http://a?", "http://a?\"http://b?cb=1", "??http://a?cb=1", "http://a\xff\u00e9?cb=1\u00a0&x", "ttp://a?cb=1",
		"https://http://?cb=1", "://a?cb=1",
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		want := withQuery.ReplaceAllStringFunc(text, func(address string) string {
			if strings.Contains(address, "&amp;") {
				return stable.Text(address)
			}
			return stable.Address(address)
		})
		if got := stable.Text(text); got != want {
			t.Errorf("Text(%q) = %q, want %q", text, got, want)
		}
	})
}
