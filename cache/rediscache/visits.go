package rediscache

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/internal/json"
)

// States implements [cache.Visits].
func (s visits) States(ctx context.Context, sources ...string) (_ map[string]newswire.State, err error) {
	defer wrap(&err, "states of %d sources", len(sources))
	pipe := s.client.Pipeline()
	replies := make([]*redis.StringCmd, len(sources))
	for i, source := range sources {
		replies[i] = pipe.HGet(ctx, s.keys.meta(source), "state")
	}
	if err := exec(ctx, pipe); err != nil {
		return nil, err
	}
	states := make(map[string]newswire.State, len(sources))
	var state newswire.State
	for i, source := range sources {
		text, err := replies[i].Bytes()
		if errors.Is(err, redis.Nil) {
			continue
		}
		if err != nil {
			return nil, err
		}
		state = newswire.State{}
		if err := json.Unmarshal(text, &state); err != nil {
			return nil, fmt.Errorf("%s: %w", source, err)
		}
		states[source] = state
	}
	return states, nil
}

// exec sends a pipeline of reads, in which absence is an answer and no error.
func exec(ctx context.Context, pipe redis.Pipeliner) error {
	if pipe.Len() == 0 {
		return nil
	}
	if _, err := pipe.Exec(ctx); err != nil && !errors.Is(err, redis.Nil) {
		return err
	}
	return nil
}

// Known implements [cache.Visits].
func (s visits) Known(ctx context.Context, source string, ids []string) (_ map[string]cache.Known, err error) {
	defer wrap(&err, "known articles of %s", source)
	out := make(map[string]cache.Known, len(ids))
	if len(ids) == 0 {
		return out, nil
	}
	k := s.keys.source(source)
	// A withdrawal moves an article from the one hash to the other: read in this order, it is seen at least once.
	pipe := s.client.Pipeline()
	articles, stones := pipe.HMGet(ctx, k.known, ids...), pipe.HMGet(ctx, k.tombstones, ids...)
	if err := exec(ctx, pipe); err != nil {
		return nil, err
	}
	for i, id := range ids {
		if stones.Val()[i] != nil {
			out[id] = cache.Known{Withdrawn: true}
			continue
		}
		text, ok := articles.Val()[i].(string)
		if !ok {
			continue
		}
		a, err := parseKnown(id, text)
		if err != nil {
			return nil, err
		}
		out[id] = a.known()
	}
	return out, nil
}

// Record implements [cache.Visits]. Whether the lease still holds is decided once, by the script that writes the
// articles: a visit that it lets in is recorded whole, even if the lease is lost before the last step, which then leaves
// the due time to the later lease. Where listings and change log have nothing to learn, that script writes the state too. Of a
// visit without a document the due time follows in the same pipeline, where one server has all: it does the one after the other,
// and one that refuses to write the state, as without memory, refuses the due time too.
func (s visits) Record(ctx context.Context, lease cache.Lease, visit newswire.Visit, turns ...cache.Turn) (err error) {
	defer wrap(&err, "record visit to %s", visit.Source)
	if lease.Source != visit.Source {
		return fmt.Errorf("the lease is of %s", lease.Source)
	}
	state, err := json.Marshal(&visit.State)
	if err != nil {
		return err
	}
	calls := make([]call, 1, 2+len(turns))
	if calls[0], err = s.recording(ctx, lease, &visit, state); err != nil {
		return err
	}
	for _, turn := range turns {
		left, err := s.leaving(turn)
		if err != nil {
			return err
		}
		calls = append(calls, left)
	}
	due := visit.State.Due
	together := s.lanes != nil && withoutDocument(&visit) && !due.IsZero()
	if together {
		calls = append(calls, s.moving(lease, due))
	}
	replies, err := s.run(ctx, calls...)
	if passed := errors.Is(err, newswire.ErrFenced) && replies[0].Err() == nil; err != nil && !passed { // passed: a turn of another, or the lease
		return err
	}
	if together && len(strs(replies[0].Val())) == 0 {
		return nil
	}
	w, err := newBacklog(strs(replies[0].Val()))
	if err != nil {
		return err
	}
	token := strconv.FormatInt(lease.Token, 10)
	if err := s.propagate(ctx, visit.Source, token, w); err != nil {
		return err
	}
	if err := s.finish(ctx, visit.Source, token, state, w); err != nil {
		return err
	}
	if _, err := s.run(ctx, s.moving(lease, due)); !errors.Is(err, newswire.ErrFenced) {
		return err
	}
	return nil
}

// withoutDocument says that a visit brought neither articles nor a whole document, as most do.
func withoutDocument(visit *newswire.Visit) bool {
	return visit.Offered == nil && len(visit.Articles) == 0
}

// recording is the call that records a visit. One without a document has a short script of its own.
func (s *server) recording(ctx context.Context, lease cache.Lease, visit *newswire.Visit, state []byte) (call, error) {
	place, note, err := noteArgs(visit)
	if err != nil {
		return call{}, err
	}
	if withoutDocument(visit) {
		meta, pending := s.keys.meta(visit.Source), s.keys.pending(visit.Source)
		if visit.Note == nil {
			return newCall(recordStateScript, []any{meta, pending}, lease.Token, state), nil
		}
		notes := s.keys.source(visit.Source).notes
		return newCall(recordStateScript, []any{meta, pending, notes}, lease.Token, state, place, note), nil
	}
	if visit.Articles, err = s.inPhase(ctx, visit.Source, visit.Articles); err != nil {
		return call{}, err
	}
	args, err := s.recordArgs(ctx, visit)
	if err != nil {
		return call{}, err
	}
	args = append([]any{lease.Token, state, cache.RevisionsKept, place, note}, args...)
	return newCall(recordScript, s.keys.source(visit.Source).all(), args...), nil
}

