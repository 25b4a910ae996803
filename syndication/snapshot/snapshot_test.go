package snapshot

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/newswire/newswire"
)

var noon = time.Date(2026, 11, 2, 12, 0, 0, 0, time.UTC)

func document(body string, current time.Time, articles ...string) *Document {
	d := &Document{
		Site: "https://wire.example.org", MediaType: "application/atom+xml", Changed: noon.Add(-time.Hour),
		Fields: []Field{{"Link", `<https://wire.example.org/feeds/all.atom>; rel="self"`}}, Body: []byte(body), Current: current,
	}
	for _, id := range articles {
		d.Articles = append(d.Articles, Hash(id))
	}
	return d
}

func open(t *testing.T, dir string, limit int64) *Folder {
	t.Helper()
	f, err := Open(dir, limit)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func put(t *testing.T, f *Folder, k Key, d *Document) {
	t.Helper()
	if err := f.Put(k, d); err != nil {
		t.Fatal(err)
	}
}

// holds compares what a folder has under a key with a document, or with none.
func holds(t *testing.T, f *Folder, k Key, want *Document) {
	t.Helper()
	got, err := f.Get(k)
	if want == nil {
		if !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("Get(%v) = %v, %v; want nothing", k, got, err)
		}
		return
	}
	if err != nil {
		t.Errorf("Get(%v): %v", k, err)
		return
	}
	got.Current = got.Current.UTC()
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Get(%v) (-want +got):\n%s", k, diff)
	}
}

func files(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return names
}

var all = Key{newswire.All, "atom"}

func TestDocumentsOutliveTheProcess(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "made", "when", "needed")
	f := open(t, dir, 0)
	holds(t, f, all, nil)
	want := map[Key]*Document{
		all:                                     document("all\n\nlines", noon, "dsb-1", "dsb-2"),
		{newswire.CategoryTopic("a.b"), "json"}: document("", noon.Add(time.Second)),
		{newswire.AuthorTopic("x_y-z"), "page"}: {MediaType: "text/html", Body: []byte{0, 255}, Current: noon},
	}
	for k, d := range want {
		put(t, f, k, document("an older one, and longer", noon.Add(-time.Hour)))
		put(t, f, k, d)
	}
	for _, f := range []*Folder{f, open(t, dir, 0)} {
		if f.Len() != len(want) {
			t.Errorf("%d documents, want %d", f.Len(), len(want))
		}
		for k, d := range want {
			holds(t, f, k, d)
		}
	}
}

func TestDamagedFilesAreNoticedAndRemoved(t *testing.T) {
	whole := encode(document("the body", noon, "dsb-1"))
	damaged := [][]byte{append(bytes.Clone(whole), '.')}
	for n := range whole {
		damaged = append(damaged, whole[:n])
		flipped := bytes.Clone(whole)
		flipped[n] ^= 1
		damaged = append(damaged, flipped)
	}
	dir := t.TempDir()
	for _, data := range damaged {
		if err := os.WriteFile(filepath.Join(dir, "all,atom"), data, 0o600); err != nil {
			t.Fatal(err)
		}
		f := open(t, dir, 0)
		if d, err := f.Get(all); !errors.Is(err, ErrDamaged) {
			t.Fatalf("Get of %q = %v, %v; want ErrDamaged", data, d, err)
		}
		holds(t, f, all, nil)
		if left := files(t, dir); len(left) != 0 {
			t.Fatalf("%v is left after Get of %q", left, data)
		}
	}
}

func FuzzDecode(f *testing.F) {
	whole := encode(document("the body", noon, "dsb-1"))
	f.Add(whole)
	f.Add(whole[:len(whole)-1])
	f.Fuzz(func(t *testing.T, data []byte) {
		// The checksum would keep a fuzzer from getting any further.
		if _, rest, ok := bytes.Cut(data, []byte("\n")); ok {
			data = fmt.Appendf(nil, "%s%x\n%s", form, sha256.Sum256(rest), rest)
		}
		d, err := decode(data)
		if err != nil {
			return
		}
		again, err := decode(encode(d))
		if err != nil {
			t.Fatalf("what was decoded from %q does not decode again: %v", data, err)
		}
		if diff := cmp.Diff(d, again, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("decoded again (-once +twice):\n%s", diff)
		}
	})
}

func TestFailedWriteLeavesTheOldDocument(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir, 0)
	old := document("old", noon)
	put(t, f, all, old)
	for _, written := range []int{0, 1, 1000} {
		f.write = func(f *os.File, data []byte) error {
			if _, err := f.Write(data[:min(written, len(data))]); err != nil {
				return err
			}
			return syscall.ENOSPC
		}
		if err := f.Put(all, document("new", noon.Add(time.Second))); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("Put with a full disk = %v", err)
		}
		if err := f.SetCursor("7"); !errors.Is(err, syscall.ENOSPC) {
			t.Errorf("SetCursor with a full disk = %v", err)
		}
		holds(t, f, all, old)
		holds(t, open(t, dir, 0), all, old)
		if left := files(t, dir); len(left) != 1 {
			t.Errorf("%v in the folder; want nothing but the old file", left)
		}
	}
	f.write = writeSynced
	put(t, f, all, document("new", noon.Add(time.Second)))
	holds(t, open(t, dir, 0), all, document("new", noon.Add(time.Second)))
}

