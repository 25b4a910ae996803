//go:build unix

package sqlitecache

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

func TestTheOwnerAloneReadsTheFile(t *testing.T) {
	for name, prepare := range map[string]func(path string) error{
		"a new file": func(string) error { return nil },
		"a file that others could read": func(path string) error {
			if err := os.WriteFile(path, nil, 0o644); err != nil {
				return err
			}
			return os.Chmod(path, 0o644)
		},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "newswire.db")
			if err := prepare(path); err != nil {
				t.Fatal(err)
			}
			s := openFile(t, path)
			if err := s.Reschedule(t.Context(), "a", time.Time{}, time.UnixMilli(1)); err != nil {
				t.Fatal(err)
			}
			files, err := filepath.Glob(path + "*")
			if err != nil || len(files) != 3 {
				t.Fatalf("files %v, %v; want the database and two beside it", files, err)
			}
			for _, file := range files {
				info, err := os.Stat(file)
				if err != nil {
					t.Fatal(err)
				}
				if got := info.Mode().Perm(); got != 0o600 {
					t.Errorf("%s has the rights %o; want 600", filepath.Base(file), got)
				}
			}
		})
	}
}
