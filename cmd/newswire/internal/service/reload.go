package service

import (
	"context"
	"crypto/sha256"
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

// reloadEvery is how often the config file is read. To read it is cheap, and unlike a notice from the system that works on
// every kind of mount.
const reloadEvery = 2 * time.Second

// fileState is a state of a file.
type fileState struct {
	modified time.Time
	digest   [sha256.Size]byte
}

// stateOf is the state of a file; a file that cannot be read has the zero one.
func stateOf(path string) fileState {
	info, err := os.Stat(path)
	if err != nil {
		return fileState{}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return fileState{}
	}
	return fileState{info.ModTime(), sha256.Sum256(data)}
}

// File is a config file that is loaded again when it changes, and on SIGHUP.
type File struct {
	path   string
	log    *slog.Logger
	loaded fileState // what was last read

	failure atomic.Pointer[error] // of the last reload; nil when it went well
}

// Load reads a config from its file, and remembers what state of it that was.
func Load(path string, log *slog.Logger) (*config.Config, *File, error) {
	f := &File{path: path, log: log, loaded: stateOf(path)}
	conf, err := config.Load(path)
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
	return f.loaded.modified
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
			if now := stateOf(f.path); now.digest == f.loaded.digest {
				continue
			}
		}
		before := f.loaded
		f.loaded = stateOf(f.path)
		conf, err := config.Load(f.path)
		if err == nil {
			err = reload(conf)
		}
		if err != nil {
			f.log.ErrorContext(ctx, "config not reloaded; the one in force stays", "error", err)
			f.loaded.modified = before.modified
			f.failure.Store(&err)
			continue
		}
		f.failure.Store(nil)
	}
}
