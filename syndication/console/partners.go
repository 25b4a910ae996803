package console

import (
	"net/http"

	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication/webhook"
)

// Partner is a partner of the config, and what it uses.
type Partner struct {
	ID         string
	Categories []string          // empty: all articles
	Used       cache.Used        // in 30 days
	Webhook    *webhook.Standing // nil where it has none; the URL without what may be secret
}

func (c *console) partners(r *http.Request) (page, title string, data any, err error) {
	list, err := c.desk.Partners(r.Context())
	return "partners", "Partners", list, err
}
