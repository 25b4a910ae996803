package service

import (
	"context"
	"errors"
	"log/slog"
	"os"
	"os/signal"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/newswire/newswire/cmd/newswire/internal/config"
)

// reloadEvery is how often the config is looked at. That is cheap, and unlike a notice from the system it works on every kind
// of mount.
const reloadEvery = 2 * time.Second

// File is a config file, with those that it includes, that is loaded again when one changes, and on SIGHUP.
type File struct {
	loader *config.Loader
	log    *slog.Logger
	wrote  time.Time // when what is in force was last written

	failure atomic.Pointer[error] // of the last reload; nil when it went well
}

// Load reads a config from its file, and remembers what state of it that was.
func Load(path string, log *slog.Logger) (*config.Config, *File, error) {
	f := &File{loader: config.NewLoader(path), log: log}
	conf, err := f.loader.Load()
	f.wrote = f.loader.Modified()
	return conf, f, err
}

// check says in a line why the file is not in force. It returns at once.
func (f *File) check(context.Context) error {
	if failure := f.failure.Load(); failure != nil {
		return errors.New(strings.ReplaceAll((*failure).Error(), "\n", "; "))
	}
	return nil
}

// modified is when the file that is in force was last written; zero without a file.
func (f *File) modified() time.Time {
	if f == nil {
		return time.Time{}
	}
	return f.wrote
}

// run reloads until ctx ends. A file that is wrong changes nothing: every mistake is logged, check tells it, and the config
// in force stays.
func (f *File) run(ctx context.Context, reload func(*config.Config) error) error {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	ticker := time.NewTicker(reloadEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-hangup:
		case <-ticker.C:
			if !f.loader.Changed() {
				continue
			}
		}
		before := f.wrote
		conf, err := f.loader.Load()
		if err == nil {
			f.wrote = f.loader.Modified()
			err = reload(conf)
		}
		if err != nil {
			f.log.ErrorContext(ctx, "config not reloaded; the one in force stays", "error", err)
			f.wrote = before
			f.failure.Store(&err)
			continue
		}
		f.failure.Store(nil)
	}
}
