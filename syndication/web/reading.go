package web

import (
	"context"
	"sync"

	"github.com/newswire/newswire"
)

// reading is what the store said of a topic: what a feed is made of, whatever its format.
type reading struct {
	listed
	prints []print              // of the feed's articles
	stones []newswire.Tombstone // of what was withdrawn, for formats that can say so
	asOf

	section *section // that keeps it
	size    int64    // bytes in memory, roughly
}

// shared is the reading that a topic's plain feed is made of. As long as it is as new as a revision must be, it is the one that
// another format was made of, so that a change costs one reading and not one for each format.
func (s *Server) shared(ctx context.Context, d *Directory, topic newswire.Topic, next *draft) (*reading, error) {
	read := next.section.reading.Load()
	if read == nil || !s.fresh(next.section, read.mark) {
		made, err, _ := next.section.reads.Do("", func() (any, error) {
			read, err := s.gather(ctx, d, topic, s.plainFeed())
			if err != nil {
				return nil, err
			}
			read.asOf = next.asOf
			s.readings.keep(next.section, read)
			return read, nil
		})
		if err != nil {
			return nil, err
		}
		read = made.(*reading)
	}
	next.asOf = read.asOf
	return read, nil
}

// gather reads what a topic's feed is made of. It is ErrNotFound in the cases of [Server.list].
func (s *Server) gather(ctx context.Context, d *Directory, topic newswire.Topic, v variant) (*reading, error) {
	l, err := s.list(ctx, d, topic, v, withCredit)
	if err != nil {
		return nil, err
	}
	if l.feed.Query == "" && l.next != "" {
		if l.feed.Older, err = s.archive(ctx, d, topic, l.next); err != nil {
			return nil, err
		}
	}
	r := &reading{listed: l, prints: make([]print, len(l.feed.Articles)), size: overhead}
	if r.stones, err = s.withdrawn(ctx, topic, &v); err != nil {
		return nil, err
	}
	var p printer
	for i := range l.feed.Articles {
		a := &l.feed.Articles[i]
		r.prints[i] = p.print(a)
		r.size += int64(len(a.Content)+len(a.Summary)) + overhead
	}
	return r, nil
}

// readings are those that sections keep, within a bound of bytes. What was read longest ago goes first: a reading is of use
// for the moment in which one format after another is asked for.
type readings struct {
	mu   sync.Mutex // guards what follows
	kept []*reading // in the order in which they were made
	size int64      // of all
}

// readingsSize bounds the readings that are kept, in bytes.
const readingsSize = 8 << 20

// keep gives a section its reading, and takes others away if there are too many.
func (k *readings) keep(at *section, r *reading) {
	k.mu.Lock()
	defer k.mu.Unlock()
	r.section = at
	at.reading.Store(r)
	k.kept = append(k.kept, r)
	k.size += r.size
	for k.size > readingsSize {
		oldest := k.kept[0]
		oldest.section.reading.CompareAndSwap(oldest, nil)
		k.kept[0], k.kept = nil, k.kept[1:]
		k.size -= oldest.size
	}
}
