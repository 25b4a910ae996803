package config

import (
	"fmt"
	"hash"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
	"golang.org/x/text/language"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/rules"
	"github.com/newswire/newswire/syndication/admin"
	"github.com/newswire/newswire/syndication/pages"
)

// The defaults of DESIGN's config.
const (
	defaultListen         = ":8080"
	defaultAdmin          = "127.0.0.1:8081"
	defaultPictures       = "proxy"
	defaultStore          = "sqlite:newswire.db"
	defaultSnapshot       = "newswire.snapshot"
	defaultSearch         = "newswire.search"
	leastMemory           = 64 << 20
	defaultSchedule       = "@every 1h"
	defaultTimeout        = 30 * time.Second
	defaultMaxBytes       = 15_000_000
	defaultDomainInterval = 2 * time.Second
	defaultConcurrency    = 32
	defaultAge            = 720 * time.Hour
	defaultArticles       = 5000
)

// checker turns a document into a Config and gathers the problems on the way.
type checker struct {
	part      // that is checked at the moment
	dir       string
	files     []string // that were read, the config's own first
	includes  include
	read      hash.Hash                        // of them all
	earlier   map[textDigest][]newswire.Source // what was found of texts that were checked before
	whole     bool                             // no shortcuts are taken
	shortened bool                             // some were
	problems  Errors
	notices   Errors
	common    *common
}

// at is where a value stands.
type at struct {
	file string
	line int
}

// in names a place for a message about another.
func (a at) in(other at) string {
	if a.file == other.file {
		return fmt.Sprintf("on line %d", a.line)
	}
	return fmt.Sprintf("in %s on line %d", a.file, a.line)
}

// at is where the value at the path stands.
func (c *checker) at(p path) at { return at{c.file, c.line(p)} }

// path leads to a value: strings are keys, ints are places in a list.
type path []any

// line is where the value at the path stands, or the deepest part of the path that is there.
func (c *checker) line(p path) int {
	if line := c.lineInPart(p); line > 0 {
		return c.before + line
	}
	return 0
}

func (c *checker) lineInPart(p path) int {
	node := &c.root
	if node.Kind == yaml.DocumentNode && len(node.Content) > 0 {
		node = node.Content[0]
	}
	line := 0
	for _, step := range p {
		var next *yaml.Node
		switch step := step.(type) {
		case string:
			for i := 0; node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
				if node.Content[i].Value == step {
					next, line = node.Content[i+1], int(node.Content[i].Line)
				}
			}
		case int:
			if node.Kind == yaml.SequenceNode && step < len(node.Content) {
				next = node.Content[step]
				line = int(next.Line)
			}
		}
		if next == nil {
			return line
		}
		node = next
	}
	return line
}

// misread says whether the value at the path could not be read at all, which was said already: its zero is not its own.
func (c *checker) misread(p path) bool {
	at := c.at(p)
	return slices.ContainsFunc(c.problems, func(q Problem) bool {
		return q.Line == at.line && q.File == at.file && strings.HasPrefix(q.Message, "want ")
	})
}

func (c *checker) problem(p path, format string, args ...any) {
	c.problems = append(c.problems, Problem{File: c.file, Line: c.line(p), Message: fmt.Sprintf(format, args...)})
}

func (c *checker) notice(p path, format string, args ...any) {
	c.notices = append(c.notices, Problem{File: c.file, Line: c.line(p), Message: fmt.Sprintf(format, args...)})
}

