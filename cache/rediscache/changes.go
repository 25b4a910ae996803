package rediscache

import (
	"cmp"
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache/internal/json"
)

// streamID is the ID of an entry in a Redis stream: Unix milliseconds, and a number among equals.
type streamID struct{ ms, seq uint64 }

func parseStreamID(s string) (id streamID, ok bool) {
	if !streamIDForm.MatchString(s) {
		return id, false
	}
	ms, seq, _ := strings.Cut(s, "-")
	var err1, err2 error
	id.ms, err1 = strconv.ParseUint(ms, 10, 64)
	id.seq, err2 = strconv.ParseUint(seq, 10, 64)
	return id, err1 == nil && err2 == nil
}

func (id streamID) compare(other streamID) int {
	return cmp.Or(cmp.Compare(id.ms, other.ms), cmp.Compare(id.seq, other.seq))
}

// logCursor is the cursor after an entry: its ID, a dot and the log's id, where the log has one. An earlier version gave it
// none.
func logCursor(entry, log string) newswire.Cursor {
	if entry == "" || log == "" {
		return newswire.Cursor(entry)
	}
	return newswire.Cursor(entry + "." + log)
}

// entryOf is the entry that a cursor is after, and the log's id, which may be missing.
func entryOf(c newswire.Cursor) (entry, log string) {
	if c == "" {
		return "0-0", ""
	}
	entry, log, _ = strings.Cut(string(c), ".")
	return entry, log
}

// Changes implements [cache.Changes]. A cursor that is ahead of the log, as after a failover that lost its last records,
// is answered by ErrReplaced: a reader that went on from it would miss the records that come in place of those.
func (s changes) Changes(ctx context.Context, after newswire.Cursor, limit int) (_ []newswire.Change, err error) {
	defer wrap(&err, "changes after %q", after)
	if limit <= 0 {
		return nil, errLimit
	}
	from, of := entryOf(after)
	cursor, ok := parseStreamID(from)
	if !ok {
		return nil, newswire.ErrCursor
	}
	reply, err := s.call(ctx, readScript, []any{s.keys.log(), s.keys.trimmed(), s.keys.logID()}, from, limit)
	if err != nil {
		return nil, err
	}
	parts, err := reply.Slice()
	if err != nil || len(parts) != 4 {
		return nil, fmt.Errorf("unexpected reply %v: %w", parts, err)
	}
	trimmed, newest := bound(parts[0]), bound(parts[1])
	log, _ := parts[3].(string)
	switch {
	case of != "" && of != log:
		return nil, newswire.ErrReplaced
	case cursor.compare(trimmed) < 0:
		return nil, newswire.ErrGone
	case cursor.compare(trimmed) > 0 && cursor.compare(newest) > 0:
		return nil, newswire.ErrReplaced
	}
	entries, _ := parts[2].([]any)
	changes := make([]newswire.Change, len(entries))
	for i, e := range entries {
		if changes[i], err = newChange(e, log); err != nil {
			return nil, err
		}
	}
	return changes, nil
}

// Latest implements [cache.Changes].
func (s changes) Latest(ctx context.Context, limit int) (_ []newswire.Change, err error) {
	defer wrap(&err, "latest %d changes", limit)
	if limit <= 0 {
		return nil, errLimit
	}
	reply, err := s.call(ctx, latestScript, []any{s.keys.log(), s.keys.logID()}, limit)
	if err != nil {
		return nil, err
	}
	parts, err := reply.Slice()
	if err != nil || len(parts) != 2 {
		return nil, fmt.Errorf("unexpected reply %v: %w", parts, err)
	}
	log, _ := parts[1].(string)
	entries, _ := parts[0].([]any)
	var changes []newswire.Change
	for _, e := range entries {
		c, err := newChange(e, log)
		if err != nil {
			return nil, err
		}
		changes = append(changes, c)
	}
	return changes, nil
}

// bound is the ID that a script returned, the lowest where it returned none.
func bound(reply any) streamID {
	text, _ := reply.(string)
	id, _ := parseStreamID(text)
	return id
}

// newChange reads an entry of the stream of a log: its ID, and its fields and values.
func newChange(reply any, log string) (c newswire.Change, err error) {
	entry, _ := reply.([]any)
	if len(entry) != 2 {
		return c, fmt.Errorf("unexpected entry %v", reply)
	}
	text, _ := entry[0].(string)
	id, ok := parseStreamID(text)
	if !ok {
		return c, fmt.Errorf("unexpected entry %v", reply)
	}
	c.Cursor, c.At = logCursor(text, log), fromMS(int64(id.ms))
	fields := strs(entry[1])
	for i := 0; i+1 < len(fields); i += 2 {
		switch value := fields[i+1]; fields[i] {
		case "op":
			c.Op = newswire.Op(value)
		case "article":
			c.Article = value
		case "revision":
			c.Revision, err = strconv.Atoi(value)
		case "topics":
			err = json.Unmarshal([]byte(value), &c.Topics)
		}
		if err != nil {
			return c, fmt.Errorf("entry %s: %w", text, err)
		}
	}
	return c, nil
}

// Head implements [cache.Changes].
func (s changes) Head(ctx context.Context) (_ newswire.Cursor, err error) {
	defer wrap(&err, "head of the change log")
	reply, err := s.call(ctx, headScript, []any{s.keys.log(), s.keys.trimmed(), s.keys.logID()})
	if err != nil {
		return "", err
	}
	parts := strs(reply.Val())
	if len(parts) != 2 {
		return "", fmt.Errorf("unexpected reply %v", reply.Val())
	}
	return logCursor(parts[0], parts[1]), nil
}

// Beginning implements [cache.Changes].
func (s changes) Beginning(ctx context.Context) (_ newswire.Cursor, err error) {
	defer wrap(&err, "beginning of the change log")
	reply, err := s.call(ctx, readScript, []any{s.keys.log(), s.keys.trimmed(), s.keys.logID()}, "0-0", 1)
	if err != nil {
		return "", err
	}
	parts, err := reply.Slice()
	if err != nil || len(parts) != 4 {
		return "", fmt.Errorf("unexpected reply %v: %w", parts, err)
	}
	trimmed, _ := parts[0].(string)
	log, _ := parts[3].(string)
	return logCursor(trimmed, log), nil
}

// trimBatch bounds how long one call of the trim script holds up the server.
const trimBatch = 1000

// TrimChanges implements [cache.Changes].
func (s changes) TrimChanges(ctx context.Context, before time.Time) (err error) {
	defer wrap(&err, "trim the change log")
	if before.UnixMilli() <= 0 {
		return nil
	}
	for {
		reply, err := s.call(ctx, trimScript,
			[]any{s.keys.log(), s.keys.trimmed(), s.keys.marks()}, ms(before)+"-0", trimBatch)
		if err != nil {
			return err
		}
		went, err := reply.Int()
		if err != nil || went < trimBatch {
			return err
		}
	}
}
