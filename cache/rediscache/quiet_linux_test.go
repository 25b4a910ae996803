package rediscache

import (
	"testing"

	"github.com/newswire/newswire/cache/cachetest"
)

func BenchmarkQuietVisit(b *testing.B) {
	eachServer(b, func(b *testing.B, s *Store) { cachetest.BenchmarkQuietVisit(b, s) })
}
