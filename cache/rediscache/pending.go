package rediscache

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache/internal/json"
)

// pending is what listings and change log have yet to learn of an article. The scripts fill it in: a revision that was
// never logged leaves its traces in the entry of the next one.
type pending struct {
	Seq       int64                     `json:"seq"`
	Op        newswire.Op               `json:"op"`
	Withdrawn bool                      `json:"withdrawn,omitempty"`
	At        int64                     `json:"at,omitempty"` // of a withdrawal, Unix milliseconds: the tombstone's
	Revision  int                       `json:"revision"`
	Put       int64                     `json:"put,omitempty"` // of a removal: the Seq of a put of Revision that was not logged yet
	Log       bool                      `json:"log"`           // false: the revision is in the log, only listings differ
	Member    string                    `json:"place"`         // where it is listed
	Version   string                    `json:"version"`       // of what is listed there, as cache.Known.Version gives it
	Was       map[string]bool           `json:"was"`           // members where it was listed before
	Topics    map[newswire.Topic]bool   `json:"topics"`        // those touched; true: it is in, false: it is out
	Names     map[newswire.Topic]string `json:"names,omitempty"`
	Hidden    bool                      `json:"hidden,omitempty"` // as in known: what is to be logged, if anything, is a removal
	Passed    bool                      `json:"passed,omitempty"` // by passLimits, under no lease
	Limit     int64                     `json:"limit,omitempty"`  // as in known

	restored bool // not pending: listings and directory have lost it
}

// mark tells one record of an article from another, and a withdrawal from everything.
func (p *pending) mark() string {
	if p.Withdrawn {
		return "w" + strconv.FormatInt(p.Seq, 10)
	}
	return strconv.FormatInt(p.Seq, 10)
}

// put is the mark of the put that goes before a removal, empty for none.
func (p *pending) put() string {
	if p.Put == 0 {
		return ""
	}
	return strconv.FormatInt(p.Put, 10)
}

// record is a change record on its way into the log.
type record struct {
	Op       newswire.Op               `json:"op"`
	Article  string                    `json:"article"`
	Revision int                       `json:"revision"`
	Topics   string                    `json:"topics"` // Touched as it stands in the log: a JSON array
	Mark     string                    `json:"mark"`
	Put      string                    `json:"put"`     // mark of a put that goes before, if it is not there; or empty
	Log      bool                      `json:"log"`     // false: only the directory learns of it
	Touched  []newswire.Topic          `json:"touched"` // sorted
	Listed   []newswire.Topic          `json:"listed"`  // those touched that list it
	Names    map[newswire.Topic]string `json:"names"`
	Loud     map[newswire.Topic]string `json:"loud"`               // names that take no other's place
	Passed   bool                      `json:"passed,omitempty"`   // a later record may be there already
	Restored bool                      `json:"restored,omitempty"` // a name that is there already is a newer one
}

func (p *pending) record(article string) (record, error) {
	r := record{
		Op: p.Op, Article: article, Revision: p.Revision, Mark: p.mark(), Put: p.put(), Log: p.Log,
		Touched: slices.Sorted(maps.Keys(p.Topics)), Listed: []newswire.Topic{}, Names: map[newswire.Topic]string{}, Loud: map[newswire.Topic]string{},
	}
	for _, t := range r.Touched {
		if p.Topics[t] {
			r.Listed = append(r.Listed, t)
		}
	}
	for t, name := range p.Names {
		if newswire.Loud(name) {
			r.Loud[t] = name
		} else {
			r.Names[t] = name
		}
	}
	r.Passed, r.Restored = p.Passed, p.restored
	topics, err := json.Marshal(r.Touched)
	r.Topics = string(topics)
	return r, err
}

// backlog is all that is pending of a source, by article.
type backlog map[string]*pending

// newBacklog reads what a script returned of a source's pending hash: fields and values by turns.
func newBacklog(flat []string) (backlog, error) {
	if len(flat) == 0 {
		return nil, nil
	}
	w := make(backlog, len(flat)/2)
	for pair := range slices.Chunk(flat, 2) {
		var p pending
		if err := json.Unmarshal([]byte(pair[1]), &p); err != nil {
			return nil, fmt.Errorf("pending entry of %s: %w", pair[0], err)
		}
		w[pair[0]] = &p
	}
	return w, nil
}

// noToken stands for a withdrawal, which needs no lease.
const noToken = ""

