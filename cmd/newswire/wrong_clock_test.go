package main

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// wrongVariable is the environment variable that says in which way a clock is wrong, to the command that wrongClock builds.
const wrongVariable = "NEWSWIRE_WRONG_CLOCK"

// wrongWays are these ways.
var wrongWays = []string{"ahead", "behind", "jumps"}

// wrongTime says by how many seconds the clock is wrong, mono nanoseconds after the process began or so.
const wrongTime = `package time

import "syscall"

var wrongWay, _ = syscall.Getenv("` + wrongVariable + `")

func wrong(mono int64) int64 {
	switch wrongWay {
	case "ahead":
		return 3600
	case "behind":
		return -3600
	case "jumps":
		return 3600 * (mono/20_000_000_000%3 - 1)
	}
	return 0
}
`

// wrongClock builds the command with a time.Now that can be wrong, so that no part of it has another clock. All is compiled
// anew for that, which takes minutes.
func wrongClock(t *testing.T) (binary string) {
	t.Helper()
	dir := t.TempDir()
	root, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	clock := filepath.Join(strings.TrimSpace(string(root)), "src", "time", "time.go")
	source, err := os.ReadFile(clock)
	if err != nil {
		t.Fatal(err)
	}
	const reads = "func Now() Time {\n\tsec, nsec, mono := runtimeNow()\n"
	if strings.Count(string(source), reads) != 1 {
		t.Fatalf("%s reads the clock in another way than this test knows", clock)
	}
	write := func(name, content string) string {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
		return path
	}
	overlay, err := json.Marshal(map[string]map[string]string{"Replace": {
		clock: write("time.go", strings.Replace(string(source), reads, reads+"\tsec += wrong(mono)\n", 1)),
		filepath.Join(filepath.Dir(clock), "wrong.go"): write("wrong.go", wrongTime),
	}})
	if err != nil {
		t.Fatal(err)
	}
	binary = filepath.Join(dir, "newswire")
	build := exec.CommandContext(t.Context(), "go", "build", "-overlay", write("overlay.json", string(overlay)), "-o", binary, ".")
	if said, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, said)
	}
	return binary
}
