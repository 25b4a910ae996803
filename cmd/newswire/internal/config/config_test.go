package config

import (
	"errors"
	"net/netip"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/newswire/newswire"
)

// design is the example of the config that is the contract.
const design = `site:
  title: The Wire
  url: https://wire.example.org          # feed ids, self links and the hub derive from it
  contact: desk@example.org
  language: en
listen: ":8080"                          # readers and partners
admin: "127.0.0.1:8081"                  # console, metrics, health, pprof
store: sqlite:newswire.db                # or redis://…
fetch: {timeout: 30s, max_bytes: 15MB, domain_interval: 2s, allow_private: []}
defaults: {schedule: "@every 1h", timezone: UTC, rights: {policy: excerpt}, retention: {age: 720h, articles: 5000}}
categories:
  - {id: finance, title: Finance, match: [finance, 金融, consumer-finance]}
  - {id: e-commerce}
authors:
  - {id: jin-jiang, name: 金江, aliases: [{source: dsb, name: 金江}]}
sources:
  - id: dsb
    name: 電商報
    url: https://news.example.com/feed.xml
    site: https://news.example.com/
    schedule: "*/15 * * * *"             # robfig/cron spec, CRON_TZ= allowed
    timezone: Asia/Shanghai              # for dates without a zone
    categories: [e-commerce]
    rights: {policy: excerpt, license: "", statement: "© the author", contact: info@example.com}
  - id: pages-only
    url: https://pages.example.com/list.html
    page: {item: "ul.news li", link: "a@href", title: "h1", author: ".byline", published: "time@datetime",
           content: "article", remove: [".related", ".ad"]}
partners:
  - {id: acme, key_sha256: "…", categories: [finance], content: full, rate: 600/m}
`

func TestTheDesignsConfigIsAccepted(t *testing.T) {
	c, err := Parse("newswire.yaml", []byte(design))
	if err != nil {
		t.Fatal(err)
	}
	if want := (newswire.Site{Title: "The Wire", URL: "https://wire.example.org", Contact: "desk@example.org", Language: "en"}); c.Site != want {
		t.Errorf("site %+v, want %+v", c.Site, want)
	}
	wantFetch := Fetch{Timeout: 30 * time.Second, MaxBytes: 15_000_000, DomainInterval: 2 * time.Second, Concurrency: 32}
	if d := cmp.Diff(wantFetch, c.Fetch); d != "" {
		t.Error(d)
	}
	wantPage := &newswire.Page{
		Item: "ul.news li", Link: "a@href", Title: "h1", Author: ".byline", Published: "time@datetime", Content: "article",
		Remove: []string{".related", ".ad"},
	}
	if d := cmp.Diff(wantPage, c.Sources[1].Page); d != "" {
		t.Error(d)
	}
	dsb := c.Sources[0]
	if dsb.Timezone.String() != "Asia/Shanghai" || dsb.Schedule != "*/15 * * * *" || dsb.Rights.Statement != "© the author" ||
		dsb.Retention != (newswire.Retention{Age: 720 * time.Hour, Articles: 5000}) {
		t.Errorf("source %+v", dsb)
	}
	var notices []string
	for _, n := range c.Notices {
		notices = append(notices, n.String())
	}
	want := []string{
		`newswire.yaml:30: partner "acme" has no key and cannot ask for anything; newswire partner rotate acme makes one`,
	}
	if d := cmp.Diff(want, notices); d != "" {
		t.Error(d)
	}
}

