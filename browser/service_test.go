package browser

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// command is the newswire command, built once.
var command = sync.OnceValues(func() (string, error) {
	dir, err := os.MkdirTemp("", "newswire-browser-")
	if err != nil {
		return "", err
	}
	path := filepath.Join(dir, "newswire")
	build := exec.Command("go", "build", "-o", path, "./cmd/newswire")
	build.Dir = ".."
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("build newswire: %w\n%s", err, out)
	}
	return path, nil
})

func TestMain(m *testing.M) {
	code := m.Run()
	if path, err := command(); err == nil {
		_ = os.RemoveAll(filepath.Dir(path))
	}
	os.Exit(code)
}

const adminToken = "the operator's own word"

// service is a newswire that runs.
type service struct {
	public, admin string // addresses, without a slash at the end
}

// config is one for a publisher's feed; more are further lines.
func config(feed, more string) string {
	return fmt.Sprintf(`
store: sqlite:newswire.db
admin_token_file: token
fetch: {allow_private: [127.0.0.0/8], domain_interval: 0s}
categories: [{id: birds, title: Birds}, {id: water, title: Water}]
rules:
  - {when: 'title contains "Waiting"', do: hold}
sources:
  - {id: canal, url: %q, categories: [birds], rights: {policy: full}}
%s`, feed, more)
}

// start starts newswire in an empty folder, with files beside its config, and waits until it answers. It ends with the test.
func start(t *testing.T, conf string, files map[string]string) *service {
	t.Helper()
	path, err := command()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	s := &service{public: "http://" + freeAddress(t), admin: "http://" + freeAddress(t)}
	site := fmt.Sprintf("site: {title: The Test Wire, url: %q, contact: desk@example.org%s}\n", s.public, map[bool]string{true: ", theme: theme"}[files != nil])
	conf = site + fmt.Sprintf("listen: %q\nadmin: %q\n", strings.TrimPrefix(s.public, "http://"), strings.TrimPrefix(s.admin, "http://")) + conf
	write(t, filepath.Join(dir, "newswire.yaml"), conf)
	write(t, filepath.Join(dir, "token"), adminToken)
	for name, text := range files {
		write(t, filepath.Join(dir, name), text)
	}
	run(t, dir, path, "serve")
	until(t, "the service is ready", func() bool { return status(s.admin+"/readyz") == http.StatusOK })
	return s
}

// run runs the command until the test ends, and shows what it printed if the test fails.
func run(t *testing.T, dir string, path string, args ...string) {
	t.Helper()
	log, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(path, args...)
	cmd.Dir, cmd.Stdout, cmd.Stderr = dir, log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		var exit *exec.ExitError
		if err := cmd.Wait(); errors.As(err, &exit) {
			t.Errorf("newswire ended with %v", err)
		}
		if t.Failed() {
			text, _ := os.ReadFile(log.Name())
			t.Logf("newswire printed\n%s", text)
		}
		_ = log.Close()
	})
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// freeAddress is one on loopback that was free a moment ago: the config has to name it before the service listens.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

func until(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(time.Minute); !holds(); time.Sleep(50 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("waited in vain until %s", what)
		}
	}
}

// status is that of the answer at an address, 0 for none.
func status(address string) int {
	code, _ := get(address)
	return code
}

func get(address string) (code int, body string) {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, ""
	}
	answer, err := http.DefaultClient.Do(r)
	if err != nil {
		return 0, ""
	}
	defer answer.Body.Close()
	text, _ := io.ReadAll(answer.Body)
	return answer.StatusCode, string(text)
}
