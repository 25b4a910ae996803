package main

import (
	"encoding/hex"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/newswire/newswire/cmd/newswire/internal/stores"
	"github.com/newswire/newswire/syndication/partner"
)

// TestADiskThatHangs has the service visit and answer while the disk of its store does nothing for a while. No reader waits for
// that, nothing is lost, and no publisher is visited too soon because of it. With NEWSWIRE_REPLICAS the disk hangs for half a
// minute too.
func TestADiskThatHangs(t *testing.T) {
	hangs := []time.Duration{time.Second}
	if os.Getenv(replicasVariable) != "" {
		hangs = append(hangs, 30*time.Second, 10*time.Second)
	} else {
		t.Parallel()
	}
	d := newHangingDisk(t)
	const sources = 9
	f := &fleet{
		address: "sqlite:" + filepath.Join(d.path, "newswire.db"), press: newPress(t, sources, 2*time.Second, 3*time.Second, plain, plain),
	}
	key := partner.NewKey()
	digest := partner.DigestOf(key)
	f.begin(t, 1, f.press.lines()+fmt.Sprintf("partners: [{id: acme, rate: 600/m, key_sha256: %q}]\n", hex.EncodeToString(digest[:])))
	store, err := stores.Open(t.Context(), f.address)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	f.awaitArticles(t, store, 1)

	r := &watchers{to: f.all[0].url, key: key}
	for _, hang := range hangs {
		r.look(t) // at each, so that there is something to show
		visits := f.press.Requests()
		d.freeze()
		for end := time.Now().Add(hang); time.Now().Before(end) && !t.Failed(); {
			r.look(t) // it returns when all were answered, while the disk hangs
		}
		d.thaw()
		f.press.Lost(time.Now().Add(-hang - unstored))
		eventuallyIs(t, "every source is visited again", func() bool { return f.press.Requests() > visits+2*sources })
	}
	f.press.stop()
	f.awaitArticles(t, store, f.press.total())
	f.press.judge(t)
	f.checkLog(t, store, sources*f.press.total())
	t.Logf("%d articles, %d requests to publishers, %d by readers while the disk hung for %v", sources*f.press.total(), f.press.Requests(), r.answers.Load(), hangs)
}

// watchers are readers, people and a partner.
type watchers struct {
	to      string
	key     string
	answers atomic.Int64
}

// look asks for several things, and fails the test for each that is not answered well.
func (w *watchers) look(t *testing.T) {
	t.Helper()
	for _, path := range []string{"/feeds/all.atom", "/feeds/category/c0.rss", "/feeds/source/s0001.json", "/", "/source/s0002", "/api/v1/articles", "/api/v1/changes"} {
		answer, body, err := request(t.Context(), http.MethodGet, w.to+path, http.Header{"Authorization": {"Bearer " + w.key}})
		if err != nil || answer.StatusCode != http.StatusOK {
			t.Errorf("%s: %v, %v: %.200s", path, answer, err, body)
		}
		w.answers.Add(1)
	}
}

// hangingDisk is a disk that can be told to write nothing: what writes to it waits.
type hangingDisk struct {
	t    *testing.T
	path string
	lock *os.File
}

// newHangingDisk makes a small disk. That takes the superuser's rights; the test is skipped without.
func newHangingDisk(t *testing.T) *hangingDisk {
	t.Helper()
	dir := t.TempDir()
	image, path := filepath.Join(dir, "image"), filepath.Join(dir, "disk")
	if err := os.Mkdir(path, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, command := range [][]string{
		{"truncate", "--size", "64M", image}, {"mkfs.ext4", "-q", image}, {"mount", "-o", "loop", image, path},
	} {
		if said, err := exec.CommandContext(t.Context(), command[0], command[1:]...).CombinedOutput(); err != nil { //nolint:gosec // constants, and a folder of ours
			t.Skipf("a disk of its own cannot be had: %v: %v: %s", command, err, said)
		}
	}
	lock, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	d := &hangingDisk{t, path, lock}
	// Should this process end before it thaws the disk, another does.
	guard := exec.CommandContext(t.Context(), "sh", "-c", "trap '' INT; cat; fsfreeze --unfreeze "+path) //nolint:gosec // a folder of ours
	alive, err := guard.StdinPipe()
	if err == nil {
		err = guard.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = d.control(thaws)
		_ = alive.Close()
		_ = guard.Wait()
		_ = lock.Close()
		if err := syscall.Unmount(path, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return d
}

// The requests of ioctl(2) that stop a file system and let it go on: FIFREEZE and FITHAW of linux/fs.h.
const freezes, thaws = 0xc0045877, 0xc0045878

func (d *hangingDisk) control(what uintptr) error {
	if _, _, errno := syscall.Syscall(syscall.SYS_IOCTL, d.lock.Fd(), what, 0); errno != 0 {
		return errno
	}
	return nil
}

func (d *hangingDisk) freeze() {
	d.t.Helper()
	if err := d.control(freezes); err != nil {
		d.t.Fatal(err)
	}
}

func (d *hangingDisk) thaw() {
	d.t.Helper()
	if err := d.control(thaws); err != nil {
		d.t.Fatal(err)
	}
}
