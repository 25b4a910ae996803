package redistest_test

import (
	"context"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/newswire/newswire/cache/rediscache/redistest"
)

func TestRelayHangsAndIsCut(t *testing.T) {
	t.Parallel()
	relay := redistest.StartRelay(t, redistest.Start(t, redistest.Options{}))
	options, err := redis.ParseURL(relay.URL())
	if err != nil {
		t.Fatal(err)
	}
	options.MaxRetries, options.ReadTimeout, options.ContextTimeoutEnabled = -1, -1, true
	c := redis.NewClient(options)
	defer c.Close()
	if err := c.Ping(t.Context()).Err(); err != nil {
		t.Fatal(err)
	}

	relay.Hang()
	answered := make(chan error, 1)
	go func() { answered <- c.Set(t.Context(), "a", "b", 0).Err() }()
	relay.Mend()
	if err := <-answered; err != nil {
		t.Errorf("what was sent while the relay hung: %v; want it to arrive after that", err)
	}

	relay.Hang()
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond) // the client heeds no other end of a context while it reads
	defer cancel()
	if err := c.Ping(ctx).Err(); err == nil {
		t.Error("a relay that hangs answers")
	}

	relay.Cut()
	if err := c.Ping(t.Context()).Err(); err == nil {
		t.Error("a relay that is cut answers")
	}
	relay.Mend()
	if got, err := c.Get(t.Context(), "a").Result(); got != "b" || err != nil {
		t.Errorf("after it was mended: %q, %v; want b", got, err)
	}
}
