package service

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/newswire/newswire/cache"
	"github.com/newswire/newswire/cmd/newswire/internal/stores"
)

func TestProcessesThatShouldNotBeThereAreSaid(t *testing.T) {
	const site, other = "https://wire.example", "https://other.example"
	for _, tt := range []struct {
		name      string
		local     bool
		neighbour cache.Process
		want      string // what is said; empty for nothing
	}{
		{"another process of this newswire, on Redis", false, cache.Process{Host: "elsewhere", Site: site}, ""},
		{"a process of another newswire, on Redis", false, cache.Process{Host: "elsewhere", Site: other}, "a prefix, of its own"},
		{"another process on the SQLite file", true, cache.Process{Host: "elsewhere", Site: site}, "same SQLite file"},
		{"a process that was killed here", true, cache.Process{PID: 1<<31 - 1, Site: other}, ""},
		{"this process before its container was restarted", true, cache.Process{PID: os.Getpid(), Site: other}, ""},
	} {
		t.Run(tt.name, func(t *testing.T) {
			var log lockedBuffer
			n := newNeighbours(site, tt.local, slog.New(slog.NewTextHandler(&log, nil)))
			p := tt.neighbour
			p.ID = "other"
			if p.Host == "" {
				p.Host = n.self.Host
			}
			for range 2 {
				n.judge(t.Context(), []cache.Process{p})
			}
			err := n.Check(t.Context())
			if tt.want == "" && (err != nil || log.String() != "") {
				t.Errorf("Check = %v, and the log is %s; want nothing", err, log.String())
			}
			if tt.want != "" && (err == nil || !strings.Contains(err.Error(), tt.want) || strings.Count(log.String(), tt.want) != 1) {
				t.Errorf("Check = %v, and the log is %s; want %q, once", err, log.String(), tt.want)
			}
			n.judge(t.Context(), nil)
			if err := n.Check(t.Context()); err != nil {
				t.Errorf("once the other is gone, Check = %v", err)
			}
		})
	}
}

// attended is a store that counts who attends.
type attended struct{ here map[string]int }

func (a attended) Attend(_ context.Context, p cache.Process, lease time.Duration) ([]cache.Process, error) {
	if lease <= attendance {
		panic("the lease ends before the next word")
	}
	a.here[p.ID]++
	return nil, nil
}

func (a attended) Depart(_ context.Context, id string) error { delete(a.here, id); return nil }

func TestAProcessAttendsUntilItsEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := attended{map[string]int{}}
		n := newNeighbours("https://wire.example", false, slog.New(slog.DiscardHandler))
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan error)
		go func() { ended <- n.run(ctx, store) }()
		time.Sleep(3*attendance + time.Second)
		synctest.Wait()
		if got := store.here[n.self.ID]; got != 4 {
			t.Errorf("attended %d times in %v; want 4", got, 3*attendance)
		}
		cancel()
		<-ended
		if len(store.here) != 0 {
			t.Errorf("after its end the store knows of %v", store.here)
		}
	})
}

func TestASecondServiceOnOneFileIsSaidAtTheStart(t *testing.T) {
	address := "sqlite:" + filepath.Join(t.TempDir(), "newswire.db")
	store, err := stores.Open(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	first := cache.Process{ID: "first", Host: "elsewhere", PID: 7, Site: "https://wire.example", Since: time.Now().UTC()}
	if _, err := store.Attend(t.Context(), first, time.Minute); err != nil {
		t.Fatal(err)
	}
	r := start(t, address, "")
	until(t, r, "a word of the first", func() bool { return strings.Contains(r.log.String(), "same SQLite file") })
	until(t, r, "a word in readyz", func() bool { return strings.Contains(get(t, r.admin+"/readyz"), "same SQLite file") })
}
