package config

import (
	"cmp"
	"strings"

	"github.com/newswire/newswire/cmd/newswire/internal/stores"
)

// store is where articles are kept. Of an address that is wrong no more than its scheme is shown: there may be a password
// in the rest.
func (c *checker) store(d *document) string {
	mistakes := len(c.problems)
	store := c.secret(nil, "store", secret(d.Store))
	if store == "" {
		return defaultStore
	}
	scheme, _, ok := strings.Cut(store, ":")
	if len(c.problems) > mistakes {
		return store
	}
	if !ok {
		scheme = "…"
	}
	p := path{"store"}
	for _, key := range []string{"store_file", "store_env"} {
		if line := c.line(path{key}); line > 0 {
			p = path{key}
		}
	}
	if !stores.Known(store) {
		c.problem(p, "store: %q is no kind of store; use %s", scheme, stores.Forms())
	} else if err := stores.Check(store); err != nil {
		c.problem(p, "store: %v", err)
	}
	return store
}

// snapshotFolder is where the last good feeds are kept. A file on the same disk as the folder is away when that is, and
// the folder would be of little use.
func snapshotFolder(written, store string) string {
	switch {
	case written == "off", written == "" && stores.Local(store):
		return ""
	case written == "":
		return defaultSnapshot
	}
	return written
}

// searchFile is where the search index is kept.
func searchFile(written string) string {
	if written == "off" {
		return ""
	}
	return cmp.Or(written, defaultSearch)
}
