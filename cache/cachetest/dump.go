package cachetest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
)

// Dump writes down everything that a reader can see: each topic's name, and its articles in order, as JSON with a line
// for each. Two stores that hold the same articles give the same bytes, also with different drivers, clocks and histories.
func Dump(ctx context.Context, store cache.Articles) ([]byte, error) {
	var b bytes.Buffer
	write := func(topic newswire.Topic, name string) error {
		fmt.Fprintf(&b, "%s %q\n", topic, name)
		articles, err := walk(ctx, store, topic, 100)
		if err != nil {
			return fmt.Errorf("dump %s: %w", topic, err)
		}
		for _, a := range articles {
			line, err := json.Marshal(a)
			if err != nil {
				return fmt.Errorf("dump %s: article %s: %w", topic, a.ID, err)
			}
			b.Write(append(line, '\n'))
		}
		return nil
	}
	if err := write(newswire.All, ""); err != nil {
		return nil, err
	}
	for _, kind := range []newswire.Kind{newswire.KindCategory, newswire.KindAuthor, newswire.KindSource} {
		topics, err := directory(ctx, store, kind)
		if err != nil {
			return nil, fmt.Errorf("dump topics of kind %s: %w", kind, err)
		}
		for _, l := range topics {
			if err := write(l.Topic, l.Name); err != nil {
				return nil, err
			}
		}
	}
	return b.Bytes(), nil
}
