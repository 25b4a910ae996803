package rediscache

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/internal/json"
)

// Attend implements [cache.Processes].
func (s processes) Attend(ctx context.Context, process cache.Process, lease time.Duration) (others []cache.Process, err error) {
	defer wrap(&err, "attend as process %s", process.ID)
	body, err := json.Marshal(process)
	if err != nil {
		return nil, err
	}
	reply, err := s.call(ctx, attendScript, []any{s.keys.processes()}, process.ID, lease.Milliseconds(), body)
	if err != nil {
		return nil, err
	}
	for pair := range slices.Chunk(strs(reply.Val()), 2) {
		var p cache.Process
		if err := json.Unmarshal([]byte(pair[1]), &p); err != nil {
			return nil, fmt.Errorf("process %s: %w", pair[0], err)
		}
		others = append(others, p)
	}
	slices.SortFunc(others, func(a, b cache.Process) int { return cmp.Compare(a.ID, b.ID) })
	return others, nil
}

// Depart implements [cache.Processes].
func (s processes) Depart(ctx context.Context, id string) (err error) {
	defer wrap(&err, "depart as process %s", id)
	return s.client.HDel(ctx, s.keys.processes(), id).Err()
}
