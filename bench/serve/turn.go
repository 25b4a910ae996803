package main

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// Each server is pinned to the first core, and wrk to the second.
const (
	serverCore = "0"
	loadCore   = "1"
)

// server is one that runs.
type server struct {
	name    string
	address string             // what addresses begin with
	answers map[string]*stored // by the name of the case
	process *exec.Cmd
	workers func() ([]int, error) // processes that do its work
}

// learn asks the server for each case that it has an answer to, once, and remembers what it answers.
func (s *server) learn(ctx context.Context, cases []*oneCase, earlier string) error {
	s.answers = map[string]*stored{}
	for _, c := range cases {
		fields := c.fields
		switch {
		case c.notModified():
			fields = append(slices.Clone(fields), "If-None-Match: "+s.answers["gzip"].header.Get("ETag"))
		case c.code == http.StatusIMUsed:
			fields = append(slices.Clone(fields), "If-None-Match: "+earlier)
		}
		a, err := get(ctx, s.address+c.path, fields...)
		if err != nil {
			return err
		}
		if a.code != c.code {
			return fmt.Errorf("%w: %s answers %d to %s; want %d", errAnswer, s.name, a.code, c.name, c.code)
		}
		s.answers[c.name] = &a
	}
	return nil
}

// start starts all servers. Those that it returns beside an error are to be stopped too.
func start(ctx context.Context, dir, profile string) (servers []*server, err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	ours, err := startGo(ctx, "newswire", self, "-serve", "newswire", "-profile", profile)
	if err != nil {
		return nil, err
	}
	servers = append(servers, ours)
	earlier, err := ours.tellNews(ctx)
	if err != nil {
		return servers, err
	}
	if err := ours.learn(ctx, cases, earlier); err != nil {
		return servers, err
	}
	for name, a := range ours.answers {
		if err := a.save(filepath.Join(dir, name)); err != nil {
			return servers, err
		}
	}
	bare, err := startGo(ctx, "bare", self, "-serve", "bare", "-dir", dir)
	if err != nil {
		return servers, err
	}
	servers = append(servers, bare)
	if err := bare.learn(ctx, cases, earlier); err != nil {
		return servers, err
	}
	nginx, err := startNginx(ctx, dir, ours)
	if err != nil {
		return servers, err
	}
	files := slices.DeleteFunc(slices.Clone(cases), func(c *oneCase) bool { return !c.file })
	return append(servers, nginx), nginx.learn(ctx, files, "")
}

// tellNews has our server hear of one more article, after its feed was read, and returns the entity tag that the feed had.
func (s *server) tellNews(ctx context.Context) (earlier string, err error) {
	before, err := get(ctx, s.address+feedPath, inGzip)
	if err != nil {
		return "", err
	}
	if _, err := get(ctx, s.address+newsPath); err != nil {
		return "", err
	}
	earlier = before.header.Get("ETag")
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		after, err := get(ctx, s.address+feedPath, inGzip)
		if err != nil || after.header.Get("ETag") != earlier {
			return earlier, err
		}
		if time.Now().After(deadline) {
			return "", fmt.Errorf("%w: the feed is as it was before the news", errAnswer)
		}
	}
}

// startGo starts this program as a server and waits for its address.
func startGo(ctx context.Context, name string, command ...string) (*server, error) {
	cmd := exec.CommandContext(ctx, "taskset", append([]string{"-c", serverCore}, command...)...)
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.Stderr = os.Stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &server{name: name, process: cmd, workers: func() ([]int, error) { return []int{cmd.Process.Pid}, nil }}
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		s.stop()
		return nil, fmt.Errorf("%s said no address: %w", name, err)
	}
	s.address = "http://" + strings.TrimSpace(line)
	return s, nil
}

const nginxConfig = `daemon off; worker_processes 1; pid %[1]s/nginx.pid; error_log %[1]s/error.log;
events { worker_connections 256; }
http {
	access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000; etag on;
	types { application/atom+xml atom; }
	client_body_temp_path %[1]s/t1; proxy_temp_path %[1]s/t2; fastcgi_temp_path %[1]s/t3; uwsgi_temp_path %[1]s/t4; scgi_temp_path %[1]s/t5;
	open_file_cache max=16 inactive=60s; open_file_cache_valid 60s;
	server { listen %[2]s; root %[1]s/www; gzip_static on; }
}
`

