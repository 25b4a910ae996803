// Package stores opens the store that a config names, and watches it: [Open] by the table of drivers, [Pending] where the
// store may be away at the start, [Health] of what is written.
//
//	store, err := stores.Open(ctx, conf.Store)
//
// It is the only package that knows the drivers. A new driver is a row in the table in this file, and nothing else outside
// its own package.
package stores

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/rediscache"
	"github.com/newswire/newswire/cache/sqlitecache"
)

// openTimeout bounds the wait for a store.
const openTimeout = 15 * time.Second

// driver is a row of the table of drivers.
type driver struct {
	schemes []string                   // what an address may begin with
	forms   []string                   // of addresses, for people
	local   bool                       // whether the store is a file on this machine, which opening it makes
	check   func(address string) error // what is wrong with an address, without a store
	open    func(ctx context.Context, address string, m Memory) (cache.Store, error)
}

// Memory is what a store may take of the memory of this process, in bytes. Zero: as each driver has it by itself.
type Memory struct {
	Articles int64 // decoded
	Pages    int64 // of a file, where the store is one
}

// drivers is the table of drivers.
func drivers() []driver {
	return []driver{
		{
			schemes: []string{"sqlite"}, forms: []string{"sqlite:FILE"}, local: true, check: checkSQLite, open: openSQLite,
		},
		{
			schemes: []string{"redis", "rediss", "redis+sentinel", "rediss+sentinel", "redis+cluster", "rediss+cluster"},
			forms:   []string{"redis://…", "rediss://…", "redis+sentinel://…", "redis+cluster://…"},
			check:   rediscache.CheckAddress,
			open:    openRedis,
		},
	}
}

// checkSQLite says whether a file can be where an address has it.
func checkSQLite(address string) error {
	_, file, _ := strings.Cut(address, ":")
	if file == "" {
		return errors.New("want a file, as in sqlite:FILE")
	}
	if info, err := os.Stat(file); err == nil && info.IsDir() {
		return fmt.Errorf("%s is a folder; want a file in it", file)
	}
	switch info, err := os.Stat(filepath.Dir(file)); {
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("there is no folder %s; make it, or name a file elsewhere", filepath.Dir(file))
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s is no folder", filepath.Dir(file))
	}
	return nil
}

func openSQLite(ctx context.Context, address string, m Memory) (cache.Store, error) {
	_, file, _ := strings.Cut(address, ":")
	store, err := sqlitecache.Open(ctx, file, sqlitecache.Options{Pages: m.Pages, Articles: m.Articles})
	if err != nil {
		return nil, err // not a nil *Store in an interface
	}
	return store, nil
}

func openRedis(ctx context.Context, address string, m Memory) (cache.Store, error) {
	store, err := rediscache.Open(ctx, address, rediscache.Options{Articles: m.Articles})
	if err != nil {
		return nil, err
	}
	return store, nil
}

// find is the driver of an address.
func find(address string) (driver, error) {
	scheme, _, _ := strings.Cut(address, ":")
	for _, d := range drivers() {
		if slices.Contains(d.schemes, scheme) {
			return d, nil
		}
	}
	return driver{}, cache.Misconfigured(fmt.Errorf("store: there is no driver for %q", scheme))
}

// Open opens the store at an address. Errors wrap [cache.ErrMisconfigured] where the address is wrong, and name it without
// its password.
func Open(ctx context.Context, address string) (cache.Store, error) {
	return openWithin(ctx, address, Memory{})
}

func openWithin(ctx context.Context, address string, m Memory) (cache.Store, error) {
	ctx, cancel := context.WithTimeout(ctx, openTimeout)
	defer cancel()
	d, err := find(address)
	if err != nil {
		return nil, err
	}
	return d.open(ctx, address, m)
}

// OpenExisting opens the store at an address for a command that has nothing new to store. It makes no file: where there is
// none, the error wraps [fs.ErrNotExist].
func OpenExisting(ctx context.Context, address string) (cache.Store, error) {
	if _, file, _ := strings.Cut(address, ":"); Local(address) {
		if _, err := os.Stat(file); errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("there is no store %s yet: newswire serve and newswire fetch make it: %w", file, fs.ErrNotExist)
		}
	}
	return Open(ctx, address)
}

// Check says what is wrong with an address, as far as that shows without opening the store. Its error names the address
// without its password.
func Check(address string) error {
	d, err := find(address)
	if err != nil {
		return err
	}
	return d.check(address)
}

// Known says whether there is a driver for an address.
func Known(address string) bool {
	_, err := find(address)
	return err == nil && strings.Contains(address, ":")
}

// Schemes are what an address may begin with, before its first colon.
func Schemes() []string {
	var schemes []string
	for _, d := range drivers() {
		schemes = append(schemes, d.schemes...)
	}
	return schemes
}

// Local says whether the store at an address is a file on this machine.
func Local(address string) bool {
	d, err := find(address)
	return err == nil && d.local
}

// Forms are the forms of addresses that have a driver, for people.
func Forms() string {
	var forms []string
	for _, d := range drivers() {
		forms = append(forms, d.forms...)
	}
	last := len(forms) - 1
	return strings.Join(forms[:last], ", ") + " or " + forms[last]
}
