package sources_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/sourcetest"
)

// TestAFailureSaysWhatToDo has the cause and the next step in the result, and in what `newswire sources` shows.
func TestAFailureSaysWhatToDo(t *testing.T) {
	other := sourcetest.NewPublisher(t, "<!DOCTYPE html><title>This domain is for sale</title>")
	elsewhere := strings.Replace(other.URL(), "127.0.0.1", "localhost", 1)
	tests := []struct {
		name   string
		answer http.Handler
		want   []string
	}{
		{"401", sourcetest.Status(401, "WWW-Authenticate", `Basic realm="x"`), []string{"401", "access: {user: …, password_env: …}"}},
		{"401 by another scheme", sourcetest.Status(401, "WWW-Authenticate", "Digest x"), []string{"401", "asks for Digest"}},
		{"Cloudflare", sourcetest.Status(403, "Cf-Mitigated", "challenge"), []string{"403", "Cloudflare", "ask the publisher"}},
		{"a port for TLS", sourcetest.Status(400), []string{"400", "write https://"}},
		{"another site", sourcetest.Redirect(302, elsewhere), []string{"redirected to " + elsewhere}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			h, pub := newHarness(t), sourcetest.NewPublisher(t, "")
			pub.Answer(tt.answer)
			s := newswire.Source{ID: "pub", URL: pub.URL()}
			r := h.visit(nil, s)["pub"]
			wantOutcome(t, r, sources.Failed, 0, 0)
			for _, want := range tt.want {
				if !strings.Contains(r.Error, want) || h.standing(s).Error != r.Error {
					t.Errorf("error %q, standing %q; want both to say %q", r.Error, h.standing(s).Error, want)
				}
			}
		})
	}
}
