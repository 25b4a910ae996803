package sqlitecache

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
	"time"
)

func TestAReadOnlyFileSaysSo(t *testing.T) {
	path := filepath.Join(t.TempDir(), "newswire.db")
	s := openFile(t, path)
	if err := s.Reschedule(t.Context(), "a", time.Time{}, time.UnixMilli(1)); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o444); err != nil {
		t.Fatal(err)
	}
	if os.Geteuid() == 0 { // root may write every file: let this thread look at files as another user
		if err := os.Chmod(filepath.Dir(filepath.Dir(path)), 0o755); err != nil {
			t.Fatal(err)
		}
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		if err := syscall.Setfsuid(65534); err != nil {
			t.Fatal(err)
		}
		defer syscall.Setfsuid(0)
	}
	_, err := Open(t.Context(), path, Options{})
	if err == nil {
		t.Fatal("Open of a read-only file succeeded")
	}
	for _, want := range []string{path, "let newswire write"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("Open = %q, want it to say %q", err, want)
		}
	}
}

func TestADiskWithoutRoomForTheIndexSaysSo(t *testing.T) {
	dir := t.TempDir()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", 0, "size=24k"); err != nil {
		t.Skipf("a small disk cannot be had: %v", err)
	}
	defer func() {
		if err := syscall.Unmount(dir, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	}()
	path := filepath.Join(dir, "newswire.db")
	_, err := Open(t.Context(), path, Options{})
	if err == nil || !strings.Contains(err.Error(), path+": ") || !strings.Contains(err.Error(), "has no room") {
		t.Errorf("Open = %v, want it to say which file, and that there is no room", err)
	}
}
