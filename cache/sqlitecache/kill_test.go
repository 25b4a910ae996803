package sqlitecache

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/cachetest"
)

// openFor opens a file for a process that is to be killed.
func openFor(ctx context.Context, path string) (cache.Store, error) {
	s, err := Open(ctx, path, Options{})
	if err != nil {
		return nil, err
	}
	return s, nil
}

func TestMain(m *testing.M) {
	cachetest.Worker(openFor)
	os.Exit(m.Run())
}

func TestNothingRecordedIsLostWhenTheProcessIsKilled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "newswire.db")
	cachetest.Kills{Address: path, Open: openFor}.Run(t)
	s := openFile(t, path)
	var integrity string
	rows, err := s.query(t.Context(), `PRAGMA integrity_check`)
	if err := (row{rows, err}).Scan(&integrity); err != nil || integrity != "ok" {
		t.Errorf("PRAGMA integrity_check = %q, %v", integrity, err)
	}
}
