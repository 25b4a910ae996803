package rediscache

import (
	"context"
	"crypto/sha1"
	"embed"
	"encoding/hex"
	"strings"

	"github.com/redis/go-redis/v9"
)

//go:embed lua
var sources embed.FS

// The scripts: each is one atomic step in one slot, and says in its first lines what it takes and returns.
var (
	recordScript      = newScript("source", "record", "conclude")
	recordStateScript = newScript("record_state", "conclude")
	sweepScript       = newScript("source", "sweep")
	forgetScript      = newScript("source", "forget")
	withdrawScript    = newScript("source", "withdraw")
	nowScript         = newScript("now")
	dueLimitsScript   = newScript("limits_due")
	nextLimitScript   = newScript("limits_next")
	noteLimitsScript  = newScript("limits_note")
	doneLimitsScript  = newScript("limits_done")
	reachScript       = newScript("source", "reach")
	passScript        = newScript("source", "pass")
	finishScript      = newScript("finish")
	fenceScript       = newScript("fence")
	listScript        = newScript("topic", "list")
	healScript        = newScript("topic", "heal")
	archiveScript     = newScript("topic", "tidy", "archive")
	newestScript      = newScript("topic", "newest")
	pageScript        = newScript("topic", "page")
	adoptScript       = newScript("topic", "adopt")
	appendScript      = newScript("append")
	readScript        = newScript("read")
	headScript        = newScript("head")
	latestScript      = newScript("latest")
	trimScript        = newScript("trim")
	claimScript       = newScript("claim")
	moveScript        = newScript("move")
	rescheduleScript  = newScript("reschedule")
	nextScript        = newScript("next")
	alignScript       = newScript("align")
	enterScript       = newScript("enter")
	attendScript      = newScript("attend")
	extendScript      = newScript("extend")
	leaveScript       = newScript("leave")
	spendScript       = newScript("spend")
	subscribeScript   = newScript("subscription", "subscribe")
	unsubscribeScript = newScript("subscription", "unsubscribe")
	subscribersScript = newScript("subscription", "subscribers")
	countScript       = newScript("subscription", "count")
	rewindScript      = newScript("subscription", "rewind")
	wakeScript        = newScript("subscription", "wake")
	rouseScript       = newScript("subscription", "rouse")
	upcomingScript    = newScript("subscription", "upcoming")
	takeScript        = newScript("subscription", "take")
	prolongScript     = newScript("subscription", "prolong")
	deliverScript     = newScript("subscription", "deliver")
)

// script is a script that servers know by its hash, once they have met it.
type script struct {
	text string
	hash any // a string: each call has it among its arguments
}

// newScript is one script made of files.
func newScript(files ...string) *script {
	var b strings.Builder
	for _, name := range files {
		text, err := sources.ReadFile("lua/" + name + ".lua")
		if err != nil {
			panic("rediscache: " + err.Error()) // it is embedded
		}
		b.Write(text)
	}
	sum := sha1.Sum([]byte(b.String()))
	return &script{b.String(), hex.EncodeToString(sum[:])}
}

// call calls one script.
func (s *server) call(ctx context.Context, sc *script, keys []any, args ...any) (*redis.Cmd, error) {
	replies, err := s.run(ctx, newCall(sc, keys, args...))
	if err != nil {
		return nil, err
	}
	return replies[0], nil
}
