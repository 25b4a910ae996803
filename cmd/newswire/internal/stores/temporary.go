package stores

import (
	"context"
	"errors"
	"os"
	"path/filepath"

	"github.com/newswire/newswire/cache"
)

// temporary is a store in a folder of its own, which goes when it is closed.
type temporary struct {
	cache.Store
	dir string
}

// OpenTemporary opens an empty store, of which nothing is left when it is closed.
func OpenTemporary(ctx context.Context) (cache.Store, error) {
	dir, err := os.MkdirTemp("", "newswire-")
	if err != nil {
		return nil, err
	}
	store, err := Open(ctx, "sqlite:"+filepath.Join(dir, "temporary.db"))
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	return temporary{store, dir}, nil
}

// Close implements [cache.Store].
func (t temporary) Close() error { return errors.Join(t.Store.Close(), os.RemoveAll(t.dir)) }
