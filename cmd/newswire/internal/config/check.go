package config

import (
	"errors"
	"fmt"
	"io/fs"
	"net"
	"net/mail"
	"net/netip"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"go.yaml.in/yaml/v4"
	"golang.org/x/text/language"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources"
	"github.com/newswire/newswire/sources/page"
)

// The defaults of DESIGN's config.
const (
	defaultListen         = ":8080"
	defaultAdmin          = "127.0.0.1:8081"
	defaultStore          = "sqlite:newswire.db"
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
	file     string
	dir      string
	root     yaml.Node
	problems Problems
	notices  Problems
}

// path leads to a value: strings are keys, ints are places in a list.
type path []any

// line is where the value at the path stands, or the deepest part of the path that is there.
func (c *checker) line(p path) int {
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
	line := c.line(p)
	return slices.ContainsFunc(c.problems, func(q Problem) bool { return q.Line == line && strings.HasPrefix(q.Message, "want ") })
}

func (c *checker) problem(p path, format string, args ...any) {
	c.problems = append(c.problems, Problem{File: c.file, Line: c.line(p), Message: fmt.Sprintf(format, args...)})
}

func (c *checker) notice(p path, format string, args ...any) {
	c.notices = append(c.notices, Problem{File: c.file, Line: c.line(p), Message: fmt.Sprintf(format, args...)})
}

