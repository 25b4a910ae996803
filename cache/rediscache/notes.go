package rediscache

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/newswire/newswire"
)

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
