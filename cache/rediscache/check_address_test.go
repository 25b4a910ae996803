package rediscache_test

import (
	"strings"
	"testing"

	"github.com/newswire/newswire/cache/rediscache"
)

func TestCheckAddressFindsWhatIsWrong(t *testing.T) {
	for _, tt := range []struct{ address, want string }{
		{"redis://127.0.0.1", ""},
		{"redis://me:hush@wire.example:6380/3", ""},
		{"rediss://wire.example/0?read_timeout=3s", ""},
		{"redis+sentinel://one.example,two.example:26380/master?db=1", ""},
		{"redis+cluster://one.example,two.example", ""},
		{"redis:127.0.0.1", "want redis://"},
		{"redis://", "want host:port"},
		{"redis://me:hush@wire.example:http", "want host:port"},
		{"redis://me:hush@wire.example:65536", "there is no port 65536"},
		{"redis://wire.example:0", "there is no port 0"},
		{"redis://me:hush@one.example,two.example", "several hosts"},
		{"redis://me:hush@wire.example/main", "invalid database number"},
		{"redis://me:hush@wire.example/-1", "invalid database number"},
		{"redis://me:hush@wire.example/%zz", "invalid URL escape"},
		{"redis://me:hush@wire.example/0?pool=many", "unexpected option"},
		{"redis://me:12/hush@wire.example/0", "percent-encode"},
		{"redis+sentinel://me:hush@one.example", "want the master's name"},
		{"redis+cluster://me:hush@one.example/3", "a Cluster has no databases"},
	} {
		err := rediscache.CheckAddress(tt.address)
		if tt.want == "" && err != nil || tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want)) {
			t.Errorf("CheckAddress(%q) = %v; want %q", tt.address, err, tt.want)
		}
		if err != nil && strings.Contains(err.Error(), "hush") {
			t.Errorf("CheckAddress(%q) shows the password: %v", tt.address, err)
		}
	}
}
