package config

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// secret reads a value from the one place of three that the config names: itself, a file or an environment variable. The
// key is in the mapping at the path.
func (c *checker) secret(p path, key string, s secret) string {
	given := 0
	for _, place := range []string{s.Value, s.File, s.Env} {
		if place != "" {
			given++
		}
	}
	if given > 1 {
		c.problem(append(p, key+"_file"), "give only one of %s, %s_file and %s_env", key, key, key)
	}
	switch {
	case s.File != "":
		return c.secretFile(p, key, s.File)
	case s.Env != "":
		v := os.Getenv(s.Env)
		if v == "" {
			c.problem(append(p, key+"_env"), "%s_env: the environment variable %s is not set", key, s.Env)
		}
		return v
	}
	return s.Value
}

func (c *checker) secretFile(p path, key, file string) string {
	if !filepath.IsAbs(file) {
		file = filepath.Join(c.dir, file)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		c.problem(append(p, key+"_file"), "%s_file %s cannot be read: %v", key, file, err)
		return ""
	}
	text := strings.TrimSpace(string(data))
	if text == "" {
		c.problem(append(p, key+"_file"), "%s_file %s is empty", key, file)
	}
	return text
}
