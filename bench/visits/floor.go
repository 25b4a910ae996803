//go:build linux

package main

import (
	"context"
	"database/sql"
	"fmt"
	"net/url"
	"path/filepath"
	"strconv"

	"github.com/redis/go-redis/v9"
	_ "modernc.org/sqlite" // the driver of sqlitecache
)

// smallestWrite is the least that a visit alone can do to be remembered: one row or one key, written as durably as the store
// writes.
func (r *rig) smallestWrite(ctx context.Context, name string) (func(ctx context.Context, i int) error, error) {
	switch name {
	case "sqlite":
		return r.smallestTransaction(ctx)
	case "redis":
		return r.smallestCommand(ctx)
	}
	return nil, fmt.Errorf("no store %q; there are sqlite and redis", name)
}

// smallestTransaction updates one row in a transaction of its own, which is on the disk when it returns.
func (r *rig) smallestTransaction(ctx context.Context) (func(ctx context.Context, i int) error, error) {
	pragmas := url.Values{"_pragma": {"journal_mode(WAL)", "synchronous(FULL)"}}
	dsn := url.URL{Scheme: "file", Path: filepath.Join(r.dir, "floor.db"), RawQuery: pragmas.Encode()}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, err
	}
	r.closers = append(r.closers, func() { _ = db.Close() }) // its folder goes next
	db.SetMaxOpenConns(1)
	if _, err := db.ExecContext(ctx, `CREATE TABLE visits (source INTEGER PRIMARY KEY, visited INTEGER NOT NULL)`); err != nil {
		return nil, err
	}
	for i := range r.feeds {
		if _, err := db.ExecContext(ctx, `INSERT INTO visits VALUES (?, 0)`, i); err != nil {
			return nil, err
		}
	}
	update, err := db.PrepareContext(ctx, `UPDATE visits SET visited = visited + 1 WHERE source = ?`)
	if err != nil {
		return nil, err
	}
	return func(ctx context.Context, i int) error {
		_, err := update.ExecContext(context.WithoutCancel(ctx), i)
		return err
	}, nil
}

// smallestCommand sets one key, in a round trip of its own.
func (r *rig) smallestCommand(ctx context.Context) (func(ctx context.Context, i int) error, error) {
	address, err := r.redisAddress(ctx)
	if err != nil {
		return nil, err
	}
	options, err := redis.ParseURL(address)
	if err != nil {
		return nil, err
	}
	client := redis.NewClient(options)
	r.closers = append(r.closers, func() { _ = client.Close() }) // its server ends next
	return func(ctx context.Context, i int) error {
		return client.Set(ctx, "visited:"+strconv.Itoa(i), i, 0).Err()
	}, nil
}
