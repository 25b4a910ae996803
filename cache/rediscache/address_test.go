package rediscache

import (
	"net"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// settings are the parts of an address that a test looks at.
type settings struct {
	Addrs                                      []string
	DB                                         int
	User, Password                             string
	Master, SentinelUser, SentinelPass, Prefix string
	Cluster, TLS                               bool
	Read                                       time.Duration
}

func TestAddressesNameServerSentinelAndCluster(t *testing.T) {
	for _, tt := range []struct {
		address string
		want    settings
	}{
		{"redis://db.example", settings{Addrs: []string{"db.example:6379"}, Read: replyTimeout}},
		{"redis://db.example:7000/3", settings{Addrs: []string{"db.example:7000"}, DB: 3, Read: replyTimeout}},
		{"redis://[::1]:7000/?db=2", settings{Addrs: []string{"[::1]:7000"}, DB: 2, Read: replyTimeout}},
		{"redis://u:p%40%2Fss@db.example?read_timeout=2s", settings{
			Addrs: []string{"db.example:6379"}, User: "u", Password: "p@/ss", Read: 2 * time.Second,
		}},
		{"rediss://:p@db.example", settings{Addrs: []string{"db.example:6379"}, Password: "p", TLS: true, Read: replyTimeout}},
		{"redis+sentinel://u:p@a:1,b/wire?db=4&sentinel_username=su&sentinel_password=sp", settings{
			Addrs: []string{"a:1", "b:26379"}, DB: 4, User: "u", Password: "p",
			Master: "wire", SentinelUser: "su", SentinelPass: "sp", Read: replyTimeout,
		}},
		{"redis://db.example/?prefix=a:b-1&db=2", settings{Addrs: []string{"db.example:6379"}, DB: 2, Read: replyTimeout, Prefix: "a:b-1"}},
		{"redis+cluster://a?prefix=sports", settings{Addrs: []string{"a:6379"}, Cluster: true, Read: replyTimeout, Prefix: "sports"}},
		{"rediss+sentinel://a/wire", settings{Addrs: []string{"a:26379"}, Master: "wire", TLS: true, Read: replyTimeout}},
		{"redis+cluster://a:1,b:2,[::1]:3", settings{Addrs: []string{"a:1", "b:2", "[::1]:3"}, Cluster: true, Read: replyTimeout}},
		{"rediss+cluster://u:p@a/0", settings{
			Addrs: []string{"a:6379"}, User: "u", Password: "p", Cluster: true, TLS: true, Read: replyTimeout,
		}},
	} {
		u, prefix, err := parseAddress(tt.address)
		if err != nil {
			t.Errorf("parseAddress(%q): %v", tt.address, err)
			continue
		}
		got := settings{
			Addrs: u.Addrs, DB: u.DB, User: u.Username, Password: u.Password, Master: u.MasterName,
			SentinelUser: u.SentinelUsername, SentinelPass: u.SentinelPassword,
			Cluster: u.IsClusterMode, TLS: u.TLSConfig != nil, Read: u.ReadTimeout, Prefix: prefix,
		}
		if diff := cmp.Diff(tt.want, got); diff != "" {
			t.Errorf("parseAddress(%q) (-want +got):\n%s", tt.address, diff)
		}
	}
}

func TestMalformedAddressesAreRefusedWithoutTheirSecrets(t *testing.T) {
	for _, tt := range []struct{ address, says string }{
		{"hunter2", "want redis://"},
		{"postgres://u:hunter2@a/", "want redis://"},
		{"redis+ring://u:hunter2@a", "+sentinel or +cluster"},
		{"redis+://u:hunter2@a", "+sentinel or +cluster"},
		{"redis://u:hunter2@", "host:port"},
		{"redis://u:hunter2@a:port", "host:port"},
		{"redis://u:hunter2#x@a", "percent-encode"},
		{"redis://u:hunter2/x@a", "percent-encode"},
		{"redis://u:hunter2%zz@a", "percent-encode"},
		{"redis://u:hunter2@a,b", "several hosts"},
		{"redis://u:hunter2@a/one", "database number"},
		{"redis://u:hunter2@a?db=-1", "database number"},
		{"redis://u:hunter2@a?colour=1", "colour"},
		{"redis://a?password=%zzhunter2", "query is malformed"},
		{"redis://u:hunter2@a?prefix=", "prefix"},
		{"redis://u:hunter2@a?prefix={b}", "prefix"},
		{"redis+sentinel://u:hunter2@a", "master's name"},
		{"redis+cluster://u:hunter2@a/1", "no databases"},
		{"redis+cluster://u:hunter2@a?db=1", "no databases"},
	} {
		s, err := Open(t.Context(), tt.address, Options{})
		if err == nil {
			t.Errorf("Open(%q) = %v, want an error", tt.address, s)
			continue
		}
		if text := err.Error(); !strings.Contains(text, tt.says) || strings.Contains(text, "hunter2") {
			t.Errorf("Open(%q): %q, want it to say %q and not the password", tt.address, text, tt.says)
		}
	}
}

func TestAnUnreachableServerIsNamedWithoutItsPassword(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	for _, address := range []string{
		"redis://u:hunter2@" + addr + "/0?client_name=hunter2",
		"redis+sentinel://u:hunter2@" + addr + "/wire",
		"redis+cluster://u:hunter2@" + addr,
	} {
		_, err := Open(t.Context(), address, Options{})
		if err == nil {
			t.Errorf("Open(%q) succeeded", address)
			continue
		}
		if text := err.Error(); !strings.Contains(text, addr) || !strings.Contains(text, "is the server running") || strings.Contains(text, "hunter2") {
			t.Errorf("Open(%q): %q, want the address, what to do, and no password", address, text)
		}
	}
}

func TestAPrefixThatWouldBreakHashTagsIsRefused(t *testing.T) {
	if _, err := Open(t.Context(), "redis://127.0.0.1:1", Options{Prefix: "a{b}"}); err == nil || !strings.Contains(err.Error(), "prefix") {
		t.Errorf("Open with a prefix in braces: %v, want an error about the prefix", err)
	}
}

func TestTheAddressMayAskForAnotherProtocol(t *testing.T) {
	for address, want := range map[string]int{"redis://127.0.0.1": 2, "redis://127.0.0.1?protocol=3": 3} {
		u, _, err := parseAddress(address)
		if err != nil {
			t.Fatal(err)
		}
		if u.Protocol != want {
			t.Errorf("parseAddress(%q) speaks RESP%d, want RESP%d", address, u.Protocol, want)
		}
	}
}
