package config

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication/partner"
)

// digest is one as it is written.
var digest = strings.Repeat("0aF1", 16)

func TestPartners(t *testing.T) {
	t.Setenv("ACME_HOOK", "whsec_c2VjcmV0")
	key := partner.NewKey()
	t.Setenv("OTHER_KEY", key)
	c, err := Parse("newswire.yaml", []byte(`
categories: [{id: finance}]
defaults: {rights: {policy: excerpt, partners: full}}
sources:
  - {id: a, url: 'https://a.example/feed'}
  - {id: b, url: 'https://b.example/feed', rights: {partners: title}}
partners:
  - id: acme
    key_sha256: "`+digest+`"
    previous_key_sha256: "`+strings.Repeat("00", 32)+`"
    previous_key_until: 2026-12-01T00:00:00Z
    categories: [finance]
    content: full
    rate: 600/m
    webhook: {url: https://acme.example/hook, secret_env: ACME_HOOK}
  - {id: other, key_env: OTHER_KEY, webhook: {url: https://o.example/, secret_env: ACME_HOOK, batch: 7}}
`))
	if err != nil {
		t.Fatal(err)
	}
	want := []partner.Partner{
		{
			ID: "acme", Categories: []string{"finance"}, Content: newswire.PolicyFull, Rate: cache.Quota{Units: 600, Period: time.Minute},
			Webhook: &partner.Webhook{URL: "https://acme.example/hook", Secret: "whsec_c2VjcmV0", Batch: 100},
		},
		{ID: "other", Webhook: &partner.Webhook{URL: "https://o.example/", Secret: "whsec_c2VjcmV0", Batch: 7}},
	}
	for i := range c.Partners {
		c.Partners[i].Keys = nil // the roster below knows them
	}
	if d := cmp.Diff(want, c.Partners); d != "" {
		t.Error(d)
	}
	if said := c.Notices[len(c.Notices)-1].String(); !strings.Contains(said, "has 6 bytes and may be guessed") {
		t.Errorf("of a short secret: %s", said)
	}
	if a, b := c.Sources[0].Rights.Partners, c.Sources[1].Rights.Partners; a != newswire.PolicyFull || b != newswire.PolicyTitle {
		t.Errorf("rights.partners are %q and %q", a, b)
	}
}

func TestKeysOfPartnersAreFound(t *testing.T) {
	key, old := partner.NewKey(), partner.DigestOf("old")
	t.Setenv("OTHER_KEY", key)
	c, err := Parse("newswire.yaml", []byte("partners: [{id: other, key_env: OTHER_KEY, previous_key_sha256: "+
		hexOf(old)+", previous_key_until: '2026-12-01T00:00:00Z'}]"))
	if err != nil {
		t.Fatal(err)
	}
	want := []partner.Key{
		{Digest: partner.DigestOf(key)},
		{Digest: old, Until: time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)},
	}
	if d := cmp.Diff(want, c.Partners[0].Keys); d != "" {
		t.Error(d)
	}
}

func hexOf(d partner.Digest) string {
	const digits = "0123456789abcdef"
	var b strings.Builder
	for _, c := range d {
		b.WriteByte(digits[c>>4])
		b.WriteByte(digits[c&15])
	}
	return b.String()
}

func TestMistakesOfPartners(t *testing.T) {
	for text, want := range map[string]string{
		"{id: acme, key_sha256: 12ab}":                          "SHA-256 of a key in 64 hexadecimal digits",
		"{id: acme, key_sha256: " + digest + ", key_env: HOME}": "only one of key_sha256, key_file and key_env",
		"{id: acme, key_env: NOT_SET_ANYWHERE}":                 "NOT_SET_ANYWHERE is not set",
		"{id: acme, key_file: not-there}":                       "cannot be read",
		"{id: acme, key_env: SHORT}":                            "could be guessed",
		"{id: acme, rate: fast}":                                "is no rate such as 600/m",
		"{id: acme, content: all}":                              "content is full, excerpt or title",
		"{id: acme, categories: [sport]}":                       `no category "sport"`,
		"{id: Acme}":                                            "use lower-case letters",
		"{id: a, key_sha256: " + digest + "}, {id: b, key_sha256: " + digest + "}":      "have the same key",
		"{id: acme, previous_key_sha256: " + digest + "}":                               "previous_key_until",
		"{id: acme, webhook: {url: ftp://x/, secret_env: SHORT}}":                       "not an absolute http or https address",
		"{id: acme, webhook: {url: 'https://u:p@x.example/', secret_env: SHORT}}":       "no user and password",
		"{id: acme, webhook: {url: 'https://x.example/'}}":                              "no secret",
		"{id: acme, webhook: {secret_env: SHORT}}":                                      "no url",
		"{id: acme, webhook: {url: 'https://x.example/', secret_env: SHORT, batch: 0}}": "from 1 to 1000",
		"{id: acme, webhook: {url: 'https://x.example/', secret_env: NO_BASE64}}":       "what follows whsec_ is no base64",
		"{id: acme, kee_sha256: x}":                                                     `did you mean "key_sha256"`,
	} {
		t.Setenv("SHORT", "short")
		t.Setenv("NO_BASE64", "whsec_no!base64")
		_, err := Parse("newswire.yaml", []byte("partners: ["+text+"]\n"))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "newswire.yaml:1: ") {
			t.Errorf("%s: %v; want %q", text, err, want)
		}
		if err != nil && (strings.Contains(err.Error(), "short\"") || strings.Contains(err.Error(), "u:p")) {
			t.Errorf("%s: a secret is shown: %v", text, err)
		}
	}
}
