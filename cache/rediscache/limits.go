package rediscache

import (
	"context"
	"crypto/sha1"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache/internal/json"
)

// limitSources bounds the sources that one call of PassLimits looks at.
const limitSources = 100

// inPhase are articles of a source, each with the phase that it is in by the source's node. Where none has a limit, nothing is
// asked.
func (s *server) inPhase(ctx context.Context, source string, list []newswire.Article) ([]newswire.Article, error) {
	limited := func(a newswire.Article) bool { return !a.Rights.From.IsZero() || !a.Rights.Until.IsZero() }
	misplaced := func(a newswire.Article) bool { return a.Phase != newswire.Open || limited(a) }
	if !slices.ContainsFunc(list, misplaced) {
		return list, nil
	}
	reply, err := s.call(ctx, nowScript, []any{s.keys.meta(source)})
	if err != nil {
		return nil, err
	}
	ms, err := reply.Int64()
	if err != nil {
		return nil, err
	}
	list = slices.Clone(list)
	for i := range list {
		list[i].Phase = list[i].Rights.PhaseAt(fromMS(ms))
	}
	return list, nil
}

// noting is the call that puts a source into the index of limits, if what is pending of it has any.
func (s *server) noting(source string, w backlog) []call {
	var first int64
	for _, p := range w {
		if p.Limit != 0 && (first == 0 || p.Limit < first) {
			first = p.Limit
		}
	}
	if first == 0 {
		return nil
	}
	return []call{newCall(noteLimitsScript, s.keys.limits(), source, first)}
}

// NextLimit implements [cache.Limits].
func (s limits) NextLimit(ctx context.Context) (in time.Duration, any bool, err error) {
	defer wrap(&err, "next limit of an article")
	reply, err := s.call(ctx, nextLimitScript, s.keys.limits())
	if err != nil {
		return 0, false, err
	}
	left, err := reply.Int64Slice()
	if err != nil || len(left) == 0 {
		return 0, false, err
	}
	return time.Duration(left[0]) * time.Millisecond, true, nil
}

// PassLimits implements [cache.Limits]. A source's slot decides which limits have passed, and gives the articles their phases;
// the entries that are pending then are brought to listings and log as those of a visit are. Such an entry is no worker's to
// fence: where a visit is under way, its own entry of the article covers it, and what comes late here is passed over there. A
// source stays in the index until all is done, so that what a crash left is found again.
func (s limits) PassLimits(ctx context.Context, n int) (passed int, err error) {
	defer wrap(&err, "pass limits of articles")
	if n <= 0 {
		return 0, errLimit
	}
	reply, err := s.call(ctx, dueLimitsScript, s.keys.limits(), limitSources)
	if err != nil {
		return 0, err
	}
	due := strs(reply.Val())
	var failures []error
	for pair := range slices.Chunk(due, 2) {
		if passed >= n {
			break
		}
		some, err := s.pass(ctx, pair[0], pair[1], n-passed)
		passed += some
		if err != nil { // of a node that is away, perhaps; others are not
			failures = append(failures, fmt.Errorf("of %s: %w", pair[0], err))
		}
	}
	return passed, errors.Join(failures...)
}

// pass passes at most n limits of a source that was noted so often.
func (s limits) pass(ctx context.Context, source, notes string, n int) (int, error) {
	reply, err := s.call(ctx, reachScript, s.keys.source(source).all(), n)
	if err != nil {
		return 0, err
	}
	parts, err := reply.Slice()
	if err != nil || len(parts) != 2 {
		return 0, fmt.Errorf("unexpected reply %v: %w", parts, err)
	}
	text, _ := parts[0].(string)
	now, err := parseMS(text)
	if err != nil {
		return 0, err
	}
	due := strs(parts[1])
	args, err := s.passArgs(ctx, due, now)
	if err != nil {
		return 0, err
	}
	if reply, err = s.call(ctx, passScript, s.keys.source(source).all(), args...); err != nil {
		return 0, err
	}
	if parts, err = reply.Slice(); err != nil || len(parts) != 3 {
		return 0, fmt.Errorf("unexpected reply %v: %w", parts, err)
	}
	token, _ := parts[0].(string)
	next, _ := parts[1].(string)
	w, err := newBacklog(strs(parts[2]))
	if err != nil {
		return 0, err
	}
	if err := s.propagate(ctx, source, token, w); err != nil {
		return 0, err
	}
	if err := s.finish(ctx, source, noToken, nil, w); err != nil {
		return 0, err
	}
	_, err = s.call(ctx, doneLimitsScript, s.keys.limits(), source, notes, next)
	return len(due) / 2, err
}

// passArgs are the arguments of the pass script: articles as they were read, and what they are at a time.
func (s *server) passArgs(ctx context.Context, due []string, now time.Time) ([]any, error) {
	var list []storedText
	for pair := range slices.Chunk(due, 2) {
		list = append(list, storedText{id: pair[0], text: pair[1]})
	}
	if err := s.findFrames(ctx, list); err != nil {
		return nil, err
	}
	var d frame
	var args []any
	for _, t := range list {
		if t.text == "" { // it went, and its limit is to go
			args = append(args, t.id, "", "", "", "", "")
			continue
		}
		a, err := s.decode(t)
		if err != nil {
			return nil, err
		}
		if d.number == 0 { // one for all: they are of one source, and the script keeps one dictionary
			if d, err = s.frame(ctx, &a); err != nil {
				return nil, err
			}
		}
		a.Phase = a.Rights.PhaseAt(now)
		w, err := s.write(&a, d)
		if err != nil {
			return nil, fmt.Errorf("article %s: %w", t.id, err)
		}
		k := newKnown(&a)
		p := k.pending(&a)
		p.Passed = true
		if w.entry, err = json.Marshal(p); err != nil {
			return nil, fmt.Errorf("article %s: %w", t.id, err)
		}
		sum := sha1.Sum([]byte(t.text))
		args = append(args, t.id, hex.EncodeToString(sum[:]), w.text, w.known, w.entry, w.limit)
	}
	return append([]any{d.field(), d.text}, args...), nil
}