func TestWhatAKilledProcessWasWritingGoes(t *testing.T) {
	dir := t.TempDir()
	for _, name := range []string{temporary + "1", "README", "all", "nonsense,atom", "all,"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	f := open(t, dir, 0)
	if f.Len() != 0 {
		t.Errorf("%d documents among files that are none", f.Len())
	}
	if diff := cmp.Diff([]string{"README", "all", "all,", "nonsense,atom"}, files(t, dir)); diff != "" {
		t.Errorf("files (-want +got):\n%s", diff)
	}
}

func TestFolderThatWasClearedAwayIsMadeAgain(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "snapshot")
	f := open(t, dir, 0)
	put(t, f, all, document("one", noon))
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	if err := f.Touch(all, noon.Add(time.Hour)); err != nil {
		t.Errorf("Touch of what is gone: %v", err)
	}
	holds(t, f, all, nil)
	put(t, f, all, document("one", noon))
	holds(t, f, all, document("one", noon))
}

func TestWhatWasUpToDateLongestAgoMakesRoom(t *testing.T) {
	size := int64(len(encode(document("0", noon))))
	dir := t.TempDir()
	f := open(t, dir, 8*size)
	key := func(i int) Key { return Key{newswire.SourceTopic(fmt.Sprint(i)), "rss"} }
	for i := range 8 {
		put(t, f, key(i), document(fmt.Sprint(i), noon.Add(time.Duration(i)*time.Second)))
	}
	if err := f.Touch(key(0), noon.Add(time.Minute)); err != nil {
		t.Fatal(err)
	}
	if err := f.Touch(key(2), noon); err != nil { // known already
		t.Fatal(err)
	}
	for _, f := range []*Folder{f, open(t, dir, 8*size)} {
		put(t, f, Key{newswire.SourceTopic("9"), "rss"}, document("9", noon.Add(time.Minute)))
		for i := range 8 {
			want := document(fmt.Sprint(i), noon.Add(time.Duration(i)*time.Second))
			switch i {
			case 0:
				want.Current = noon.Add(time.Minute)
			case 1, 2:
				want = nil
			}
			holds(t, f, key(i), want)
		}
	}
	put(t, f, all, document(string(make([]byte, 9*size)), noon))
	holds(t, f, all, nil)
}

func TestVariantsMakeRoomBeforeAllElse(t *testing.T) {
	size := int64(len(encode(document("0", noon))))
	dir := t.TempDir()
	f := open(t, dir, 8*size)
	key := func(i int) Key { return Key{newswire.All, fmt.Sprint(Variant, i)} }
	put(t, f, all, document("a", noon.Add(-time.Hour)))
	for i := range 20 {
		put(t, f, key(i), document("v", noon.Add(time.Duration(i)*time.Second)))
	}
	holds(t, f, key(0), nil)
	holds(t, f, key(19), document("v", noon.Add(19*time.Second)))
	f = open(t, dir, 8*size)
	for i := range 8 {
		put(t, f, Key{newswire.SourceTopic(fmt.Sprint(i)), "rss"}, document("s", noon.Add(-time.Hour)))
	}
	for i := range 20 {
		holds(t, f, key(i), nil)
	}
	if f.Len() != 7 {
		t.Errorf("%d documents, want seven eighths of the bound", f.Len())
	}
}

func TestWhatShowsARemovedArticleGoes(t *testing.T) {
	f := open(t, t.TempDir(), 0)
	category := newswire.CategoryTopic("x")
	both, one, elsewhere := Key{category, "atom"}, Key{category, "json"}, Key{newswire.SourceTopic("x"), "atom"}
	put(t, f, both, document("both", noon, "x-1", "x-2"))
	put(t, f, one, document("one", noon, "x-2"))
	put(t, f, elsewhere, document("elsewhere", noon, "x-1"))
	if err := f.RemoveWith(category, map[uint64]bool{Hash("x-1"): true, Hash("x-3"): true}); err != nil {
		t.Fatal(err)
	}
	holds(t, f, both, nil)
	holds(t, f, one, document("one", noon, "x-2"))
	holds(t, f, elsewhere, document("elsewhere", noon, "x-1"))
	if err := f.Clear(); err != nil || f.Len() != 0 {
		t.Errorf("Clear: %v, %d documents left", err, f.Len())
	}
	put(t, f, both, document("both", noon, "x-1", "x-2")) // what was there once is no reason not to write it
	holds(t, f, both, document("both", noon, "x-1", "x-2"))
}

func TestCursorIsKept(t *testing.T) {
	dir := t.TempDir()
	f := open(t, dir, 0)
	if c := f.Cursor(); c != "" {
		t.Errorf("Cursor of a new folder = %q", c)
	}
	if err := f.SetCursor("1700000000000-3"); err != nil {
		t.Fatal(err)
	}
	if f := open(t, dir, 0); f.Cursor() != "1700000000000-3" || f.Len() != 0 {
		t.Errorf("Cursor = %q, with %d documents", f.Cursor(), f.Len())
	}
}

func TestFolderThatCannotBe(t *testing.T) {
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(file, 0); !errors.Is(err, syscall.ENOTDIR) {
		t.Errorf("Open of a file = %v", err)
	}
}
