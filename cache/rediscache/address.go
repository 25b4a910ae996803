package rediscache

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/maintnotifications"
)

var prefixForm = regexp.MustCompile(`^[A-Za-z0-9._:-]+$`)

// The bounds of a conversation with the server, where the address does not set others.
const (
	dialTimeout  = 5 * time.Second
	replyTimeout = 5 * time.Second
)

// address is a store's address, taken apart. net/url refuses several hosts in one.
type address struct {
	scheme string // redis or rediss
	kind   string // "", sentinel or cluster
	user   string // user:password@, or empty
	hosts  []string
	path   string // without the slash
	query  url.Values
}

// errEncode says that a character of the user or the password is one that ends them.
var errEncode = errors.New("percent-encode special characters in the user name and password")

// splitAddress takes an address apart. Its errors repeat nothing of it, since any part could be of a password.
func splitAddress(s string) (a address, err error) {
	scheme, rest, ok := strings.Cut(s, "://")
	a.scheme, a.kind, _ = strings.Cut(scheme, "+")
	switch {
	case !ok, a.scheme != "redis" && a.scheme != "rediss":
		return a, errors.New("want redis://, rediss://, redis+sentinel:// or redis+cluster://")
	case a.kind != "" && a.kind != "sentinel" && a.kind != "cluster", scheme == a.scheme+"+":
		return a, errors.New("want +sentinel or +cluster after the scheme, or nothing")
	}
	rest, query, _ := strings.Cut(rest, "?")
	if a.query, err = url.ParseQuery(query); err != nil {
		return a, errors.New("the query is malformed")
	}
	rest, a.path, _ = strings.Cut(rest, "/")
	if strings.Contains(a.path, "@") {
		return a, errEncode
	}
	if i := strings.LastIndexByte(rest, '@'); i >= 0 {
		a.user, rest = rest[:i+1], rest[i+1:]
	}
	port := "6379"
	if a.kind == "sentinel" {
		port = "26379"
	}
	for host := range strings.SplitSeq(rest, ",") {
		u, err := url.Parse("redis://" + host)
		if err != nil || u.Hostname() == "" || u.Host != host {
			return a, errors.New("want host:port after the //; percent-encode special characters in the password")
		}
		if n, err := strconv.Atoi(cmp.Or(u.Port(), port)); err != nil || n < 1 || n > 65535 {
			return a, fmt.Errorf("there is no port %s", u.Port())
		}
		a.hosts = append(a.hosts, net.JoinHostPort(u.Hostname(), cmp.Or(u.Port(), port)))
	}
	if a.kind == "" && len(a.hosts) > 1 {
		return a, errors.New("several hosts: want redis+sentinel:// or redis+cluster://")
	}
	return a, nil
}

// redact is an address without user, password and query.
func redact(s string) string {
	a, err := splitAddress(s)
	if err != nil {
		scheme, _, ok := strings.Cut(s, "://")
		if !ok {
			return "store address"
		}
		return scheme + "://…"
	}
	if a.kind != "" {
		a.kind = "+" + a.kind
	}
	out := a.scheme + a.kind + "://" + strings.Join(a.hosts, ",")
	if a.path != "" {
		out += "/" + a.path
	}
	return out
}

// CheckAddress says what is wrong with an address, without asking a server.
func CheckAddress(address string) error {
	if _, _, err := parseAddress(address); err != nil {
		return fmt.Errorf("%s: %w", redact(address), err)
	}
	return nil
}

// parseAddress turns an address into what go-redis wants to know, and the prefix of keys, empty where it has none.
func parseAddress(s string) (_ *redis.UniversalOptions, prefix string, err error) {
	a, err := splitAddress(s)
	if err != nil {
		return nil, "", err
	}
	if a.query.Has("prefix") {
		if prefix = a.query.Get("prefix"); !prefixForm.MatchString(prefix) {
			return nil, "", errors.New("prefix: want letters, digits, dashes, dots, underscores and colons")
		}
		a.query.Del("prefix")
	}
	u, err := clientOptions(a)
	return u, prefix, err
}

