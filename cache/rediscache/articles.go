package rediscache

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// errLimit says that a caller asked for a page of nothing.
var errLimit = errors.New("limit must be positive")

// Article implements [cache.Articles].
func (s articles) Article(ctx context.Context, id string) (a newswire.Article, err error) {
	defer wrap(&err, "article %s", id)
	k := s.keys.source(newswire.SourceOf(id))
	// As in Known: a withdrawal between the two reads is seen.
	pipe := s.client.Pipeline()
	text, stone := pipe.HGet(ctx, k.articles, id), pipe.HExists(ctx, k.tombstones, id)
	if err := exec(ctx, pipe); err != nil {
		return a, err
	}
	switch {
	case stone.Val():
		return a, newswire.ErrWithdrawn
	case errors.Is(text.Err(), redis.Nil):
		return a, newswire.ErrNotFound
	}
	stored := []storedText{{id: id, text: text.Val()}}
	if err := s.findFrames(ctx, stored); err != nil {
		return a, err
	}
	return s.decode(stored[0])
}

// Articles implements [cache.Articles].
func (s articles) Articles(ctx context.Context, q cache.Query) (p cache.Page, err error) {
	defer wrap(&err, "articles of %s", q.Topic)
	if q.Limit <= 0 {
		return p, errLimit
	}
	if q.After != "" && !memberForm.MatchString(string(q.After)) {
		return p, newswire.ErrCursor
	}
	// Changed is read first, so that a page is never older than it says. It comes from the change log's slot, where it
	// is written in one step with the record, so that it is never before that.
	if p.Changed, err = s.topicChanged(ctx, q.Topic); err != nil {
		return p, err
	}
	// One more than asked for tells whether there is a next page.
	after := string(q.After)
	for {
		want := q.Limit + 1 - len(p.Articles)
		members, articles, err := s.listed(ctx, q.Topic, after, want)
		if err != nil {
			return p, err
		}
		p.Articles = append(p.Articles, articles...)
		if len(members) < want || len(p.Articles) > q.Limit {
			break
		}
		after = members[len(members)-1]
	}
	if len(p.Articles) > q.Limit {
		p.Articles = slices.Delete(p.Articles, q.Limit, len(p.Articles))
		last := p.Articles[q.Limit-1]
		p.Next = newswire.Cursor(member(last.Listed, last.ID))
	}
	return p, nil
}

func (s articles) topicChanged(ctx context.Context, topic newswire.Topic) (time.Time, error) {
	text, err := s.client.HGet(ctx, s.keys.changed(), string(topic)).Result()
	if errors.Is(err, redis.Nil) {
		return time.Time{}, nil
	}
	if err != nil {
		return time.Time{}, err
	}
	return parseMS(text)
}

func parseMS(text string) (time.Time, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	return fromMS(n), err
}

// listed reads at most n members of a topic after one, and those of their articles that are there and say so too. A
// place without is left over from a worker that was overtaken, or its article is just being written: it is passed over,
// and taken out unless the listing has changed since.
func (s articles) listed(ctx context.Context, topic newswire.Topic, after string, n int) ([]string, []newswire.Article, error) {
	from := "+"
	if after != "" {
		from = "(" + after
	}
	k := s.keys.topic(topic)
	pipe := s.client.Pipeline()
	version := pipe.HGet(ctx, k.guard, "version") // before the members: a later write then shows
	list := pipe.ZRevRangeByLex(ctx, k.listing, &redis.ZRangeBy{Max: from, Min: "-", Count: int64(n)})
	if err := exec(ctx, pipe); err != nil {
		return nil, nil, err
	}
	members := list.Val()
	texts, err := s.texts(ctx, members)
	if err != nil {
		return nil, nil, err
	}
	articles := make([]newswire.Article, 0, len(members))
	dangling := []any{version.Val()}
	for i, t := range texts {
		if t.text != "" {
			a, err := s.decoded.Decode(&s.codec, []byte(t.text), t.frame)
			if err != nil {
				return nil, nil, damaged(t.id, err)
			}
			if member(a.Listed, a.ID) == members[i] && slices.Contains(a.Topics(), topic) {
				articles = append(articles, a)
				continue
			}
		}
		dangling = append(dangling, "-"+members[i])
	}
	if len(dangling) > 1 {
		if _, err := s.call(ctx, healScript, k.all(), dangling...); err != nil {
			return nil, nil, err
		}
	}
	return members, articles, nil
}

// texts are the articles at members.
func (s *server) texts(ctx context.Context, members []string) ([]storedText, error) {
	found, err := s.fields(ctx, members, func(k sourceKeys) string { return k.articles })
	if err != nil {
		return nil, err
	}
	texts := make([]storedText, len(members))
	for i, text := range found {
		texts[i].id = memberID(members[i])
		if text != nil {
			texts[i].text = *text
		}
	}
	return texts, s.findFrames(ctx, texts)
}