func (c *checker) build(d *document, runs []run) (*Config, error) {
	config := &Config{
		Listen:     c.address(path{"listen"}, d.Listen, defaultListen),
		Admin:      c.address(path{"admin"}, d.Admin, defaultAdmin),
		AdminToken: c.secret(nil, "admin_token", secret(d.AdminToken)),
		Store:      c.store(d),
		Fetch:      c.fetch(d.Fetch),
	}
	if config.AdminToken == "" && !admin.IsLoopback(config.Admin) {
		c.notice(path{"admin"}, "%s can be reached from elsewhere and there is no token: of the admin listener only health is answered", config.Admin)
	}
	c.onePort(config.Listen, config.Admin)
	config.Snapshot = snapshotFolder(d.Snapshot, config.Store)
	config.Search = searchFile(d.Search)
	config.Memory = c.memory(d.Memory)
	config.Site = c.site(d.Site, config.Listen)
	config.Pictures = c.pictures(d.Site.Pictures)
	config.Theme = c.theme(d.Site.Theme)
	config.Categories = c.categories(d.Categories)
	sources := c.newSourceChecker(d, config.Categories)
	if err := c.sources(sources, d, runs); err != nil {
		return nil, err
	}
	config.Sources, config.Access, config.Retention = sources.out, sources.access, sources.base.Retention
	config.parts = sources.parts
	config.Authors = c.authors(d.Authors, config.Sources)
	config.Partners = partnerChecker{c}.partners(d.Partners, config.Categories)
	config.Rules = rules.NewSet(sources.rules)
	config.Hub = c.hub(d.Hub)
	config.Tracing = checkTracing(c, d.Tracing)
	config.Notices = c.notices
	return config, nil
}

func (c *checker) site(s site, listen string) newswire.Site {
	out := newswire.Site{Title: s.Title, URL: strings.TrimRight(s.URL, "/"), Contact: s.Contact, Language: s.Language}
	if out.URL == "" {
		_, port, _ := net.SplitHostPort(listen)
		out.URL = "http://localhost:" + port
		c.notice(path{"site"}, "site.url is not set: feeds call themselves %s, which only this machine can follow", out.URL)
	} else if u, ok := c.webAddress(path{"site", "url"}, s.URL); ok && (u.RawQuery != "" || u.Fragment != "") {
		c.problem(path{"site", "url"}, "site.url must end with its path, without ? or #")
	}
	if out.Title == "" {
		out.Title = "newswire"
	}
	if s.Contact != "" {
		if _, err := mail.ParseAddress(s.Contact); err != nil {
			c.problem(path{"site", "contact"}, "site.contact: %q is not an e-mail address", s.Contact)
		}
	}
	if s.Language == "" {
		out.Language = "en"
	} else if _, err := language.Parse(s.Language); err != nil {
		c.problem(path{"site", "language"}, "site.language: %q is not a language tag such as en or zh-Hant", s.Language)
	}
	return out
}

// theme reads the theme of pages from its folder, which is relative to the config's.
func (c *checker) theme(dir string) *pages.Theme {
	if dir == "" {
		return nil
	}
	if !filepath.IsAbs(dir) {
		dir = filepath.Join(c.dir, dir)
	}
	theme, err := pages.Load(dir)
	if err != nil {
		c.problem(path{"site", "theme"}, "site.theme: %s", strings.ReplaceAll(err.Error(), "\n", "; "))
	}
	return theme
}

// pictures is where pages have the pictures of articles from.
func (c *checker) pictures(s string) string {
	switch s {
	case "":
		return defaultPictures
	case "proxy", "direct", "off":
	default:
		c.problem(path{"site", "pictures"}, "site.pictures: %q must be proxy, direct or off", s)
	}
	return s
}

func (c *checker) memory(s string) int64 {
	if s == "" {
		return 0
	}
	n, err := parseBytes(s)
	switch {
	case err != nil:
		c.problem(path{"memory"}, "memory: %v", err)
	case n < leastMemory:
		c.problem(path{"memory"}, "memory must be 64MiB or more")
	}
	return n
}