func TestDefaultsFillWhatIsNotSaid(t *testing.T) {
	c, err := Parse("newswire.yaml", []byte("sources: [{id: a, url: 'https://a.example/feed'}]\ndefaults: {credit: false}\nfetch: {domain_interval: 0s, allow_private: [127.0.0.0/8, '::1']}"))
	if err != nil {
		t.Fatal(err)
	}
	want := []newswire.Source{{
		ID: "a", URL: "https://a.example/feed", Schedule: "@every 1h", Timezone: time.UTC,
		Rights: newswire.Rights{Policy: newswire.PolicyExcerpt}, NoCredit: true,
		Retention: newswire.Retention{Age: 720 * time.Hour, Articles: 5000}, Withdrawals: newswire.TrustUsual,
	}}
	if d := cmp.Diff(want, c.Sources, cmp.Comparer(func(a, b *time.Location) bool { return a.String() == b.String() })); d != "" {
		t.Error(d)
	}
	if c.Listen != ":8080" || c.Admin != "127.0.0.1:8081" || c.Store != "sqlite:newswire.db" || c.Site.URL != "http://localhost:8080" {
		t.Errorf("listen %q, admin %q, store %q, site %q", c.Listen, c.Admin, c.Store, c.Site.URL)
	}
	wantPrefixes := []netip.Prefix{netip.MustParsePrefix("127.0.0.0/8"), netip.MustParsePrefix("::1/128")}
	if c.Fetch.DomainInterval != 0 || !cmp.Equal(c.Fetch.AllowPrivate, wantPrefixes, cmp.Comparer(func(a, b netip.Prefix) bool { return a == b })) {
		t.Errorf("fetch %+v", c.Fetch)
	}
}

func TestSnapshotIsKeptWhereTheStoreIsElsewhere(t *testing.T) {
	for _, tt := range []struct{ text, want string }{
		{"listen: ':8080'", ""},
		{"store: 'sqlite:wire.db'", ""},
		{"{store: 'sqlite:wire.db', snapshot: kept}", "kept"},
		{"store: 'redis://127.0.0.1'", "newswire.snapshot"},
		{"store_env: STORE", "newswire.snapshot"},
		{"{store: 'redis://127.0.0.1', snapshot: /var/lib/kept}", "/var/lib/kept"},
		{"{store: 'redis://127.0.0.1', snapshot: off}", ""},
		{"{store: 'sqlite:wire.db', snapshot: 'off'}", ""},
	} {
		t.Setenv("STORE", "rediss://127.0.0.1")
		c, err := Parse("newswire.yaml", []byte(tt.text))
		if err != nil || c.Snapshot != tt.want {
			t.Errorf("%s: snapshot %q, %v; want %q", tt.text, c.Snapshot, err, tt.want)
		}
	}
}

func TestEveryMistakeIsReportedAtOnceWithItsLine(t *testing.T) {
	const wrong = `site:
  titel: The Wire
  url: wire.example.org
  contact: the desk
fetch: {timeout: soon, max_bytes: lots, allow_private: [home]}
defaults:
  schedule: now and then
  rights: {polcy: full}
categories:
  - {id: Finance}
  - {id: trade}
  - {id: trade}
authors:
  - {id: jin, name: "", aliases: [{source: dsv, name: Jin}]}
sources:
  - id: dsb
    url: https://news.example.com/feed.xml
    shedule: "@hourly"
    timezone: Asia/Shangai
    categories: [trad]
  - url: [https://a.example/]
    page: {link: a, title: "h1["}
  - id: dsb
listen: 8080
list: true
`
	_, err := Parse("newswire.yaml", []byte(wrong))
	want := `newswire.yaml:2: unknown key "titel"; did you mean "title"?
newswire.yaml:3: "wire.example.org" is not an absolute http or https address
newswire.yaml:4: site.contact: "the desk" is not an e-mail address
newswire.yaml:5: want a duration such as "30s", "15m" or "720h", got "soon"
newswire.yaml:5: fetch.max_bytes: "lots" is not a size such as 15MB or 512KiB
newswire.yaml:5: fetch.allow_private: "home" is not a range such as 127.0.0.0/8
newswire.yaml:7: schedule "now and then": not a cron spec: expected exactly 5 fields, found 3: [now and then]
newswire.yaml:8: unknown key "polcy"; did you mean "policy"?
newswire.yaml:10: category id "Finance": use lower-case letters, digits, dashes, dots and underscores; it becomes part of addresses
newswire.yaml:12: category id "trade" is already taken on line 11
newswire.yaml:14: author "jin" has no name
newswire.yaml:14: there is no source "dsv"; did you mean "dsb"?
newswire.yaml:18: unknown key "shedule"; did you mean "schedule"?
newswire.yaml:19: timezone "Asia/Shangai" is not known; use a name such as Asia/Shanghai
newswire.yaml:20: there is no category "trad"; did you mean "trade"?
newswire.yaml:21: want text, got a list
newswire.yaml:21: source without id
newswire.yaml:21: source without id has no url
newswire.yaml:22: page needs at least item, a CSS selector of what stands for one article in the list
newswire.yaml:22: page: title: selector "h1[": expected identifier, found EOF instead
newswire.yaml:23: source id "dsb" is already taken on line 16
newswire.yaml:23: source "dsb" has no url
newswire.yaml:24: "8080" is not an address to listen on; write host:port or :port
newswire.yaml:25: unknown key "list"; did you mean "listen"?`
	if err == nil {
		t.Fatal("no error")
	}
	if d := cmp.Diff(strings.Split(want, "\n"), strings.Split(err.Error(), "\n")); d != "" {
		t.Error(d)
	}
}

