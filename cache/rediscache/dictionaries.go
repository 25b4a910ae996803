package rediscache

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"

	"github.com/redis/go-redis/v9"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache/internal/texts"
)

// frames are those of the dictionaries that were used lately, one for each source. What was kept can be unused, but never out of
// date: a frame that has a number is always the same.
type frames struct {
	mu     sync.Mutex       // guards what follows
	recent map[string]frame // by source; what was used since the last turn
	before map[string]frame // and before that
	size   int              // of recent, in bytes, roughly
}

// frame is the part of a dictionary that is a source's own, with the dictionary's number.
type frame struct {
	number uint32
	text   []byte
}

func newFrame[T ~string | ~[]byte](text T) frame {
	return frame{texts.Number([]byte(text)), []byte(text)}
}

// framesSize bounds the frames of recent, in bytes; those of before are as many.
const framesSize = 1 << 20

// of is the frame that is kept of a source.
func (f *frames) of(source string) (frame, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if d, ok := f.recent[source]; ok {
		return d, true
	}
	d, ok := f.before[source]
	if ok {
		f.keep(source, d)
	}
	return d, ok
}

func (f *frames) add(source string, d frame) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.keep(source, d)
}

func (f *frames) keep(source string, d frame) {
	if f.recent == nil || f.size > framesSize {
		f.before, f.recent, f.size = f.recent, map[string]frame{}, 0
	}
	f.recent[source] = d
	f.size += len(source) + len(d.text)
}

// frame is that of the dictionary with which articles of a source are compressed: the one that there is, or else one that is
// made of an article. What writes these articles writes the dictionary too, in the same step.
func (s *server) frame(ctx context.Context, a *newswire.Article) (frame, error) {
	if d, ok := s.frames.of(a.Source); ok {
		return d, nil
	}
	there, err := s.client.HGetAll(ctx, s.keys.source(a.Source).dictionaries).Result()
	if err != nil {
		return frame{}, err
	}
	text, err := texts.Frame(a)
	if err != nil {
		return frame{}, err
	}
	d := newFrame(text)
	for _, number := range slices.Sorted(maps.Keys(there)) {
		d = newFrame(there[number])
	}
	s.frames.add(a.Source, d)
	return d, nil
}

// field is the number as the hash has it; empty for no dictionary.
func (d frame) field() string {
	if d.number == 0 {
		return ""
	}
	return strconv.FormatUint(uint64(d.number), 10)
}

// storedText is an article as the store has it.
type storedText struct {
	id    string
	text  string // empty where there is none
	frame []byte // of its dictionary; nil where it needs none, or where the store lacks it
}

// findFrames gives texts their frames. Those that are not kept take one round trip to each node.
func (s *server) findFrames(ctx context.Context, list []storedText) error {
	type key struct {
		source string
		number uint32
	}
	asked := map[key]*redis.StringCmd{}
	waiting := map[key][]*storedText{}
	pipe := s.client.Pipeline()
	for i := range list {
		k := key{newswire.SourceOf(list[i].id), texts.NumberOf([]byte(list[i].text))}
		if d, ok := s.frames.of(k.source); ok && d.number == k.number {
			list[i].frame = d.text
		} else if k.number != 0 {
			if asked[k] == nil {
				asked[k] = pipe.HGet(ctx, s.keys.source(k.source).dictionaries, frame{number: k.number}.field())
			}
			waiting[k] = append(waiting[k], &list[i])
		}
	}
	if err := exec(ctx, pipe); err != nil {
		return err
	}
	for k, reply := range asked {
		if reply.Err() != nil { // it is not there
			continue
		}
		d := newFrame(reply.Val())
		s.frames.add(k.source, d)
		for _, t := range waiting[k] {
			t.frame = d.text
		}
	}
	return nil
}

// decode is a stored article.
func (s *server) decode(t storedText) (newswire.Article, error) {
	a, err := s.codec.Decode([]byte(t.text), t.frame)
	return a, damaged(t.id, err)
}

// damaged says of which article a text cannot be decoded.
func damaged(id string, err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("the text of article %s is damaged: put back a copy of the store: %w", id, err)
}
