package revision_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/syndication/revision"
	"github.com/newswire/newswire/syndication/snapshot"
)

// log is a change log that a test writes, and trims.
type log struct {
	mu      sync.Mutex
	changes []newswire.Change
	trimmed bool
}

func (l *log) append(op newswire.Op, revision int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.changes = append(l.changes, newswire.Change{
		Cursor: newswire.Cursor(strconv.Itoa(len(l.changes) + 1)), Op: op, Article: "a", Revision: revision, Topics: []newswire.Topic{newswire.All},
	})
}

func (l *log) trim() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.trimmed = true
}

func (l *log) Changes(_ context.Context, after newswire.Cursor, _ int) ([]newswire.Change, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.trimmed {
		l.trimmed = false
		return nil, newswire.ErrGone
	}
	n, err := strconv.Atoi(string(after))
	return slices.Clone(l.changes[n:]), err
}

func (l *log) Head(context.Context) (newswire.Cursor, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return newswire.Cursor(strconv.Itoa(len(l.changes))), nil
}

// Await leaves it to the polls.
func (l *log) Await(ctx context.Context, _ newswire.Cursor) error {
	<-ctx.Done()
	return ctx.Err()
}

// run runs an engine in a bubble until the test ends.
func run(t *testing.T, l cache.ChangeLog, o revision.Options) *revision.Engine {
	t.Helper()
	e := revision.New(l, o)
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Go(func() { _ = e.Run(ctx) })
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
	synctest.Wait()
	return e
}

// counting is a target of all that counts its renderings, each of which takes a while.
func counting(n *int, takes time.Duration) revision.Target {
	return revision.Target{Topic: newswire.All, Name: "count", Persist: true, Render: func(context.Context, *revision.Draft) (revision.Content, error) {
		time.Sleep(takes)
		*n++
		return revision.Content{MediaType: "text/plain", Body: []byte(strconv.Itoa(*n)), Articles: []uint64{snapshot.Hash("a")}}, nil
	}}
}

func shown(t *testing.T, e *revision.Engine, target revision.Target) string {
	t.Helper()
	w := httptest.NewRecorder()
	if err := e.Show(w, httptest.NewRequest(http.MethodGet, "/", nil), target); err != nil {
		t.Error(err)
	}
	return w.Body.String()
}

func openFolder(t *testing.T) *snapshot.Folder {
	t.Helper()
	folder, err := snapshot.Open(t.TempDir(), 0)
	if err != nil {
		t.Fatal(err)
	}
	return folder
}

// Where the log was trimmed, what was rendered before may show an article whose removal went by unheard.
func TestSnapshotTakesNothingFromBeforeTheLogWasTrimmed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, folder, n := &log{}, openFolder(t), 0
		e := run(t, l, revision.Options{Snapshot: folder, SnapshotEvery: time.Second})
		shown(t, e, counting(&n, 0))
		l.trim()
		time.Sleep(1100 * time.Millisecond) // the trimming was heard, and then the snapshot written
		if folder.Len() != 0 {
			t.Error("the snapshot has what was rendered before the log was trimmed")
		}
		shown(t, e, counting(&n, 0))
		time.Sleep(time.Second)
		if folder.Len() != 1 {
			t.Error("the snapshot has not what was rendered since")
		}
	})
}

func TestWhatIsAnsweredToBeGoneLeavesTheSnapshot(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		folder, n := openFolder(t), 0
		e := run(t, &log{}, revision.Options{
			Snapshot: folder, SnapshotEvery: time.Second, IsAnswer: func(err error) bool { return errors.Is(err, newswire.ErrNotFound) },
		})
		target := counting(&n, 0)
		shown(t, e, target)
		time.Sleep(1100 * time.Millisecond)
		if folder.Len() != 1 {
			t.Fatal("the snapshot has not what was rendered")
		}
		target.Render = func(context.Context, *revision.Draft) (revision.Content, error) {
			return revision.Content{}, newswire.ErrNotFound
		}
		e.Invalidate()
		err := e.Show(httptest.NewRecorder(), httptest.NewRequest(http.MethodGet, "/", nil), target)
		if !errors.Is(err, newswire.ErrNotFound) || folder.Len() != 0 {
			t.Errorf("Show = %v, and the snapshot has %d documents; want none", err, folder.Len())
		}
	})
}

// The next process hears of removals from where the snapshot's cursor is.
func TestCursorOfTheSnapshotFollowsTheLog(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, folder, n := &log{}, openFolder(t), 0
		e := run(t, l, revision.Options{Snapshot: folder, SnapshotEvery: time.Second})
		shown(t, e, counting(&n, 0))
		for range 3 {
			l.append(newswire.Put, 1)
			l.append(newswire.Remove, 1)
			time.Sleep(1100 * time.Millisecond)
			if got, _ := l.Head(t.Context()); folder.Cursor() != got {
				t.Errorf("the snapshot is as of %s; the log was heard to %s", folder.Cursor(), got)
			}
		}
	})
}

func TestEachChangeIsRenderedWhileNoReaderWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l, n := &log{}, 0
		e := run(t, l, revision.Options{})
		target := counting(&n, 100*time.Millisecond)
		shown(t, e, target)
		for want := 2; want < 5; want++ {
			l.append(newswire.Put, 1)
			time.Sleep(250 * time.Millisecond)
			began := time.Now()
			shown(t, e, target) // and has the next one made
			time.Sleep(110 * time.Millisecond)
			if got := shown(t, e, target); got != strconv.Itoa(want) || time.Since(began) > 110*time.Millisecond {
				t.Errorf("rendering %s is shown after %v; want %d, and no reader that waits", got, time.Since(began), want)
			}
		}
	})
}
