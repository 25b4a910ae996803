package main

import (
	"errors"
	"fmt"

	"github.com/newswire/newswire/cmd/newswire/internal/config"
)

type checkCommand struct {
	configFlag
}

// Run reports every mistake in the config, a line each, on standard output, for they are the answer.
func (k checkCommand) Run(c *console) error {
	conf, err := config.Load(k.Config)
	var problems config.Errors
	if errors.As(err, &problems) {
		for _, p := range problems {
			fmt.Fprintln(c.stdout, p)
		}
		return errQuiet
	}
	if err != nil {
		return err
	}
	for _, n := range conf.Notices {
		fmt.Fprintln(c.stderr, n)
	}
	_, err = fmt.Fprintf(c.stdout, "%s: ok: %d sources, %d categories, %d authors\n", k.Config, len(conf.Sources), len(conf.Categories), len(conf.Authors))
	return err
}
