package config

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"hash"
	"io"
	"os"
	"runtime/debug"
	"strings"
	"time"

	"github.com/newswire/newswire"
)

const (
	// rereadAfter is how long files whose size and time of change stay are taken to be the same. To read 100,000 sources takes some hundredths of
	// a second.
	rereadAfter = 10 * time.Minute

	// settled is how long ago a file must have been written for its next change to have another time, on any file system.
	settled = 3 * time.Second
)

// Loader loads a config whenever it has changed. Of the files with sources, and of the parts of a long one, it reads those
// that are not as they were. It is for one goroutine at a time.
type Loader struct {
	last    *Config
	include include    // of the last attempt
	digest  textDigest // of the files as they were then
	stamp   string     // of the files as they were when they were last read; empty for none
	read    time.Time  // when that was
}

// NewLoader makes a loader of a config file.
func NewLoader(path string) *Loader { return &Loader{include: include{file: path}} }

// spare is how much garbage there may be while a config is loaded, in percent of what is in use: most of what is made then is
// in use for long, and half as much garbage costs little.
const spare = 50

// Load reads and checks the file, and those that it includes. The error is an [Errors].
func (l *Loader) Load() (*Config, error) {
	defer debug.SetGCPercent(debug.SetGCPercent(spare))
	path := l.include.file
	text := fileText{name: path}
	text.data, text.err = os.ReadFile(path)
	l.include.patterns, l.stamp = nil, ""
	if text.err != nil {
		l.digest = digestOf(text)
		return nil, readErrors(path, text.err)
	}
	c, conf, err := parse(text, l.last.checked())
	l.include, l.digest = c.includes, textDigest(c.read.Sum(nil))
	if err == nil {
		l.last = conf
	}
	return conf, err
}

// Path is that of the config's own file.
func (l *Loader) Path() string { return l.include.file }

// Changed says whether the files are not as they were when they were last loaded, well or not.
func (l *Loader) Changed() bool {
	files := append([]string{l.include.file}, l.include.files(func(int, string, ...any) {})...)
	stamp, modified := stampOf(files)
	now := time.Now()
	if stamp == l.stamp && now.Sub(l.read) < rereadAfter && l.read.Sub(modified) > settled {
		return false
	}
	h := sha256.New()
	for _, file := range files {
		digestFile(h, file)
	}
	l.stamp, l.read = stamp, now
	return textDigest(h.Sum(nil)) != l.digest
}

// Modified is when any of the files was last written; zero where that is not known.
func (l *Loader) Modified() time.Time {
	_, modified := stampOf(append([]string{l.include.file}, l.include.files(func(int, string, ...any) {})...))
	return modified
}

// stampOf is what tells files that have changed without reading them, and when the last change was.
func stampOf(files []string) (string, time.Time) {
	var b strings.Builder
	var last time.Time
	for _, file := range files {
		info, err := os.Stat(file)
		if err != nil {
			fmt.Fprintf(&b, "%q away\n", file)
			continue
		}
		fmt.Fprintf(&b, "%q %d %d\n", file, info.Size(), info.ModTime().UnixNano())
		if info.ModTime().After(last) {
			last = info.ModTime()
		}
	}
	return b.String(), last
}

// fileText is what a file has, or why it cannot be read.
type fileText struct {
	name string
	data []byte
	err  error
}

// digest adds the file to a digest of several.
func (f fileText) digest(h hash.Hash) {
	digestText(h, f.name, func() (int64, error) {
		h.Write(f.data)
		return int64(len(f.data)), f.err
	})
}

// digestFile adds a file to a digest of several, as [fileText.digest] does, without having the whole in memory.
func digestFile(h hash.Hash, name string) {
	digestText(h, name, func() (int64, error) {
		file, err := os.Open(name)
		if err != nil {
			return 0, err
		}
		defer file.Close()
		return io.Copy(h, file)
	})
}

// digestText adds what is written to a digest of several.
func digestText(h hash.Hash, name string, write func() (int64, error)) {
	fmt.Fprintf(h, "%q\n", name)
	n, err := write()
	fmt.Fprintf(h, "\n%d %t\n", n, err == nil)
}

func digestOf(f fileText) textDigest {
	h := sha256.New()
	f.digest(h)
	return textDigest(h.Sum(nil))
}

// text is the text without a mark of its byte order.
func (f fileText) text() []byte { return bytes.TrimPrefix(f.data, []byte("\xef\xbb\xbf")) }

// checked are the sources of a config by the texts that they follow from.
func (c *Config) checked() map[textDigest][]newswire.Source {
	if c == nil {
		return nil
	}
	known := map[textDigest][]newswire.Source{}
	for _, p := range c.parts {
		if p.plain {
			known[p.digest] = c.Sources[p.start:p.end]
		}
	}
	return known
}
