package config

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v4"
)

// Problem is one mistake in a config file.
type Problem struct {
	File    string
	Line    int // from 1; 0 when the mistake is that something is missing altogether
	Column  int // from 1; 0 where the line says enough
	Message string
}

// String is the problem as compilers print it: file:line: message, or file:line:column: message.
func (p Problem) String() string {
	switch {
	case p.Line == 0:
		return p.File + ": " + p.Message
	case p.Column > 0:
		return fmt.Sprintf("%s:%d:%d: %s", p.File, p.Line, p.Column, p.Message)
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Message)
}

// Errors is every mistake in a file, in the order of the lines.
type Errors []Problem

// Error lists the problems, a line each.
func (ps Errors) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

var (
	unknownKey = regexp.MustCompile(`^field (.+) not found in type (?:config\.)?(\w+)$`)
	wrongType  = regexp.MustCompile("^cannot construct !!(\\w+)(?: `(.*)`)? into (.+)$")
	twice      = regexp.MustCompile(`^mapping key "(.*)" already defined at line (\d+)$`)
)

// yamlProblems turns what the YAML library found into problems that an operator can act on.
func yamlProblems(file string, err error) Errors {
	var all *yaml.LoadErrors
	var one *yaml.LoadError
	var found []*yaml.LoadError
	switch {
	case errors.As(err, &all):
		found = all.Errors
	case errors.As(err, &one):
		found = []*yaml.LoadError{one}
	default:
		return Errors{{File: file, Message: err.Error()}}
	}
	var ps Errors
	for _, e := range found {
		if strings.Contains(e.Message, "no documents in stream") {
			return Errors{{File: file, Message: "the file is empty; see newswire.example.yaml for what goes into it"}}
		}
		ps = append(ps, Problem{File: file, Line: int(e.Mark.Line), Message: plain(e.Message)})
	}
	return ps
}

// plain puts a message of the YAML library into an operator's words.
func plain(message string) string {
	if m := unknownKey.FindStringSubmatch(message); m != nil {
		text := fmt.Sprintf("unknown key %q", m[1])
		if m[2] == "included" {
			return text + ": an included file has sources alone"
		}
		if s := suggest(m[1], keysOf(m[2])); s != "" {
			text += fmt.Sprintf("; did you mean %q?", s)
		}
		return text
	}
	if m := wrongType.FindStringSubmatch(message); m != nil {
		switch strings.TrimPrefix(m[3], "config.") { // where what stands there may be the secret
		case "place":
			return "want {env: NAME} or {file: PATH}: a secret itself does not stand in the config"
		case "access":
			return "want a mapping such as {user: NAME, password_env: NAME}: a secret itself does not stand in the config"
		case "hubKeys":
			return "want off, or a mapping such as {lease: 240h}"
		}
		got := map[string]string{"seq": "a list", "map": "a mapping", "null": "nothing"}[m[1]]
		if got == "" {
			got = fmt.Sprintf("%q", m[2])
		}
		return fmt.Sprintf("want %s, got %s", want(m[3]), got)
	}
	if m := twice.FindStringSubmatch(message); m != nil {
		return fmt.Sprintf("key %q is already set on line %s", m[1], m[2])
	}
	if strings.Contains(message, "cannot start any token") {
		return "nothing begins like this: indent by spaces rather than tabs, and quote what begins with @, ` or %"
	}
	return message
}

// want names a Go type in the words of a config file.
func want(goType string) string {
	switch {
	case strings.HasSuffix(goType, "time.Duration"):
		return `a duration such as "30s", "15m" or "720h"`
	case strings.HasPrefix(goType, "[]"):
		return "a list"
	case goType == "string":
		return "text"
	case goType == "int", goType == "*int":
		return "a whole number"
	case goType == "float64", goType == "*float64":
		return "a number"
	case goType == "bool", goType == "*bool":
		return "true or false"
	default:
		return "a mapping of keys to values"
	}
}