// fields are what one of their sources' hashes has of the articles at members, nil where that is nothing, in one round trip
// to each node.
func (s *server) fields(ctx context.Context, members []string, hash func(sourceKeys) string) ([]*string, error) {
	bySource := map[string][]int{}
	for i, p := range members {
		source := newswire.SourceOf(memberID(p))
		bySource[source] = append(bySource[source], i)
	}
	pipe := s.client.Pipeline()
	replies := map[string]*redis.SliceCmd{}
	for source, at := range bySource {
		ids := make([]string, len(at))
		for j, i := range at {
			ids[j] = memberID(members[i])
		}
		replies[source] = pipe.HMGet(ctx, hash(s.keys.source(source)), ids...)
	}
	if err := exec(ctx, pipe); err != nil {
		return nil, err
	}
	texts := make([]*string, len(members))
	for source, at := range bySource {
		for j, i := range at {
			if text, ok := replies[source].Val()[j].(string); ok {
				texts[i] = &text
			}
		}
	}
	return texts, nil
}

// leastTopics is how many topics are read at once, at least: many in a row may list nothing any more.
const leastTopics = 100

// Topics implements [cache.Articles]. A topic stays in the directory when its last article goes, for its time of change.
func (s articles) Topics(ctx context.Context, kind newswire.Kind, after newswire.Cursor, limit int) (_ []cache.Listing, _ newswire.Cursor, err error) {
	defer wrap(&err, "topics of kind %s", kind)
	if limit <= 0 {
		return nil, "", errLimit
	}
	if after != "" {
		if t := newswire.Topic(after); t.Kind() != kind || t != newswire.All && !newswire.ValidID(t.ID()) {
			return nil, "", newswire.ErrCursor
		}
	}
	var found []cache.Listing
	for {
		want := max(limit+1-len(found), leastTopics)
		topics, listings, err := s.directory(ctx, kind, string(after), want)
		if err != nil {
			return nil, "", err
		}
		found = append(found, listings...)
		if len(found) > limit {
			return found[:limit], newswire.Cursor(found[limit-1].Topic), nil
		}
		if len(topics) < want {
			return found, "", nil
		}
		after = newswire.Cursor(topics[len(topics)-1])
	}
}

// directory reads at most n topics after one, and the listings of those that are not empty.
func (s articles) directory(ctx context.Context, kind newswire.Kind, after string, n int) ([]string, []cache.Listing, error) {
	from := "-"
	if after != "" {
		from = "(" + after
	}
	topics, err := s.client.ZRangeByLex(ctx, s.keys.topics(kind), &redis.ZRangeBy{Min: from, Max: "+", Count: int64(n)}).Result()
	if err != nil || len(topics) == 0 {
		return nil, nil, err
	}
	pipe := s.client.Pipeline()
	changed, names := pipe.HMGet(ctx, s.keys.changed(), topics...), pipe.HMGet(ctx, s.keys.names(), topics...)
	counts := make([]*redis.IntCmd, len(topics))
	for i, t := range topics {
		counts[i] = pipe.ZCard(ctx, s.keys.topic(newswire.Topic(t)).listing)
	}
	if err := exec(ctx, pipe); err != nil {
		return nil, nil, err
	}
	var listings []cache.Listing
	for i, t := range topics {
		if counts[i].Val() == 0 {
			continue
		}
		l := cache.Listing{Topic: newswire.Topic(t), Articles: int(counts[i].Val())}
		l.Name, _ = names.Val()[i].(string)
		if text, ok := changed.Val()[i].(string); ok {
			if l.Changed, err = parseMS(text); err != nil {
				return nil, nil, err
			}
		}
		listings = append(listings, l)
	}
	return topics, listings, nil
}

// Revisions implements [cache.History].
func (s history) Revisions(ctx context.Context, id string) (revisions []newswire.Article, err error) {
	defer wrap(&err, "revisions of %s", id)
	k := s.keys.source(newswire.SourceOf(id))
	// As in Known: a withdrawal between the reads is seen.
	pipe := s.client.Pipeline()
	there, numbers, stone := pipe.HExists(ctx, k.known, id), pipe.HGet(ctx, k.revisions, id), pipe.HExists(ctx, k.tombstones, id)
	if err := exec(ctx, pipe); err != nil {
		return nil, err
	}
	switch {
	case stone.Val():
		return nil, newswire.ErrWithdrawn
	case !there.Val():
		return nil, newswire.ErrNotFound
	case numbers.Val() == "":
		return nil, nil
	}
	fields := strings.Fields(numbers.Val())
	for i, n := range fields {
		fields[i] = id + " " + n
	}
	values, err := s.client.HMGet(ctx, k.revisions, fields...).Result()
	if err != nil {
		return nil, err
	}
	var stored []storedText
	for _, v := range values {
		if text, ok := v.(string); ok { // else it was dropped a moment ago
			stored = append(stored, storedText{id: id, text: text})
		}
	}
	if err := s.findFrames(ctx, stored); err != nil {
		return nil, err
	}
	for _, t := range stored {
		a, err := s.decode(t)
		if err != nil {
			return nil, err
		}
		revisions = append(revisions, a)
	}
	return revisions, nil
}
