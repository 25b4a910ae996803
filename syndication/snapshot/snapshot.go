// Package snapshot stores the last good feeds in a folder on local disk, so that a process which starts while its store
// is away has something to serve.
//
//	folder, err := snapshot.Open("newswire.snapshot", 0)
//	server := web.New(store, directory, web.Options{Snapshot: folder})
//
// A [Document] is one file, named after its topic, and is replaced as a whole: after kill -9 or a power cut the old file
// is there, or the new one. A file that is damaged all the same is recognized by its checksum and removed. The
// modification time of a file is when its document was last known to be up to date. When the folder's bound is reached,
// the file with the oldest time is removed first, and a [Variant] before all others.
//
// Beside the documents stands a cursor of the change log: no document shows an article that the log up to there says was
// removed.
//
// The package refuses to decide what may be served. Its user sees how old a document is, and decides.
package snapshot

import (
	"cmp"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/newswire/newswire"
)

// DefaultLimit bounds a folder, in bytes, when its user gives no other bound.
const DefaultLimit = 256 << 20

// ErrDamaged says that a file was not what was written, and is gone now.
var ErrDamaged = errors.New("damaged file")

// Key names a document: its topic and its form.
type Key struct {
	Topic newswire.Topic
	Name  string // lower-case letters, digits and dashes
}

// Variant begins the names of documents that readers can ask for in any number. When the bound is reached, these are
// removed before all others.
const Variant = "variant-"

func (k Key) variant() bool { return strings.HasPrefix(k.Name, Variant) }

// Document is what was last served at one address.
type Document struct {
	Site      string // address of the site that it was made for
	MediaType string
	Fields    []Field   // of its own, besides what every answer has
	Changed   time.Time // as the store said; zero when that is not known
	Articles  []uint64  // the [Hash] of each article in it
	Until     time.Time // when it may be shown no more; zero: for ever
	Body      []byte
	Current   time.Time // when it was last known to be up to date; to the second
}

// Field is a header field.
type Field struct{ Key, Value string }

// Folder is a folder of documents. One goroutine writes to it. Get, Remove and Len may be called by any goroutine, and
// never wait for another's disk operation. Two folders that are opened on one directory, as by two processes, count their
// bytes each by itself.
type Folder struct {
	dir   string
	limit int64
	write func(f *os.File, data []byte) error // to be failed by tests

	mu    sync.Mutex // guards what follows; not locked while the disk works
	files map[newswire.Topic]map[string]*file
	bytes int64
}

// file is what is known of a file without opening it.
type file struct {
	size    int64
	current time.Time
	sum     [sha256.Size]byte // of what it holds; zero while that is not known
}

// Open opens a folder, and makes it if it is not there. Limit bounds its files, in bytes; default [DefaultLimit].
func Open(dir string, limit int64) (_ *Folder, err error) {
	defer func() {
		if err != nil {
			err = fmt.Errorf("snapshot: open %s: %w", dir, err)
		}
	}()
	f := &Folder{dir: dir, limit: limit, write: writeSynced, files: map[newswire.Topic]map[string]*file{}}
	if f.limit == 0 {
		f.limit = DefaultLimit
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), temporary) {
			_ = os.Remove(filepath.Join(dir, e.Name())) // of a process that was killed
			continue
		}
		info, err := e.Info()
		if k, ok := parseName(e.Name()); ok && err == nil && info.Mode().IsRegular() {
			f.count(k, &file{size: info.Size(), current: info.ModTime()})
		}
	}
	return f, nil
}

// Len is how many documents there are; none in a nil Folder.
func (f *Folder) Len() int {
	if f == nil {
		return 0
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	n := 0
	for _, files := range f.files {
		n += len(files)
	}
	return n
}

// Has says whether there is a document, without reading it.
func (f *Folder) Has(k Key) bool {
	_, ok := f.known(k)
	return ok
}

// Get reads a document. [fs.ErrNotExist] if there is none; [ErrDamaged] if there was one.
func (f *Folder) Get(k Key) (_ *Document, err error) {
	known, ok := f.known(k)
	if !ok {
		return nil, fs.ErrNotExist
	}
	path := f.path(k)
	defer func() {
		if err != nil {
			err = fmt.Errorf("snapshot: read %s: %w", path, err)
		}
	}()
	data, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) { // another process removed it
		f.count(k, nil)
	}
	if err != nil {
		return nil, err
	}
	d, err := decode(data)
	if err != nil {
		return nil, errors.Join(err, f.Remove(k))
	}
	d.Current = known.current
	return d, nil
}

// Put stores a document instead of the one under its key. Where the two are the same, only the time changes. A document
// that is larger than the folder's bound is not stored.
func (f *Folder) Put(k Key, d *Document) error {
	data := encode(d)
	if int64(len(data)) > f.limit {
		return f.Remove(k)
	}
	sum := sha256.Sum256(data)
	if known, ok := f.known(k); ok && known.sum == sum {
		return f.Touch(k, d.Current)
	}
	if err := f.replace(f.path(k), data, d.Current); err != nil {
		return fmt.Errorf("snapshot: write %s: %w", f.path(k), err)
	}
	f.count(k, &file{int64(len(data)), d.Current, sum})
	return f.makeRoom()
}