func (c *checker) build(d *document) *Config {
	config := &Config{
		Listen:     c.address(path{"listen"}, d.Listen, defaultListen),
		Admin:      c.address(path{"admin"}, d.Admin, defaultAdmin),
		AdminToken: c.secret("admin_token", "", d.AdminToken.File, d.AdminToken.Env),
		Store:      c.secret("store", d.Store, d.StoreFile, d.StoreEnv),
		Fetch:      c.fetch(d.Fetch),
	}
	if config.Store == "" {
		config.Store = defaultStore
	}
	config.Site = c.site(d.Site, config.Listen)
	config.Categories = c.categories(d.Categories)
	config.Sources = c.sources(d, config.Categories)
	config.Authors = c.authors(d.Authors, config.Sources)
	c.partners(d.Partners, config.Categories)
	config.Notices = c.notices
	return config
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

func (c *checker) fetch(f fetch) Fetch {
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
	return out
}

func (c *checker) categories(in []category) []newswire.Category {
	var out []newswire.Category
	seen := map[string]int{}
	for i, k := range in {
		p := path{"categories", i}
		c.id(p, "category", k.ID, seen)
		if k.Title == "" {
			k.Title = k.ID
		}
		out = append(out, newswire.Category{ID: k.ID, Title: k.Title, Match: k.Match})
	}
	return out
}

func (c *checker) sources(d *document, categories []newswire.Category) []newswire.Source {
	base := newswire.Source{
		Schedule:  defaultSchedule,
		Timezone:  time.UTC,
		Rights:    newswire.Rights{Policy: newswire.PolicyExcerpt},
		Retention: newswire.Retention{Age: defaultAge, Articles: defaultArticles},
		Block:     c.block(path{"clean", "block"}, d.Clean.Block),
	}
	p := path{"defaults"}
	c.settings(p, &base, d.Defaults.Schedule, d.Defaults.Timezone, d.Defaults.Rights, d.Defaults.Credit, d.Defaults.Retention)

	var out []newswire.Source
	seen := map[string]int{}
	for i, s := range d.Sources {
		p := path{"sources", i}
		c.id(p, "source", s.ID, seen)
		if s.URL == "" {
			c.problem(p, "source %s has no url", name(s.ID))
		} else {
			c.webAddress(append(p, "url"), s.URL)
		}
		if s.Site != "" {
			c.webAddress(append(p, "site"), s.Site)
		}
		source := base
		source.ID, source.Name, source.URL, source.Site, source.Categories = s.ID, s.Name, s.URL, s.Site, s.Categories
		source.Pinned = s.Schedule != ""
		c.settings(p, &source, s.Schedule, s.Timezone, s.Rights, s.Credit, s.Retention)
		for j, id := range s.Categories {
			c.knownCategory(append(p, "categories", j), id, categories)
		}
		source.Block = slices.Concat(base.Block, c.block(append(p, "clean", "block"), s.Clean.Block))
		source.FullText = s.FullText
		if s.Page != nil {
			source.Page = c.page(append(p, "page"), s.Page)
		}
		out = append(out, source)
	}
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

// settings overrides what a source has from the defaults by what it says itself.
func (c *checker) settings(p path, s *newswire.Source, schedule, timezone string, r rights, credit *bool, keep retention) {
	if timezone != "" {
		location, err := time.LoadLocation(timezone)
		if err != nil || timezone == "Local" {
			c.problem(append(p, "timezone"), "timezone %q is not known; use a name such as Asia/Shanghai", timezone)
		} else {
			s.Timezone = location
		}
	}
	if schedule != "" {
		s.Schedule = schedule
		if _, err := sources.ParseSchedule(schedule, s.ID, s.Timezone); err != nil {
			c.problem(append(p, "schedule"), "schedule %q: %v", schedule, err)
		}
	}
	if r.Policy != "" {
		s.Rights.Policy = newswire.Policy(r.Policy)
		switch s.Rights.Policy {
		case newswire.PolicyFull, newswire.PolicyExcerpt, newswire.PolicyTitle:
		default:
			c.problem(append(p, "rights", "policy"), "rights.policy is full, excerpt or title, not %q", r.Policy)
		}
	}
	if r.License != "" {
		s.Rights.License = r.License
		c.webAddress(append(p, "rights", "license"), r.License)
	}
	if r.Statement != "" {
		s.Rights.Statement = r.Statement
	}
	if r.Contact != "" {
		s.Rights.Contact = r.Contact
	}
	if credit != nil {
		s.NoCredit = !*credit
	}
	if keep.Age != nil {
		s.Retention.Age = *keep.Age
		if *keep.Age < 0 {
			c.problem(append(p, "retention", "age"), "retention.age must not be negative; 0 keeps for ever")
		}
	}
	if keep.Articles != nil {
		s.Retention.Articles = *keep.Articles
		if *keep.Articles < 0 {
			c.problem(append(p, "retention", "articles"), "retention.articles must not be negative; 0 keeps all")
		}
	}
}

func (c *checker) page(p path, s *pageKeys) *newswire.Page {
	if s.Item == "" {
		c.problem(p, "page needs at least item, a CSS selector of what stands for one article in the list")
	}
	out := newswire.Page(*s)
	if err := page.Selectors(out).Check(); err != nil {
		for line := range strings.SplitSeq(err.Error(), "\n") {
			c.problem(p, "page: %s", line)
		}
	}
	return &out
}

func (c *checker) authors(in []author, known []newswire.Source) []newswire.Author {
	var out []newswire.Author
	seen := map[string]int{}
	for i, a := range in {
		p := path{"authors", i}
		c.id(p, "author", a.ID, seen)
		if a.Name == "" {
			c.problem(p, "author %s has no name", name(a.ID))
		}
		author := newswire.Author{ID: a.ID, Name: a.Name}
		for j, alias := range a.Aliases {
			ids := make([]string, len(known))
			found := alias.Source == ""
			for k, s := range known {
				ids[k] = s.ID
				found = found || s.ID == alias.Source
			}
			if !found {
				c.unknown(append(p, "aliases", j, "source"), "source", alias.Source, ids)
			}
			if alias.Name == "" {
				c.problem(append(p, "aliases", j), "alias of author %s has no name", name(a.ID))
			}
			author.Aliases = append(author.Aliases, newswire.Alias(alias))
		}
		out = append(out, author)
	}
	return out
}

func (c *checker) partners(in []partner, categories []newswire.Category) {
	seen := map[string]int{}
	for i, partner := range in {
		p := path{"partners", i}
		c.id(p, "partner", partner.ID, seen)
		for j, id := range partner.Categories {
			c.knownCategory(append(p, "categories", j), id, categories)
		}
	}
	if len(in) > 0 {
		c.notice(path{"partners"}, "this version has no partner API; partners are left out")
	}
}

// id checks the identifier of one member of a list.
func (c *checker) id(p path, kind, id string, seen map[string]int) {
	at := append(p, "id")
	switch first, repeated := seen[id]; {
	case id == "":
		c.problem(p, "%s without id", kind)
	case !newswire.ValidID(id):
		c.problem(at, "%s id %q: use lower-case letters, digits, dashes, dots and underscores; it becomes part of addresses", kind, id)
	case repeated:
		c.problem(at, "%s id %q is already taken on line %d", kind, id, first)
	default:
		seen[id] = c.line(at)
	}
}

func (c *checker) knownCategory(p path, id string, categories []newswire.Category) {
	ids := make([]string, len(categories))
	for i, k := range categories {
		if k.ID == id {
			return
		}
		ids[i] = k.ID
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

func (c *checker) address(p path, address, fallback string) string {
	if address == "" {
		return fallback
	}
	_, port, err := net.SplitHostPort(address)
	if err == nil {
		_, err = strconv.ParseUint(port, 10, 16)
	}
	if err != nil {
		c.problem(p, "%q is not an address to listen on; write host:port or :port", address)
	}
	return address
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
		}
		return strings.TrimSpace(string(data))
	case env != "":
		v, ok := os.LookupEnv(env)
		if !ok {
			c.problem(path{key + "_env"}, "%s_env: the environment variable %s is not set", key, env)
		}
		return v
	}
	return value
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
