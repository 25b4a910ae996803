package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/newswire/newswire/syndication/static"
)

// TestRealFeedsAreTheSameAsFiles builds the site of every real feed, and asks another server of the same store for each file.
func TestRealFeedsAreTheSameAsFiles(t *testing.T) {
	t.Parallel()
	c := newCorpus(t)
	store := open(t, "sqlite:"+filepath.Join(t.TempDir(), "wire.db"))
	defer store.Close()
	c.round(t, store)
	start, err := addresses(t.Context(), store)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	o := static.Options{Dir: dir, Site: corpusSite, Start: start}
	if _, err := static.Build(t.Context(), c.server(t, store, 50), o); err != nil {
		t.Fatal(err)
	}
	server, files := c.server(t, store, 50), 0
	err = filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || strings.HasPrefix(d.Name(), ".") || d.Name() == "_headers" || d.Name() == "404.html" {
			return err
		}
		files++
		built, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		path := "/" + filepath.ToSlash(strings.TrimPrefix(name, dir+string(filepath.Separator)))
		path = strings.TrimSuffix(strings.TrimSuffix(path, "index.html"), ".html")
		if string(built) != ask(t, server, path) {
			t.Errorf("%s has other bytes than the server answers", path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if files < len(start) {
		t.Errorf("%d files for %d addresses", files, len(start))
	}
	again, err := static.Build(t.Context(), c.server(t, store, 50), o)
	if err != nil || again.Written != 0 || again.Removed != 0 {
		t.Errorf("a second build: %+v, %v", again, err)
	}
	t.Logf("%+v", again)
}
