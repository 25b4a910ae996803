//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// memory compares the resident memory of the service with all sources idle to that of a process that does nothing: once
// after it has visited every source, and once after a restart.
func (r *rig) memory(ctx context.Context) error {
	binary := filepath.Join(r.dir, "newswire")
	build := exec.CommandContext(ctx, "go", "build", "-o", binary, "github.com/newswire/newswire/cmd/newswire")
	build.Stderr = os.Stderr
	if err := build.Run(); err != nil {
		return fmt.Errorf("go build: %w", err)
	}
	if err := r.publishers.set(ctx, r.revision, true); err != nil {
		return err
	}
	self, err := os.Executable()
	if err != nil {
		return err
	}
	empty, err := r.resident(ctx, func(context.Context) error { return nil }, self, "-role", "empty")
	if err != nil {
		return err
	}
	conf, adminAddress, err := r.config(ctx, r.feeds)
	if err != nil {
		return err
	}
	serve := []string{"serve", "-c", conf}
	visited, err := r.resident(ctx, func(ctx context.Context) error { return r.untilVisited(ctx, adminAddress) }, binary, serve...)
	if err != nil {
		return err
	}
	idle, err := r.resident(ctx, func(ctx context.Context) error { return ready(ctx, adminAddress) }, binary, serve...)
	if err != nil {
		return err
	}
	fmt.Printf("\nresident memory, %d sources\n", r.feeds)
	fmt.Printf("  an empty process          %6.1f MB\n", mb(empty))
	fmt.Printf("  serve, nothing due        %6.1f MB  %+6.1f MB; bar +48 MB with 10,000 sources\n", mb(idle), mb(idle-empty))
	fmt.Printf("  serve, all just visited   %6.1f MB  %+6.1f MB\n", mb(visited), mb(visited-empty))
	return nil
}

func mb(kib int) float64 { return float64(kib) * 1024 / 1e6 }

// config writes a config for so many sources, and returns where it is and where the admin listener will be.
func (r *rig) config(ctx context.Context, feeds int) (path, admin string, err error) {
	admin, err = freeAddress(ctx)
	if err != nil {
		return "", "", err
	}
	listen, err := freeAddress(ctx)
	if err != nil {
		return "", "", err
	}
	var b strings.Builder
	fmt.Fprintf(&b, "site: {title: Bench, url: \"http://%s\"}\nlisten: %q\nadmin: %q\nstore: \"sqlite:%s\"\n", listen, listen, admin, filepath.Join(r.dir, "memory.db"))
	b.WriteString("fetch: {allow_private: [127.0.0.0/8], domain_interval: 0s}\ndefaults: {schedule: \"@every 24h\", rights: {policy: full}}\nsources:\n")
	for i := range feeds {
		fmt.Fprintf(&b, "  - {id: p%05d, name: Publisher %d, url: %q}\n", i, i, r.publishers.url(i))
	}
	path = filepath.Join(r.dir, "newswire.yaml")
	return path, admin, os.WriteFile(path, []byte(b.String()), 0o600)
}

// resident starts a process, waits until it is ready and has come to rest, and returns its resident memory in KiB.
func (r *rig) resident(ctx context.Context, ready func(ctx context.Context) error, name string, args ...string) (int, error) {
	ctx, cancel := context.WithTimeout(ctx, 15*time.Minute)
	defer cancel()
	var stderr bytes.Buffer
	command := exec.CommandContext(ctx, name, args...)
	command.Stderr = &stderr
	command.Cancel = func() error { return command.Process.Signal(os.Interrupt) }
	command.WaitDelay = 30 * time.Second
	if err := command.Start(); err != nil {
		return 0, err
	}
	defer func() { _ = command.Wait() }() // it was interrupted
	defer cancel()
	if err := ready(ctx); err != nil {
		return 0, fmt.Errorf("%w: %.500s", err, stderr.String())
	}
	// The runtime gives memory back bit by bit; two looks that agree are rest.
	last := 0
	for range 60 {
		now, err := rss(command.Process.Pid)
		if err != nil {
			return 0, err
		}
		if last != 0 && now <= last && last-now < last/100 {
			return now, nil
		}
		last = now
		select {
		case <-time.After(3 * time.Second):
		case <-ctx.Done():
			return 0, ctx.Err()
		}
	}
	return last, nil
}

// rss is a process's resident memory in KiB.
func rss(pid int) (int, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(b)) {
		if value, ok := strings.CutPrefix(line, "VmRSS:"); ok {
			return strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")))
		}
	}
	return 0, errors.New("no VmRSS")
}

// ready waits until the service says that it is.
func ready(ctx context.Context, admin string) error {
	return until(ctx, func() bool {
		body, err := text(ctx, "http://"+admin+"/readyz")
		return err == nil && body != ""
	})
}

// untilVisited waits until the service has visited every source.
func (r *rig) untilVisited(ctx context.Context, admin string) error {
	return until(ctx, func() bool {
		body, err := text(ctx, "http://"+admin+"/metrics")
		if err != nil {
			return false
		}
		total := 0.0
		for line := range strings.Lines(body) {
			if strings.HasPrefix(line, "newswire_visits_total{") {
				if n, err := strconv.ParseFloat(strings.TrimSpace(line[strings.LastIndexByte(line, ' ')+1:]), 64); err == nil {
					total += n
				}
			}
		}
		return int(total) >= r.feeds
	})
}

func until(ctx context.Context, done func() bool) error {
	for !done() {
		select {
		case <-time.After(200 * time.Millisecond):
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

func text(ctx context.Context, address string) (string, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return "", err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return "", errors.New(response.Status)
	}
	var b bytes.Buffer
	_, err = b.ReadFrom(response.Body)
	return b.String(), err
}

func freeAddress(ctx context.Context) (string, error) {
	var lc net.ListenConfig
	l, err := lc.Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	defer l.Close()
	return l.Addr().String(), nil
}
