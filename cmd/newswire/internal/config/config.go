// Package config reads newswire.yaml: what an operator says of the service, its sources, categories and authors.
//
//	c, err := config.Load("newswire.yaml")
//
// It finds every mistake at once and says where: the error is an [Errors], whose lines are file:line: message. It
// refuses unknown keys, and guesses which one was meant. Secrets come from files and environment variables that the
// config names, so that a config can be shown and kept under version control.
package config

import (
	"cmp"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"net/netip"
	"path/filepath"
	"slices"
	"time"

	"go.yaml.in/yaml/v4"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/sources/fetch"
	"github.com/newswire/newswire/sources/rules"
	"github.com/newswire/newswire/syndication/pages"
	"github.com/newswire/newswire/syndication/partner"
)

// Config is a config that has been checked, with every default in place.
type Config struct {
	Site       newswire.Site
	Theme      *pages.Theme // of pages; nil for the built-in one
	Pictures   string       // of articles on pages: "proxy" (default), "direct" or "off"
	Listen     string       // address of readers and partners; default ":8080"
	Admin      string       // address of health, metrics and pprof; default "127.0.0.1:8081"
	AdminToken string       // what the admin listener asks for; empty: only loopback is let in
	Store      string       // default "sqlite:newswire.db"
	Memory     int64        // bytes that the whole process is to take at most; 0: as the machine has it
	Snapshot   string       // folder of the last good feeds; empty for none; default "newswire.snapshot" unless Store is sqlite
	Search     string       // file of the search index; empty for no search; default "newswire.search"
	Fetch      Fetch

	Categories []newswire.Category
	Authors    []newswire.Author
	Sources    []newswire.Source
	Access     map[string]Access // how sources are reached that are not reached as all others are, by ID
	Partners   []partner.Partner
	Rules      *rules.Set
	Hub        Hub
	Tracing    Tracing
	Retention  newswire.Retention // of the defaults: what holds for sources that were taken out

	parts []extent // of Sources

	// Notices are what the operator should know although nothing is wrong: keys that this version does not act on.
	Notices Errors
}

// Hub says whether there is a WebSub hub of our feeds, and bounds its subscriptions.
type Hub struct {
	Off      bool
	Lease    time.Duration // of a subscription that asks for none; default 240 h
	MaxLease time.Duration // of one that asks for more; default 720 h
	PerHost  int           // subscriptions at most with callbacks of one registrable domain; default 100
}

// Tracing says where traces of visits go. The zero Endpoint leaves that to the environment, which may name a collector.
type Tracing struct {
	Endpoint string  // address of a collector that takes OTLP over HTTP
	Sample   float64 // share of the visits; default 1
}

// Fetch bounds how publishers are visited.
type Fetch struct {
	Timeout        time.Duration  // of a whole visit; default 30 s
	MaxBytes       int64          // of a document, before and after inflation; default 15 MB
	DomainInterval time.Duration  // between two requests to one registrable domain; default 2 s
	AllowPrivate   []netip.Prefix // private ranges that may be visited all the same; default none
	Concurrency    int            // visits at once, of different domains; default 32
	Proxy          *fetch.Proxy   // by way of which publishers are reached; default none
}

// Access is how a source is reached. No part of it prints what is secret.
type Access struct {
	Credentials fetch.Credentials
	Proxy       *fetch.Proxy   // nil: that of Fetch, or none where Direct
	Direct      bool           // by way of no proxy, although Fetch has one
	Authorities *x509.CertPool // that vouch for its server; nil: the system's
}

// FileOf names the file that has a source, by its index in Sources.
func (c *Config) FileOf(source int) string {
	for _, p := range c.parts {
		if p.start <= source && source < p.end {
			return p.file
		}
	}
	return ""
}

// Load reads and checks a config file, and those that it includes. The error is an [Errors].
func Load(path string) (*Config, error) {
	return NewLoader(path).Load()
}

// readErrors says why a config file cannot be read.
func readErrors(path string, err error) Errors {
	if errors.Is(err, fs.ErrNotExist) {
		return Errors{{File: path, Message: "no such file; write one (newswire.example.yaml shows every key), or name another with -c"}}
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return Errors{{File: path, Message: fmt.Sprintf("cannot be read: %v", err)}}
}

// Parse checks a config that is already in memory. File is its name for messages; files that it names are looked up beside
// it. The error is an [Errors].
func Parse(file string, data []byte) (*Config, error) {
	_, config, err := parse(fileText{name: file, data: data}, nil)
	return config, err
}

// parse checks a config, of which some parts were checked earlier. Where shortcuts have led to a mistake, it is read again
// without them, so that what is said is as exact as that of a short config.
func parse(f fileText, earlier map[textDigest][]newswire.Source) (*checker, *Config, error) {
	c := newChecker(f)
	c.earlier = earlier
	config, err := c.parse(f)
	if c.shortened && (err != nil || len(c.problems) > 0) {
		c = newChecker(f)
		c.whole = true
		config, err = c.parse(f)
	}
	if err == nil && len(c.problems) == 0 {
		return c, config, nil
	}
	problems := c.problems
	if err != nil {
		problems = yamlProblems(f.name, err)
	}
	slices.SortStableFunc(problems, func(a, b Problem) int {
		return cmp.Or(slices.Index(c.files, a.File)-slices.Index(c.files, b.File), cmp.Compare(a.Line, b.Line))
	})
	return c, nil, problems
}

func newChecker(f fileText) *checker {
	return &checker{
		part: part{file: f.name}, dir: filepath.Dir(f.name), files: []string{f.name}, includes: include{file: f.name}, read: sha256.New(),
		common: newCommon(),
	}
}

// parse reads and checks the config's own text and what it includes. The error is one after which nothing more can be said.
func (c *checker) parse(f fileText) (*Config, error) {
	f.digest(c.read)
	text := f.text()
	var d document
	var runs []run
	l := c.layout(c.file, text)
	if l != nil {
		text, runs = l.rest, l.runs
	}
	if err := yaml.Load(text, &c.root); err != nil { // first as a tree, for the lines
		return nil, err
	}
	if l != nil && !l.holds(&c.root) {
		return nil, errWhole
	}
	if err := c.root.Load(&d, yaml.WithKnownFields()); err != nil {
		c.problems = yamlProblems(c.file, err)
	}
	return c.build(&d, runs)
}
