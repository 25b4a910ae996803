package config

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/newswire/newswire/sources/fetch"
)

// accessChecker checks how sources are reached.
type accessChecker struct{ *checker }

// access checks how a source is reached, and whether it says something of it.
func (c accessChecker) access(p path, s *source) (_ Access, own bool) {
	a := Access{Credentials: c.credentials(append(p, "access"), s)}
	if s.Proxy.Value == "none" {
		a.Direct, s.Proxy.Value = true, ""
	}
	a.Proxy = c.proxy(p, s.Proxy)
	c.tls(append(p, "tls"), &a, s.TLS)
	return a, !a.Credentials.IsZero() || a.Proxy != nil || a.Direct || a.Authorities != nil
}

// credentials checks what is shown to a source's origin.
func (c accessChecker) credentials(p path, s *source) fetch.Credentials {
	k := &s.Access
	before := len(c.problems)
	out := fetch.Credentials{
		Origin:   s.URL,
		User:     fetch.NewSecret(k.User),
		Password: fetch.NewSecret(c.secret(p, "password", secret(k.Password))),
		Bearer:   fetch.NewSecret(c.secret(p, "bearer", secret(k.Bearer))),
		Headers:  c.fields(append(p, "headers"), k.Headers),
		Cookies:  c.fields(append(p, "cookies"), k.Cookies),
	}
	if out.IsZero() {
		return out
	}
	if len(c.problems) == before { // else something is missing, and was said
		if err := out.Check(); err != nil {
			for line := range strings.SplitSeq(err.Error(), "\n") {
				c.problem(p, "access: %s", line)
			}
		}
	}
	if u, _, ok := strings.Cut(s.URL, "@"); ok && strings.Contains(u, "://") && !out.User.IsZero() {
		c.problem(p, "access: the url has a user in it, too: give one of them")
	}
	if strings.HasPrefix(strings.ToLower(s.URL), "http://") {
		c.notice(p, "source %s sends its credentials over plain http: all on the way can read them", name(s.ID))
	}
	return out
}

// fields reads headers or cookies, in the order of their names.
func (c accessChecker) fields(p path, in map[string]place) []fetch.Field {
	if len(in) == 0 {
		return nil
	}
	var out []fetch.Field
	for _, key := range slices.Sorted(maps.Keys(in)) {
		out = append(out, fetch.Field{Name: key, Value: fetch.NewSecret(c.placed(append(p, key), in[key]))})
	}
	return out
}

// placed reads a secret from the place that a mapping of its own names.
func (c accessChecker) placed(p path, in place) string {
	switch {
	case in.File == "" && in.Env == "":
		c.problem(p, "where is it? write {env: NAME} or {file: PATH}")
	case in.File != "" && in.Env != "":
		c.problem(p, "give only one of file and env")
	case in.Env != "":
		text := os.Getenv(in.Env)
		if text == "" {
			c.problem(p, "env: the environment variable %s is not set", in.Env)
		}
		return text
	default:
		text, err := secretText(beside(c.dir, in.File))
		if err != nil {
			c.problem(p, "file %v", err)
		}
		return text
	}
	return ""
}

// beside is the path of a file that a config in that folder names.
func beside(dir, file string) string {
	if filepath.IsAbs(file) {
		return file
	}
	return filepath.Join(dir, file)
}

// proxy checks the address of a proxy; nil for none.
func (c accessChecker) proxy(p path, k proxyKeys) *fetch.Proxy {
	before := len(c.problems)
	address := c.secret(p, "proxy", secret(k))
	if address == "" || len(c.problems) > before {
		return nil
	}
	key := "proxy"
	switch {
	case k.File != "":
		key = "proxy_file"
	case k.Env != "":
		key = "proxy_env"
	}
	out, err := fetch.ParseProxy(address)
	if err != nil {
		c.problem(append(p, key), "%s: %v", key, err)
	}
	return out
}

// tls reads the files of a source's own TLS.
func (c accessChecker) tls(p path, a *Access, k tlsKeys) {
	if k.CA != "" {
		if text, ok := c.readFile(append(p, "ca_file"), "ca_file", k.CA); ok {
			pool, err := fetch.Authorities(text)
			if err != nil {
				c.problem(append(p, "ca_file"), "ca_file %s: %v", k.CA, err)
			}
			a.Authorities = pool
		}
	}
	switch {
	case k.Cert == "" && k.Key == "":
		return
	case k.Cert == "" || k.Key == "":
		c.problem(p, "tls: cert_file and key_file go together")
		return
	}
	cert, found := c.readFile(append(p, "cert_file"), "cert_file", k.Cert)
	key, ok := c.readFile(append(p, "key_file"), "key_file", k.Key)
	if !found || !ok {
		return
	}
	certificate, err := fetch.NewCertificate(cert, key)
	if err != nil {
		c.problem(append(p, "cert_file"), "tls: %s and %s: %v", k.Cert, k.Key, err)
		return
	}
	a.Credentials.Certificate = certificate
}

// readFile reads a file that a key names.
func (c accessChecker) readFile(p path, key, file string) ([]byte, bool) {
	data, err := os.ReadFile(beside(c.dir, file))
	if err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		c.problem(p, "%s %s cannot be read: %v", key, file, err)
	}
	return data, err == nil
}