func TestBlockedWordsHoldForAllSourcesAndForOne(t *testing.T) {
	c, err := Parse("newswire.yaml", []byte(`clean: {block: [代开发票]}
sources:
  - {id: a, url: https://a.example/feed, clean: {block: [casino]}}
  - {id: b, url: https://b.example/feed}
`))
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff([][]string{{"代开发票", "casino"}, {"代开发票"}}, [][]string{c.Sources[0].Block, c.Sources[1].Block}); d != "" {
		t.Error(d)
	}
	_, err = Parse("newswire.yaml", []byte("clean:\n  block: [a, ab]\nsources:\n  - {id: a, url: https://a.example/feed, clean: {block: [' x ']}}\n"))
	want := `newswire.yaml:2: clean.block: "a" is too short to mean anything
newswire.yaml:4: clean.block: " x " is too short to mean anything`
	if err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

func TestTrustInWithdrawalsHoldsForAllSourcesAndForOne(t *testing.T) {
	c, err := Parse("newswire.yaml", []byte(`defaults: {withdrawals: ignore}
sources:
  - {id: a, url: https://a.example/feed, withdrawals: all}
  - {id: b, url: https://b.example/feed}
`))
	if err != nil {
		t.Fatal(err)
	}
	if a, b := c.Sources[0].Withdrawals, c.Sources[1].Withdrawals; a != newswire.TrustAll || b != newswire.TrustNone {
		t.Errorf("withdrawals %q and %q, want all and ignore", a, b)
	}
	_, err = Parse("newswire.yaml", []byte("sources:\n  - {id: a, url: https://a.example/feed, withdrawals: never}\n"))
	if want := `newswire.yaml:2: withdrawals is trust, all or ignore, not "never"`; err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
}

func TestFilesThatAreNoConfig(t *testing.T) {
	dir := t.TempDir()
	tests := []struct{ name, content, want string }{
		{"empty", "", "the file is empty"},
		{"only a comment", "# later\n", "the file is empty"},
		{"not YAML", "site: [\nurl: x", "newswire.yaml:"},
		{"a list", "- a\n- b\n", "newswire.yaml:1: want a mapping"},
		{"binary", "\x00\x01\x02", "newswire.yaml"},
		{"a tab", "site:\n\ttitle: T\n", "newswire.yaml:2: nothing begins like this: indent by spaces rather than tabs"},
		{"twice", "listen: ':1'\nlisten: ':2'\n", `newswire.yaml:2: key "listen" is already set on line 1`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			path := filepath.Join(dir, "newswire.yaml")
			if err := os.WriteFile(path, []byte(tt.content), 0o600); err != nil {
				t.Fatal(err)
			}
			_, err := Load(path)
			var problems Errors
			if !errors.As(err, &problems) || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want problems with %q", err, tt.want)
			}
		})
	}
	if _, err := Load(filepath.Join(dir, "none.yaml")); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("missing file: %v", err)
	}
	if _, err := Load(dir); err == nil || !strings.Contains(err.Error(), "is a directory") {
		t.Errorf("a directory: %v", err)
	}
}

