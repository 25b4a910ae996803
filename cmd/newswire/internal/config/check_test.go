package config

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cmd/newswire/internal/stores"
)

// mistake is a config with one mistake in it.
type mistake struct{ name, config, want string }

func testMistakes(t *testing.T, mistakes []mistake) {
	t.Helper()
	for _, tt := range mistakes {
		t.Run(tt.name, func(t *testing.T) {
			_, err := Parse("newswire.yaml", []byte(tt.config))
			switch {
			case tt.want == "" && err != nil:
				t.Errorf("%v; want no mistake\n%s", err, tt.config)
			case tt.want != "" && (err == nil || !strings.HasPrefix(err.Error(), "newswire.yaml:"+tt.want)):
				t.Errorf("%v; want %q\n%s", err, tt.want, tt.config)
			}
		})
	}
}

func TestAStoreThatCannotBeOpenedIsAMistake(t *testing.T) {
	t.Chdir(t.TempDir())
	if err := os.WriteFile("file", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("NEWSWIRE_TEST_STORE", "redis://me:hush@wire.example:http/0")
	testMistakes(t, []mistake{
		{"a file that is yet to be made", "store: sqlite:newswire.db", ""},
		{"no file", "store: 'sqlite:'", "1: store: want a file, as in sqlite:FILE"},
		{"a folder that is not there", "listen: ':1'\nstore: sqlite:data/newswire.db", "2: store: there is no folder data; make it"},
		{"a folder that is a file", "store: sqlite:file/newswire.db", "1: store: file is no folder"},
		{"a folder", "store: 'sqlite:" + t.TempDir() + "'", "1: store: "},
		{"one Redis", "store: redis://me:hush@wire.example/3", ""},
		{"Redis without slashes", "store: redis:wire.example", "1: store: store address: want redis://"},
		{"a database by name", "store: redis://me:hush@wire.example/main", `1: store: redis://wire.example:6379/main: redis: invalid database number`},
		{"Sentinel without a master", "store: redis+sentinel://wire.example", "1: store: redis+sentinel://wire.example:26379: want the master's name"},
		{"a Cluster with a database", "store: redis+cluster://wire.example/2", "1: store: redis+cluster://wire.example:6379/2: a Cluster has no databases"},
		{"in the environment", "listen: ':1'\nstore_env: NEWSWIRE_TEST_STORE", "2: store: redis://…: want host:port"},
	})
	for _, scheme := range stores.Schemes() {
		if !stores.Known(scheme + ":x") {
			t.Errorf("%s: is not known", scheme)
		}
	}
}

func TestTwoListenersWithOnePortAreAMistake(t *testing.T) {
	testMistakes(t, []mistake{
		{"ports of their own", "listen: ':1'\nadmin: '127.0.0.1:2'", ""},
		{"hosts of their own", "listen: '192.0.2.1:1'\nadmin: '127.0.0.1:1'", ""},
		{"any ports", "listen: '127.0.0.1:0'\nadmin: '127.0.0.1:0'", ""},
		{"one address", "listen: '127.0.0.1:1'\nadmin: '127.0.0.1:1'", "2: listen 127.0.0.1:1 and admin 127.0.0.1:1 have one port"},
		{"every interface and one of them", "admin: '127.0.0.1:1'\nlisten: ':1'", "1: listen :1 and admin 127.0.0.1:1 have one port"},
		{"0.0.0.0", "listen: '0.0.0.0:1'\nadmin: '[::1]:1'", "2: listen 0.0.0.0:1 and admin [::1]:1 have one port"},
		{"a name of loopback", "listen: 'localhost:1'\nadmin: '127.0.0.1:1'", "2: listen localhost:1 and admin 127.0.0.1:1 have one port"},
		{"the default of admin", "listen: ':8081'", "1: listen :8081 and admin 127.0.0.1:8081 have one port"},
	})
}

func TestTwoSourcesWithOneAddressAreAMistake(t *testing.T) {
	two := func(a, b string) string { return "sources:\n  - {id: a, " + a + "}\n  - {id: b, " + b + "}\n" }
	const want = `3: source "b" has the address of the source on line 2`
	testMistakes(t, []mistake{
		{"two addresses", two("url: 'https://x.example/1'", "url: 'https://x.example/2'"), ""},
		{"one address", two("url: 'https://x.example/1'", "url: 'https://x.example/1'"), want},
		{"another form of it", two("url: 'https://x.example/feed'", "url: 'http://X.example/feed/#top'"), want},
		{"another query", two("url: 'https://x.example/?a=1'", "url: 'https://x.example/?a=2'"), ""},
		{"two users", two("url: 'https://me:1@x.example/'", "url: 'https://you:2@x.example/'"), ""},
		{"two lists of a page", two("url: 'https://x.example/', page: {item: li}", "url: 'https://x.example/', page: {item: tr}"), ""},
		{"one list of a page", two("url: 'https://x.example/', page: {item: li}", "url: 'https://x.example/', page: {item: li}"), want},
	})
}

func TestWhatWasMeantIsHinted(t *testing.T) {
	source := func(keys string) string {
		return "sources:\n  - id: a\n    url: https://x.example/\n    " + keys + "\n"
	}
	schedule := func(spec string) string { return source("schedule: '" + spec + "'") }
	for _, tt := range []struct{ config, want string }{
		{schedule("every 5m"), `did you mean "@every 5m"?`},
		{schedule("every 5 minutes"), `did you mean "@every 5m"?`},
		{schedule("5m"), `did you mean "@every 5m"?`},
		{schedule("every 1h30m"), `did you mean "@every 1h30m"?`},
		{schedule("@every 2 days"), `did you mean "@every 48h"?`},
		{schedule("Hourly"), `did you mean "@hourly"?`},
		{schedule("every hour"), `did you mean "@hourly"?`},
		{schedule("every day"), `did you mean "@daily"?`},
		{schedule("0 */15 * * * *"), `did you mean "*/15 * * * *"?`},
		{source("category: trade"), `unknown key "category"; did you mean "categories"?`},
		{source("right: {policy: full}"), `unknown key "right"; did you mean "rights"?`},
		{source("rights: {usage: train-ai=y}"), `what is allowed is for the publisher to say`},
		{source("rights: {usage: 'Train-AI=n'}"), `rights.usage denies what machines may do, as in "train-ai=n, search=n", not "Train-AI=n"`},
		{"source: []\n", `unknown key "source"; did you mean "sources"?`},
		{"category: []\n", `unknown key "category"; did you mean "categories"?`},
	} {
		_, err := Parse("newswire.yaml", []byte(tt.config))
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%v; want %s\n%s", err, tt.want, tt.config)
		}
	}
	if _, err := Parse("newswire.yaml", []byte(schedule("now and then"))); err == nil || strings.Contains(err.Error(), "did you mean") {
		t.Errorf("%v; want no hint", err)
	}
}

