package websub_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/newswire/newswire/sources/sourcetest"
	"github.com/newswire/newswire/sources/websub"
)

func TestDiscoverGoesByTheHeaderBeforeTheBody(t *testing.T) {
	const at = "https://a.example/feed"
	inBody := websub.Said{Hub: "https://hub.example/body", Self: "https://a.example/body"}
	for _, tt := range []struct {
		name       string
		links      []string
		body       websub.Said
		hub, topic string
	}{
		{"nothing", nil, websub.Said{Self: at}, "", ""},
		{"the body alone", nil, inBody, "https://hub.example/body", "https://a.example/body"},
		{"the body without a topic", nil, websub.Said{Hub: inBody.Hub}, "https://hub.example/body", at},
		{"the header alone", []string{`<https://hub.example/>; rel="hub", <https://a.example/self>; rel=self`}, websub.Said{}, "https://hub.example/", "https://a.example/self"},
		{"both", []string{`<https://hub.example/>; rel="hub"`, `</self>; rel="self"`}, inBody, "https://hub.example/", "https://a.example/self"},
		{"a hub in the header and a topic in the body", []string{`<https://hub.example/>; rel=hub`}, inBody, "https://hub.example/", "https://a.example/body"},
		{"several relations at once", []string{`<https://hub.example/>; rel="Hub preload"`}, websub.Said{}, "https://hub.example/", at},
		{"several hubs", []string{`<https://one.example/>; rel=hub, <https://two.example/>; rel=hub`}, websub.Said{}, "https://one.example/", at},
		{"a hub of something else", []string{`<https://hub.example/>; rel=hub; anchor="/other"`}, websub.Said{}, "", ""},
		{"a hub without the web", []string{`<ftp://hub.example/>; rel=hub`, `<javascript:alert(1)>; rel=hub`}, websub.Said{}, "", ""},
		{"a hub with a password", []string{`<https://user:secret@hub.example/>; rel=hub`}, websub.Said{}, "", ""},
		{"an endless hub", []string{`<https://hub.example/` + strings.Repeat("x", 3000) + `>; rel=hub`}, websub.Said{}, "", ""},
		{"a fragment", []string{`<https://hub.example/#x>; rel=hub`}, websub.Said{Self: at + "#top"}, "https://hub.example/", at},
	} {
		h := http.Header{"Link": tt.links}
		if hub, topic := websub.Discover(h, at, tt.body); hub != tt.hub || topic != tt.topic {
			t.Errorf("%s: hub %q, topic %q; want %q and %q", tt.name, hub, topic, tt.hub, tt.topic)
		}
	}
}

func TestSignedKnowsTheMethodsOfTheStandard(t *testing.T) {
	const secret, body = "s3cret", "a document"
	right := sourcetest.Sign("sha256", secret, body)
	for _, tt := range []struct {
		name, header string
		want         bool
	}{
		{"sha1", sourcetest.Sign("sha1", secret, body), true},
		{"sha256", right, true},
		{"sha384", sourcetest.Sign("sha384", secret, body), true},
		{"sha512", sourcetest.Sign("sha512", secret, body), true},
		{"in capitals", strings.ToUpper(right), true},
		{"by another secret", sourcetest.Sign("sha256", "other", body), false},
		{"of another document", sourcetest.Sign("sha256", secret, body+" "), false},
		{"under another name", "sha512" + strings.TrimPrefix(right, "sha256"), false},
		{"cut off", right[:len(right)-2], false},
		{"too long", right + "00", false},
		{"an unknown method", "md5=d41d8cd98f00b204e9800998ecf8427e", false},
		{"no method", strings.TrimPrefix(right, "sha256="), false},
		{"no signature", "sha256=", false},
		{"not hexadecimal", "sha256=" + strings.Repeat("x", 64), false},
		{"empty", "", false},
	} {
		if got := websub.Signed(tt.header, []byte(body), "", "former", secret); got != tt.want {
			t.Errorf("%s: %v; want %v", tt.name, got, tt.want)
		}
	}
	if websub.Signed(sourcetest.Sign("sha256", "", body), []byte(body), "", "") {
		t.Error("a document that was signed with no secret is believed")
	}
}

func TestSubscriptionsAreAskedForInTheStandardsWords(t *testing.T) {
	token := websub.NewSecret()
	callback := websub.Callback("https://wire.example/news/", "dsb", token)
	if want := "https://wire.example/news/websub/dsb." + token; callback != want || len(token) != 43 || token == websub.NewSecret() {
		t.Errorf("the callback is %s; want %s, with a token of 256 bits", callback, want)
	}
	got := websub.Subscribe("https://a.example/", callback, 10*24*time.Hour, "s3cret")
	want := url.Values{
		"hub.mode": {"subscribe"}, "hub.topic": {"https://a.example/"}, "hub.callback": {callback},
		"hub.lease_seconds": {"864000"}, "hub.secret": {"s3cret"},
	}
	if got.Encode() != want.Encode() {
		t.Errorf("subscribe with %v; want %v", got, want)
	}
	if got := websub.Unsubscribe("https://a.example/", callback); got.Get("hub.mode") != "unsubscribe" || got.Has("hub.secret") {
		t.Errorf("unsubscribe with %v", got)
	}
}
