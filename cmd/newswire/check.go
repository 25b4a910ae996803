package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/newswire/newswire/cmd/newswire/internal/config"
	"github.com/newswire/newswire/cmd/newswire/internal/profile"
)

type checkCommand struct {
	configFlag
	Profile string `placeholder:"PARTNER" help:"Say instead which items of a feed a large partner refuses: ${profiles}."`
	Online  bool   `help:"Visit each source once too, store nothing, and say what is wrong with it and what to do."`
	JSON    bool   `help:"With --online or --profile: a line of JSON for each finding instead of a sentence."`
	Feed    string `arg:"" optional:"" help:"With --profile: the address of a feed, or a file."`
}

// Run reports every mistake in the config, a line each, on standard output, for they are the answer.
func (k checkCommand) Run(c *console) error {
	switch {
	case k.Profile == "" && k.Feed != "":
		return usageError{errors.New("a feed goes with --profile")}
	case k.Profile == "" && k.JSON && !k.Online:
		return usageError{errors.New("--json goes with --online or --profile")}
	case k.Profile != "" && k.Online:
		return usageError{errors.New("--online is of the config, --profile of a feed: one at a time")}
	case k.Profile != "" && !slices.Contains(profile.Names(), k.Profile):
		return usageError{fmt.Errorf("there is no profile %q, only %s", k.Profile, strings.Join(profile.Names(), ", "))}
	case k.Profile != "" && k.Feed == "":
		return usageError{errors.New("--profile wants a feed: its address, or a file")}
	case k.Profile != "":
		return k.profile(c)
	}
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
	if k.Online {
		return k.online(c, conf)
	}
	_, err = fmt.Fprintf(c.stdout, "%s: ok: %d sources, %d categories, %d authors\n", k.Config, len(conf.Sources), len(conf.Categories), len(conf.Authors))
	return err
}
