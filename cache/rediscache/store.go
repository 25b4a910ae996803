// Package rediscache keeps a cache.Store in Redis or Valkey, version 7 or later: one server, Sentinel, or a Cluster.
// Any number of processes may share it.
//
//	store, err := rediscache.Open(ctx, "redis://127.0.0.1:6379/0", rediscache.Options{})
//
// How data is laid out is in keys.go; each atomic step is one script in lua/. A script touches one slot, so a step that
// spans several is made of idempotent scripts in the order that package cache demands, with a note of what is left to
// do (pending) beside the article. All of it may be repeated, and go-redis repeats it when a connection breaks.
//
// Workers that lost their lease are kept out twice: a source's slot refuses their visit as a whole, and the slots that
// follow ignore what such a worker had under way once its successor has written there.
//
// Redis keeps what its own persistence settings keep: run it with appendonly yes, and with maxmemory-policy noeviction.
// The package refuses to expire or evict anything of articles by itself.
package rediscache

import (
	"cmp"
	"context"
	"fmt"
	"sync"

	"github.com/redis/go-redis/v9"
	"github.com/redis/go-redis/v9/logging"

	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/internal/batch"
	"github.com/newswire/newswire/cache/internal/decoded"
	"github.com/newswire/newswire/cache/internal/texts"
)

// What go-redis writes to standard error on its own, it also returns as an error, and it is for the caller to log that.
func init() { logging.Disable() }

// Options adjust a Store. The zero value works.
type Options struct {
	Prefix   string // of every key, without braces, where the address has none; default "newswire"
	Articles int64  // bytes of decoded articles in memory; default 32 MiB
}

// Store is a cache.Store in Redis. Open makes one. Each interface of [cache.Store] is implemented by a part of it, in a file
// of its own; the parts share the client.
type Store struct {
	*server
	articles
	archives
	history
	visits
	limits
	changes
	schedule
	domains
	tombstones
	audience
	quotas
	usage
	processes
	subscriptions
}

var _ cache.Store = (*Store)(nil)

// newStore is a store whose parts share a client.
func newStore(s *server) *Store {
	return &Store{
		s,
		articles{s},
		archives{s},
		history{s},
		visits{s},
		limits{s},
		changes{s},
		schedule{s},
		domains{s},
		tombstones{s},
		audience{s},
		quotas{s},
		usage{s},
		processes{s},
		subscriptions{s},
	}
}

// The parts of a store.
type (
	articles      struct{ *server }
	archives      struct{ *server }
	history       struct{ *server }
	visits        struct{ *server }
	limits        struct{ *server }
	changes       struct{ *server }
	schedule      struct{ *server }
	domains       struct{ *server }
	tombstones    struct{ *server }
	audience      struct{ *server }
	quotas        struct{ *server }
	usage         struct{ *server }
	processes     struct{ *server }
	subscriptions struct{ *server }
)

var (
	_ cache.Articles      = articles{}
	_ cache.Archives      = archives{}
	_ cache.History       = history{}
	_ cache.Visits        = visits{}
	_ cache.Limits        = limits{}
	_ cache.Changes       = changes{}
	_ cache.Schedule      = schedule{}
	_ cache.Domains       = domains{}
	_ cache.Tombstones    = tombstones{}
	_ cache.Audience      = audience{}
	_ cache.Quotas        = quotas{}
	_ cache.Usage         = usage{}
	_ cache.Processes     = processes{}
	_ cache.Subscriptions = subscriptions{}
)

// server is a Redis server, or a Cluster of them, and how it is called.
type server struct {
	client redis.UniversalClient
	keys   keys

	waiting batch.Batch[*request] // callers who share the next pipeline
	lanes   chan redis.Pipeliner  // has the pipelines that are free; nil on a Cluster, where no calls are shared

	codec   texts.Codec
	frames  frames
	decoded decoded.Articles // of pages

	awaiting sync.WaitGroup // connections on which an entry is awaited
}

// Open connects to the server that the address names, and makes sure that it answers:
//
//	redis://[user:password@]host[:6379][/db]
//	redis+sentinel://[user:password@]host[:26379],…/master[?db=0]
//	redis+cluster://[user:password@]host[:6379],…
//
// With rediss in place of redis the connection is encrypted. Passwords are percent-encoded. Settings of go-redis follow
// as a query (read_timeout=3s, pool_size=20, …), and for Sentinel its own sentinel_username and sentinel_password. Stores
// with another prefix (prefix=NAME) share a server without meeting.
// Errors name the address without user, password and query. They wrap [cache.ErrMisconfigured] for an address that is
// malformed, and where the server refuses the user, the password or the database.
func Open(ctx context.Context, address string, opts Options) (*Store, error) {
	universal, prefix, err := parseAddress(address)
	if err != nil {
		return nil, cache.Misconfigured(fmt.Errorf("rediscache: %s: %w", redact(address), err))
	}
	prefix = cmp.Or(prefix, opts.Prefix, "newswire")
	if !prefixForm.MatchString(prefix) {
		return nil, cache.Misconfigured(fmt.Errorf("rediscache: %s: prefix %q: want letters, digits, dashes, dots, underscores and colons",
			redact(address), prefix))
	}
	s := &server{client: newClient(universal), keys: newKeys(prefix), decoded: decoded.Articles{Limit: opts.Articles}}
	if _, cluster := s.client.(*redis.ClusterClient); !cluster {
		s.lanes = make(chan redis.Pipeliner, lanes)
		for range lanes {
			s.lanes <- s.client.Pipeline()
		}
	}
	if err := s.Ping(ctx); err != nil {
		_ = s.client.Close() // there is nothing to flush, and the error that counts is the first
		if refused(err) {
			return nil, cache.Misconfigured(fmt.Errorf("rediscache: %s refuses us: %w; are user, password and database those in its address?", redact(address), err))
		}
		return nil, fmt.Errorf("rediscache: %s does not answer: %w; is the server running, and is this its address?",
			redact(address), err)
	}
	return newStore(s), nil
}

// refused says whether a server answers, but not to the likes of us.
func refused(err error) bool {
	for _, prefix := range []string{"NOAUTH", "WRONGPASS", "NOPERM", "AUTH", "invalid password", "DB index"} { // ERR is left out
		if redis.HasErrorPrefix(err, prefix) {
			return true
		}
	}
	return false
}

// Decoded is how many bytes the decoded articles in memory take, roughly.
func (s *server) Decoded() int64 { return s.decoded.Size() }

// Ping implements [cache.Store]. On a Cluster all masters must answer.
func (s *server) Ping(ctx context.Context) error {
	if c, ok := s.client.(*redis.ClusterClient); ok {
		return c.ForEachMaster(ctx, func(ctx context.Context, c *redis.Client) error { return c.Ping(ctx).Err() })
	}
	return s.client.Ping(ctx).Err()
}

// Close implements [cache.Store]. It waits for what is under way, which now ends.
func (s *server) Close() error {
	err := s.client.Close()
	s.awaiting.Wait()
	free := make([]redis.Pipeliner, cap(s.lanes))
	for i := range free {
		free[i] = <-s.lanes
	}
	for _, pipe := range free {
		s.lanes <- pipe
	}
	return err
}

// wrap names the operation and its subject in an error.
func wrap(err *error, format string, args ...any) {
	if *err != nil {
		*err = fmt.Errorf("rediscache: "+format+": %w", append(args, *err)...)
	}
}