// propagate makes listings, then change log and directory learn what is pending. Each step may be repeated; a step that a
// later lease has taken over is left to that. The entries stay until the finish script takes them away; until replicas have
// what was written, for without an entry a failover's loss would not be made good. Where a listing, or
// the directory, had nothing of the source, it may have to learn the source's other articles too: a node may have come back empty.
func (s *server) propagate(ctx context.Context, source, token string, w backlog) error {
	if len(w) == 0 {
		return nil
	}
	masters, err := s.mastersOf(ctx, s.written(source, w))
	if err != nil {
		return err
	}
	unlisted, err := s.list(ctx, source, token, w)
	if err != nil {
		return err
	}
	unlogged, err := s.log(ctx, source, token, w)
	if err != nil {
		return err
	}
	if len(unlisted) > 0 || unlogged {
		if err := s.restore(ctx, source, token, w, unlisted, unlogged); err != nil {
			return err
		}
	}
	return masters.replicated(ctx)
}

// written are the keys, one of each slot, that propagating a backlog writes to, and that of its source.
func (s *server) written(source string, w backlog) []string {
	keys := []string{s.keys.meta(source), s.keys.log()}
	seen := map[newswire.Topic]bool{}
	for _, p := range w {
		for topic := range p.Topics {
			if !seen[topic] {
				seen[topic] = true
				keys = append(keys, s.keys.topic(topic).guard)
			}
		}
	}
	return keys
}

// first is what the list and the append script return where they had nothing of the source before.
const first = 2

// list makes listings learn what is pending, and returns the topics of those that had nothing of the source.
func (s *server) list(ctx context.Context, source, token string, w backlog) (unlisted []newswire.Topic, err error) {
	topics, calls := s.listings(source, token, w)
	replies, err := s.run(ctx, append(calls, s.noting(source, w)...)...)
	if err != nil {
		return nil, fmt.Errorf("update listings: %w", err)
	}
	for i, reply := range replies {
		n, err := reply.Int()
		if err != nil {
			return nil, fmt.Errorf("update listings: %w", err)
		}
		if i < len(topics) && n == first {
			unlisted = append(unlisted, topics[i])
		}
	}
	return unlisted, nil
}

// log makes change log and directory learn what is pending, and says whether they had nothing of the source.
func (s *server) log(ctx context.Context, source, token string, w backlog) (unlogged bool, err error) {
	args := []any{token, source}
	for _, article := range slices.Sorted(maps.Keys(w)) {
		r, err := w[article].record(article)
		if err != nil {
			return false, err
		}
		b, err := json.Marshal(r)
		if err != nil {
			return false, err
		}
		args = append(args, b)
	}
	reply, err := s.call(ctx, appendScript, []any{
		s.keys.log(), s.keys.marks(), s.keys.changed(), s.keys.names(),
		s.keys.topics(newswire.KindAll), s.keys.topics(newswire.KindCategory),
		s.keys.topics(newswire.KindAuthor), s.keys.topics(newswire.KindSource), s.keys.topics(newswire.KindHeld),
		s.keys.topics(newswire.KindFormer), s.keys.logID(), s.keys.topics(newswire.KindUnlisted),
	}, args...)
	if err != nil {
		return false, fmt.Errorf("append to the change log: %w", err)
	}
	n, err := reply.Int()
	return n == first, err
}

// listings are the topics touched and the calls that bring them up to date, one for each.
func (s *server) listings(source, token string, w backlog) (topics []newswire.Topic, calls []call) {
	args := map[newswire.Topic][]any{}
	for article, p := range w {
		for topic, listed := range p.Topics {
			if args[topic] == nil {
				args[topic] = []any{token, source}
			}
			for was := range p.Was {
				args[topic] = append(args[topic], "-"+was)
			}
			args[topic] = append(args[topic], p.sign(listed)+p.Member+" "+p.Version)
			if p.Withdrawn {
				args[topic] = append(args[topic], "t"+member(fromMS(p.At), article))
			}
		}
	}
	for topic, a := range args {
		topics, calls = append(topics, topic), append(calls, newCall(listScript, s.keys.topic(topic).all(), a...))
	}
	return topics, calls
}

// sign tells the list script what to do with the article's member of a listing that it is in or not.
func (p *pending) sign(listed bool) string {
	switch {
	case p.Withdrawn:
		return "x"
	case listed && p.Limit != 0:
		return "*"
	case listed:
		return "+"
	case p.Passed:
		return "?"
	default:
		return "-"
	}
}

// finish marks what was settled as logged and writes the state, if there is one. Where nothing was settled it has nothing
// to do.
func (s *server) finish(ctx context.Context, source, token string, state []byte, w backlog) error {
	if len(w) == 0 {
		return nil
	}
	k := s.keys.source(source)
	if state == nil {
		token = noToken
	}
	args := []any{token, state}
	for article, p := range w {
		args = append(args, article, p.Seq)
	}
	_, err := s.call(ctx, finishScript, []any{k.meta, k.pending}, args...)
	return err
}

// strs reads a script's reply that is a list of strings.
func strs(reply any) []string {
	values, _ := reply.([]any)
	out := make([]string, len(values))
	for i, v := range values {
		out[i], _ = v.(string)
	}
	return out
}
