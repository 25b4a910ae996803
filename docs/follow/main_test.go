package main_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/newswire/newswire"
	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cache/sqlitecache"
	"github.com/newswire/newswire/syndication/api"
)

// follower is one of the two programs, at work until it is killed.
type follower struct {
	name    string
	command []string
	copied  func() map[string]int // revisions by ID

	process *exec.Cmd
	said    safeBuffer
}

type safeBuffer struct {
	mu   sync.Mutex
	text strings.Builder
}

func (b *safeBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.Write(p)
}

func (b *safeBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.text.String()
}

func (f *follower) start(t *testing.T) {
	t.Helper()
	f.process = exec.CommandContext(t.Context(), f.command[0], f.command[1:]...)
	f.process.Stdout, f.process.Stderr = &f.said, os.Stderr
	if err := f.process.Start(); err != nil {
		t.Fatal(err)
	}
}

func (f *follower) kill(t *testing.T) {
	t.Helper()
	if err := f.process.Process.Kill(); err != nil {
		t.Error(err)
	}
	_ = f.process.Wait() // it was killed
}

// followers are those of the two programs that can run here.
func followers(t *testing.T, url string) []*follower {
	t.Helper()
	dir := t.TempDir()
	program, file, folder := filepath.Join(dir, "follow"), filepath.Join(dir, "copy.json"), filepath.Join(dir, "copy")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	all := []*follower{{name: "main.go", command: []string{program, url, file}, copied: func() map[string]int { return inFile(file) }}}
	for _, tool := range []string{"curl", "jq"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Logf("follow.sh is not tried: %v", err)
			return all
		}
	}
	return append(all, &follower{
		name: "follow.sh", command: []string{"./follow.sh", url, folder},
		copied: func() map[string]int { return inFolder(filepath.Join(folder, "articles")) },
	})
}

type revision struct {
	Newswire struct {
		ID       string
		Revision int
	} `json:"_newswire"`
}

func inFile(file string) map[string]int {
	var c struct{ Articles map[string]revision }
	text, err := os.ReadFile(file)
	if err != nil || json.Unmarshal(text, &c) != nil {
		return nil
	}
	found := map[string]int{}
	for id, a := range c.Articles {
		found[id] = a.Newswire.Revision
	}
	return found
}

func inFolder(folder string) map[string]int {
	files, err := os.ReadDir(folder)
	if err != nil {
		return nil
	}
	found := map[string]int{}
	for _, f := range files {
		var a revision
		if text, err := os.ReadFile(filepath.Join(folder, f.Name())); err == nil && json.Unmarshal(text, &a) == nil {
			found[f.Name()] = a.Newswire.Revision
		}
	}
	return found
}

// service is an API on an address of its own, which can be stopped and started. It keeps its port meanwhile, or another
// process could have it.
type service struct {
	store   cache.Store
	server  *httptest.Server
	current atomic.Pointer[api.API] // nil while it is stopped
	stop    func()
}

func newService(t *testing.T, store cache.Store) *service {
	s := &service{store: store}
	s.server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		a := s.current.Load()
		if a == nil {
			panic(http.ErrAbortHandler) // the connection is cut
		}
		a.ServeHTTP(w, r)
	}))
	t.Cleanup(s.server.Close)
	return s
}

func (s *service) start() {
	settings := &api.Settings{Site: newswire.Site{Title: "The Wire", URL: s.server.URL}}
	a := api.New(s.store, func() *api.Settings { return settings }, api.Options{Poll: 10 * time.Millisecond})
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = a.Run(ctx)
	}()
	s.current.Store(a)
	s.stop = func() {
		s.current.Store(nil)
		cancel()
		s.server.CloseClientConnections()
		<-done
	}
}