func TestSecretsComeFromFilesAndTheEnvironment(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "store"), []byte("redis://:hush@127.0.0.1:1\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("NEWSWIRE_TEST_TOKEN", "token")
	file := filepath.Join(dir, "newswire.yaml")
	c, err := Parse(file, []byte("store_file: store\nadmin_token_env: NEWSWIRE_TEST_TOKEN\n"))
	if err != nil {
		t.Fatal(err)
	}
	if c.Store != "redis://:hush@127.0.0.1:1" || c.AdminToken != "token" {
		t.Errorf("store %q, token %q", c.Store, c.AdminToken)
	}
	_, err = Parse(file, []byte("store_file: missing\nadmin_token_env: NEWSWIRE_TEST_NONE\n"))
	want := []string{
		file + ":1: store_file " + filepath.Join(dir, "missing") + " cannot be read: no such file or directory",
		file + ":2: admin_token_env: the environment variable NEWSWIRE_TEST_NONE is not set",
	}
	if err == nil {
		t.Fatal("no error")
	}
	if d := cmp.Diff(want, strings.Split(err.Error(), "\n")); d != "" {
		t.Error(d)
	}

	if err := os.WriteFile(filepath.Join(dir, "blank"), []byte(" \n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("NEWSWIRE_TEST_BLANK", "")
	_, err = Parse(file, []byte("store_env: NEWSWIRE_TEST_BLANK\nadmin_token_file: blank\n"))
	want = []string{
		file + ":1: store_env: the environment variable NEWSWIRE_TEST_BLANK is not set",
		file + ":2: admin_token_file " + filepath.Join(dir, "blank") + " is empty",
	}
	if err == nil {
		t.Fatal("no error where there is nothing in either")
	}
	if d := cmp.Diff(want, strings.Split(err.Error(), "\n")); d != "" {
		t.Error(d)
	}
}

func TestProblemsShowNoSecrets(t *testing.T) {
	t.Setenv("NEWSWIRE_TEST_STORE", "hush")
	for _, config := range []string{
		"sources: [{id: a, url: 'ftp://me:hush@a.example/feed'}]",
		"store: mysql://me:hush@a.example/",
		"store_env: NEWSWIRE_TEST_STORE",
	} {
		_, err := Parse("newswire.yaml", []byte(config))
		if err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: error %v: want one without the password", config, err)
		}
	}
}

func TestAStoreOfNoKindIsAMistake(t *testing.T) {
	t.Setenv("NEWSWIRE_TEST_STORE", "postgres://me@a.example/")
	for _, tt := range []struct{ config, want string }{
		{"listen: ':1'\nstore: mysql://me:hush@a.example/", `newswire.yaml:2: store: "mysql" is no kind of store; use sqlite:FILE, `},
		{"store: newswire.db", `newswire.yaml:1: store: "…" is no kind of store; use sqlite:FILE, `},
		{"listen: ':1'\nstore_env: NEWSWIRE_TEST_STORE", `newswire.yaml:2: store: "postgres" is no kind of store; use sqlite:FILE, `},
	} {
		_, err := Parse("newswire.yaml", []byte(tt.config))
		if err == nil || !strings.HasPrefix(err.Error(), tt.want) {
			t.Errorf("%s: %v; want %s", tt.config, err, tt.want)
		}
	}
}

func TestAnAdminListenerThatOthersReachWantsAToken(t *testing.T) {
	t.Setenv("NEWSWIRE_TEST_TOKEN", "token")
	const site = "site: {url: https://wire.example}\n"
	for _, tt := range []struct{ config, want string }{
		{"", ""},
		{"admin: localhost:1", ""},
		{"admin: '[::1]:1'", ""},
		{"admin: ':1'", "newswire.yaml:2: :1 can be reached from elsewhere and there is no token"},
		{"admin: 192.0.2.1:1", "newswire.yaml:2: 192.0.2.1:1 can be reached from elsewhere and there is no token"},
		{"admin: ':1'\nadmin_token_env: NEWSWIRE_TEST_TOKEN", ""},
	} {
		c, err := Parse("newswire.yaml", []byte(site+tt.config))
		if err != nil {
			t.Fatal(err)
		}
		got := c.Notices.Error()
		if !strings.HasPrefix(got, tt.want) || tt.want == "" && got != "" {
			t.Errorf("%s: noticed %q; want %q", tt.config, got, tt.want)
		}
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte(design))
	f.Add([]byte("sources: [{id: a, url: 'https://a.example/'}]"))
	f.Add([]byte("site: &a {title: *a}"))
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := Parse("newswire.yaml", data)
		if (c == nil) == (err == nil) {
			t.Fatalf("config %v and error %v", c, err)
		}
		var problems Errors
		if err != nil && (!errors.As(err, &problems) || len(problems) == 0) {
			t.Fatalf("error %v is no list of problems", err)
		}
	})
}