// clientOptions are an address's settings of go-redis.
func clientOptions(a address) (*redis.UniversalOptions, error) {
	u := &redis.UniversalOptions{Addrs: a.hosts}
	path := a.path
	switch a.kind {
	case "sentinel":
		if path == "" || strings.Contains(path, "/") {
			return nil, errors.New("want the master's name after the hosts: redis+sentinel://host:26379/mymaster")
		}
		u.MasterName, path = path, ""
		u.SentinelUsername, u.SentinelPassword = a.query.Get("sentinel_username"), a.query.Get("sentinel_password")
		a.query.Del("sentinel_username")
		a.query.Del("sentinel_password")
	case "cluster":
		if path != "" && path != "0" || a.query.Has("db") {
			return nil, errors.New("a Cluster has no databases: leave out the number")
		}
		u.IsClusterMode = true
	}
	if db := a.query.Get("db"); db != "" {
		if n, err := strconv.Atoi(db); err != nil || n < 0 {
			return nil, fmt.Errorf("invalid database number %q", db)
		}
	}
	if _, err := url.Parse("redis://" + a.user + a.hosts[0]); err != nil {
		return nil, errEncode
	}
	o, err := redis.ParseURL(a.scheme + "://" + a.user + a.hosts[0] + "/" + path + "?" + a.query.Encode())
	var malformed *url.Error
	switch {
	case errors.As(err, &malformed): // it repeats the address, with the password
		return nil, malformed.Err
	case err != nil:
		return nil, err
	case o.DB < 0:
		return nil, fmt.Errorf("invalid database number %q", path)
	}
	adopt(u, o)
	return u, nil
}

// adopt takes over the settings that redis.ParseURL reads, with our defaults.
func adopt(u *redis.UniversalOptions, o *redis.Options) {
	u.DB, u.Username, u.Password, u.TLSConfig = o.DB, o.Username, o.Password, o.TLSConfig
	if u.TLSConfig != nil && len(u.Addrs) > 1 {
		u.TLSConfig.ServerName = "" // each connection asks for its own host's certificate
	}
	// Scripts reply in RESP2 as well, and over RESP3 go-redis looks before each reply for messages that no command asked for.
	u.Protocol, u.ClientName = cmp.Or(o.Protocol, 2), o.ClientName
	u.MaxRetries, u.MinRetryBackoff, u.MaxRetryBackoff = o.MaxRetries, o.MinRetryBackoff, o.MaxRetryBackoff
	u.DialTimeout, u.ReadTimeout, u.WriteTimeout = o.DialTimeout, o.ReadTimeout, o.WriteTimeout
	u.PoolFIFO, u.PoolSize, u.PoolTimeout = o.PoolFIFO, o.PoolSize, o.PoolTimeout
	u.MinIdleConns, u.MaxIdleConns, u.MaxActiveConns = o.MinIdleConns, o.MaxIdleConns, o.MaxActiveConns
	u.ConnMaxIdleTime, u.ConnMaxLifetime = o.ConnMaxIdleTime, o.ConnMaxLifetime
	u.ConnMaxLifetimeJitter, u.MaxConcurrentDials = o.ConnMaxLifetimeJitter, o.MaxConcurrentDials
	if u.DialTimeout == 0 {
		u.DialTimeout = dialTimeout
	}
	if u.ReadTimeout == 0 {
		u.ReadTimeout = replyTimeout
	}
	if u.WriteTimeout == 0 {
		u.WriteTimeout = replyTimeout
	}
	if u.DialerRetries == 0 {
		u.DialerRetries = 1 // a command that finds no connection is repeated as a whole
	}
	u.ContextTimeoutEnabled = true
	u.DisableIdentity = true
	u.MaintNotificationsConfig = &maintnotifications.Config{Mode: maintnotifications.ModeDisabled}
}
