//go:build linux

package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"syscall"
	"time"
)

// round measures everything once.
func (r *rig) round(ctx context.Context, t *table) error {
	if err := r.command(ctx, t, "check"); err != nil {
		return err
	}
	if err := r.command(ctx, t, "sources"); err != nil {
		return err
	}
	if err := r.command(ctx, t, "sources", "--json"); err != nil {
		return err
	}
	return r.service(ctx, t)
}

// command measures a command that ends by itself: until its first byte, and as a whole.
func (r *rig) command(ctx context.Context, t *table, args ...string) error {
	name := fmt.Sprint(args)
	name = name[1 : len(name)-1]
	out := &output{}
	p, err := r.begin(ctx, out, args...)
	if err != nil {
		return err
	}
	out.first = func() {
		if s, err := p.now(); err == nil {
			t.add(name+", first line", s)
		}
	}
	// The most memory is asked for while the process lives: what it had before it became this command is in the account of
	// its parent.
	peak, ended := 0, make(chan struct{})
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		for {
			if now, err := p.memory("VmHWM:"); err == nil {
				peak = now
			}
			select {
			case <-time.After(time.Millisecond):
			case <-ended:
				return
			}
		}
	}()
	s, err := p.end()
	close(ended)
	<-watched
	if err != nil {
		return err
	}
	s.peak = peak
	t.add(name, s)
	return nil
}

// output notes when the first byte comes.
type output struct {
	first func()
	some  bool
}

func (o *output) Write(b []byte) (int, error) {
	if !o.some {
		o.some = true
		o.first()
	}
	return len(b), nil
}

// service measures the service from its start on.
func (r *rig) service(ctx context.Context, t *table) error {
	p, err := r.begin(ctx, io.Discard, "serve")
	if err != nil {
		return err
	}
	defer func() { _ = p.Process.Kill() }() // where something fails; else it has ended
	feed := "http://" + r.listen + "/feeds/all.atom"
	if err := until(ctx, func() bool { return get(ctx, feed) == nil }); err != nil {
		return fmt.Errorf("%w: %w", err, p.errSaid())
	}
	if err := t.note(p, "serve, first answer"); err != nil {
		return err
	}
	if err := p.settle(ctx); err != nil {
		return err
	}
	if err := t.note(p, "serve, at rest"); err != nil {
		return err
	}
	if err := r.idleAt(ctx, t, p, "at rest"); err != nil {
		return err
	}
	if err := get(ctx, "http://"+r.listen+"/"); err != nil {
		return err
	}
	if err := r.reload(ctx, t, p); err != nil {
		return err
	}
	return p.stop()
}

// idleAt measures what the service takes while nothing happens.
func (r *rig) idleAt(ctx context.Context, t *table, p *process, name string) error {
	before, err := p.now()
	if err != nil {
		return err
	}
	if err := sleep(ctx, r.idle); err != nil {
		return err
	}
	after, err := p.now()
	if err != nil {
		return err
	}
	resident, err := p.memory("VmRSS:")
	if err != nil {
		return err
	}
	files, err := p.memory("RssFile:")
	if err != nil {
		return err
	}
	seconds := (after.wall - before.wall).Seconds()
	t.add(name+", a second", spent{wall: time.Second, cpu: time.Duration(float64(after.cpu-before.cpu) / seconds), peak: resident})
	t.add(name+", of that pages of files", spent{peak: files})
	return nil
}

// reload measures how long a changed title takes.
func (r *rig) reload(ctx context.Context, t *table, p *process) error {
	const done = "config reloaded"
	reloaded := p.said(done)
	if err := r.write(); err != nil {
		return err
	}
	before, err := p.now()
	if err != nil {
		return err
	}
	if err := p.Process.Signal(syscall.SIGHUP); err != nil {
		return err
	}
	if err := until(ctx, func() bool { return p.said(done) > reloaded }); err != nil {
		return err
	}
	s, err := p.now()
	if err != nil {
		return err
	}
	s.wall, s.cpu = s.wall-before.wall, s.cpu-before.cpu
	t.add("reload of one title", s)
	if err := p.settle(ctx); err != nil {
		return err
	}
	return r.idleAt(ctx, t, p, "at rest after a reload")
}

func get(ctx context.Context, address string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("%s: %s", address, response.Status)
	}
	_, err = io.Copy(io.Discard, response.Body)
	return err
}