// recordArgs are the arguments of the record script about articles.
func (s *server) recordArgs(ctx context.Context, visit *newswire.Visit) (_ []any, err error) {
	var d frame
	if len(visit.Articles) > 0 {
		if d, err = s.frame(ctx, &visit.Articles[0]); err != nil {
			return nil, err
		}
	}
	args := []any{d.field(), d.text, len(visit.Articles)}
	for i := range visit.Articles {
		a := &visit.Articles[i]
		if newswire.SourceOf(a.ID) != visit.Source {
			return nil, fmt.Errorf("article %s is not of this source", a.ID)
		}
		stored, err := s.write(a, d)
		if err != nil {
			return nil, err
		}
		args = append(args, a.ID, stored.text, stored.known, stored.entry, stored.member, stored.limit)
	}
	if visit.Offered == nil {
		return append(args, "0"), nil
	}
	args = append(args, "1")
	for _, id := range visit.Offered {
		args = append(args, id)
	}
	return args, nil
}

// written is an article as the scripts take it.
type written struct {
	text, known, entry []byte
	member             string
	limit              string // as in known; empty for none
}

// write writes an article, which has the phase that it is in.
func (s *server) write(a *newswire.Article, d frame) (w written, err error) {
	if w.text, err = s.codec.Encode(a, d.text); err != nil {
		return w, err
	}
	k := newKnown(a)
	if w.known, err = k.encode(); err != nil {
		return w, err
	}
	w.entry, err = json.Marshal(k.pending(a))
	if w.member = k.Member; k.Limit != 0 {
		w.limit = strconv.FormatInt(k.Limit, 10)
	}
	return w, err
}

// names are the names of the topics that have one.
func names(a *newswire.Article) map[newswire.Topic]string {
	out := map[newswire.Topic]string{}
	for _, p := range a.Authors {
		if p.ID != "" {
			out[newswire.AuthorTopic(p.ID)] = p.Name
		}
	}
	return out
}

// Notes implements [cache.Visits].
func (s visits) Notes(ctx context.Context, source string) (_ []newswire.Note, err error) {
	defer wrap(&err, "notes of visits to %s", source)
	places := make([]string, newswire.NotesKept)
	for i := range places {
		places[i] = strconv.Itoa(i)
	}
	texts, err := s.client.HMGet(ctx, s.keys.source(source).notes, places...).Result()
	if err != nil {
		return nil, err
	}
	var notes []newswire.Note
	for _, value := range texts {
		text, there := value.(string)
		if !there {
			continue
		}
		var n newswire.Note
		if err := json.Unmarshal([]byte(text), &n); err != nil {
			return nil, fmt.Errorf("%.40s: %w", text, err)
		}
		notes = append(notes, n)
	}
	slices.SortFunc(notes, func(a, b newswire.Note) int { return b.At.Compare(a.At) })
	return notes, nil
}

// noteArgs are the place of a visit's note and the note, as the record script takes them; empty for none.
func noteArgs(visit *newswire.Visit) (place string, note []byte, err error) {
	if visit.Note == nil {
		return "", nil, nil
	}
	note, err = json.Marshal(visit.Note)
	return strconv.Itoa(visit.State.Noted % newswire.NotesKept), note, err
}

// Forget implements [cache.Visits]. The fencing token stays.
func (s visits) Forget(ctx context.Context, lease cache.Lease) (err error) {
	defer wrap(&err, "forget %s", lease.Source)
	token := strconv.FormatInt(lease.Token, 10)
	if _, err := s.call(ctx, forgetScript, s.keys.source(lease.Source).all(), token, newswire.NotesKept); err != nil {
		return err
	}
	_, err = s.run(ctx, s.moving(lease, time.Time{}))
	return err
}

// sweepBatch bounds how long one call of the sweep script holds up the server.
const sweepBatch = 200

// Sweep implements [cache.Visits].
func (s visits) Sweep(ctx context.Context, lease cache.Lease, keep newswire.Retention) (n int, err error) {
	defer wrap(&err, "sweep %s", lease.Source)
	token := strconv.FormatInt(lease.Token, 10)
	for {
		reply, err := s.call(ctx, sweepScript, s.keys.source(lease.Source).all(),
			token, keep.Age.Milliseconds(), keep.Articles, sweepBatch)
		if err != nil {
			return n, err
		}
		parts, err := reply.Slice()
		if err != nil || len(parts) != 2 {
			return n, fmt.Errorf("unexpected reply %v: %w", parts, err)
		}
		w, err := newBacklog(strs(parts[1]))
		if err != nil {
			return n, err
		}
		if err := s.propagate(ctx, lease.Source, token, w); err != nil {
			return n, err
		}
		if err := s.finish(ctx, lease.Source, token, nil, w); err != nil {
			return n, err
		}
		n += dropped(w)
		if went, _ := parts[0].(int64); went < sweepBatch {
			return n, nil
		}
	}
}

// dropped counts the articles that retention dropped, those of an earlier sweep that was cut short among them.
func dropped(w backlog) int {
	n := 0
	for _, p := range w {
		if p.Op == newswire.Remove && !p.Withdrawn && !p.Hidden {
			n++
		}
	}
	return n
}
