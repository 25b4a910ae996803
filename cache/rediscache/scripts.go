package rediscache

import (
	"context"
	"embed"
	"strings"

	"github.com/redis/go-redis/v9"
)

//go:embed lua
var sources embed.FS

// The scripts: each is one atomic step in one slot, and says in its first lines what it takes and returns.
var (
	recordScript      = script("source", "record")
	sweepScript       = script("source", "sweep")
	forgetScript      = script("source", "forget")
	withdrawScript    = script("source", "withdraw")
	nowScript         = script("now")
	dueLimitsScript   = script("limits_due")
	nextLimitScript   = script("limits_next")
	noteLimitsScript  = script("limits_note")
	doneLimitsScript  = script("limits_done")
	reachScript       = script("source", "reach")
	passScript        = script("source", "pass")
	finishScript      = script("finish")
	fenceScript       = script("fence")
	listScript        = script("topic", "list")
	healScript        = script("topic", "heal")
	archiveScript     = script("topic", "archive")
	newestScript      = script("topic", "newest")
	pageScript        = script("topic", "page")
	adoptScript       = script("topic", "adopt")
	appendScript      = script("append")
	readScript        = script("read")
	headScript        = script("head")
	latestScript      = script("latest")
	trimScript        = script("trim")
	claimScript       = script("claim")
	moveScript        = script("move")
	rescheduleScript  = script("reschedule")
	nextScript        = script("next")
	alignScript       = script("align")
	enterScript       = script("enter")
	attendScript      = script("attend")
	extendScript      = script("extend")
	leaveScript       = script("leave")
	spendScript       = script("spend")
	subscribeScript   = script("subscription", "subscribe")
	unsubscribeScript = script("subscription", "unsubscribe")
	subscribersScript = script("subscription", "subscribers")
	countScript       = script("subscription", "count")
	rewindScript      = script("subscription", "rewind")
	wakeScript        = script("subscription", "wake")
	rouseScript       = script("subscription", "rouse")
	upcomingScript    = script("subscription", "upcoming")
	takeScript        = script("subscription", "take")
	prolongScript     = script("subscription", "prolong")
	deliverScript     = script("subscription", "deliver")
)

// script is one script made of files.
func script(files ...string) *redis.Script {
	var b strings.Builder
	for _, name := range files {
		text, err := sources.ReadFile("lua/" + name + ".lua")
		if err != nil {
			panic("rediscache: " + err.Error()) // it is embedded
		}
		b.Write(text)
	}
	return redis.NewScript(b.String())
}

// call calls one script.
func (s *server) call(ctx context.Context, sc *redis.Script, keys []string, args ...any) (*redis.Cmd, error) {
	replies, err := s.run(ctx, call{sc, keys, args})
	if err != nil {
		return nil, err
	}
	return replies[0], nil
}
