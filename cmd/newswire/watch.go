package main

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

// watchEvery is how often the config file is looked at. Looking is cheap, and unlike being told it also works on every
// kind of mount.
const watchEvery = 2 * time.Second

// fingerprint is a state of a file.
type fingerprint struct {
	modified time.Time
	digest   [sha256.Size]byte
}

// look takes a file's fingerprint; a file that cannot be read has the zero one.
func look(path string) fingerprint {
	info, err := os.Stat(path)
	if err != nil {
		return fingerprint{}
	}
	data, err := os.ReadFile(path)
	if err != nil {
		return fingerprint{}
	}
	return fingerprint{info.ModTime(), sha256.Sum256(data)}
}

// watcher reloads a config when its file changes, or on SIGHUP.
type watcher struct {
	path string
	log  *slog.Logger
	seen fingerprint

	failure atomic.Pointer[error] // of the last reload; nil when it went well
}

// check says why the file is not in force, in a line. It asks nobody and returns at once.
func (w *watcher) check(context.Context) error {
	if failure := w.failure.Load(); failure != nil {
		return errors.New(strings.ReplaceAll((*failure).Error(), "\n", "; "))
	}
	return nil
}

// modified is when the file that is in force was last written; zero without a file.
func (w *watcher) modified() time.Time {
	if w == nil {
		return time.Time{}
	}
	return w.seen.modified
}

// run watches until ctx ends. A file that is wrong changes nothing: every mistake is logged and told to whoever checks, and
// the config in force stays.
func (w *watcher) run(ctx context.Context, reload func(*config.Config) error) error {
	hangup := make(chan os.Signal, 1)
	signal.Notify(hangup, syscall.SIGHUP)
	defer signal.Stop(hangup)
	ticker := time.NewTicker(watchEvery)
	defer ticker.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-hangup:
		case <-ticker.C:
			if now := look(w.path); now.digest == w.seen.digest {
				continue
			}
		}
		before := w.seen
		w.seen = look(w.path)
		conf, err := config.Load(w.path)
		if err == nil {
			err = reload(conf)
		}
		if err != nil {
			w.log.ErrorContext(ctx, "config not reloaded; the one in force stays", "error", err)
			w.seen.modified = before.modified
			w.failure.Store(&err)
			continue
		}
		w.failure.Store(nil)
	}
}
