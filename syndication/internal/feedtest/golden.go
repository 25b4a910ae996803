package feedtest

import (
	"bytes"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files in testdata")

// Updating says whether golden files are to be rewritten.
func Updating() bool { return *update }

// Golden compares what was made with testdata/name, which -update rewrites.
func Golden(t *testing.T, name string, got []byte) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, got, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatalf("%v; run go test with -update to make it", err)
	}
	if !bytes.Equal(got, want) {
		t.Errorf("%s differs (-want +got); if it should, run go test with -update:\n%s", path, cmp.Diff(string(want), string(got)))
	}
}

// Validate asks the W3C feed validator, the grammar of RFC 4287 and the JSON Feed schema for errors and warnings about
// feeds, by file name, but for what it does not know. The test is skipped, with a message, without a checkout of
// w3c/feedvalidator that FEEDVALIDATOR names, or without the tool that drives it.
func Validate(t *testing.T, documents map[string][]byte) {
	t.Helper()
	if os.Getenv("FEEDVALIDATOR") == "" {
		t.Skip("not validated: FEEDVALIDATOR does not name a checkout of w3c/feedvalidator")
	}
	shared := os.Getenv("NEWSWIRE_SHARED")
	if shared == "" {
		_, file, _, _ := runtime.Caller(0)
		shared = filepath.Join(filepath.Dir(file), "../../../../shared")
	}
	tool := filepath.Join(shared, "tools/validate.py")
	if _, err := os.Stat(tool); err != nil {
		t.Skipf("not validated: no validation tool: %v", err)
	}
	dir := t.TempDir()
	var others, stones []string
	for name, body := range documents {
		path := filepath.Join(dir, name)
		if err := os.WriteFile(path, body, 0o600); err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(body, []byte(`"http://purl.org/atompub/tombstones/1.0"`)) {
			stones = append(stones, path)
		} else {
			others = append(others, path)
		}
	}
	ask := func(args ...string) string {
		out, err := exec.CommandContext(t.Context(), "/usr/bin/python3", append([]string{tool}, args...)...).CombinedOutput()
		if err != nil {
			t.Errorf("the validator objects: %v\n%s", err, out)
		}
		return string(out)
	}
	ask(append([]string{"--strict"}, others...)...)
	for _, path := range stones {
		// The validator is older than RFC 6721, and warns of each namespace that it does not know.
		if out := ask(path); strings.Count(out, "WARN") != 1 || !strings.Contains(out, "UnknownNamespace") {
			t.Errorf("the validator does not only ask what a tombstone is:\n%s", out)
		}
	}
}

// Example compares what was made with the fenced block that follows the line "<!-- example: name -->" of a document in
// Markdown, which -update rewrites. So the example that people read is true.
func Example(t *testing.T, path, name string, got []byte) {
	t.Helper()
	document, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	mark := []byte("<!-- example: " + name + " -->\n")
	before, rest, found := bytes.Cut(document, mark)
	fence, block, opened := bytes.Cut(rest, []byte("\n"))
	block, after, closed := bytes.Cut(block, []byte("\n```\n"))
	if !found || !opened || !closed || !bytes.HasPrefix(fence, []byte("```")) {
		t.Fatalf("%s has no example %q", path, name)
	}
	got = bytes.TrimSuffix(got, []byte("\n"))
	if *update {
		document = slices.Concat(before, mark, fence, []byte("\n"), got, []byte("\n```\n"), after)
		if err := os.WriteFile(path, document, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	if !bytes.Equal(got, block) {
		t.Errorf("example %q in %s is no longer true (-document +made); run go test with -update:\n%s", name, path, cmp.Diff(string(block), string(got)))
	}
}
