//go:build linux

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync"
	"time"
)

// spent is what a process took until a moment: time on the clock, CPU, and the most memory that was resident.
type spent struct {
	wall, cpu time.Duration
	peak      int // bytes
}

// process is a command at work.
type process struct {
	*exec.Cmd
	began time.Time

	mu  sync.Mutex
	log bytes.Buffer
}

// begin starts the command with a config. Its output goes to out.
func (r *rig) begin(ctx context.Context, out io.Writer, args ...string) (*process, error) {
	p := &process{Cmd: exec.CommandContext(ctx, r.binary, append(args, "-c", r.path())...), began: time.Now()}
	p.Stdout, p.Stderr = out, p
	p.Cancel = func() error { return p.Process.Signal(os.Interrupt) }
	p.WaitDelay = 30 * time.Second
	return p, p.Start()
}

// Write keeps what the command says.
func (p *process) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.log.Write(b)
}

// said is how often the command has said so far what is asked for.
func (p *process) said(text string) int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return bytes.Count(p.log.Bytes(), []byte(text))
}

// errSaid is what the command has said, for an error.
func (p *process) errSaid() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	return fmt.Errorf("%v: %.500s", p.Args, p.log.String())
}

// end waits until the command has ended, and says what it took.
func (p *process) end() (spent, error) {
	err := p.Wait()
	if err != nil {
		return spent{}, errors.Join(err, p.errSaid())
	}
	s := spent{wall: time.Since(p.began), cpu: p.ProcessState.UserTime() + p.ProcessState.SystemTime()}
	return s, nil
}

// stop ends a service.
func (p *process) stop() error {
	if err := p.Process.Signal(os.Interrupt); err != nil {
		return err
	}
	_, err := p.end()
	return err
}

// now is what the process took so far.
func (p *process) now() (s spent, err error) {
	s.wall = time.Since(p.began)
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.Process.Pid))
	if err != nil {
		return s, err
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest) // from the third on, proc_pid_stat(5)
	if len(fields) < 13 {
		return s, fmt.Errorf("/proc/%d/stat: %q", p.Process.Pid, stat)
	}
	for _, ticks := range fields[11:13] {
		n, err := strconv.Atoi(ticks)
		if err != nil {
			return s, err
		}
		s.cpu += time.Duration(n) * 10 * time.Millisecond
	}
	s.peak, err = p.memory("VmHWM:")
	return s, err
}

// memory is a line of the process's status, in bytes.
func (p *process) memory(name string) (int, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.Process.Pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(b)) {
		if value, ok := strings.CutPrefix(line, name); ok {
			kib, err := strconv.Atoi(strings.TrimSpace(strings.TrimSuffix(strings.TrimSpace(value), "kB")))
			return 1024 * kib, err
		}
	}
	return 0, fmt.Errorf("no %s", name)
}

// settle waits until the process has used hardly any CPU for a while.
func (p *process) settle(ctx context.Context) error {
	const look = 2 * time.Second
	before, err := p.now()
	for err == nil {
		if err = sleep(ctx, look); err != nil {
			break
		}
		var now spent
		if now, err = p.now(); err == nil && now.cpu-before.cpu <= 100*time.Millisecond {
			return nil
		}
		before = now
	}
	return err
}

// until waits until something is so.
func until(ctx context.Context, done func() bool) error {
	for !done() {
		if err := sleep(ctx, 2*time.Millisecond); err != nil {
			return err
		}
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
