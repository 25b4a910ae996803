package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// schemes are what the address of a store may begin with.
var schemes = []string{"sqlite", "redis", "rediss", "redis+sentinel", "rediss+sentinel", "redis+cluster", "rediss+cluster"}

// store is where articles are kept. Of an address that is wrong no more than its scheme is shown: there may be a password
// in the rest.
func (c *checker) store(d *document) string {
	mistakes := len(c.problems)
	store := c.secret("store", d.Store, d.StoreFile, d.StoreEnv)
	if store == "" {
		return defaultStore
	}
	scheme, _, ok := strings.Cut(store, ":")
	if len(c.problems) > mistakes || ok && slices.Contains(schemes, scheme) {
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
	c.problem(p, "store: %q is no kind of store; use sqlite:FILE, redis://…, rediss://…, redis+sentinel://… or redis+cluster://…", scheme)
	return store
}

// secret takes a value from the one place of three that the config names: itself, a file or an environment variable.
func (c *checker) secret(key, value, file, env string) string {
	given := 0
	for _, s := range []string{value, file, env} {
		if s != "" {
			given++
		}
	}
	if given > 1 {
		c.problem(path{key + "_file"}, "give only one of %s, %s_file and %s_env", key, key, key)
	}
	switch {
	case file != "":
		if !filepath.IsAbs(file) {
			file = filepath.Join(c.dir, file)
		}
		data, err := os.ReadFile(file)
		if err != nil {
			var pe *fs.PathError
			if errors.As(err, &pe) {
				err = pe.Err
			}
			c.problem(path{key + "_file"}, "%s_file %s cannot be read: %v", key, file, err)
			return ""
		}
		text := strings.TrimSpace(string(data))
		if text == "" {
			c.problem(path{key + "_file"}, "%s_file %s is empty", key, file)
		}
		return text
	case env != "":
		v := os.Getenv(env)
		if v == "" {
			c.problem(path{key + "_env"}, "%s_env: the environment variable %s is not set", key, env)
		}
		return v
	}
	return value
}

// snapshotFolder is where the last good feeds are kept. A file on the same disk as the folder is away when that is, and
// the folder would be of little use.
func snapshotFolder(written, store string) string {
	switch {
	case written == "off", written == "" && strings.HasPrefix(store, "sqlite:"):
		return ""
	case written == "":
		return defaultSnapshot
	}
	return written
}
