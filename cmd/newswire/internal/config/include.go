package config

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// include is what the key of that name says, of a config in a file.
type include struct {
	file     string
	patterns []string
}

// files lists what the patterns name, each file once, in the order of the patterns and then of the names. It tells of patterns
// that are wrong. One that matches nothing is: a folder that is not mounted would otherwise take all of its sources out of the
// config.
func (in include) files(problem func(pattern int, format string, args ...any)) []string {
	var files []string
	for i, pattern := range in.patterns {
		matches, err := filepath.Glob(beside(filepath.Dir(in.file), pattern))
		if err != nil {
			problem(i, "include: %q is not a pattern such as sources.d/*.yaml", pattern)
			continue
		}
		if len(matches) == 0 {
			problem(i, "include: %q matches no file", pattern)
		}
		hidden := strings.HasPrefix(filepath.Base(pattern), ".")
		for _, file := range matches {
			file = filepath.Clean(file)
			info, err := os.Stat(file)
			switch {
			case file == filepath.Clean(in.file), slices.Contains(files, file):
			case strings.HasPrefix(filepath.Base(file), ".") && !hidden:
			case err == nil && !info.Mode().IsRegular():
				problem(i, "include: %s is not a file", file)
			default:
				files = append(files, file)
			}
		}
	}
	return files
}
