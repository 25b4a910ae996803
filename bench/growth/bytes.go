//go:build linux

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strconv"

	"github.com/redis/go-redis/v9"
)

// size says how many bytes a store has: those of the SQLite file, or of the memory that a Redis server uses.
func (o options) size(ctx context.Context, s size) (int64, error) {
	if o.store == "sqlite" {
		info, err := os.Stat(o.file(s))
		if err != nil {
			return 0, err
		}
		return info.Size(), nil
	}
	options, err := redis.ParseURL(o.store)
	if err != nil {
		return 0, err
	}
	client := redis.NewClient(options)
	defer client.Close()
	info, err := client.Info(ctx, "memory").Result()
	if err != nil {
		return 0, err
	}
	used := regexp.MustCompile(`used_memory:(\d+)`).FindStringSubmatch(info)
	if used == nil {
		return 0, fmt.Errorf("the server does not say how much memory it uses: %.40s", info)
	}
	return strconv.ParseInt(used[1], 10, 64)
}

// textSize is the mean length of some articles as JSON.
func textSize(s size) (int64, error) {
	const some = 200
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	for i := range some {
		if err := enc.Encode(article(i%s.sources, i)); err != nil {
			return 0, err
		}
	}
	return int64(b.Len() / some), nil
}

// showSize prints what an article takes in a store that has grown by so many bytes, beside what it has as JSON.
func showSize(s size, grown int64) error {
	text, err := textSize(s)
	if err != nil {
		return err
	}
	each := grown / int64(s.articles)
	fmt.Printf("%v: an article has %d bytes as JSON and takes %d: %.2f\n", s, text, each, float64(each)/float64(text))
	return nil
}
