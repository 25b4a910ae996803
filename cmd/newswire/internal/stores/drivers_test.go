package stores

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/newswire/newswire/cache"
)

// Where the forms of addresses stand for people, seen from this folder.
var manuals = []string{"../../../../README.md", "../../../../newswire.example.yaml"}

func TestEveryFormOfAddressIsInTheManuals(t *testing.T) {
	for _, file := range manuals {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range drivers() {
			for _, form := range d.forms {
				if form = strings.TrimSuffix(strings.TrimSuffix(form, "…"), "FILE"); !strings.Contains(string(text), form) {
					t.Errorf("%s does not have %s", filepath.Base(file), form)
				}
			}
		}
	}
}

func TestEachDriverIsFoundByItsSchemes(t *testing.T) {
	seen := map[string]bool{}
	for _, scheme := range Schemes() {
		if !Known(scheme+":x") || Known(scheme) || Known(scheme+"x:x") {
			t.Errorf("%s: is not told from other schemes", scheme)
		}
		if seen[scheme] {
			t.Errorf("%s: has two drivers", scheme)
		}
		seen[scheme] = true
	}
	for _, d := range drivers() {
		for _, form := range d.forms {
			if !Known(form) {
				t.Errorf("%s has no driver", form)
			}
		}
	}
	if !Local("sqlite:x") || Local("redis://x") || Local("mysql://x") {
		t.Error("local: want just files")
	}
}

func TestOpenOpensWhatTheAddressNames(t *testing.T) {
	store, err := Open(t.Context(), "sqlite:"+filepath.Join(t.TempDir(), "a:b.db"))
	if err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(store.Ping(t.Context()), store.Close()); err != nil {
		t.Error(err)
	}
	for _, address := range []string{"mysql://me:hush@a.example/", "redis://me:hush@a.example/x/y", "sqlite:"} {
		store, err := Open(t.Context(), address)
		if store != nil || !errors.Is(err, cache.ErrMisconfigured) || strings.Contains(err.Error(), "hush") {
			t.Errorf("Open(%s) = %v, %v; want no store, and an error about the config without its password", address, store, err)
		}
	}
}

func TestOpenExistingMakesNoFile(t *testing.T) {
	file := filepath.Join(t.TempDir(), "wire.db")
	if _, err := OpenExisting(t.Context(), "sqlite:"+file); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("without a file: %v; want that there is none", err)
	}
	if _, err := os.Stat(file); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("a file was made: %v", err)
	}
	store, err := Open(t.Context(), "sqlite:"+file)
	if err == nil {
		err = store.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	if store, err = OpenExisting(t.Context(), "sqlite:"+file); err != nil {
		t.Fatal(err)
	}
	if err := store.Close(); err != nil {
		t.Error(err)
	}
}
