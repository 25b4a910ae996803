package service

import (
	"net/http"
	"strings"

	"github.com/newswire/newswire/cmd/newswire/internal/config"
	"github.com/newswire/newswire/syndication/api"
	"github.com/newswire/newswire/syndication/partner"
)

// newSettings is what a config means to partners.
func newSettings(conf *config.Config) *api.Settings {
	return &api.Settings{
		Site: conf.Site, Categories: conf.Categories, Sources: conf.Sources, Authors: conf.Authors,
		Partners: partner.NewRoster(conf.Partners),
	}
}

// withAPI answers partners on the listener of readers.
func withAPI(partners, readers http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasPrefix(r.URL.Path, api.Path) {
			partners.ServeHTTP(w, r)
		} else {
			readers.ServeHTTP(w, r)
		}
	})
}