func (c *checker) fetch(f fetchKeys) Fetch {
	out := Fetch{Timeout: defaultTimeout, MaxBytes: defaultMaxBytes, DomainInterval: defaultDomainInterval, Concurrency: defaultConcurrency}
	if f.Timeout != nil {
		out.Timeout = *f.Timeout
		if out.Timeout <= 0 && !c.misread(path{"fetch", "timeout"}) {
			c.problem(path{"fetch", "timeout"}, "fetch.timeout must be more than 0")
		}
	}
	if f.MaxBytes != "" {
		n, err := parseBytes(f.MaxBytes)
		if err != nil {
			c.problem(path{"fetch", "max_bytes"}, "fetch.max_bytes: %v", err)
		}
		out.MaxBytes = n
	}
	if f.DomainInterval != nil {
		out.DomainInterval = *f.DomainInterval
		if out.DomainInterval < 0 {
			c.problem(path{"fetch", "domain_interval"}, "fetch.domain_interval must not be negative")
		}
	}
	if f.Concurrency != nil {
		out.Concurrency = *f.Concurrency
		if out.Concurrency < 1 {
			c.problem(path{"fetch", "concurrency"}, "fetch.concurrency must be at least 1")
		}
	}
	for i, s := range f.AllowPrivate {
		prefix, err := netip.ParsePrefix(s)
		if err != nil {
			addr, aerr := netip.ParseAddr(s)
			if aerr != nil {
				c.problem(path{"fetch", "allow_private", i}, "fetch.allow_private: %q is not a range such as 127.0.0.0/8", s)
				continue
			}
			prefix = netip.PrefixFrom(addr, addr.BitLen())
		}
		out.AllowPrivate = append(out.AllowPrivate, prefix.Masked())
	}
	out.Proxy = accessChecker{c}.proxy(path{"fetch"}, f.Proxy)
	return out
}

// block checks words to block. One of a single character would be found everywhere.
func (c *checker) block(p path, terms []string) []string {
	for i, term := range terms {
		if utf8.RuneCountInString(strings.TrimSpace(term)) < 2 {
			c.problem(append(p, i), "clean.block: %q is too short to mean anything", term)
		}
	}
	return terms
}

// id checks the identifier of one member of a list.
func (c *checker) id(p path, kind, id string, seen map[string]at) {
	key := append(p, "id")
	switch first, repeated := seen[id]; {
	case id == "":
		c.problem(p, "%s without id", kind)
	case !newswire.ValidID(id):
		c.problem(key, "%s id %q: use lower-case letters, digits, dashes, dots and underscores; it becomes part of addresses", kind, id)
	case repeated:
		c.problem(key, "%s id %q is already taken %s", kind, id, first.in(c.at(key)))
	default:
		seen[id] = c.at(key)
	}
}

func (c *checker) knownCategory(p path, id string, categories []newswire.Category) {
	if slices.ContainsFunc(categories, func(k newswire.Category) bool { return k.ID == id }) {
		return
	}
	ids := make([]string, len(categories))
	for i := range categories {
		ids[i] = categories[i].ID
	}
	c.unknown(p, "category", id, ids)
}

func (c *checker) unknown(p path, kind, id string, known []string) {
	text := fmt.Sprintf("there is no %s %q", kind, id)
	if s := suggest(id, known); s != "" {
		text += fmt.Sprintf("; did you mean %q?", s)
	}
	c.problem(p, "%s", text)
}

// webAddress checks an absolute http or https address. Its message leaves out what may be secret.
func (c *checker) webAddress(p path, address string) (*url.URL, bool) {
	u, err := url.Parse(address)
	if err != nil || (u.Scheme != "http" && u.Scheme != "https") || u.Hostname() == "" {
		shown := address
		if strings.Contains(address, "@") {
			shown = "…"
		}
		c.problem(p, "%q is not an absolute http or https address", shown)
		return nil, false
	}
	return u, true
}

// name is an id for a message, also when it is missing.
func name(id string) string {
	if id == "" {
		return "without id"
	}
	return strconv.Quote(id)
}

// parseBytes reads a size: a number with nothing, kB, MB, GB (thousands), KiB, MiB or GiB (1,024s) behind it.
func parseBytes(s string) (int64, error) {
	digits := strings.TrimRight(s, "kKMGiBb ")
	unit := strings.TrimSpace(s[len(digits):])
	factor, ok := map[string]float64{
		"": 1, "B": 1, "kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30,
	}[unit]
	n, err := strconv.ParseFloat(digits, 64)
	if err != nil || !ok || n <= 0 {
		return 0, fmt.Errorf("%q is not a size such as 15MB or 512KiB", s)
	}
	return int64(n * factor), nil
}