// startNginx starts nginx with the same bytes in files, the compressed ones beside the others.
func startNginx(ctx context.Context, dir string, ours *server) (*server, error) {
	l, err := new(net.ListenConfig).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	address := l.Addr().String()
	l.Close()
	config := filepath.Join(dir, "nginx.conf")
	err = errors.Join(
		os.WriteFile(config, fmt.Appendf(nil, nginxConfig, dir, address), 0o644),
		os.Chmod(dir, 0o755), // its worker may be another user
	)
	for _, c := range cases {
		if c.file && !c.notModified() {
			err = errors.Join(err, publish(filepath.Join(dir, "www", filepath.FromSlash(c.path)), ours.answers[c.name]))
		}
	}
	if err != nil {
		return nil, err
	}
	var stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, "taskset", "-c", serverCore, "nginx", "-c", config, "-e", filepath.Join(dir, "error.log"))
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.Stderr = &stderr
	if err := cmd.Start(); err != nil {
		return nil, err
	}
	s := &server{name: "nginx", address: "http://" + address, process: cmd, workers: func() ([]int, error) {
		return children(cmd.Process.Pid)
	}}
	for deadline := time.Now().Add(5 * time.Second); ; time.Sleep(20 * time.Millisecond) {
		if _, err = get(ctx, s.address+feedPath); err == nil {
			return s, nil
		}
		if time.Now().After(deadline) {
			s.stop()
			return nil, fmt.Errorf("nginx does not answer: %w\n%s", err, stderr.Bytes())
		}
	}
}

// publish writes an answer into a file, or beside it where it is compressed. Nginx takes that only where there is the other.
func publish(file string, a *stored) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		return err
	}
	if a.header.Get("Content-Encoding") == "" {
		return os.WriteFile(file, a.body, 0o644)
	}
	if _, err := os.Stat(file); err != nil {
		if err := os.WriteFile(file, nil, 0o644); err != nil {
			return err
		}
	}
	return os.WriteFile(file+".gz", a.body, 0o644)
}

func (s *server) stop() {
	signal := os.Signal(os.Interrupt)
	if s.name == "nginx" {
		signal = syscall.SIGTERM
	}
	_ = s.process.Process.Signal(signal)
	_ = s.process.Wait()
}

// ask has wrk ask the server for a while.
func (s *server) ask(ctx context.Context, took time.Duration, path string, fields []string) (r result, err error) {
	pids, err := s.workers()
	if err != nil {
		return r, err
	}
	args := []string{
		"-c", loadCore, "wrk", "-t1", "-c16", "-d" + strconv.Itoa(int(took/time.Second)) + "s", "--latency", "--timeout", "60s",
		"-H", "User-Agent: Reader/1.0 (+https://reader.example/)", // newswire counts readers
	}
	for _, f := range fields {
		args = append(args, "-H", f)
	}
	before, err := used(pids)
	if err != nil {
		return r, err
	}
	out, err := exec.CommandContext(ctx, "taskset", append(args, s.address+path)...).Output()
	if err != nil {
		return r, fmt.Errorf("wrk: %w", err)
	}
	after, err := used(pids)
	if err != nil {
		return r, err
	}
	return parse(string(out), after-before)
}

var (
	requestsLine = regexp.MustCompile(`(?m)^\s*(\d+) requests in`)
	rateLine     = regexp.MustCompile(`(?m)^Requests/sec:\s+([\d.]+)`)
	p99Line      = regexp.MustCompile(`(?m)^\s+99%\s+([\d.]+[a-z]+)`)
)

// parse reads what wrk says. An answer of an error makes the whole turn worth nothing.
func parse(out string, cpu time.Duration) (r result, err error) {
	if strings.Contains(out, "Non-2xx or 3xx") || strings.Contains(out, "Socket errors") {
		return r, fmt.Errorf("%w:\n%s", errAnswer, out)
	}
	field := func(re *regexp.Regexp) string {
		if m := re.FindStringSubmatch(out); m != nil {
			return m[1]
		}
		return ""
	}
	n, err := strconv.ParseFloat(field(requestsLine), 64)
	if err != nil || n == 0 {
		return r, fmt.Errorf("%w:\n%s", errAnswer, out)
	}
	r.cpu = time.Duration(float64(cpu) / n)
	r.rps, err = strconv.ParseFloat(field(rateLine), 64)
	if err != nil {
		return r, fmt.Errorf("%w:\n%s", errAnswer, out)
	}
	r.p99, err = time.ParseDuration(field(p99Line))
	return r, err
}

// tick is the unit in which Linux counts CPU time for programs: USER_HZ, 100 a second on every architecture that matters.
const tick = 10 * time.Millisecond

// used is the CPU time of processes, in user and in kernel mode (proc_pid_stat(5), fields 14 and 15).
func used(pids []int) (total time.Duration, err error) {
	for _, pid := range pids {
		stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
		if err != nil {
			return 0, err
		}
		// The second field is a name in parentheses, which may hold spaces.
		fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
		for _, f := range fields[11:13] {
			n, err := strconv.Atoi(f)
			if err != nil {
				return 0, err
			}
			total += time.Duration(n) * tick
		}
	}
	return total, nil
}

// children are the processes that a process has started, by the account of its one thread.
func children(pid int) (pids []int, err error) {
	list, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	if err != nil {
		return nil, err
	}
	for _, f := range strings.Fields(string(list)) {
		n, err := strconv.Atoi(f)
		if err != nil {
			return nil, err
		}
		pids = append(pids, n)
	}
	return pids, nil
}
