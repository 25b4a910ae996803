package static

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path"
	"slices"
	"strings"
)

// manifest is the file that lists what a build has written, so that the next one may change and remove it, and nothing else.
const manifest = ".newswire-build"

// folder is where the files go. All names are within it, also where links lie there.
type folder struct {
	root    *os.Root
	earlier map[string]bool // files that builds have written before
	now     map[string]bool // of this one
	report  Report
}

// open reads what builds have written before.
func (f *folder) open() error {
	f.earlier, f.now = map[string]bool{}, map[string]bool{}
	list, err := f.root.ReadFile(manifest)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	for name := range strings.Lines(string(list)) {
		if name = strings.TrimSuffix(name, "\n"); fs.ValidPath(name) {
			f.earlier[name] = true
		}
	}
	return err
}

// put writes a file if it is not there as it is to be.
func (f *folder) put(name string, content []byte) error {
	if f.now[name] {
		return nil
	}
	if !fs.ValidPath(name) || name == manifest {
		return fmt.Errorf("%q cannot be a file's name", name)
	}
	there, err := f.root.ReadFile(name)
	switch {
	case err == nil && !f.earlier[name] && !bytes.Equal(there, content):
		return fmt.Errorf("%s: %w; move it away, or build into another folder", name, ErrForeign)
	case err != nil && !errors.Is(err, fs.ErrNotExist):
		return err
	}
	f.now[name] = true
	f.report.Files++
	if err == nil && bytes.Equal(there, content) {
		return nil
	}
	if !f.earlier[name] { // said before it is there, so that a build that is cut off leaves nothing that the next one does not know
		if err := f.note(name); err != nil {
			return err
		}
	}
	f.report.Written++
	return f.write(name, content)
}

// note adds a name to the manifest.
func (f *folder) note(name string) error {
	list, err := f.root.OpenFile(manifest, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	_, err = list.WriteString(name + "\n")
	return errors.Join(err, list.Close())
}

// write writes a file whole or not at all.
func (f *folder) write(name string, content []byte) error {
	if dir := path.Dir(name); dir != "." {
		if err := f.root.MkdirAll(dir, 0o755); err != nil {
			return err
		}
	}
	unfinished := path.Join(path.Dir(name), ".newswire-build.tmp")
	if err := f.root.WriteFile(unfinished, content, 0o644); err != nil {
		return err
	}
	return f.root.Rename(unfinished, name)
}

// close removes what is no longer of the site, and the folders that are empty then, and lists what is.
func (f *folder) close() error {
	for _, name := range slices.Sorted(maps.Keys(f.earlier)) {
		if f.now[name] {
			continue
		}
		if err := f.root.Remove(name); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		} else if err == nil {
			f.report.Removed++
		}
		for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
			if f.root.Remove(dir) != nil { // it is not empty
				break
			}
		}
	}
	list := strings.Join(slices.Sorted(maps.Keys(f.now)), "\n") + "\n"
	if there, err := f.root.ReadFile(manifest); err == nil && string(there) == list {
		return nil
	}
	return f.write(manifest, []byte(list))
}
