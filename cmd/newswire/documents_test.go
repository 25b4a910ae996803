package main

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/alecthomas/kong"
	"github.com/rogpeppe/go-internal/testscript"

	"github.com/newswire/newswire/cmd/newswire/internal/profile"
	"github.com/newswire/newswire/syndication/web"
)

const docs = "../../docs"

// section is a part of a page below docs/ that has commands for a shell.
type section struct {
	page, heading string
	commands      []string // a line each
}

// heading is the first line of a part of a page.
var heading = regexp.MustCompile(`^#+ (.*)$`)

// sections are the parts of a page with commands, which are fenced as sh.
func sections(page string) ([]section, error) {
	text, err := os.ReadFile(filepath.Join(docs, page))
	if err != nil {
		return nil, err
	}
	var out []section
	now, within := section{page: page}, false
	for line := range strings.Lines(string(text)) {
		line = strings.TrimRight(line, "\n")
		switch m := heading.FindStringSubmatch(line); {
		case line == "```sh":
			within = true
		case within && line == "```":
			within = false
		case within:
			now.commands = append(now.commands, line)
		case m != nil:
			if now.commands != nil {
				out = append(out, now)
			}
			now = section{page: page, heading: m[1]}
		}
	}
	if now.commands != nil {
		out = append(out, now)
	}
	return out, nil
}

// runPage runs the commands of a part of a page in a shell, each OLD replaced. A script starts services itself.
func runPage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: page FILE HEADING [OLD=NEW]…")
	}
	all, err := sections(args[0])
	ts.Check(err)
	for _, s := range all {
		if s.heading != args[1] {
			continue
		}
		var lines []string
		for _, line := range s.commands {
			if !strings.HasPrefix(line, "newswire serve") {
				lines = append(lines, line)
			}
		}
		text := strings.Join(lines, "\n")
		for _, pair := range args[2:] {
			from, to, _ := strings.Cut(pair, "=")
			if !strings.Contains(text, from) {
				ts.Fatalf("%s, %s: there is no %q to replace", s.page, s.heading, from)
			}
			text = strings.ReplaceAll(text, from, to)
		}
		ts.Check(ts.Exec("sh", "-euc", text))
		return
	}
	ts.Fatalf("%s has no part %q with commands", args[0], args[1])
}

// TestThePagesCommandsAreRun has each command in a page be run by a script: one that is not may have become wrong.
func TestThePagesCommandsAreRun(t *testing.T) {
	t.Parallel()
	run := map[[2]string]bool{}
	scripts, err := filepath.Glob("testdata/script/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	call := regexp.MustCompile(`(?m)^page (\S+) (?:'([^']*)'|(\S+))`)
	for _, script := range scripts {
		text, err := os.ReadFile(script)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range call.FindAllStringSubmatch(string(text), -1) {
			run[[2]string{m[1], m[2] + m[3]}] = true
		}
	}
	found := 0
	for _, page := range pages(t) {
		all, err := sections(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, s := range all {
			if found++; !run[[2]string{s.page, s.heading}] {
				t.Errorf("no script has the line: page %s '%s'", s.page, s.heading)
			}
		}
	}
	if found < 5 {
		t.Errorf("only %d parts of pages have commands", found)
	}
}

// pages are those below docs/.
func pages(t *testing.T) []string {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(docs, "*.md"))
	if err != nil || len(files) < 10 {
		t.Fatalf("%d pages: %v", len(files), err)
	}
	for i := range files {
		files[i] = filepath.Base(files[i])
	}
	return files
}

// TestThePagesNameOurCommands has the command line understand each command that a page shows.
func TestThePagesNameOurCommands(t *testing.T) {
	t.Parallel()
	var line cli
	parser, err := kong.New(&line, kong.Vars{"formats": extensions(web.Formats()), "profiles": strings.Join(profile.Names(), ", ")})
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile("(?m)(?:`|^ {4}(?:\\$ )?)newswire ([a-z]+)")
	known := map[string]bool{}
	for _, c := range parser.Model.Children {
		known[c.Name] = true
	}
	found := 0
	for _, page := range append(pages(t), "../README.md") {
		text, err := os.ReadFile(filepath.Join(docs, page))
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range named.FindAllStringSubmatch(string(text), -1) {
			if found++; !known[m[1]] {
				t.Errorf("%s: there is no command newswire %s", page, m[1])
			}
		}
	}
	if found < 30 {
		t.Errorf("only %d commands were found", found)
	}
}
