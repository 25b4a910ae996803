package snapshot

import (
	"bytes"
	"testing"
	"time"
)

// BenchmarkFolder measures storing a feed of 150 KB, synced to the disk, and reading it again.
func BenchmarkFolder(b *testing.B) {
	f, err := Open(b.TempDir(), 0)
	if err != nil {
		b.Fatal(err)
	}
	d := document(string(bytes.Repeat([]byte("All the news that fits. "), 150<<10/24)), noon, make([]string, 50)...)
	b.Run("put", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			d.Body[0]++
			if err := f.Put(all, d); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("get", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := f.Get(all); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("touch", func(b *testing.B) {
		at := noon
		b.ReportAllocs()
		for b.Loop() {
			at = at.Add(time.Second)
			if err := f.Touch(all, at); err != nil {
				b.Fatal(err)
			}
		}
	})
}
