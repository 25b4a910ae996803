package cache

import (
	"context"

	"github.com/newswire/newswire"
)

// Unvisited returns those of the sources of which the store has no state, in their order: no visit to them was recorded yet,
// as in a store that is new or was emptied.
func Unvisited(ctx context.Context, store interface {
	States(ctx context.Context, sources ...string) (map[string]newswire.State, error)
}, sources ...string,
) ([]string, error) {
	states, err := store.States(ctx, sources...)
	if err != nil {
		return nil, err
	}
	var unvisited []string
	for _, id := range sources {
		if _, visited := states[id]; !visited {
			unvisited = append(unvisited, id)
		}
	}
	return unvisited, nil
}