func TestTheAdminAddressIsFoundInAConfigFullOfMistakes(t *testing.T) {
	for _, tt := range []struct{ name, config, want string }{
		{"without mistakes", "admin: 127.0.0.1:1", "127.0.0.1:1"},
		{"nothing said", "listen: ':1'", defaultAdmin},
		{"an unknown key", "admin: 127.0.0.1:1\nadmni: x", "127.0.0.1:1"},
		{"no YAML", "admin: \"127.0.0.1:1\" # for us\nsources: [\n", "127.0.0.1:1"},
		{"a number", "admin: 8081", defaultAdmin},
		{"no port", "admin: here", defaultAdmin},
		{"no such port", "admin: ':99999'", defaultAdmin},
		{"a list", "- a", defaultAdmin},
		{"empty", "", defaultAdmin},
		{"binary", "\x00\x01", defaultAdmin},
	} {
		file := filepath.Join(t.TempDir(), "newswire.yaml")
		if err := os.WriteFile(file, []byte(tt.config), 0o600); err != nil {
			t.Fatal(err)
		}
		if got, err := AdminAddress(file); got != tt.want || err != nil {
			t.Errorf("%s: %q, %v; want %q", tt.name, got, err, tt.want)
		}
	}
	if _, err := AdminAddress(filepath.Join(t.TempDir(), "none.yaml")); err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("without a file: %v", err)
	}
}

const overrides = `defaults:
  rights: {policy: title, license: "https://all.example/", statement: all, contact: all@all.example, usage: train-ai=n}
  retention: {age: 1h, articles: 1}
  credit: false
  withdrawals: all
  timezone: Asia/Tokyo
  schedule: "@daily"
sources:
  - {id: a, url: "https://a.example/"}
  - id: b
    url: https://b.example/
    rights: {policy: full, license: "https://b.example/l", statement: b, contact: b@b.example, usage: "train-ai=n,search=n"}
    retention: {age: 2h, articles: 2}
    credit: true
    withdrawals: ignore
    timezone: Europe/Rome
    schedule: "@hourly"
`

func TestASourceOverridesTheDefaults(t *testing.T) {
	c, err := Parse("newswire.yaml", []byte(overrides))
	if err != nil {
		t.Fatal(err)
	}
	all := newswire.Rights{Policy: newswire.PolicyTitle, License: "https://all.example/", Statement: "all", Contact: "all@all.example", Usage: "train-ai=n"}
	own := newswire.Rights{Policy: newswire.PolicyFull, License: "https://b.example/l", Statement: "b", Contact: "b@b.example", Usage: "search=n, train-ai=n"}
	a, b := c.Sources[0], c.Sources[1]
	if a.Rights != all || a.Retention != (newswire.Retention{Age: time.Hour, Articles: 1}) || !a.NoCredit || a.Withdrawals != newswire.TrustAll ||
		a.Timezone.String() != "Asia/Tokyo" || a.Schedule != "@daily" || a.Pinned {
		t.Errorf("a source that says nothing is %+v; want what the defaults say", a)
	}
	if b.Rights != own || b.Retention != (newswire.Retention{Age: 2 * time.Hour, Articles: 2}) || b.NoCredit || b.Withdrawals != newswire.TrustNone ||
		b.Timezone.String() != "Europe/Rome" || b.Schedule != "@hourly" || !b.Pinned {
		t.Errorf("a source that says all is %+v; want what it says", b)
	}
}

func TestASecretIsGivenInOnePlace(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "token"), []byte("hush"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Setenv("NEWSWIRE_TEST_TOKEN", "hush")
	file := filepath.Join(dir, "newswire.yaml")
	for _, text := range []string{
		"admin_token_file: token\nadmin_token_env: NEWSWIRE_TEST_TOKEN\n",
		"store: 'sqlite:x.db'\nstore_env: NEWSWIRE_TEST_TOKEN\n",
		"store: 'sqlite:x.db'\nstore_file: token\n",
	} {
		_, err := Parse(file, []byte(text))
		if err == nil || !strings.Contains(err.Error(), "give only one of ") || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s: %v; want a mistake that shows no secret", text, err)
		}
	}
}