func TestTheExamplesMissNothingOverRestarts(t *testing.T) {
	store, err := sqlitecache.Open(t.Context(), filepath.Join(t.TempDir(), "wire.db"), sqlitecache.Options{Hasty: true})
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	s := newService(t, store)
	s.start()
	defer func() { s.stop() }()
	want := map[string]int{}
	publish(t, store, want, 0, 120) // more than a page
	all := followers(t, s.server.URL)
	for _, f := range all {
		f.start(t)
	}
	agree(t, all, want)
	publish(t, store, want, 100, 10) // corrections
	publish(t, store, want, 120, 10)
	withdraw(t, store, want, 3)
	agree(t, all, want)
	s.stop()
	publish(t, store, want, 125, 10)
	s.start()
	agree(t, all, want)
	for _, f := range all {
		f.kill(t)
	}
	publish(t, store, want, 135, 5)
	withdraw(t, store, want, 3)
	for _, f := range all {
		f.start(t)
	}
	agree(t, all, want)
	for _, f := range all {
		f.kill(t)
	}
	withdraw(t, store, want, 3)
	if err := store.TrimChanges(t.Context(), time.Now().Add(time.Hour)); err != nil { // they are away for too long
		t.Fatal(err)
	}
	publish(t, store, want, 130, 15)
	for _, f := range all {
		f.start(t)
	}
	agree(t, all, want)
	for _, f := range all {
		f.kill(t)
		lines := strings.Split(strings.TrimSpace(f.said.String()), "\n")
		slices.Sort(lines)
		for i := 1; i < len(lines); i++ {
			if lines[i] == lines[i-1] {
				t.Errorf("%s was told twice: %s", f.name, lines[i])
			}
		}
	}
}

// agree waits until all followers have what is wanted.
func agree(t *testing.T, all []*follower, want map[string]int) {
	t.Helper()
	for _, f := range all {
		deadline := time.Now().Add(2 * time.Minute)
		for fmt.Sprint(f.copied()) != fmt.Sprint(want) {
			if time.Now().After(deadline) {
				t.Fatalf("%s has %d articles, want %d as they are\nit said:\n%s", f.name, len(f.copied()), len(want), f.said.String())
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
}

// publish records the next revisions of articles.
func publish(t *testing.T, store cache.Store, want map[string]int, first, n int) {
	t.Helper()
	const source = "news"
	ctx := t.Context()
	due, err := store.Due(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := store.Reschedule(ctx, source, due[source], time.Now().Add(-time.Hour)); err != nil {
		t.Fatal(err)
	}
	leases, err := store.Claim(ctx, 1, time.Minute, source)
	if err != nil || len(leases) != 1 {
		t.Fatalf("Claim = %v, %v; want one lease", leases, err)
	}
	visit := newswire.Visit{Source: source, At: leases[0].At, State: newswire.State{Source: source, Due: leases[0].At.Add(time.Hour)}}
	for i := first; i < first+n; i++ {
		guid := fmt.Sprintf("https://news.example.com/%d", i)
		at := time.Date(2026, 11, 2, 0, i, 0, 0, time.UTC)
		a := newswire.Article{
			ID: newswire.ArticleID(source, guid), Source: source, GUID: guid, AtomID: guid, URL: guid, Title: fmt.Sprintf("Article %d", i),
			Content: "<p>text</p>", FirstSeen: at, Listed: at, Rights: newswire.Rights{Policy: newswire.PolicyFull},
		}
		if _, err := store.Tombstone(ctx, a.ID); err == nil {
			continue
		}
		want[a.ID]++
		a.Revision, a.Offer = want[a.ID], fmt.Sprint(want[a.ID])
		visit.Articles = append(visit.Articles, a)
	}
	if err := store.Record(ctx, leases[0], visit); err != nil {
		t.Fatal(err)
	}
}

// withdraw takes some articles back.
func withdraw(t *testing.T, store cache.Store, want map[string]int, n int) {
	t.Helper()
	for id := range want {
		if n--; n < 0 {
			return
		}
		if _, err := store.Withdraw(t.Context(), id, "a mistake"); err != nil {
			t.Fatal(err)
		}
		delete(want, id)
	}
}