// Touch says that a document was up to date at a time. One that is not there, or was removed, is not written.
func (f *Folder) Touch(k Key, current time.Time) error {
	known, ok := f.known(k)
	if !ok || !current.After(known.current) {
		return nil
	}
	switch err := os.Chtimes(f.path(k), current, current); {
	case errors.Is(err, fs.ErrNotExist):
		f.count(k, nil)
	case err != nil:
		return fmt.Errorf("snapshot: touch %s: %w", f.path(k), err)
	default:
		known.current = current
		f.count(k, &known)
	}
	return nil
}

// Remove removes a document. It is no error if there is none.
func (f *Folder) Remove(k Key) error {
	if _, ok := f.known(k); !ok {
		return nil
	}
	if err := os.Remove(f.path(k)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("snapshot: remove: %w", err)
	}
	f.count(k, nil)
	return nil
}

// RemoveWith removes the documents of a topic that show an article, by its [Hash], which must not be shown any more.
func (f *Folder) RemoveWith(topic newswire.Topic, articles map[uint64]bool) error {
	var errs []error
	for _, k := range f.keys(topic) {
		shown, err := readArticles(f.path(k))
		if err != nil || slices.ContainsFunc(shown, func(h uint64) bool { return articles[h] }) {
			errs = append(errs, f.Remove(k))
		}
	}
	return errors.Join(errs...)
}

// Clear removes every document.
func (f *Folder) Clear() error {
	f.mu.Lock()
	topics := slices.Collect(maps.Keys(f.files))
	f.mu.Unlock()
	var errs []error
	for _, topic := range topics {
		for _, k := range f.keys(topic) {
			errs = append(errs, f.Remove(k))
		}
	}
	return errors.Join(errs...)
}

// Cursor is what SetCursor stored last; empty if there is none.
func (f *Folder) Cursor() newswire.Cursor {
	data, err := os.ReadFile(filepath.Join(f.dir, cursorFile))
	if err != nil {
		return "" // as good as none
	}
	return newswire.Cursor(strings.TrimSpace(string(data)))
}

// SetCursor stores a cursor.
func (f *Folder) SetCursor(c newswire.Cursor) error {
	path := filepath.Join(f.dir, cursorFile)
	if err := f.replace(path, []byte(string(c)+"\n"), time.Now()); err != nil {
		return fmt.Errorf("snapshot: write %s: %w", path, err)
	}
	return nil
}

// makeRoom removes files until seven eighths of the bound are used, if the bound was passed.
func (f *Folder) makeRoom() error {
	type aged struct {
		Key
		size    int64
		current time.Time
	}
	var all []aged
	f.mu.Lock()
	excess := f.bytes - f.limit/8*7
	if f.bytes > f.limit {
		for topic, files := range f.files {
			for name, known := range files {
				all = append(all, aged{Key{topic, name}, known.size, known.current})
			}
		}
	}
	f.mu.Unlock()
	slices.SortFunc(all, func(a, b aged) int {
		switch x, y := a.variant(), b.variant(); {
		case x && !y:
			return -1
		case y && !x:
			return 1
		}
		return cmp.Or(a.current.Compare(b.current), cmp.Compare(a.Topic, b.Topic), cmp.Compare(a.Name, b.Name))
	})
	for _, a := range all {
		if excess <= 0 {
			break
		}
		if err := f.Remove(a.Key); err != nil {
			return err
		}
		excess -= a.size
	}
	return nil
}

// known is what is known of a file.
func (f *Folder) known(k Key) (file, bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if known := f.files[k.Topic][k.Name]; known != nil {
		return *known, true
	}
	return file{}, false
}

// keys are those of a topic.
func (f *Folder) keys(topic newswire.Topic) []Key {
	f.mu.Lock()
	defer f.mu.Unlock()
	keys := make([]Key, 0, len(f.files[topic]))
	for name := range f.files[topic] {
		keys = append(keys, Key{topic, name})
	}
	return keys
}

// count counts a file instead of the one under its key; nil uncounts that.
func (f *Folder) count(k Key, next *file) {
	f.mu.Lock()
	defer f.mu.Unlock()
	files := f.files[k.Topic]
	if old := files[k.Name]; old != nil {
		f.bytes -= old.size
		delete(files, k.Name)
	}
	switch {
	case next != nil && files == nil:
		f.files[k.Topic] = map[string]*file{k.Name: next}
	case next != nil:
		files[k.Name] = next
	case len(files) == 0:
		delete(f.files, k.Topic)
	}
	if next != nil {
		f.bytes += next.size
	}
}
