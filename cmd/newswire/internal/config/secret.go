package config

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
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
		text, err := secretText(beside(c.dir, s.File))
		if err != nil {
			c.problem(append(p, key+"_file"), "%s_file %v", key, err)
		}
		return text
	case s.Env != "":
		v := os.Getenv(s.Env)
		if v == "" {
			c.problem(append(p, key+"_env"), "%s_env: the environment variable %s is not set", key, s.Env)
		}
		return v
	}
	return s.Value
}

// secretText is what stands in a file of a secret. The error names the file.
func secretText(file string) (string, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		var pe *fs.PathError
		if errors.As(err, &pe) {
			err = pe.Err
		}
		return "", fmt.Errorf("%s cannot be read: %w", file, err)
	}
	text := strings.TrimSpace(string(data))
	if text == "" {
		return "", fmt.Errorf("%s is empty", file)
	}
	return text, nil
}
