package sqlitecache

import (
	"path/filepath"
	"testing"

	"github.com/newswire/newswire/cache/cachetest"
)

func BenchmarkQuietVisit(b *testing.B) {
	cachetest.BenchmarkQuietVisit(b, openFile(b, filepath.Join(b.TempDir(), "newswire.db")))
}
